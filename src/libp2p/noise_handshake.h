#pragma once
// The libp2p noise handshake, Noise_XX_25519_ChaChaPoly_SHA256 (p2p-wire 3.2), both roles, sans-IO.
//
//   initiator: start (e) -> waiting for message 2 (e, ee, s, es) -> sends message 3 (s, se) -> finished
//   responder: waiting for message 1 -> sends message 2 -> waiting for message 3 -> finished
//
// A finished handshake has proven the remote's identity: its key signed the X25519 key that the channel is
// bound to. Owned by ConnectionUpgrade, which frees it once it is finished. Holds at most one unfinished
// message of 4 KiB (A5).

#include <memory>
#include <optional>

#include "crypto/x25519.h"
#include "libp2p/identity.h"
#include "libp2p/noise_transport.h"
#include "libp2p/stream.h"

namespace libpreconf::libp2p {

/// What every handshake of the process shares: the static X25519 key, and the payload in which the identity
/// key vouches for it, signed once. The secret is wiped on destruction.
class NoiseIdentity {
 public:
  NoiseIdentity(const Identity& identity, Random& random);
  NoiseIdentity(const Identity& identity, const crypto::X25519KeyPair& static_key);
  ~NoiseIdentity();
  NoiseIdentity(const NoiseIdentity&) = delete;
  NoiseIdentity& operator=(const NoiseIdentity&) = delete;

  [[nodiscard]] const crypto::X25519KeyPair& static_key() const noexcept { return static_key_; }
  /// NoiseHandshakePayload: identity key and signature.
  [[nodiscard]] ByteView payload() const noexcept { return payload_; }

 private:
  crypto::X25519KeyPair static_key_;
  Bytes payload_;
};

/// Noise specification 5.2: chaining key, hash, and the key of the moment.
class NoiseSymmetricState {
 public:
  NoiseSymmetricState();
  ~NoiseSymmetricState();
  NoiseSymmetricState(const NoiseSymmetricState&) = delete;
  NoiseSymmetricState& operator=(const NoiseSymmetricState&) = delete;

  void mix_hash(ByteView data);
  void mix_key(const FixedBytes<32>& shared);
  /// Appends the ciphertext (the plaintext itself before the first key).
  void encrypt_and_hash(ByteView plaintext, Bytes& out);
  /// Nothing if the tag is wrong.
  [[nodiscard]] std::optional<Bytes> decrypt_and_hash(ByteView ciphertext);
  /// The keys of initiator to responder, and back.
  [[nodiscard]] std::pair<FixedBytes<32>, FixedBytes<32>> split() const;
  [[nodiscard]] const Hash256& hash() const noexcept { return hash_; }

 private:
  FixedBytes<32> chaining_key_;
  Hash256 hash_;
  std::optional<crypto::ChaCha20Poly1305> cipher_;
  std::uint64_t nonce_ = 0;
};

class NoiseHandshake {
 public:
  /// `local` must outlive the handshake. With `expected`, a remote that proves another id fails it.
  NoiseHandshake(Direction direction, const NoiseIdentity& local, const crypto::X25519KeyPair& ephemeral,
                 const PeerId& expected);
  ~NoiseHandshake();
  NoiseHandshake(const NoiseHandshake&) = delete;
  NoiseHandshake& operator=(const NoiseHandshake&) = delete;

  /// Appends the initiator's first frame; nothing for a responder.
  void start(Bytes& out);
  /// Takes the remote's bytes in any split, appends frames to `out`. Returns how many bytes of `in` it used:
  /// fewer than all only when finished. After an error the object is of no use.
  [[nodiscard]] Result<std::size_t> receive(ByteView in, Bytes& out);
  [[nodiscard]] bool finished() const noexcept { return state_ == State::finished; }

  // Once finished:
  [[nodiscard]] const PeerId& remote_peer() const noexcept { return remote_peer_; }
  [[nodiscard]] NoiseTransport transport() const;
  [[nodiscard]] const Hash256& handshake_hash() const noexcept { return symmetric_.hash(); }

 private:
  enum class State : std::uint8_t { message1, message2, message3, finished };

  [[nodiscard]] Result<> on_message(ByteView message, Bytes& out);
  [[nodiscard]] Result<> read_message1(ByteView message);
  [[nodiscard]] Result<> read_message2(ByteView message);
  [[nodiscard]] Result<> write_message2(Bytes& out);
  [[nodiscard]] Result<> write_message3(Bytes& out);
  [[nodiscard]] bool mix_shared(const FixedBytes<32>& secret, ByteView public_key);
  [[nodiscard]] Result<> read_static_and_payload(ByteView message);
  [[nodiscard]] Result<> check_payload(ByteView payload);

  const Direction direction_;
  const NoiseIdentity& local_;
  crypto::X25519KeyPair ephemeral_;
  PeerId expected_;
  NoiseSymmetricState symmetric_;
  State state_ = State::message1;
  FixedBytes<32> remote_ephemeral_{};
  FixedBytes<32> remote_static_{};
  PeerId remote_peer_;
  Bytes partial_;
};

}  // namespace libpreconf::libp2p
