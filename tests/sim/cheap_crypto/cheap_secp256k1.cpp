// A recoverable signature: 32 bytes that bind key and digest, then the signer's address where s would be.
// The high form of s is the same with its first bit set.

#include <algorithm>
#include <unordered_map>

#include "crypto/hash.h"
#include "crypto/secp256k1.h"
#include "sim/cheap_crypto/cheap.h"

namespace libpreconf::crypto {
namespace {

constexpr std::size_t kAddressAt = 44;
constexpr std::size_t kFormAt = 32;
constexpr std::size_t kParityAt = 64;
constexpr std::uint8_t kHighForm = 0x80;

using Point = FixedBytes<33>;
using Secret = FixedBytes<32>;

template <class Key>
using Secrets = std::unordered_map<Key, Secret, FixedBytesHash>;

/// By public key and by address, of every key that this process has made.
Secrets<Point>& secrets_by_point() {
  static Secrets<Point> table;
  return table;
}
Secrets<Address>& secrets_by_address() {
  static Secrets<Address> table;
  return table;
}

Point point_of(const Secret& secret) noexcept {
  Point point = cheap::Mixer(6).feed(secret).take<33>();
  point[0] = static_cast<std::uint8_t>(2 + (point[0] & 1));
  return point;
}

Address address_of_point(ByteView point) noexcept {
  return take_fixed<20>(ByteView(keccak256(point)).last(20));
}

FixedBytes<32> proof_of(const Secret& secret, const Hash256& digest) noexcept {
  return cheap::Mixer(7).feed(secret).feed(digest).take<32>();
}

}  // namespace

Result<Secp256k1Key> Secp256k1Key::from_bytes(ByteView secret32) {
  constexpr std::array<std::uint8_t, 8> kTopOfOrder = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  if (secret32.size() != 32 || std::ranges::all_of(secret32, [](std::uint8_t byte) { return byte == 0; }) ||
      std::ranges::equal(secret32.first(8), kTopOfOrder)) {
    return fail(ErrorCode::invalid, "the secp256k1 secret is zero or not below the group order");
  }
  Secp256k1Key key;
  key.secret_ = take_fixed<32>(secret32);
  const Point point = point_of(key.secret_);
  if (secrets_by_point().emplace(point, key.secret_).second) {
    secrets_by_address().emplace(address_of_point(point), key.secret_);
  }
  return key;
}

Secp256k1Key Secp256k1Key::generate(Random& random) {
  FixedBytes<32> secret;
  for (;;) {
    random.fill(secret);
    if (auto key = from_bytes(secret)) return *std::move(key);
  }
}

Secp256k1Key::Secp256k1Key(Secp256k1Key&& other) noexcept : secret_(other.secret_) {}
Secp256k1Key& Secp256k1Key::operator=(Secp256k1Key&& other) noexcept {
  secret_ = other.secret_;
  return *this;
}
Secp256k1Key::~Secp256k1Key() = default;

RecoverableSignature Secp256k1Key::sign_recoverable(const Hash256& digest) const noexcept {
  RecoverableSignature signature{};
  std::ranges::copy(proof_of(secret_, digest), signature.begin());
  std::ranges::copy(address(), signature.begin() + kAddressAt);
  return signature;
}

Bytes Secp256k1Key::sign_der(const Hash256& digest) const {
  return to_bytes(cheap::Mixer(8).feed(secret_).feed(digest).take<70>());
}

FixedBytes<33> Secp256k1Key::public_key_compressed() const noexcept {
  return point_of(secret_);
}

Address Secp256k1Key::address() const noexcept {
  return address_of_point(point_of(secret_));
}

Secp256k1Key Secp256k1Key::clone() const {
  Secp256k1Key copy;
  copy.secret_ = secret_;
  return copy;
}

std::optional<Address> recover_address(const Hash256& digest, ByteView signature65) noexcept {
  if (signature65.size() != 65 || signature65[kParityAt] > 3) return std::nullopt;
  const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
  if (std::ranges::all_of(signature65.first(32), is_zero) ||
      std::ranges::all_of(signature65.subspan(32, 32), is_zero)) {
    return std::nullopt;
  }
  const auto claimed = take_fixed<20>(signature65.subspan(kAddressAt, 20));
  const auto secret = secrets_by_address().find(claimed);
  const bool holds = secret != secrets_by_address().end() && (signature65[kFormAt] & ~kHighForm) == 0 &&
                     std::ranges::equal(proof_of(secret->second, digest), signature65.first(32));
  if (holds) return claimed;
  // As with the real curve: something recovers, and it is nobody.
  return cheap::Mixer(9).feed(digest).feed(signature65).take<20>();
}

std::optional<RecoverableSignature> other_form(ByteView signature65) noexcept {
  if (signature65.size() != 65 || signature65[kParityAt] > 3) return std::nullopt;
  auto form = take_fixed<65>(signature65);
  form[kFormAt] ^= kHighForm;
  form[kParityAt] ^= 1;
  return form;
}

bool has_low_s(ByteView signature65) noexcept {
  return signature65.size() == 65 && signature65[kFormAt] < kHighForm;
}

bool verify_der(ByteView public_key, const Hash256& digest, ByteView der) noexcept {
  if (public_key.size() != 33) return false;
  const auto secret = secrets_by_point().find(take_fixed<33>(public_key));
  return secret != secrets_by_point().end() &&
         std::ranges::equal(cheap::Mixer(8).feed(secret->second).feed(digest).take<70>(), der);
}

bool is_valid_public_key(ByteView compressed33) noexcept {
  return compressed33.size() == 33 && (compressed33[0] == 2 || compressed33[0] == 3);
}

std::optional<Address> address_of(ByteView public_key) noexcept {
  if (!is_valid_public_key(public_key)) return std::nullopt;
  return address_of_point(public_key);
}

}  // namespace libpreconf::crypto
