#pragma once
// ChaCha20-Poly1305 (RFC 8439) by OpenSSL, with contexts that are made once and used for a whole connection.

#include <memory>

#include "libpreconf/base/bytes.h"

namespace libpreconf::crypto {

/// One direction's cipher under one key. Noise nonces: 4 zero bytes, then the counter little-endian.
class ChaCha20Poly1305 {
 public:
  static constexpr std::size_t kTagSize = 16;

  explicit ChaCha20Poly1305(const FixedBytes<32>& key);
  ChaCha20Poly1305(ChaCha20Poly1305&&) noexcept;
  ChaCha20Poly1305& operator=(ChaCha20Poly1305&&) noexcept;
  ~ChaCha20Poly1305();

  /// Encrypts into `out`, which has plaintext.size() + 16 bytes and may start at the plaintext itself.
  void seal(std::uint64_t nonce, ByteView associated, ByteView plaintext, MutableByteView out) noexcept;
  /// Decrypts into `out`, which has ciphertext.size() - 16 bytes and may start at the ciphertext itself.
  /// False if the tag is wrong; `out` then holds rubbish.
  [[nodiscard]] bool open(std::uint64_t nonce, ByteView associated, ByteView ciphertext,
                          MutableByteView out) noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace libpreconf::crypto
