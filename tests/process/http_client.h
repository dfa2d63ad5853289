#pragma once
// A small blocking HTTP client over loopback that can also misbehave, because servers are tested with it.

#include <cstdint>
#include <string>
#include <string_view>

#include "process/child_process.h"

namespace libpreconf::test {

/// One TCP connection to 127.0.0.1. Reads and writes end with the deadline given to the constructor.
class LoopbackConnection {
 public:
  explicit LoopbackConnection(std::uint16_t port, Milliseconds limit = kPatience);
  LoopbackConnection(const LoopbackConnection&) = delete;
  LoopbackConnection& operator=(const LoopbackConnection&) = delete;
  ~LoopbackConnection();

  /// False if the other side has closed or reset.
  [[nodiscard]] bool send(std::string_view bytes);
  void close_write();
  /// What arrives next; empty at the end, on reset and when time runs out.
  [[nodiscard]] std::string receive();
  [[nodiscard]] std::string receive_until_closed();

 private:
  int socket_ = -1;
};

struct HttpResponse {
  int status = 0;  ///< 0: no answer
  std::string headers;
  std::string body;
};
/// Takes a whole answer apart.
[[nodiscard]] HttpResponse parse_response(const std::string& bytes);

/// One request on a connection of its own.
[[nodiscard]] HttpResponse http_get(std::uint16_t port, std::string_view path);
[[nodiscard]] HttpResponse http_post(std::uint16_t port, std::string_view path, std::string_view body);

}  // namespace libpreconf::test
