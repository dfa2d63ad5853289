#include "libp2p/identity.h"

#include "codec/protobuf.h"
#include "crypto/hash.h"

namespace libpreconf::libp2p {
namespace {

// Field numbers of libp2p's PublicKey and PrivateKey.
constexpr std::uint32_t kTypeField = 1;
constexpr std::uint32_t kDataField = 2;
constexpr std::size_t kEd25519PublicKey = 32;
constexpr std::size_t kSecp256k1PublicKey = 33;
/// The largest key protobuf that we accept: an Ed25519 secret with its public key.
constexpr std::size_t kMaxKeyProtobuf = 4 + 64;

struct KeyFields {
  std::uint64_t type = 0;
  ByteView data;
};

Result<KeyFields> read_key(ByteView protobuf) {
  if (protobuf.size() > kMaxKeyProtobuf) {
    return fail(ErrorCode::unsupported, "the key is longer than an Ed25519 or secp256k1 key");
  }
  KeyFields out;
  bool has_type = false;
  bool has_data = false;
  codec::ProtobufReader reader(protobuf);
  codec::ProtobufField field;
  while (reader.next(field)) {
    if (field.number == kTypeField && field.type == codec::WireType::varint && !has_type) {
      out.type = field.integer;
      has_type = true;
    } else if (field.number == kDataField && field.type == codec::WireType::length_delimited && !has_data) {
      out.data = field.bytes;
      has_data = true;
    } else {
      return fail(ErrorCode::malformed, "a key has one type and one data field, and nothing else");
    }
  }
  if (reader.failed() || !has_type || !has_data) return fail(ErrorCode::malformed, "the key does not decode");
  return out;
}

Bytes write_key(KeyType type, ByteView data) {
  Bytes out;
  out.reserve(4 + data.size());
  codec::ProtobufWriter writer(out);
  writer.varint(kTypeField, static_cast<std::uint64_t>(type));
  writer.bytes(kDataField, data);
  return out;
}

}  // namespace

Identity::Identity(crypto::Ed25519Key key)
    : key_(std::move(key)),
      public_key_(write_key(KeyType::ed25519, std::get<crypto::Ed25519Key>(key_).public_key())),
      peer_id_(PeerId::of_public_key(public_key_)) {}

Identity::Identity(crypto::Secp256k1Key key)
    : key_(std::move(key)),
      public_key_(
          write_key(KeyType::secp256k1, std::get<crypto::Secp256k1Key>(key_).public_key_compressed())),
      peer_id_(PeerId::of_public_key(public_key_)) {}

Identity Identity::generate(KeyType type, Random& random) {
  if (type == KeyType::ed25519) return Identity(crypto::Ed25519Key::generate(random));
  return Identity(crypto::Secp256k1Key::generate(random));
}

Result<Identity> Identity::from_private_key_protobuf(ByteView protobuf) {
  PRECONF_TRY(const KeyFields fields, read_key(protobuf));
  if (fields.type == static_cast<std::uint64_t>(KeyType::ed25519)) {
    if (fields.data.size() != 64) {
      return fail(ErrorCode::malformed, "an Ed25519 private key has 64 bytes: seed, then public key");
    }
    PRECONF_TRY(auto key, crypto::Ed25519Key::from_bytes(fields.data));
    return Identity(std::move(key));
  }
  if (fields.type == static_cast<std::uint64_t>(KeyType::secp256k1)) {
    if (fields.data.size() != 32) {
      return fail(ErrorCode::malformed, "a secp256k1 private key has 32 bytes");
    }
    PRECONF_TRY(auto key, crypto::Secp256k1Key::from_bytes(fields.data));
    return Identity(std::move(key));
  }
  return fail(ErrorCode::unsupported, "only Ed25519 and secp256k1 identity keys are supported");
}

Identity Identity::clone() const {
  if (const auto* key = std::get_if<crypto::Ed25519Key>(&key_)) return Identity(key->clone());
  return Identity(std::get<crypto::Secp256k1Key>(key_).clone());
}

KeyType Identity::type() const noexcept {
  return key_.index() == 0 ? KeyType::ed25519 : KeyType::secp256k1;
}

Bytes Identity::private_key_protobuf() const {
  if (const auto* key = std::get_if<crypto::Ed25519Key>(&key_)) {
    return write_key(KeyType::ed25519, key->secret64());
  }
  return write_key(KeyType::secp256k1, std::get<crypto::Secp256k1Key>(key_).secret());
}

Bytes Identity::sign(ByteView message) const {
  if (const auto* key = std::get_if<crypto::Ed25519Key>(&key_)) return to_bytes(key->sign(message));
  return std::get<crypto::Secp256k1Key>(key_).sign_der(crypto::sha256(message));
}

Result<PublicKeyView> decode_public_key(ByteView protobuf) {
  PRECONF_TRY(const KeyFields fields, read_key(protobuf));
  if (fields.type == static_cast<std::uint64_t>(KeyType::ed25519)) {
    if (fields.data.size() != kEd25519PublicKey) {
      return fail(ErrorCode::malformed, "an Ed25519 public key has 32 bytes");
    }
    return PublicKeyView{KeyType::ed25519, fields.data};
  }
  if (fields.type == static_cast<std::uint64_t>(KeyType::secp256k1)) {
    if (fields.data.size() != kSecp256k1PublicKey || !crypto::is_valid_public_key(fields.data)) {
      return fail(ErrorCode::malformed, "a secp256k1 public key is a compressed point of 33 bytes");
    }
    return PublicKeyView{KeyType::secp256k1, fields.data};
  }
  return fail(ErrorCode::unsupported, "only Ed25519 and secp256k1 identity keys are supported");
}

bool verify_signature(ByteView public_key_protobuf, ByteView message, ByteView signature) {
  const auto key = decode_public_key(public_key_protobuf);
  if (!key) return false;
  if (key->type == KeyType::ed25519) {
    return signature.size() == 64 && crypto::ed25519_verify(key->key, message, signature);
  }
  return crypto::verify_der(key->key, crypto::sha256(message), signature);
}

}  // namespace libpreconf::libp2p
