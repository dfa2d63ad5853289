#include "crypto/ed25519.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/sodium_ready.h"

namespace libpreconf::crypto {
namespace {

constexpr std::size_t kSeedSize = 32;

}  // namespace

Ed25519Key Ed25519Key::from_seed(const FixedBytes<32>& seed) noexcept {
  initialise_sodium();
  Ed25519Key key;
  FixedBytes<32> public_key;
  crypto_sign_seed_keypair(public_key.data(), key.secret_.data(), seed.data());
  return key;
}

Ed25519Key Ed25519Key::generate(Random& random) {
  FixedBytes<32> seed;
  random.fill(seed);
  Ed25519Key key = from_seed(seed);
  wipe(seed);
  return key;
}

Result<Ed25519Key> Ed25519Key::from_bytes(ByteView secret64) {
  if (secret64.size() != 2 * kSeedSize) {
    return fail(ErrorCode::malformed, "an Ed25519 private key has 64 bytes (seed, public key), got " +
                                          std::to_string(secret64.size()));
  }
  FixedBytes<32> seed = take_fixed<32>(secret64);
  Ed25519Key key = from_seed(seed);
  wipe(seed);
  if (!equal(key.secret_, secret64)) {
    return fail(ErrorCode::invalid, "the public half of the Ed25519 private key does not belong to its seed");
  }
  return key;
}

Ed25519Key::Ed25519Key(Ed25519Key&& other) noexcept : secret_(other.secret_) {
  wipe(other.secret_);
}

Ed25519Key& Ed25519Key::operator=(Ed25519Key&& other) noexcept {
  if (this != &other) {
    secret_ = other.secret_;
    wipe(other.secret_);
  }
  return *this;
}

Ed25519Key::~Ed25519Key() {
  wipe(secret_);
}

FixedBytes<64> Ed25519Key::sign(ByteView message) const noexcept {
  FixedBytes<64> signature;
  crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret_.data());
  return signature;
}

FixedBytes<32> Ed25519Key::public_key() const noexcept {
  FixedBytes<32> out;
  std::copy(secret_.begin() + kSeedSize, secret_.end(), out.begin());
  return out;
}

Ed25519Key Ed25519Key::clone() const noexcept {
  Ed25519Key copy;
  copy.secret_ = secret_;
  return copy;
}

bool ed25519_verify(ByteView public_key32, ByteView message, ByteView signature64) noexcept {
  if (public_key32.size() != crypto_sign_PUBLICKEYBYTES || signature64.size() != crypto_sign_BYTES)
    return false;
  initialise_sodium();
  return crypto_sign_verify_detached(signature64.data(), message.data(), message.size(),
                                     public_key32.data()) == 0;
}

}  // namespace libpreconf::crypto
