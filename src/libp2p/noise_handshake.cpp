#include "libp2p/noise_handshake.h"

#include <algorithm>

#include "codec/protobuf.h"
#include "crypto/hash.h"
#include "libp2p/limits.h"

namespace libpreconf::libp2p {
namespace {

/// Exactly 32 bytes, and so the first hash itself (Noise specification 5.2).
constexpr std::string_view kProtocolName = "Noise_XX_25519_ChaChaPoly_SHA256";
constexpr std::string_view kSignaturePrefix = "noise-libp2p-static-key:";
constexpr std::size_t kKeySize = 32;
constexpr std::size_t kTagSize = crypto::ChaCha20Poly1305::kTagSize;
constexpr std::size_t kLengthSize = 2;

// NoiseHandshakePayload.
constexpr std::uint32_t kIdentityKeyField = 1;
constexpr std::uint32_t kIdentitySignatureField = 2;

Bytes signed_bytes(ByteView static_public_key) {
  Bytes out = to_bytes(as_bytes(kSignaturePrefix));
  out.insert(out.end(), static_public_key.begin(), static_public_key.end());
  return out;
}

struct Payload {
  ByteView identity_key;
  ByteView signature;
};

/// Unknown fields (extensions) are skipped; anything that is not a message is malformed.
Result<Payload> decode_payload(ByteView bytes) {
  Payload out;
  codec::ProtobufReader reader(bytes);
  codec::ProtobufField field;
  while (reader.next(field)) {
    if (field.type != codec::WireType::length_delimited) continue;
    if (field.number == kIdentityKeyField) out.identity_key = field.bytes;
    if (field.number == kIdentitySignatureField) out.signature = field.bytes;
  }
  if (reader.failed()) return fail(ErrorCode::malformed, "the noise payload does not decode");
  return out;
}

std::unexpected<Error> wrong_size() {
  return fail(ErrorCode::malformed, "a noise handshake message is too short");
}
std::unexpected<Error> wrong_tag() {
  return fail(ErrorCode::bad_signature, "a noise handshake message does not authenticate");
}
std::unexpected<Error> wrong_point() {
  return fail(ErrorCode::invalid, "the remote's X25519 key gives an all-zero secret");
}

/// Reserves a frame's length at the end of `out` and writes it when the message behind it is complete.
class FrameWriter {
 public:
  explicit FrameWriter(Bytes& out) : out_(out), start_(out.size()) { out.resize(start_ + kLengthSize); }
  void finish() {
    const std::size_t length = out_.size() - start_ - kLengthSize;
    out_[start_] = static_cast<std::uint8_t>(length >> 8);
    out_[start_ + 1] = static_cast<std::uint8_t>(length);
  }

