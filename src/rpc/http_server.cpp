#include "rpc/http_server.h"

#include <microhttpd.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "base/check.h"
#include "base/log.h"
#include "reactor/sockets.h"

namespace libpreconf::rpc {

/// What a responder can reach: the server while it lives.
class HttpResponder::Target {
 public:
  virtual ~Target() = default;
  virtual void answer(std::uint64_t request, HttpResponse response) = 0;
};

HttpResponder::HttpResponder(std::weak_ptr<Target> target, std::uint64_t request)
    : target_(std::move(target)), request_(request) {}

HttpResponder::HttpResponder(HttpResponder&& other) noexcept
    : target_(std::move(other.target_)), request_(std::exchange(other.request_, 0)) {}

HttpResponder& HttpResponder::operator=(HttpResponder&& other) noexcept {
  if (this == &other) return *this;
  if (request_ != 0) respond({500, "text/plain", "no answer\n"});
  target_ = std::move(other.target_);
  request_ = std::exchange(other.request_, 0);
  return *this;
}

HttpResponder::~HttpResponder() {
  if (request_ != 0) respond({500, "text/plain", "no answer\n"});
}

void HttpResponder::respond(HttpResponse response) {
  const std::uint64_t request = std::exchange(request_, 0);
  if (request == 0) return;
  if (const auto target = target_.lock()) target->answer(request, std::move(response));
}

namespace {

/// Header and bookkeeping memory of one connection; larger headers get 431 from the library.
constexpr std::size_t kConnectionMemory = 16 * 1024;

/// One request, from its headers to its last byte of answer. Owned by the server, pointed to by the library.
struct Exchange {
  std::uint64_t id = 0;
  MHD_Connection* connection = nullptr;
  HttpRequest request;
  std::size_t held = 0;  ///< bytes of the body that count against kMaxBodiesHeld
  bool refused = false;  ///< the body is over a bound: read on and drop
  bool overloaded = false;
  bool handed_over = false;
  bool suspended = false;
  std::optional<HttpResponse> response;
  TimerHandle deadline;
};

std::string header_of(MHD_Connection* connection, const char* name) {
  const char* text = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return text == nullptr ? std::string() : std::string(text);
}

std::optional<std::size_t> declared_length(MHD_Connection* connection) {
  const char* text = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
  if (text == nullptr) return std::nullopt;
  const std::string_view digits(text);
  std::size_t value = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  // The library has parsed the header already; what does not fit here is larger than any bound.
  if (fault != std::errc() || end != digits.data() + digits.size()) return SIZE_MAX;
  return value;
}

MHD_Result queue(MHD_Connection* connection, const HttpResponse& response, bool close) {
  MHD_Response* made = MHD_create_response_from_buffer(
      response.body.size(), const_cast<char*>(response.body.data()), MHD_RESPMEM_MUST_COPY);
  if (made == nullptr) return MHD_NO;
  MHD_add_response_header(made, "Content-Type", response.content_type.c_str());
  if (close) MHD_add_response_header(made, "Connection", "close");
  const MHD_Result queued = MHD_queue_response(connection, response.status, made);
  MHD_destroy_response(made);
  return queued;
}

void log_from_library(void*, const char* format, va_list args) {
  char line[256];
  const int size = vsnprintf(line, sizeof line, format, args);
  if (size <= 0) return;
  log_debug(LogArea::rpc, "http: {}", printable(std::string_view(line)));
}

}  // namespace

class HttpServer::Impl final : public HttpResponder::Target {
 public:
  Impl(LibeventReactor& reactor, HttpServerConfig config, Handler handler)
      : reactor_(reactor), config_(std::move(config)), handler_(std::move(handler)) {}
  ~Impl() override { stop(); }

  Result<> start(const std::shared_ptr<Impl>& self);
  void stop();
  void answer(std::uint64_t request, HttpResponse response) override;

  [[nodiscard]] const SocketAddress& address() const { return address_; }
  [[nodiscard]] const HttpCounters& counters() const { return counters_; }
  [[nodiscard]] std::size_t held() const { return held_; }
  [[nodiscard]] std::size_t waiting() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(exchanges_, [](const auto& entry) { return entry.second->suspended; }));
  }

 private:
  static MHD_Result on_access(void* self, MHD_Connection* connection, const char* url, const char* method,
                              const char* version, const char* data, std::size_t* size, void** context);
  static void on_completed(void* self, MHD_Connection*, void** context, MHD_RequestTerminationCode);

  MHD_Result begin(MHD_Connection* connection, const char* url, const char* method, void** context);
  [[nodiscard]] MHD_Result admit(Exchange& exchange);
  void give_up(std::uint64_t request);
  void take(Exchange& exchange, std::string_view data);
  void refuse(Exchange& exchange, bool overloaded);
  MHD_Result finish(Exchange& exchange);
  HttpResponse refusal(const Exchange& exchange);
  [[nodiscard]] unsigned connections() const;
  void pump();
  void pump_soon();
  void rearm();

  LibeventReactor& reactor_;
  HttpServerConfig config_;
  Handler handler_;
  std::weak_ptr<Impl> self_;
  SocketAddress address_;
  MHD_Daemon* daemon_ = nullptr;
  Handle readable_;
  TimerHandle timer_;
  std::map<std::uint64_t, std::unique_ptr<Exchange>> exchanges_;
  std::uint64_t next_id_ = 1;
  std::size_t held_ = 0;
  bool pumping_ = false;
  bool full_ = false;     ///< all places were taken after the last run
  bool resumed_ = false;  ///< a connection was resumed since the last run of the daemon
  HttpCounters counters_;
};

