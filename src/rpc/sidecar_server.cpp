#include "rpc/sidecar_server.h"

namespace libpreconf::rpc {

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
