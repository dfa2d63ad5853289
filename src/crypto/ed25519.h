#pragma once
// Ed25519: verification by libsodium (the fastest of the distribution; every first-seen gossip message
// needs one), signing and key derivation by libsodium as well, so that one library owns the format.

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/random.h"
#include "libpreconf/base/result.h"

namespace libpreconf::crypto {

/// An Ed25519 key pair (seed 32 + public 32); wiped on destruction.
class Ed25519Key {
 public:
  [[nodiscard]] static Ed25519Key from_seed(const FixedBytes<32>& seed) noexcept;
  [[nodiscard]] static Ed25519Key generate(Random& random);
  /// libp2p's 64 bytes: seed, then public key; invalid if they do not belong together.
  [[nodiscard]] static Result<Ed25519Key> from_bytes(ByteView secret64);
  Ed25519Key(Ed25519Key&& other) noexcept;
  Ed25519Key& operator=(Ed25519Key&& other) noexcept;
  Ed25519Key(const Ed25519Key&) = delete;
  Ed25519Key& operator=(const Ed25519Key&) = delete;
  ~Ed25519Key();

  [[nodiscard]] FixedBytes<64> sign(ByteView message) const noexcept;
  [[nodiscard]] FixedBytes<32> public_key() const noexcept;
  [[nodiscard]] ByteView secret64() const noexcept { return secret_; }
  [[nodiscard]] Ed25519Key clone() const noexcept;

 private:
  Ed25519Key() = default;
  FixedBytes<64> secret_{};
};

[[nodiscard]] bool ed25519_verify(ByteView public_key32, ByteView message, ByteView signature64) noexcept;

}  // namespace libpreconf::crypto
