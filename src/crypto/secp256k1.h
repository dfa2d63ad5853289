#pragma once
// ECDSA over secp256k1 by libsecp256k1, with the one context of the process.

#include <optional>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/random.h"
#include "libpreconf/base/result.h"

namespace libpreconf::crypto {

/// r (32, big-endian), s (32, big-endian), v (0..3).
using RecoverableSignature = FixedBytes<65>;

/// A secp256k1 secret key; wiped on destruction, never copied by accident.
class Secp256k1Key {
 public:
  /// invalid when zero or not below the group order.
  [[nodiscard]] static Result<Secp256k1Key> from_bytes(ByteView secret32);
  [[nodiscard]] static Secp256k1Key generate(Random& random);
  Secp256k1Key(Secp256k1Key&& other) noexcept;
  Secp256k1Key& operator=(Secp256k1Key&& other) noexcept;
  Secp256k1Key(const Secp256k1Key&) = delete;
  Secp256k1Key& operator=(const Secp256k1Key&) = delete;
  ~Secp256k1Key();

  /// RFC 6979 nonce, low s; equal bytes to what the Rust peers sign.
  [[nodiscard]] RecoverableSignature sign_recoverable(const Hash256& digest) const noexcept;
  /// DER, as libp2p identities use it.
  [[nodiscard]] Bytes sign_der(const Hash256& digest) const;
  [[nodiscard]] FixedBytes<33> public_key_compressed() const noexcept;
  [[nodiscard]] Address address() const noexcept;
  [[nodiscard]] ByteView secret() const noexcept { return secret_; }
  [[nodiscard]] Secp256k1Key clone() const;

 private:
  Secp256k1Key() = default;
  FixedBytes<32> secret_{};
};

/// The address whose key signed `digest`, or nothing: v over 3, r or s zero or not below the order, no such
/// point. High s recovers (p2p-wire 11).
[[nodiscard]] std::optional<Address> recover_address(const Hash256& digest, ByteView signature65) noexcept;
/// The other valid form of a signature: s' = n - s, v flipped.
[[nodiscard]] std::optional<RecoverableSignature> other_form(ByteView signature65) noexcept;
/// True if s is at most half the order.
[[nodiscard]] bool has_low_s(ByteView signature65) noexcept;

/// Verifies a DER signature by a compressed (33) or uncompressed (65) public key.
[[nodiscard]] bool verify_der(ByteView public_key, const Hash256& digest, ByteView der) noexcept;
[[nodiscard]] bool is_valid_public_key(ByteView compressed33) noexcept;
/// Keccak address of a compressed or uncompressed public key.
[[nodiscard]] std::optional<Address> address_of(ByteView public_key) noexcept;

}  // namespace libpreconf::crypto
