#pragma once
// HTTP on libmicrohttpd inside our loop: its epoll descriptor is one persistent read event, its timeout one
// timer (libraries.md, "libmicrohttpd inside libevent"). Serves small request bodies whole; a reply may come
// later, by a responder that the handler keeps.
//
// Bounds: `max_body` a request (413 before the body is read where Content-Length tells), kMaxBodiesHeld over
// all requests (503), `max_connections`, `reply_deadline` for every reply that is not given at once (504): a
// suspended connection leaves epoll, so a client that goes away is not noticed otherwise. A body that is not
// complete within `receive_deadline` ends the connection, however busily it trickles.
//
// Owned by the sidecar RPC and the metrics listener. Destroying it resumes what is suspended, closes every
// connection and stops listening; responders that are left then have no effect. Not to be destroyed inside a
// handler: the library is on the stack there.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"
#include "libpreconf/reactor/libevent_reactor.h"

namespace libpreconf::rpc {

struct HttpRequest {
  std::string method;  ///< "GET", "POST", ...
  std::string path;    ///< without the query
  std::string host;    ///< the Host header; empty where there is none
  std::string content_type;
  std::string body;
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
};

/// Answers one request, once. Move only. Destroyed without an answer, it answers 500.
class HttpResponder {
 public:
  class Target;
  explicit HttpResponder(std::weak_ptr<Target> target, std::uint64_t request);
  HttpResponder(HttpResponder&& other) noexcept;
  HttpResponder& operator=(HttpResponder&& other) noexcept;
  ~HttpResponder();

  void respond(HttpResponse response);

 private:
  std::weak_ptr<Target> target_;
  std::uint64_t request_ = 0;
};

/// Looks at a request whose body has not been read yet; an answer refuses it.
using HttpAdmission = std::function<std::optional<HttpResponse>(const HttpRequest&)>;

struct HttpServerConfig {
  SocketAddress address;
  std::size_t max_body = 0;
  unsigned max_connections = 64;  // node book 12.1
  Duration idle_timeout{std::chrono::seconds(30)};
  Duration receive_deadline{std::chrono::seconds(30)};
  Duration reply_deadline{std::chrono::seconds(70)};  // above every method's own deadline
  /// Body of the 413 answer.
  std::string too_large_body;
  /// Absent: every request is admitted.
  HttpAdmission admit;
};

struct HttpCounters {
  std::uint64_t requests = 0;
  std::uint64_t too_large = 0;        ///< answered 413
  std::uint64_t overloaded = 0;       ///< answered 503
  std::uint64_t deadline_missed = 0;  ///< answered 504
  std::uint64_t not_admitted = 0;     ///< refused by `admit`
  std::uint64_t too_slow = 0;         ///< closed because the body did not come in time
};

class HttpServer {
 public:
  /// Bytes of bodies that may be held at once, over all connections: four of the largest RPC bodies.
  static constexpr std::size_t kMaxBodiesHeld = 4 * 4'325'378;

  using Handler = std::move_only_function<void(HttpRequest, HttpResponder)>;

  /// Listens. `reactor` must outlive the server. The handler may answer at once or later. Errors name the
  /// address.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> create(LibeventReactor& reactor,
                                                                  HttpServerConfig config, Handler handler);
  ~HttpServer();

  [[nodiscard]] SocketAddress address() const;
  [[nodiscard]] const HttpCounters& counters() const;
  /// Requests whose answer is still to come.
  [[nodiscard]] std::size_t waiting() const;
  /// Bytes of bodies that are still coming in.
  [[nodiscard]] std::size_t bodies_held() const;

 private:
  class Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace libpreconf::rpc
