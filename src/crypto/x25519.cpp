#include "crypto/x25519.h"

#include <sodium.h>

#include "crypto/hash.h"
#include "crypto/sodium_ready.h"

namespace libpreconf::crypto {

X25519KeyPair X25519KeyPair::generate(Random& random) {
  FixedBytes<32> secret;
  random.fill(secret);
  X25519KeyPair pair = from_secret(secret);
  wipe(secret);
  return pair;
}

X25519KeyPair X25519KeyPair::from_secret(const FixedBytes<32>& secret) noexcept {
  initialise_sodium();
  X25519KeyPair pair{secret, {}};
  crypto_scalarmult_curve25519_base(pair.public_key.data(), pair.secret.data());
  return pair;
}

std::optional<FixedBytes<32>> x25519(const FixedBytes<32>& secret, ByteView public_key32) noexcept {
  if (public_key32.size() != crypto_scalarmult_curve25519_BYTES) return std::nullopt;
  initialise_sodium();
  FixedBytes<32> shared{};
  // Fails on points of low order, whose product is zero for every secret.
  if (crypto_scalarmult_curve25519(shared.data(), secret.data(), public_key32.data()) != 0)
    return std::nullopt;
  return shared;
}

}  // namespace libpreconf::crypto
