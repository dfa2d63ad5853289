#include "process/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace libpreconf::test {

LoopbackConnection::LoopbackConnection(std::uint16_t port, Milliseconds limit) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  timeval time{};
  time.tv_sec = limit.count() / 1000;
  time.tv_usec = limit.count() % 1000 * 1000;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const std::string cause = std::strerror(errno);
    ::close(socket_);
    throw TestFailure("connecting to 127.0.0.1:" + std::to_string(port) + ": " + cause);
  }
}

LoopbackConnection::~LoopbackConnection() {
  ::close(socket_);
}

bool LoopbackConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void LoopbackConnection::close_write() {
  ::shutdown(socket_, SHUT_WR);
}

std::string LoopbackConnection::receive() {
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    return got <= 0 ? std::string() : std::string(buffer.data(), static_cast<std::size_t>(got));
  }
}

std::string LoopbackConnection::receive_until_closed() {
  std::string out;
  for (std::string piece = receive(); !piece.empty(); piece = receive()) out += piece;
  return out;
}

HttpResponse parse_response(const std::string& bytes) {
  HttpResponse out;
  const std::size_t end = bytes.find("\r\n\r\n");
  if (!bytes.starts_with("HTTP/1.") || bytes.size() < 12 || end == std::string::npos) return out;
  std::from_chars(bytes.data() + 9, bytes.data() + 12, out.status);
  out.headers = bytes.substr(0, end);
  out.body = bytes.substr(end + 4);
  return out;
}

HttpResponse http_get(std::uint16_t port, std::string_view path) {
  LoopbackConnection connection(port);
  (void)connection.send("GET " + std::string(path) +
                        " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  return parse_response(connection.receive_until_closed());
}

HttpResponse http_post(std::uint16_t port, std::string_view path, std::string_view body) {
  LoopbackConnection connection(port);
  (void)connection.send("POST " + std::string(path) +
                        " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                        "Content-Type: application/json\r\nContent-Length: " +
                        std::to_string(body.size()) + "\r\n\r\n");
  (void)connection.send(body);
  return parse_response(connection.receive_until_closed());
}

}  // namespace libpreconf::test
