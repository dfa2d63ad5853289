#include "libp2p/multiaddr.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/log.h"
#include "codec/varint.h"
#include "libp2p/limits.h"

namespace libpreconf::libp2p {
namespace {

// Codes of the multiformats table.
constexpr std::uint64_t kTcpCode = 0x06;
constexpr std::uint64_t kDnsaddrCode = 0x38;
constexpr std::uint64_t kP2pCode = 0x1a5;

struct HostForm {
  Multiaddr::Host host;
  std::string_view name;
  std::uint8_t code;
};
constexpr std::array<HostForm, 5> kHostForms = {{{Multiaddr::Host::ip4, "ip4", 0x04},
                                                 {Multiaddr::Host::ip6, "ip6", 0x29},
                                                 {Multiaddr::Host::dns, "dns", 0x35},
                                                 {Multiaddr::Host::dns4, "dns4", 0x36},
                                                 {Multiaddr::Host::dns6, "dns6", 0x37}}};

const HostForm& form_of(Multiaddr::Host host) {
  return kHostForms[static_cast<std::size_t>(host)];
}

constexpr std::string_view kDnsaddrRefused =
    "/dnsaddr is not supported: give the /dns4, /dns6 or /ip4 address it stands for";

/// "ip4/1.2.3.4/tcp" gives "ip4" and leaves "1.2.3.4/tcp".
std::string_view next_part(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('/'), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

bool is_dns_name(std::string_view name) {
  if (name.empty() || name.size() > limits::kDnsName) return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
    return fail(ErrorCode::malformed, fmt::format("'{}' is not a port", printable(text)));
  }
  return port;
}

Result<SocketAddress> parse_ip(Multiaddr::Host host, std::string_view text, std::uint16_t port) {
  const bool v6 = host == Multiaddr::Host::ip6;
  auto address =
      SocketAddress::parse(v6 ? fmt::format("[{}]:{}", text, port) : fmt::format("{}:{}", text, port));
  if (!address || address->is_v6() != v6) {
    return fail(ErrorCode::malformed,
                fmt::format("'{}' is not an IPv{} address", printable(text), v6 ? 6 : 4));
  }
  return address;
}

/// Walks the binary form.
class BinaryReader {
 public:
  explicit BinaryReader(ByteView rest) : rest_(rest) {}
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  std::optional<std::uint64_t> varint() {
    const auto read = codec::read_varint(rest_);
    if (read.status != codec::VarintStatus::ok) return std::nullopt;
    rest_ = rest_.subspan(read.size);
    return read.value;
  }
  std::optional<ByteView> take(std::uint64_t size) {
    if (size > rest_.size()) return std::nullopt;
    const ByteView out = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(out.size());
    return out;
  }
  std::optional<ByteView> prefixed() {
    const auto size = varint();
    return size ? take(*size) : std::nullopt;
  }