Result<> HttpServer::Impl::start(const std::shared_ptr<Impl>& self) {
  self_ = self;
  PRECONF_TRY(FileDescriptor listener, open_tcp_listener(config_.address, 128));
  address_ = local_address_of(listener.get());
  const auto idle = std::chrono::duration_cast<std::chrono::seconds>(config_.idle_timeout).count();
  // From here the library owns the socket; it closes it when the daemon stops.
  const int socket = listener.release();
  daemon_ = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, nullptr, nullptr, &on_access, this,
      MHD_OPTION_EXTERNAL_LOGGER, &log_from_library, nullptr, MHD_OPTION_LISTEN_SOCKET, socket,
      MHD_OPTION_CONNECTION_LIMIT, config_.max_connections, MHD_OPTION_CONNECTION_TIMEOUT,
      static_cast<unsigned>(idle), MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemory,
      MHD_OPTION_NOTIFY_COMPLETED, &on_completed, this, MHD_OPTION_END);
  if (daemon_ == nullptr) {
    const FileDescriptor unused(socket);
    return fail(ErrorCode::io, "cannot start the HTTP server on " + address_.to_string());
  }
  const MHD_DaemonInfo* info = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD);
  if (PRECONF_BUG(info == nullptr))
    return fail(ErrorCode::internal, "the HTTP server has no epoll descriptor");
  readable_ = reactor_.on_readable(info->epoll_fd, [this] { pump(); });
  rearm();
  return {};
}

void HttpServer::Impl::stop() {
  if (daemon_ == nullptr) return;
  readable_.reset();
  timer_.reset();
  // Stopping with a suspended connection aborts the process (libraries.md, trap 2): answer them all first.
  for (auto& [id, exchange] : exchanges_) {
    exchange->deadline.reset();
    if (!exchange->suspended) continue;
    exchange->response = HttpResponse{503, "text/plain", "the node stops\n"};
    exchange->suspended = false;
    MHD_resume_connection(exchange->connection);
  }
  pumping_ = true;
  MHD_run(daemon_);
  MHD_stop_daemon(daemon_);
  daemon_ = nullptr;
}

void HttpServer::Impl::answer(std::uint64_t request, HttpResponse response) {
  const auto found = exchanges_.find(request);
  if (found == exchanges_.end() || found->second->response) return;
  Exchange& exchange = *found->second;
  exchange.response = std::move(response);
  exchange.deadline.reset();
  if (!exchange.suspended) return;  // the handler answers inside its call: finish() queues it
  exchange.suspended = false;
  MHD_resume_connection(exchange.connection);
  pump_soon();
}

MHD_Result HttpServer::Impl::on_access(void* self, MHD_Connection* connection, const char* url,
                                       const char* method, const char*, const char* data, std::size_t* size,
                                       void** context) {
  Impl& server = *static_cast<Impl*>(self);
  if (*context == nullptr) return server.begin(connection, url, method, context);
  Exchange& exchange = *static_cast<Exchange*>(*context);
  if (*size != 0) {
    server.take(exchange, std::string_view(data, *size));
    *size = 0;
    return MHD_YES;
  }
  return server.finish(exchange);
}

MHD_Result HttpServer::Impl::begin(MHD_Connection* connection, const char* url, const char* method,
                                   void** context) {
  ++counters_.requests;
  auto exchange = std::make_unique<Exchange>();
  exchange->id = next_id_++;
  exchange->connection = connection;
  exchange->request.method = method;
  exchange->request.path = url;
  exchange->request.host = header_of(connection, "Host");
  exchange->request.content_type = header_of(connection, "Content-Type");
  *context = exchange.get();
  Exchange& added = *exchange;
  exchanges_.emplace(added.id, std::move(exchange));
  added.deadline = reactor_.after(config_.receive_deadline, [this, id = added.id] { give_up(id); });
  const auto length = declared_length(connection);
  if (length && *length > config_.max_body) {
    refuse(added, false);
  } else if (length && held_ + *length > kMaxBodiesHeld) {
    refuse(added, true);
  } else {
    return admit(added);
  }
  return queue(connection, refusal(added), true);
}

