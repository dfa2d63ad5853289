#include "crypto/secp256k1.h"

#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "crypto/hash.h"

namespace libpreconf::crypto {
namespace {

constexpr std::size_t kScalarSize = 32;
constexpr std::size_t kSignatureSize = 65;
constexpr std::size_t kUncompressedSize = 65;
// A DER sequence of two 33-byte integers.
constexpr std::size_t kMaxDerSize = 72;
constexpr std::uint8_t kMaxRecoveryId = 3;

// (n - 1) / 2, big-endian: the highest s that counts as low.
constexpr FixedBytes<32> kHalfOrder = {0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                       0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4,
                                       0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0};

// The context of the process. Its blinding protects the signing key against side channels and shows in no
// output, so it asks the system for randomness itself instead of taking it as an argument.
const secp256k1_context* context() noexcept {
  static const secp256k1_context* const made = [] {
    secp256k1_context* fresh = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    PRECONF_ASSERT(fresh != nullptr);
    FixedBytes<32> blinding;
    SystemRandom().fill(blinding);
    PRECONF_ASSERT(secp256k1_context_randomize(fresh, blinding.data()) == 1);
    wipe(blinding);
    return fresh;
  }();
  return made;
}

bool parse(ByteView signature65, secp256k1_ecdsa_recoverable_signature& out) noexcept {
  // A recovery id over 3 would be a programming error to libsecp256k1, which aborts on it.
  return signature65.size() == kSignatureSize && signature65[64] <= kMaxRecoveryId &&
         secp256k1_ecdsa_recoverable_signature_parse_compact(context(), &out, signature65.data(),
                                                             signature65[64]) == 1;
}

bool is_scalar(const std::uint8_t* bytes) noexcept {
  return secp256k1_ec_seckey_verify(context(), bytes) == 1;
}

Address address_of_key(const secp256k1_pubkey& key) noexcept {
  FixedBytes<kUncompressedSize> bytes;
  std::size_t size = bytes.size();
  secp256k1_ec_pubkey_serialize(context(), bytes.data(), &size, &key, SECP256K1_EC_UNCOMPRESSED);
  const Hash256 hash = keccak256(ByteView(bytes).subspan(1));
  Address address;
  std::copy(hash.begin() + 12, hash.end(), address.begin());
  return address;
}

bool parse_public_key(ByteView bytes, secp256k1_pubkey& out) noexcept {
  return !bytes.empty() && secp256k1_ec_pubkey_parse(context(), &out, bytes.data(), bytes.size()) == 1;
}

secp256k1_pubkey public_key_of(const FixedBytes<32>& secret) noexcept {
  secp256k1_pubkey key;
  PRECONF_ASSERT(secp256k1_ec_pubkey_create(context(), &key, secret.data()) == 1);
  return key;
}

}  // namespace

Result<Secp256k1Key> Secp256k1Key::from_bytes(ByteView secret32) {
  if (secret32.size() != kScalarSize) {
    return fail(ErrorCode::malformed,
                "a secp256k1 private key has 32 bytes, got " + std::to_string(secret32.size()));
  }
  if (!is_scalar(secret32.data())) {
    return fail(ErrorCode::invalid,
                "a secp256k1 private key must not be zero and must be below the group order");
  }
  Secp256k1Key key;
  std::copy(secret32.begin(), secret32.end(), key.secret_.begin());
  return key;
}

Secp256k1Key Secp256k1Key::generate(Random& random) {
  Secp256k1Key key;
  // All but 2^-128 of the draws are good ones.
  do {
    random.fill(key.secret_);
  } while (!is_scalar(key.secret_.data()));
  return key;
}

Secp256k1Key::Secp256k1Key(Secp256k1Key&& other) noexcept : secret_(other.secret_) {
  wipe(other.secret_);
}

Secp256k1Key& Secp256k1Key::operator=(Secp256k1Key&& other) noexcept {
  if (this != &other) {
    secret_ = other.secret_;
    wipe(other.secret_);
  }
  return *this;
}

Secp256k1Key::~Secp256k1Key() {
  wipe(secret_);
}

RecoverableSignature Secp256k1Key::sign_recoverable(const Hash256& digest) const noexcept {
  secp256k1_ecdsa_recoverable_signature signature;
  PRECONF_ASSERT(secp256k1_ecdsa_sign_recoverable(context(), &signature, digest.data(), secret_.data(),
                                                  nullptr, nullptr) == 1);
  RecoverableSignature out;
  int recovery_id = 0;
  secp256k1_ecdsa_recoverable_signature_serialize_compact(context(), out.data(), &recovery_id, &signature);
  out[64] = static_cast<std::uint8_t>(recovery_id);
  return out;
}

Bytes Secp256k1Key::sign_der(const Hash256& digest) const {
  secp256k1_ecdsa_signature signature;
  PRECONF_ASSERT(
      secp256k1_ecdsa_sign(context(), &signature, digest.data(), secret_.data(), nullptr, nullptr) == 1);
  Bytes out(kMaxDerSize);
  std::size_t size = out.size();
  PRECONF_ASSERT(secp256k1_ecdsa_signature_serialize_der(context(), out.data(), &size, &signature) == 1);
  out.resize(size);
  return out;
}

FixedBytes<33> Secp256k1Key::public_key_compressed() const noexcept {
  const secp256k1_pubkey key = public_key_of(secret_);
  FixedBytes<33> out;
  std::size_t size = out.size();
  secp256k1_ec_pubkey_serialize(context(), out.data(), &size, &key, SECP256K1_EC_COMPRESSED);
  return out;
}

Address Secp256k1Key::address() const noexcept {
  return address_of_key(public_key_of(secret_));
}

Secp256k1Key Secp256k1Key::clone() const {
  Secp256k1Key copy;
  copy.secret_ = secret_;
  return copy;
}

std::optional<Address> recover_address(const Hash256& digest, ByteView signature65) noexcept {
  secp256k1_ecdsa_recoverable_signature signature;
  secp256k1_pubkey key;
  if (!parse(signature65, signature)) return std::nullopt;
  if (secp256k1_ecdsa_recover(context(), &key, &signature, digest.data()) != 1) return std::nullopt;
  return address_of_key(key);
}

std::optional<RecoverableSignature> other_form(ByteView signature65) noexcept {
  if (signature65.size() != kSignatureSize || signature65[64] > kMaxRecoveryId) return std::nullopt;
  if (!is_scalar(signature65.data())) return std::nullopt;
  RecoverableSignature out;
  std::copy(signature65.begin(), signature65.end(), out.begin());
  if (secp256k1_ec_seckey_negate(context(), out.data() + kScalarSize) != 1) return std::nullopt;
  out[64] ^= 1;
  return out;
}

bool has_low_s(ByteView signature65) noexcept {
  return signature65.size() == kSignatureSize &&
         std::memcmp(signature65.data() + kScalarSize, kHalfOrder.data(), kScalarSize) <= 0;
}

bool verify_der(ByteView public_key, const Hash256& digest, ByteView der) noexcept {
  secp256k1_pubkey key;
  secp256k1_ecdsa_signature signature;
  if (der.empty() || !parse_public_key(public_key, key)) return false;
  if (secp256k1_ecdsa_signature_parse_der(context(), &signature, der.data(), der.size()) != 1) return false;
  // libsecp256k1 verifies low s alone; libp2p's rules do not ask for it, and other implementations may send
  // high s.
  secp256k1_ecdsa_signature_normalize(context(), &signature, &signature);
  return secp256k1_ecdsa_verify(context(), &signature, digest.data(), &key) == 1;
}

bool is_valid_public_key(ByteView compressed33) noexcept {
  secp256k1_pubkey key;
  return compressed33.size() == 33 && parse_public_key(compressed33, key);
}

std::optional<Address> address_of(ByteView public_key) noexcept {
  secp256k1_pubkey key;
  if (!parse_public_key(public_key, key)) return std::nullopt;
  return address_of_key(key);
}

}  // namespace libpreconf::crypto