 private:
  ByteView rest_;
};

std::unexpected<Error> truncated() {
  return fail(ErrorCode::malformed, "the multiaddr ends too early");
}

}  // namespace

Result<Multiaddr> Multiaddr::parse(std::string_view text) {
  if (text.size() > limits::kMultiaddrText)
    return fail(ErrorCode::too_large, "a multiaddr has at most 512 characters");
  if (text.empty() || text.front() != '/') {
    return fail(ErrorCode::malformed,
                fmt::format("'{}' is not a multiaddr like /ip4/1.2.3.4/tcp/9000", printable(text)));
  }
  std::string_view rest = text.substr(1);
  const std::string_view host_name = next_part(rest);
  if (host_name == "dnsaddr") return fail(ErrorCode::unsupported, std::string(kDnsaddrRefused));
  const auto* form = std::ranges::find(kHostForms, host_name, &HostForm::name);
  if (form == kHostForms.end()) {
    return fail(ErrorCode::unsupported,
                fmt::format("'/{}' is no supported host of a multiaddr (ip4, ip6, dns, dns4, dns6)",
                            printable(host_name)));
  }
  const std::string_view host_value = next_part(rest);
  const std::string_view transport = next_part(rest);
  if (transport != "tcp") {
    return fail(ErrorCode::unsupported,
                fmt::format("'{}': only /tcp is supported after the host", printable(text)));
  }
  PRECONF_TRY(const std::uint16_t port, parse_port(next_part(rest)));

  Multiaddr out;
  out.host_ = form->host;
  if (form->host == Host::ip4 || form->host == Host::ip6) {
    PRECONF_TRY(out.address_, parse_ip(form->host, host_value, port));
  } else {
    if (!is_dns_name(host_value)) {
      return fail(ErrorCode::malformed, fmt::format("'{}' is not a host name", printable(host_value)));
    }
    out.name_ = std::string(host_value);
    out.address_ = SocketAddress::v4({}, port);
  }
  if (rest.empty()) return out;
  if (next_part(rest) != "p2p") {
    return fail(ErrorCode::unsupported, fmt::format("'{}': only /p2p may follow the port", printable(text)));
  }
  PRECONF_TRY(out.peer_, PeerId::parse(next_part(rest)));
  if (!rest.empty()) {
    return fail(ErrorCode::unsupported, fmt::format("'{}': nothing may follow the peer id", printable(text)));
  }
  return out;
}

Result<Multiaddr> Multiaddr::from_bytes(ByteView bytes) {
  if (bytes.size() > limits::kMultiaddrBytes) return fail(ErrorCode::too_large, "the multiaddr is too long");
  BinaryReader reader(bytes);
  const auto code = reader.varint();
  if (!code) return truncated();
  if (*code == kDnsaddrCode) return fail(ErrorCode::unsupported, std::string(kDnsaddrRefused));
  const auto* form = std::ranges::find(kHostForms, *code, &HostForm::code);
  if (form == kHostForms.end()) return fail(ErrorCode::unsupported, "the multiaddr has no supported host");

  Multiaddr out;
  out.host_ = form->host;
  std::optional<ByteView> host;
  if (form->host == Host::ip4) {
    host = reader.take(4);
  } else if (form->host == Host::ip6) {
    host = reader.take(16);
  } else {
    host = reader.prefixed();
    if (host && !is_dns_name(as_text(*host))) return fail(ErrorCode::malformed, "the host name is malformed");
  }
  const auto transport = host ? reader.varint() : std::nullopt;
  if (!transport) return truncated();
  if (*transport != kTcpCode) return fail(ErrorCode::unsupported, "only tcp multiaddrs are supported");
  const auto port_bytes = reader.take(2);
  if (!port_bytes) return truncated();
  const auto port = static_cast<std::uint16_t>((*port_bytes)[0] << 8 | (*port_bytes)[1]);

  if (form->host == Host::ip4) {
    out.address_ = SocketAddress::v4(take_fixed<4>(*host), port);
  } else if (form->host == Host::ip6) {
    out.address_ = SocketAddress::v6(take_fixed<16>(*host), port);
  } else {
    out.name_ = std::string(as_text(*host));
    out.address_ = SocketAddress::v4({}, port);
  }
  if (reader.empty()) return out;
  if (reader.varint() != kP2pCode) return fail(ErrorCode::unsupported, "only /p2p may follow the port");
  const auto peer = reader.prefixed();
  if (!peer) return truncated();
  PRECONF_TRY(out.peer_, PeerId::from_bytes(*peer));
  if (!reader.empty()) return fail(ErrorCode::unsupported, "nothing may follow the peer id");
  return out;
}

Multiaddr Multiaddr::of(const SocketAddress& address, const PeerId& peer) {
  Multiaddr out;
  out.host_ = address.is_v6() ? Host::ip6 : Host::ip4;
  out.address_ = address;
  out.peer_ = peer;
  return out;
}

std::string Multiaddr::to_string() const {
  std::string host = name_;
  if (host.empty()) {
    // "1.2.3.4:9000" or "[::1]:9000": the multiaddr wants the address alone.
    host = address_.to_string();
    host.resize(host.rfind(':'));
    if (host_ == Host::ip6) host = host.substr(1, host.size() - 2);
  }
  std::string out = fmt::format("/{}/{}/tcp/{}", form_of(host_).name, host, address_.port());
  if (!peer_.empty()) out += "/p2p/" + peer_.to_string();
  return out;
}

Bytes Multiaddr::to_bytes() const {
  Bytes out;
  const auto append = [&out](ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); };
  codec::append_varint(out, form_of(host_).code);
  if (name_.empty()) {
    append(address_.ip());
  } else {
    codec::append_varint(out, name_.size());
    append(as_bytes(name_));
  }
  codec::append_varint(out, kTcpCode);
  out.push_back(static_cast<std::uint8_t>(address_.port() >> 8));
  out.push_back(static_cast<std::uint8_t>(address_.port()));
  if (!peer_.empty()) {
    codec::append_varint(out, kP2pCode);
    codec::append_varint(out, peer_.bytes().size());
    append(peer_.bytes());
  }
  return out;
}

std::optional<SocketAddress> Multiaddr::socket_address() const {
  if (!name_.empty()) return std::nullopt;
  return address_;
}

AddressFamily Multiaddr::family() const noexcept {
  switch (host_) {
    case Host::ip4:
    case Host::dns4:
      return AddressFamily::v4;
    case Host::ip6:
    case Host::dns6:
      return AddressFamily::v6;
    case Host::dns:
      return AddressFamily::any;
  }
  return AddressFamily::any;
}

Multiaddr Multiaddr::with_peer(const PeerId& peer) const {
  Multiaddr out = *this;
  out.peer_ = peer;
  return out;
}

}  // namespace libpreconf::libp2p
