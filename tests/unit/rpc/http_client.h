#pragma once
// A small HTTP client on the reactor under test: sends what it is told, byte for byte, and takes answers
// apart.

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "codec/json.h"
#include "libpreconf/reactor/libevent_reactor.h"

namespace libpreconf::test {

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  [[nodiscard]] codec::Json json() const { return codec::Json::parse(body).value(); }
};

/// One connection.
class HttpClient {
 public:
  HttpClient(LibeventReactor& reactor, const SocketAddress& server);

  void send(std::string_view bytes) { connection_->send(as_bytes(bytes)); }
  void post(std::string_view body, std::string_view path = "/") { send(request("POST", body, path)); }
  void get(std::string_view path) { send(request("GET", "", path)); }
  /// Waits for the next answer. Fails the test if none comes.
  HttpAnswer next();
  /// True once `count` answers stand ready, false if that does not happen in time.
  bool wait_for(std::size_t count);
  /// True if the server has closed, now or within the limit.
  bool wait_closed();
  [[nodiscard]] std::size_t pending() const { return connection_->pending(); }
  [[nodiscard]] bool closed() const { return closed_; }
  void close() { connection_.reset(); }

  [[nodiscard]] static std::string request(std::string_view method, std::string_view body,
                                           std::string_view path = "/");
  /// The body in chunks of `size`.
  [[nodiscard]] static std::string chunked(std::string_view body, std::size_t size);

 private:
  void take_apart();

  LibeventReactor& reactor_;
  std::unique_ptr<TcpConnection> connection_;
  std::string input_;
  std::deque<HttpAnswer> answers_;
  bool closed_ = false;
};

/// Resident memory of this process in bytes.
[[nodiscard]] std::size_t resident_memory();

}  // namespace libpreconf::test
