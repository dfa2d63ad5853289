// Bytes as a client would send them, over a real connection: the server refuses or serves, never holds a body
// over its cap, and serves an ordinary request afterwards.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "libpreconf/reactor/libevent_reactor.h"
#include "rpc/http_server.h"

namespace {

using namespace libpreconf;
using namespace std::chrono_literals;

constexpr std::size_t kMaxBody = 1000;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "property broken: %s\n", what);
  std::abort();
}

class Target {
 public:
  Target() {
    rpc::HttpServerConfig config;
    config.address = SocketAddress::parse("127.0.0.1:0").value();
    config.max_body = kMaxBody;
    config.reply_deadline = 5ms;
    server_ = rpc::HttpServer::create(*reactor_, config,
                                      [this](rpc::HttpRequest request, rpc::HttpResponder responder) {
                                        require(request.body.size() <= kMaxBody,
                                                "no body over the cap reaches the handler");
                                        // Some answers come later, some never, as real handlers' do.
                                        if (request.path == "/later") {
                                          kept_.push_back(std::move(responder));
                                        } else if (request.path != "/drop") {
                                          responder.respond({200, "text/plain", request.body});
                                        }
                                      })
                  .value();
  }

  /// What came back for `bytes`, sent in pieces of `piece`.
  std::string exchange(std::string_view bytes, std::size_t piece, bool until_answer) {
    std::unique_ptr<TcpConnection> connection;
    const Handle attempt = reactor_->connect_tcp(server_->address(), [&](auto result) {
      if (result) connection = std::move(*result);
    });
    require(reactor_->run_until([&] { return connection != nullptr; }, 10s), "the server accepts");
    std::string answer;
    bool closed = false;
    connection->start({.on_data = [&](ByteView data) { answer += as_text(data); },
                       .on_drained = {},
                       .on_closed = [&](const Error&) { closed = true; }});
    for (std::size_t at = 0; at < bytes.size() && !closed; at += piece) {
      connection->send(as_bytes(bytes.substr(at, piece)));
      (void)reactor_->run_until([&] { return connection->pending() == 0; }, 10ms);
    }
    (void)reactor_->run_until([&] { return closed || (until_answer && !answer.empty()); },
                              until_answer ? 10s : Duration(1ms));
    for (auto& responder : kept_) responder.respond({200, "text/plain", "late"});
    kept_.clear();
    return answer;
  }

 private:
  SystemClock clock_;
  std::unique_ptr<LibeventReactor> reactor_ = LibeventReactor::create(clock_).value();
  std::vector<rpc::HttpResponder> kept_;
  std::unique_ptr<rpc::HttpServer> server_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > 8192) return 0;
  static Target target;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  // The first byte says in how many pieces.
  (void)target.exchange(bytes, std::max<std::size_t>(1, bytes.size() / (1 + data[0] % 8)), false);
  static int count = 0;
  if (++count % 16 != 1) return 0;
  const std::string answer =
      target.exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok", 1000, true);
  require(answer.starts_with("HTTP/1.1 200"), "an ordinary request is served");
  return 0;
}
