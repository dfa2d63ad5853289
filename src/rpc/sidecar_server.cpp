#include "rpc/sidecar_server.h"

#include <algorithm>
#include <cctype>

namespace libpreconf::rpc {
namespace {

bool equal_text(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == y; });
}

/// A Host header without its port.
std::string_view name_in(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool is_local_host(std::string_view host) {
  const std::string_view name = name_in(host);
  // HTTP/1.0 clients send none; browsers always do.
  return host.empty() || equal_text(name, "localhost") || SocketAddress::parse(std::string(name) + ":0");
}

bool is_json(std::string_view content_type) {
  std::string_view media_type = content_type.substr(0, content_type.find(';'));
  while (media_type.ends_with(' ')) media_type.remove_suffix(1);
  return equal_text(media_type, "application/json");
}

std::optional<HttpResponse> refuse_strangers(const HttpRequest& request) {
  if (!is_local_host(request.host)) {
    return HttpResponse{403, "text/plain",
                        "this host name is not served here; use localhost or the address\n"};
  }
  if (request.method == "POST" && !is_json(request.content_type)) {
    return HttpResponse{415, "text/plain", "JSON-RPC wants content-type: application/json\n"};
  }
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<SidecarServer>> SidecarServer::create(LibeventReactor& reactor, Random& random,
                                                             const SidecarConfig& sidecar,
                                                             MethodTable methods) {
  if (!sidecar.listen.is_loopback()) {
    return fail(ErrorCode::permission, "the RPC has no authentication and listens on loopback only, not on " +
                                           sidecar.listen.to_string());
  }
  std::unique_ptr<SidecarServer> server(new SidecarServer(reactor, random, std::move(methods)));
  HttpServerConfig config;
  config.address = sidecar.listen;
  config.max_body = kMaxBody;
  config.admit = refuse_strangers;
  config.too_large_body =
      JsonRpc::error_text(kOversizedRequest, "request body over " + std::to_string(kMaxBody) + " bytes");
  PRECONF_TRY(server->http_,
              HttpServer::create(reactor, std::move(config),
                                 [self = server.get()](HttpRequest request, HttpResponder responder) {
                                   self->answer(std::move(request), std::move(responder));
                                 }));
  return server;
}

void SidecarServer::answer(HttpRequest request, HttpResponder responder) {
  if (request.method == "GET" && request.path == "/healthz")
    return responder.respond({200, "text/plain", "ok\n"});
  if (request.method != "POST") {
    return responder.respond({405, "text/plain", "JSON-RPC 2.0 by POST; GET serves /healthz\n"});
  }
  json_rpc_.handle(std::move(request.body),
                   [responder = std::move(responder)](std::optional<std::string> text) mutable {
                     // Notifications alone have no answer: HTTP's way to say so is 204.
                     if (!text) return responder.respond({204, "application/json", ""});
                     responder.respond({200, "application/json", *std::move(text)});
                   });
}

}  // namespace libpreconf::rpc
