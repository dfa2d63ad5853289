#pragma once
// A peer id: the multihash of a libp2p public key (p2p-wire 2.1).

#include <compare>
#include <string>
#include <string_view>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"

namespace libpreconf::libp2p {

/// Value type, at most 44 bytes, kept in place (no allocation): identity multihashes of keys up to 42 bytes,
/// or SHA-256 multihashes. The empty id names nobody.
class PeerId {
 public:
  static constexpr std::size_t kMaxSize = 44;

  PeerId() = default;
  /// Multihash code 0x12 with 32 bytes, or code 0x00 with at most 42; else malformed.
  [[nodiscard]] static Result<PeerId> from_bytes(ByteView multihash);
  /// The id of a public key's protobuf.
  [[nodiscard]] static PeerId of_public_key(ByteView public_key_protobuf);
  /// base58btc text ("12D3Koo...", "16Uiu2H..."); CIDv1 base32 ("bafz...") is accepted as well.
  [[nodiscard]] static Result<PeerId> parse(std::string_view text);

  [[nodiscard]] ByteView bytes() const noexcept { return ByteView(bytes_).first(size_); }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// The public key's protobuf when the id contains it (identity multihash); else empty.
  [[nodiscard]] ByteView inlined_public_key() const noexcept;
  /// base58btc.
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const PeerId& a, const PeerId& b) noexcept { return equal(a.bytes(), b.bytes()); }
  friend std::strong_ordering operator<=>(const PeerId& a, const PeerId& b) noexcept;

 private:
  FixedBytes<kMaxSize> bytes_{};
  std::uint8_t size_ = 0;
};

struct PeerIdHash {
  std::size_t operator()(const PeerId& id) const noexcept {
    return static_cast<std::size_t>(hash_bytes(id.bytes()));
  }
};

}  // namespace libpreconf::libp2p
