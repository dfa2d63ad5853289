#pragma once
// The multiaddrs of this network: a host (/ip4, /ip6, /dns, /dns4, /dns6), /tcp, and perhaps /p2p
// (p2p-wire 2.2).
//
// Text and binary forms. Other transports are `unsupported`; /dnsaddr is refused with a message, because the
// resolver of the reactor reads no TXT records.

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"
#include "libpreconf/libp2p/peer_id.h"
#include "libpreconf/reactor/reactor.h"

namespace libpreconf::libp2p {

class Multiaddr {
 public:
  enum class Host : std::uint8_t { ip4, ip6, dns, dns4, dns6 };

  /// "/ip4/127.0.0.1/tcp/9000/p2p/12D3KooW..."; the error says which part is wrong.
  [[nodiscard]] static Result<Multiaddr> parse(std::string_view text);
  [[nodiscard]] static Result<Multiaddr> from_bytes(ByteView bytes);
  [[nodiscard]] static Multiaddr of(const SocketAddress& address, const PeerId& peer = {});

  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] Bytes to_bytes() const;

  [[nodiscard]] Host host() const noexcept { return host_; }
  /// Where to connect, when the host is an address and not a name.
  [[nodiscard]] std::optional<SocketAddress> socket_address() const;
  /// The name to resolve; empty when the host is an address.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] AddressFamily family() const noexcept;
  [[nodiscard]] std::uint16_t port() const noexcept { return address_.port(); }
  /// The peer that must prove itself there; empty when any may.
  [[nodiscard]] const PeerId& peer() const noexcept { return peer_; }
  [[nodiscard]] Multiaddr with_peer(const PeerId& peer) const;
  [[nodiscard]] Multiaddr without_peer() const { return with_peer({}); }

  friend bool operator==(const Multiaddr&, const Multiaddr&) = default;

 private:
  Host host_ = Host::ip4;
  SocketAddress address_;  ///< for names only the port counts
  std::string name_;
  PeerId peer_;
};

}  // namespace libpreconf::libp2p
