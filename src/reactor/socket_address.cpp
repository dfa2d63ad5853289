#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "libpreconf/reactor/reactor.h"

namespace libpreconf {
namespace {

std::unexpected<Error> malformed(std::string_view text) {
  return fail(ErrorCode::malformed, "address \"" + std::string(text.substr(0, 80)) +
                                        "\": expected IP:PORT, such as 127.0.0.1:9000 or [::1]:9000");
}

template <std::size_t N>
bool parse_ip(int family, std::string_view text, FixedBytes<N>& out) {
  char buffer[INET6_ADDRSTRLEN] = {};
  if (text.empty() || text.size() >= sizeof buffer || text.find('\0') != std::string_view::npos) return false;
  std::memcpy(buffer, text.data(), text.size());
  return ::inet_pton(family, buffer, out.data()) == 1;
}

}  // namespace

SocketAddress SocketAddress::v4(FixedBytes<4> ip, std::uint16_t port) {
  SocketAddress out;
  std::copy(ip.begin(), ip.end(), out.ip_.begin());
  out.port_ = port;
  return out;
}

SocketAddress SocketAddress::v6(FixedBytes<16> ip, std::uint16_t port) {
  SocketAddress out;
  out.ip_ = ip;
  out.port_ = port;
  out.v6_ = true;
  return out;
}

Result<SocketAddress> SocketAddress::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return malformed(text);
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty()) return malformed(text);
  std::string_view host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    FixedBytes<16> ip;
    if (!parse_ip(AF_INET6, host.substr(1, host.size() - 2), ip)) return malformed(text);
    return v6(ip, port);
  }
  FixedBytes<4> ip;
  if (!parse_ip(AF_INET, host, ip)) return malformed(text);
  return v4(ip, port);
}

bool SocketAddress::is_loopback() const noexcept {
  if (!v6_) return ip_[0] == 127;
  return std::all_of(ip_.begin(), ip_.end() - 1, [](std::uint8_t byte) { return byte == 0; }) &&
         ip_.back() == 1;
}

bool SocketAddress::is_unspecified() const noexcept {
  return std::all_of(ip_.begin(), ip_.end(), [](std::uint8_t byte) { return byte == 0; });
}

SocketAddress SocketAddress::with_port(std::uint16_t port) const {
  SocketAddress out = *this;
  out.port_ = port;
  return out;
}

std::string SocketAddress::to_string() const {
  char buffer[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(v6_ ? AF_INET6 : AF_INET, ip_.data(), buffer, sizeof buffer);
  const std::string ip = v6_ ? "[" + std::string(buffer) + "]" : std::string(buffer);
  return ip + ":" + std::to_string(port_);
}

void TcpConnection::send(ByteView bytes) {
  if (bytes.empty()) return;
  const MutableByteView room = prepare(bytes.size());
  std::memcpy(room.data(), bytes.data(), bytes.size());
  commit(bytes.size());
}

}  // namespace libpreconf
