#pragma once
// The sidecar's listener: JSON-RPC by POST on any path, /healthz by GET.
//
// A browser on the same host can reach it, so a page of somebody else must not (attacks.md F5): a request
// whose Host is a name other than localhost is refused (a name that was rebound to loopback is no address),
// and so is a POST that is not application/json, which a page cannot send across sites without asking first.
//
// Owned by the node. Destroying it stops listening; calls that wait are dropped.

#include <functional>
#include <memory>

#include "rpc/http_server.h"
#include "rpc/json_rpc.h"

namespace libpreconf::rpc {

struct SidecarConfig {
  /// Port 0 takes a free one.
  SocketAddress listen = SocketAddress::v4({127, 0, 0, 1}, 8550);  // node book 12.1
};

class SidecarServer {
 public:
  /// `reactor` and `random` must outlive the server. Errors name the
  /// address; an address that is not loopback is `permission`.
  [[nodiscard]] static Result<std::unique_ptr<SidecarServer>> create(LibeventReactor& reactor, Random& random,
                                                                     const SidecarConfig& config,
                                                                     MethodTable methods);
  [[nodiscard]] SocketAddress address() const { return http_->address(); }
  [[nodiscard]] const JsonRpc& json_rpc() const { return json_rpc_; }
  [[nodiscard]] const HttpCounters& http_counters() const { return http_->counters(); }

 private:
  SidecarServer(Reactor& reactor, Random& random, MethodTable methods)
      : json_rpc_(reactor, random, std::move(methods)) {}
  void answer(HttpRequest request, HttpResponder responder);

  JsonRpc json_rpc_;
  std::unique_ptr<HttpServer> http_;
};

}  // namespace libpreconf::rpc
