#include <algorithm>
#include <unordered_map>

#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "sim/cheap_crypto/cheap.h"

namespace libpreconf::crypto {
namespace {

using Seeds = std::unordered_map<FixedBytes<32>, FixedBytes<32>, FixedBytesHash>;

/// Seed by public key, of every key that this process has made.
Seeds& seeds() {
  static Seeds table;
  return table;
}

FixedBytes<64> signature_of(const FixedBytes<32>& seed, ByteView message) noexcept {
  return cheap::Mixer(5).feed(seed).feed(message).take<64>();
}

}  // namespace

Ed25519Key Ed25519Key::from_seed(const FixedBytes<32>& seed) noexcept {
  Ed25519Key key;
  const auto public_key = cheap::Mixer(4).feed(seed).take<32>();
  std::ranges::copy(seed, key.secret_.begin());
  std::ranges::copy(public_key, key.secret_.begin() + 32);
  seeds().emplace(public_key, seed);
  return key;
}

Ed25519Key Ed25519Key::generate(Random& random) {
  FixedBytes<32> seed;
  random.fill(seed);
  return from_seed(seed);
}

Result<Ed25519Key> Ed25519Key::from_bytes(ByteView secret64) {
  if (secret64.size() != 64) return fail(ErrorCode::invalid, "an Ed25519 key has 64 bytes");
  Ed25519Key key = from_seed(take_fixed<32>(secret64.first(32)));
  if (!std::ranges::equal(key.secret_, secret64)) {
    return fail(ErrorCode::invalid, "the public half of the Ed25519 key does not belong to its seed");
  }
  return key;
}

Ed25519Key::Ed25519Key(Ed25519Key&& other) noexcept : secret_(other.secret_) {}
Ed25519Key& Ed25519Key::operator=(Ed25519Key&& other) noexcept {
  secret_ = other.secret_;
  return *this;
}
Ed25519Key::~Ed25519Key() = default;

FixedBytes<64> Ed25519Key::sign(ByteView message) const noexcept {
  return signature_of(take_fixed<32>(ByteView(secret_).first(32)), message);
}

FixedBytes<32> Ed25519Key::public_key() const noexcept {
  return take_fixed<32>(ByteView(secret_).last(32));
}

Ed25519Key Ed25519Key::clone() const noexcept {
  Ed25519Key copy;
  copy.secret_ = secret_;
  return copy;
}

bool ed25519_verify(ByteView public_key32, ByteView message, ByteView signature64) noexcept {
  if (public_key32.size() != 32 || signature64.size() != 64) return false;
  const auto seed = seeds().find(take_fixed<32>(public_key32));
  return seed != seeds().end() && std::ranges::equal(signature_of(seed->second, message), signature64);
}

}  // namespace libpreconf::crypto