 private:
  Bytes& out_;
  std::size_t start_;
};

void append(Bytes& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

NoiseIdentity::NoiseIdentity(const Identity& identity, Random& random)
    : NoiseIdentity(identity, crypto::X25519KeyPair::generate(random)) {}

NoiseIdentity::NoiseIdentity(const Identity& identity, const crypto::X25519KeyPair& static_key)
    : static_key_(static_key) {
  codec::ProtobufWriter writer(payload_);
  writer.bytes(kIdentityKeyField, identity.public_key_protobuf());
  writer.bytes(kIdentitySignatureField, identity.sign(signed_bytes(static_key.public_key)));
}

NoiseIdentity::~NoiseIdentity() {
  crypto::wipe(static_key_.secret);
}

NoiseSymmetricState::NoiseSymmetricState() {
  std::copy_n(as_bytes(kProtocolName).begin(), hash_.size(), hash_.begin());
  chaining_key_ = hash_;
  mix_hash({});  // the empty prologue
}

NoiseSymmetricState::~NoiseSymmetricState() {
  crypto::wipe(chaining_key_);
}

void NoiseSymmetricState::mix_hash(ByteView data) {
  hash_ = crypto::sha256({hash_, data});
}

void NoiseSymmetricState::mix_key(const FixedBytes<32>& shared) {
  FixedBytes<64> derived;
  crypto::hkdf_sha256(chaining_key_, shared, {}, derived);
  std::copy_n(derived.begin(), 32, chaining_key_.begin());
  cipher_.emplace(take_fixed<32>(ByteView(derived).subspan(32)));
  nonce_ = 0;
  crypto::wipe(derived);
}

void NoiseSymmetricState::encrypt_and_hash(ByteView plaintext, Bytes& out) {
  const std::size_t start = out.size();
  if (!cipher_) {
    append(out, plaintext);
  } else {
    out.resize(start + plaintext.size() + kTagSize);
    cipher_->seal(nonce_++, hash_, plaintext, MutableByteView(out).subspan(start));
  }
  mix_hash(ByteView(out).subspan(start));
}

std::optional<Bytes> NoiseSymmetricState::decrypt_and_hash(ByteView ciphertext) {
  Bytes out;
  if (!cipher_) {
    out = to_bytes(ciphertext);
  } else {
    if (ciphertext.size() < kTagSize) return std::nullopt;
    out.resize(ciphertext.size() - kTagSize);
    if (!cipher_->open(nonce_++, hash_, ciphertext, out)) return std::nullopt;
  }
  mix_hash(ciphertext);
  return out;
}

std::pair<FixedBytes<32>, FixedBytes<32>> NoiseSymmetricState::split() const {
  FixedBytes<64> derived;
  crypto::hkdf_sha256(chaining_key_, {}, {}, derived);
  std::pair keys(take_fixed<32>(derived), take_fixed<32>(ByteView(derived).subspan(32)));
  crypto::wipe(derived);
  return keys;
}

NoiseHandshake::NoiseHandshake(Direction direction, const NoiseIdentity& local,
                               const crypto::X25519KeyPair& ephemeral, const PeerId& expected)
    : direction_(direction), local_(local), ephemeral_(ephemeral), expected_(expected) {}

NoiseHandshake::~NoiseHandshake() {
  crypto::wipe(ephemeral_.secret);
}

void NoiseHandshake::start(Bytes& out) {
  if (direction_ == Direction::inbound) return;
  FrameWriter frame(out);
  append(out, ephemeral_.public_key);
  symmetric_.mix_hash(ephemeral_.public_key);
  symmetric_.encrypt_and_hash({}, out);
  frame.finish();
  state_ = State::message2;
}

Result<std::size_t> NoiseHandshake::receive(ByteView in, Bytes& out) {
  ByteView rest = in;
  while (!finished() && !rest.empty()) {
    std::size_t wanted = kLengthSize;
    if (partial_.size() >= kLengthSize) {
      wanted += static_cast<std::size_t>(partial_[0]) << 8 | partial_[1];
      if (wanted > kLengthSize + limits::kNoiseHandshakeMessage) {
        return fail(ErrorCode::too_large, "a noise handshake message is longer than 4096 bytes");
      }
      if (wanted == kLengthSize) return wrong_size();
    }
    const std::size_t taken = std::min(wanted - partial_.size(), rest.size());
    append(partial_, rest.first(taken));
    rest = rest.subspan(taken);
    if (wanted == kLengthSize || partial_.size() < wanted) continue;
    const Bytes message = std::move(partial_);
    partial_.clear();
    PRECONF_CHECK_OK(on_message(ByteView(message).subspan(kLengthSize), out));
  }
  return in.size() - rest.size();
}

Result<> NoiseHandshake::on_message(ByteView message, Bytes& out) {
  switch (state_) {
    case State::message1:
      PRECONF_CHECK_OK(read_message1(message));
      PRECONF_CHECK_OK(write_message2(out));
      state_ = State::message3;
      return {};
    case State::message2:
      PRECONF_CHECK_OK(read_message2(message));
      PRECONF_CHECK_OK(write_message3(out));
      state_ = State::finished;
      return {};
    case State::message3:
      PRECONF_CHECK_OK(read_static_and_payload(message));
      state_ = State::finished;
      return {};
    case State::finished:
      break;
  }
  return fail(ErrorCode::internal, "a noise message after the handshake");
}

Result<> NoiseHandshake::read_message1(ByteView message) {
  if (message.size() < kKeySize) return wrong_size();
  remote_ephemeral_ = take_fixed<32>(message);
  symmetric_.mix_hash(remote_ephemeral_);
  const auto payload = symmetric_.decrypt_and_hash(message.subspan(kKeySize));
  if (!payload) return wrong_tag();
  PRECONF_TRY(const Payload fields, decode_payload(*payload));
  if (!fields.identity_key.empty() || !fields.signature.empty()) {
    return fail(ErrorCode::invalid,
                "the first noise message shows an identity, which would not be encrypted");
  }
  return {};
}

Result<> NoiseHandshake::write_message2(Bytes& out) {
  FrameWriter frame(out);
  append(out, ephemeral_.public_key);
  symmetric_.mix_hash(ephemeral_.public_key);
  if (!mix_shared(ephemeral_.secret, remote_ephemeral_)) return wrong_point();
  symmetric_.encrypt_and_hash(local_.static_key().public_key, out);
  if (!mix_shared(local_.static_key().secret, remote_ephemeral_)) return wrong_point();
  symmetric_.encrypt_and_hash(local_.payload(), out);
  frame.finish();
  return {};
}

Result<> NoiseHandshake::read_message2(ByteView message) {
  if (message.size() < kKeySize) return wrong_size();
  remote_ephemeral_ = take_fixed<32>(message);
  symmetric_.mix_hash(remote_ephemeral_);
  if (!mix_shared(ephemeral_.secret, remote_ephemeral_)) return wrong_point();
  return read_static_and_payload(message.subspan(kKeySize));
}

Result<> NoiseHandshake::write_message3(Bytes& out) {
  FrameWriter frame(out);
  symmetric_.encrypt_and_hash(local_.static_key().public_key, out);
  if (!mix_shared(local_.static_key().secret, remote_ephemeral_)) return wrong_point();
  symmetric_.encrypt_and_hash(local_.payload(), out);
  frame.finish();
  return {};
}

bool NoiseHandshake::mix_shared(const FixedBytes<32>& secret, ByteView public_key) {
  auto shared = crypto::x25519(secret, public_key);
  if (!shared) return false;
  symmetric_.mix_key(*shared);
  crypto::wipe(*shared);
  return true;
}

Result<> NoiseHandshake::read_static_and_payload(ByteView message) {
  constexpr std::size_t kSealedKey = kKeySize + kTagSize;
  if (message.size() < kSealedKey + kTagSize) return wrong_size();
  const auto key = symmetric_.decrypt_and_hash(message.first(kSealedKey));
  if (!key) return wrong_tag();
  remote_static_ = take_fixed<32>(*key);
  // es for the initiator, se for the responder: in both our ephemeral with the remote's static key.
  if (!mix_shared(ephemeral_.secret, remote_static_)) return wrong_point();
  const auto payload = symmetric_.decrypt_and_hash(message.subspan(kSealedKey));
  if (!payload) return wrong_tag();
  return check_payload(*payload);
}

Result<> NoiseHandshake::check_payload(ByteView payload) {
  PRECONF_TRY(const Payload fields, decode_payload(payload));
  PRECONF_TRY([[maybe_unused]] const auto key, decode_public_key(fields.identity_key));
  const PeerId peer = PeerId::of_public_key(fields.identity_key);
  // Cheap before dear: a dial that reached somebody else needs no signature check.
  if (!expected_.empty() && peer != expected_) {
    return fail(ErrorCode::refused,
                "the peer there is " + peer.to_string() + ", not " + expected_.to_string());
  }
  if (!verify_signature(fields.identity_key, signed_bytes(remote_static_), fields.signature)) {
    return fail(ErrorCode::bad_signature, "the identity key did not sign the noise key");
  }
  remote_peer_ = peer;
  return {};
}

NoiseTransport NoiseHandshake::transport() const {
  auto [forward, backward] = symmetric_.split();
  NoiseTransport out = direction_ == Direction::outbound ? NoiseTransport(forward, backward)
                                                         : NoiseTransport(backward, forward);
  crypto::wipe(forward);
  crypto::wipe(backward);
  return out;
}

}  // namespace libpreconf::libp2p