MHD_Result HttpServer::Impl::admit(Exchange& exchange) {
  const auto no = config_.admit ? config_.admit(exchange.request) : std::nullopt;
  if (!no) return MHD_YES;
  ++counters_.not_admitted;
  exchange.refused = true;
  return queue(exchange.connection, *no, true);
}

void HttpServer::Impl::give_up(std::uint64_t request) {
  const auto found = exchanges_.find(request);
  if (found == exchanges_.end()) return;
  const MHD_ConnectionInfo* info =
      MHD_get_connection_info(found->second->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  if (PRECONF_BUG(info == nullptr)) return;
  ++counters_.too_slow;
  // The library has no call for it; it finds the end of the stream and closes.
  shut_down(info->connect_fd);
}

void HttpServer::Impl::take(Exchange& exchange, std::string_view data) {
  if (exchange.refused) return;
  if (exchange.request.body.size() + data.size() > config_.max_body) return refuse(exchange, false);
  if (held_ + data.size() > kMaxBodiesHeld) return refuse(exchange, true);
  held_ += data.size();
  exchange.held += data.size();
  exchange.request.body.append(data);
}

void HttpServer::Impl::refuse(Exchange& exchange, bool overloaded) {
  exchange.refused = true;
  exchange.overloaded = overloaded;
  held_ -= std::exchange(exchange.held, 0);
  exchange.request.body = std::string();
  ++(overloaded ? counters_.overloaded : counters_.too_large);
}

HttpResponse HttpServer::Impl::refusal(const Exchange& exchange) {
  if (exchange.overloaded) return {503, "text/plain", "too many bytes of requests at once, try again\n"};
  return {413, "application/json", config_.too_large_body};
}

MHD_Result HttpServer::Impl::finish(Exchange& exchange) {
  if (exchange.refused) return queue(exchange.connection, refusal(exchange), true);
  if (!exchange.handed_over) {
    exchange.handed_over = true;
    exchange.deadline.reset();
    held_ -= std::exchange(exchange.held, 0);  // the handler has it now, and its own bounds
    handler_(std::move(exchange.request), HttpResponder(self_, exchange.id));
  }
  if (exchange.response) {
    const MHD_Result queued = queue(exchange.connection, *exchange.response, false);
    exchange.response->body = std::string();
    return queued;
  }
  exchange.suspended = true;
  exchange.deadline = reactor_.after(config_.reply_deadline, [this, id = exchange.id] {
    ++counters_.deadline_missed;
    answer(id, {504, "text/plain", "no answer in time\n"});
  });
  MHD_suspend_connection(exchange.connection);
  return MHD_YES;
}

void HttpServer::Impl::on_completed(void* self, MHD_Connection*, void** context, MHD_RequestTerminationCode) {
  Impl& server = *static_cast<Impl*>(self);
  const auto* exchange = static_cast<Exchange*>(*context);
  if (exchange == nullptr) return;
  *context = nullptr;
  server.held_ -= exchange->held;
  server.exchanges_.erase(exchange->id);
}

void HttpServer::Impl::pump() {
  if (pumping_) return;
  pumping_ = true;
  resumed_ = false;
  MHD_run(daemon_);
  pumping_ = false;
  // With all places taken the library stops watching the listener, and looks again only at the beginning of a
  // run: without one more, a server whose connections all went at once would accept nobody ever after.
  const bool place_again = std::exchange(full_, connections() >= config_.max_connections) && !full_;
  if (resumed_ || place_again) return pump_soon();
  rearm();
}

unsigned HttpServer::Impl::connections() const {
  const MHD_DaemonInfo* info = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
  return info == nullptr ? 0 : info->num_connections;
}

void HttpServer::Impl::pump_soon() {
  // Resuming does not wake the loop in 0.9.75 (libraries.md, trap 1).
  resumed_ = true;
  if (!pumping_) timer_ = reactor_.after(Duration(0), [this] { pump(); });
}

void HttpServer::Impl::rearm() {
  MHD_UNSIGNED_LONG_LONG wait_ms = 0;
  if (MHD_get_timeout(daemon_, &wait_ms) != MHD_YES) return timer_.reset();
  timer_ = reactor_.after(std::chrono::milliseconds(wait_ms), [this] { pump(); });
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() {
  impl_->stop();
}

Result<std::unique_ptr<HttpServer>> HttpServer::create(LibeventReactor& reactor, HttpServerConfig config,
                                                       Handler handler) {
  auto impl = std::make_shared<Impl>(reactor, std::move(config), std::move(handler));
  PRECONF_CHECK_OK(impl->start(impl));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

SocketAddress HttpServer::address() const {
  return impl_->address();
}
const HttpCounters& HttpServer::counters() const {
  return impl_->counters();
}
std::size_t HttpServer::waiting() const {
  return impl_->waiting();
}
std::size_t HttpServer::bodies_held() const {
  return impl_->held();
}

}  // namespace libpreconf::rpc
