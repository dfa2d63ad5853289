#pragma once
// Hash functions: Keccak-256 (our own, vector-tested; the one primitive OpenSSL 3.0 lacks), SHA-256 and
// HKDF/HMAC on it (OpenSSL). Nothing here allocates per call beyond what the caller passes.

#include <initializer_list>
#include <memory>

#include "libpreconf/base/bytes.h"

namespace libpreconf::crypto {

[[nodiscard]] Hash256 keccak256(ByteView data) noexcept;
/// Keccak-256 of the concatenation of several pieces.
[[nodiscard]] Hash256 keccak256(std::initializer_list<ByteView> pieces) noexcept;

[[nodiscard]] Hash256 sha256(ByteView data) noexcept;
[[nodiscard]] Hash256 sha256(std::initializer_list<ByteView> pieces) noexcept;

[[nodiscard]] Hash256 hmac_sha256(ByteView key, std::initializer_list<ByteView> pieces) noexcept;
/// HKDF (RFC 5869) with SHA-256, extract then expand; `out` at most 8160 bytes.
void hkdf_sha256(ByteView salt, ByteView input_key, ByteView info, MutableByteView out) noexcept;

/// Incremental Keccak-256, for data that is hashed in slices.
class Keccak256 {
 public:
  Keccak256() noexcept;
  void update(ByteView data) noexcept;
  /// The object must not be used afterwards.
  [[nodiscard]] Hash256 finish() noexcept;

 private:
  std::uint64_t state_[25];
  std::uint8_t block_[136];
  std::size_t filled_ = 0;
};

/// Overwrites secret bytes in a way that the compiler does not remove.
void wipe(MutableByteView secret) noexcept;

}  // namespace libpreconf::crypto
