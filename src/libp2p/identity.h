#pragma once
// Identities of libp2p peers: a key pair, its protobuf forms, and signatures (p2p-wire 2.1).
//
// Ed25519 signs the message itself; secp256k1 signs its SHA-256 and encodes the signature in DER. Other key
// types are refused by length before anything is parsed (A4).

#include <variant>

#include "crypto/ed25519.h"
#include "crypto/secp256k1.h"
#include "libpreconf/base/bytes.h"
#include "libpreconf/base/random.h"
#include "libpreconf/base/result.h"
#include "libpreconf/libp2p/peer_id.h"

namespace libpreconf::libp2p {

/// Numbers as in libp2p's keys.proto.
enum class KeyType : std::uint8_t { ed25519 = 1, secp256k1 = 2 };

/// Owns a secret key, which its crypto class wipes. Move only; `clone` where two owners are meant.
class Identity {
 public:
  explicit Identity(crypto::Ed25519Key key);
  explicit Identity(crypto::Secp256k1Key key);
  [[nodiscard]] static Identity generate(KeyType type, Random& random);
  /// The PrivateKey protobuf: type and 64 bytes (Ed25519: seed and public key) or 32 bytes (secp256k1).
  [[nodiscard]] static Result<Identity> from_private_key_protobuf(ByteView protobuf);
  [[nodiscard]] Identity clone() const;

  [[nodiscard]] KeyType type() const noexcept;
  [[nodiscard]] const PeerId& peer_id() const noexcept { return peer_id_; }
  /// 36 or 37 bytes.
  [[nodiscard]] ByteView public_key_protobuf() const noexcept { return public_key_; }
  /// A secret: the caller wipes it.
  [[nodiscard]] Bytes private_key_protobuf() const;
  [[nodiscard]] Bytes sign(ByteView message) const;

 private:
  std::variant<crypto::Ed25519Key, crypto::Secp256k1Key> key_;
  Bytes public_key_;
  PeerId peer_id_;
};

/// A public key as a remote shows it. The view points into the protobuf.
struct PublicKeyView {
  KeyType type = KeyType::ed25519;
  ByteView key;  ///< 32 bytes, or a compressed point of 33
};

/// unsupported for RSA and ECDSA, malformed for a wrong length or trailing fields.
[[nodiscard]] Result<PublicKeyView> decode_public_key(ByteView protobuf);

/// Whether `signature` over `message` is by the key in `public_key_protobuf`. False for keys that do not
/// decode.
[[nodiscard]] bool verify_signature(ByteView public_key_protobuf, ByteView message, ByteView signature);

}  // namespace libpreconf::libp2p
