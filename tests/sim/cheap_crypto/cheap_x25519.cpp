#include <algorithm>

#include "crypto/x25519.h"
#include "sim/cheap_crypto/cheap.h"

namespace libpreconf::crypto {

X25519KeyPair X25519KeyPair::generate(Random& random) {
  FixedBytes<32> secret;
  random.fill(secret);
  return from_secret(secret);
}

X25519KeyPair X25519KeyPair::from_secret(const FixedBytes<32>& secret) noexcept {
  return {secret, cheap::Mixer(2).feed(secret).take<32>()};
}

// Both sides know both public keys, and that is all it takes here.
std::optional<FixedBytes<32>> x25519(const FixedBytes<32>& secret, ByteView public_key32) noexcept {
  const auto theirs = take_fixed<32>(public_key32);
  if (theirs == FixedBytes<32>{}) return std::nullopt;
  const auto ours = X25519KeyPair::from_secret(secret).public_key;
  return cheap::Mixer(3).feed(std::min(ours, theirs)).feed(std::max(ours, theirs)).take<32>();
}

}  // namespace libpreconf::crypto
