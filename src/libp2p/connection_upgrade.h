#pragma once
// From a fresh TCP connection to a secured, multiplexed one (p2p-wire 3), sans-IO.
//
//   clear text: negotiate /noise -> noise handshake -> secured
//   inside the channel: negotiate /yamux/1.0.0 -> muxer agreed
//
// The dialer is lazy: its proposal and the first noise message leave in one flight, and so may its first
// yamux frames behind the muxer's proposal. Owned by Connection, which frees it when the muxer is agreed and
// keeps the one deadline over all of it.

#include <optional>
#include <variant>

#include "libp2p/multistream.h"
#include "libp2p/noise_handshake.h"

namespace libpreconf::libp2p {

class ConnectionUpgrade {
 public:
  /// `local` must outlive the upgrade.
  ConnectionUpgrade(Direction direction, const NoiseIdentity& local, const crypto::X25519KeyPair& ephemeral,
                    const PeerId& expected);

  /// The dialer's first flight; nothing for a listener.
  void start(Bytes& out);
  /// Clear text from the remote. Returns how many bytes it used: fewer than all only when secured.
  [[nodiscard]] Result<std::size_t> receive(ByteView in, Bytes& out);
  [[nodiscard]] bool secured() const noexcept { return handshake_.finished(); }
  /// Steps done, for whoever asks if this upgrade moves.
  [[nodiscard]] std::size_t steps() const noexcept { return steps_; }

  // Once secured:
  [[nodiscard]] const PeerId& remote_peer() const noexcept { return handshake_.remote_peer(); }
  [[nodiscard]] NoiseTransport transport() const { return handshake_.transport(); }
  /// The plaintext that the dialer sends first in the channel; nothing for a listener.
  void start_muxer(Bytes& out);
  /// Plaintext from the remote. Returns how many bytes it used: fewer than all only when agreed.
  [[nodiscard]] Result<std::size_t> receive_muxer(ByteView in, Bytes& out);
  [[nodiscard]] bool muxer_agreed() const noexcept;

 private:
  using Negotiation = std::variant<MultistreamDialer, MultistreamListener>;
  [[nodiscard]] static Negotiation negotiation(Direction direction, std::span<const std::string> protocol);

  Negotiation security_;
  NoiseHandshake handshake_;
  Negotiation muxer_;
  std::size_t steps_ = 0;
};

}  // namespace libpreconf::libp2p
