#include <gtest/gtest.h>

#include <algorithm>

#include "codec/protobuf.h"
#include "libp2p/noise_handshake.h"
#include "libp2p/noise_transport.h"
#include "support/vectors.h"

namespace libpreconf::libp2p {
namespace {

using test::bytes_of;
using test::member;

constexpr std::size_t kLengthSize = 2;

Identity vector_identity(json_t* document, std::size_t index) {
  json_t* const entry = json_array_get(member(document, "identity"), index);
  return Identity(crypto::Ed25519Key::from_seed(take_fixed<32>(bytes_of(entry, "seed"))));
}

crypto::X25519KeyPair key_pair(json_t* side, const char* name) {
  return crypto::X25519KeyPair::from_secret(take_fixed<32>(bytes_of(side, name)));
}

/// Two sides with keys from a seed, or from the vectors.
struct Pair {
  explicit Pair(const PeerId& expected = {}, KeyType dialer_type = KeyType::ed25519) {
    SeededRandom random(3);
    dialer_identity.emplace(Identity::generate(dialer_type, random));
    listener_identity.emplace(Identity::generate(KeyType::secp256k1, random));
    build(random, expected);
  }
  void build(Random& random, const PeerId& expected) {
    dialer_noise.emplace(*dialer_identity, random);
    listener_noise.emplace(*listener_identity, random);
    dialer.emplace(Direction::outbound, *dialer_noise, crypto::X25519KeyPair::generate(random), expected);
    listener.emplace(Direction::inbound, *listener_noise, crypto::X25519KeyPair::generate(random), PeerId{});
  }
  /// Message 1 to 3 of this handshake, as far as it goes.
  std::vector<Bytes> messages() {
    std::vector<Bytes> out(3);
    dialer->start(out[0]);
    if (!listener->receive(out[0], out[1])) return out;
    if (!dialer->receive(out[1], out[2])) return out;
    return out;
  }

  std::optional<Identity> dialer_identity;
  std::optional<Identity> listener_identity;
  std::optional<NoiseIdentity> dialer_noise;
  std::optional<NoiseIdentity> listener_noise;
  std::optional<NoiseHandshake> dialer;
  std::optional<NoiseHandshake> listener;
};

Bytes opened(NoiseTransport& transport, ByteView frame, NoiseBuffers& buffers) {
  auto plaintext = transport.next(frame, buffers);
  EXPECT_TRUE(plaintext.has_value() && plaintext->has_value());
  EXPECT_TRUE(frame.empty());
  return to_bytes(**plaintext);
}

TEST(NoiseHandshake, GivenTheVectorsKeys_WhenBothRolesRun_ThenTheTranscriptIsEqualByteForByte) {
  const auto document = test::load_vectors("p2p-messages.json");
  json_t* const noise = member(document.get(), "noise");
  json_t* const initiator = member(noise, "initiator");
  json_t* const responder = member(noise, "responder");
  const Identity dialer_identity = vector_identity(document.get(), 0);
  const Identity listener_identity = vector_identity(document.get(), 1);
  const NoiseIdentity dialer_noise(dialer_identity, key_pair(initiator, "static_secret"));
  const NoiseIdentity listener_noise(listener_identity, key_pair(responder, "static_secret"));
  EXPECT_EQ(to_bytes(dialer_noise.static_key().public_key), bytes_of(initiator, "static_public"));
  EXPECT_EQ(to_bytes(dialer_noise.payload()), bytes_of(initiator, "payload"));
  EXPECT_EQ(to_bytes(listener_noise.payload()), bytes_of(responder, "payload"));

  NoiseHandshake dialer(Direction::outbound, dialer_noise, key_pair(initiator, "ephemeral_secret"),
                        listener_identity.peer_id());
  NoiseHandshake listener(Direction::inbound, listener_noise, key_pair(responder, "ephemeral_secret"), {});
  Bytes first;
  Bytes second;
  Bytes third;
  Bytes nothing;
  dialer.start(first);
  listener.start(nothing);
  EXPECT_EQ(first, bytes_of(noise, "message1_frame"));
  EXPECT_EQ(listener.receive(first, second).value(), first.size());
  EXPECT_EQ(second, bytes_of(noise, "message2_frame"));
  EXPECT_EQ(dialer.receive(second, third).value(), second.size());
  EXPECT_EQ(third, bytes_of(noise, "message3_frame"));
  EXPECT_EQ(listener.receive(third, nothing).value(), third.size());
  EXPECT_TRUE(nothing.empty());
  ASSERT_TRUE(dialer.finished() && listener.finished());
  EXPECT_EQ(to_bytes(dialer.handshake_hash()), bytes_of(noise, "handshake_hash"));
  EXPECT_EQ(to_bytes(listener.handshake_hash()), bytes_of(noise, "handshake_hash"));
  EXPECT_EQ(dialer.remote_peer(), listener_identity.peer_id());
  EXPECT_EQ(listener.remote_peer(), dialer_identity.peer_id());

  NoiseTransport at_dialer = dialer.transport();
  NoiseTransport at_listener = listener.transport();
  NoiseBuffers buffers;
  json_t* const frames = member(noise, "transport");
  for (std::size_t i = 0; i < json_array_size(frames); ++i) {
    json_t* const expected = json_array_get(frames, i);
    const bool forth = test::text_of(expected, "direction") == "i->r";
    Bytes frame;
    (forth ? at_dialer : at_listener).append_sealed(bytes_of(expected, "plaintext"), frame);
    EXPECT_EQ(frame, bytes_of(expected, "frame"));
    EXPECT_EQ(opened(forth ? at_listener : at_dialer, frame, buffers), bytes_of(expected, "plaintext"));
  }
}

TEST(NoiseHandshake, GivenAnySplitOfTheReads_WhenBothSidesShake_ThenTheyFinish) {
  for (std::size_t piece = 1; piece < 70; piece += 3) {
    Pair pair;
    Bytes wire;
    pair.dialer->start(wire);
    const auto deliver = [piece](NoiseHandshake& to, ByteView in) {
      Bytes out;
      while (!in.empty()) {
        const ByteView part = in.first(std::min(piece, in.size()));
        EXPECT_EQ(to.receive(part, out).value(), part.size());
        in = in.subspan(part.size());
      }
      return out;
    };
    const Bytes second = deliver(*pair.listener, wire);
    const Bytes third = deliver(*pair.dialer, second);
    static_cast<void>(deliver(*pair.listener, third));
    EXPECT_TRUE(pair.dialer->finished() && pair.listener->finished());
    EXPECT_EQ(pair.dialer->remote_peer(), pair.listener_identity->peer_id());
    EXPECT_EQ(pair.listener->remote_peer(), pair.dialer_identity->peer_id());
  }
}

TEST(NoiseHandshake, GivenBytesBehindTheLastMessage_WhenFinished_ThenTheyAreLeftToTheChannel) {
  Pair pair;
  auto messages = pair.messages();
  messages[2].push_back(7);
  Bytes out;
  EXPECT_EQ(pair.listener->receive(messages[2], out).value(), messages[2].size() - 1);
}

TEST(NoiseHandshake, GivenAnotherPeerThanDialed_WhenItProvesItself_ThenRefused) {
  SeededRandom random(77);
  Pair pair(Identity::generate(KeyType::ed25519, random).peer_id());
  Bytes first;
  Bytes second;
  Bytes third;
  pair.dialer->start(first);
  ASSERT_TRUE(pair.listener->receive(first, second).has_value());
  const auto refused = pair.dialer->receive(second, third);
  EXPECT_EQ(refused.error().code, ErrorCode::refused);
  EXPECT_TRUE(third.empty());
}

TEST(NoiseHandshake, GivenOneByteChangedAnywhere_WhenReceived_ThenTheHandshakeFails) {
  const std::vector<Bytes> good = Pair().messages();
  for (std::size_t message = 1; message < 3; ++message) {
    for (std::size_t at = kLengthSize; at < good[message].size(); ++at) {
      Pair pair;
      Bytes first;
      Bytes second;
      Bytes third;
      pair.dialer->start(first);
      ASSERT_TRUE(pair.listener->receive(first, second).has_value());
      ASSERT_TRUE(message == 1 || pair.dialer->receive(second, third).has_value());
      Bytes changed = message == 1 ? second : third;
      ASSERT_EQ(changed, good[message]);
      changed[at] ^= 1;
      Bytes out;
      EXPECT_FALSE((message == 1 ? *pair.dialer : *pair.listener).receive(changed, out).has_value())
          << "message " << message + 1 << " byte " << at;
      EXPECT_TRUE(out.empty());
    }
  }
}

TEST(NoiseHandshake, GivenFramesOfWrongLength_WhenReceived_ThenRefused) {
  for (const char* frame : {"0000", "000101", "1001", "ffff"}) {
    Pair pair;
    Bytes out;
    Bytes in = test::unhex(frame);
    in.push_back(0);
    EXPECT_FALSE(pair.listener->receive(in, out).has_value()) << frame;
    EXPECT_TRUE(out.empty());
  }
  Pair pair;
  Bytes first;
  Bytes second;
  pair.dialer->start(first);
  ASSERT_TRUE(pair.listener->receive(first, second).has_value());
  second.pop_back();
  second[1] = static_cast<std::uint8_t>(second[1] - 1);
  EXPECT_FALSE(pair.dialer->receive(second, first).has_value()) << "truncated ciphertext";
}

TEST(NoiseHandshake, GivenPointsOfLowOrder_WhenReceived_ThenRefused) {
  for (const std::uint8_t low : {0, 1}) {
    Pair pair;
    Bytes frame(kLengthSize + 32, 0);
    frame[1] = 32;
    frame[kLengthSize] = low;
    Bytes out;
    EXPECT_EQ(pair.listener->receive(frame, out).error().code, ErrorCode::invalid);
  }
}

TEST(NoiseHandshake, GivenAnIdentityInTheFirstMessage_WhenReceived_ThenRefused) {
  Pair pair;
  Bytes frame;
  pair.dialer->start(frame);
  const ByteView payload = pair.dialer_noise->payload();
  frame.insert(frame.end(), payload.begin(), payload.end());
  frame[1] = static_cast<std::uint8_t>(frame.size() - kLengthSize);
  Bytes out;
  EXPECT_EQ(pair.listener->receive(frame, out).error().code, ErrorCode::invalid);
}

/// A dialer of ours that completes the key agreement and then shows any payload.
class PayloadDialer {
 public:
  explicit PayloadDialer(Random& random)
      : ephemeral_(crypto::X25519KeyPair::generate(random)),
        static_(crypto::X25519KeyPair::generate(random)) {}

  [[nodiscard]] Bytes signed_text() const {
    Bytes out = to_bytes(as_bytes("noise-libp2p-static-key:"));
    out.insert(out.end(), static_.public_key.begin(), static_.public_key.end());
    return out;
  }
  Result<> run(NoiseHandshake& listener, ByteView payload) {
    Bytes first = {0, 32};
    first.insert(first.end(), ephemeral_.public_key.begin(), ephemeral_.public_key.end());
    state_.mix_hash(ephemeral_.public_key);
    state_.mix_hash({});
    Bytes second;
    PRECONF_CHECK_OK(listener.receive(first, second));
    const ByteView remote_ephemeral = ByteView(second).subspan(2, 32);
    state_.mix_hash(remote_ephemeral);
    state_.mix_key(*crypto::x25519(ephemeral_.secret, remote_ephemeral));
    const auto remote_static = state_.decrypt_and_hash(ByteView(second).subspan(34, 48));
    state_.mix_key(*crypto::x25519(ephemeral_.secret, *remote_static));
    EXPECT_TRUE(state_.decrypt_and_hash(ByteView(second).subspan(82)).has_value());
    Bytes third(2);
    state_.encrypt_and_hash(static_.public_key, third);
    state_.mix_key(*crypto::x25519(static_.secret, remote_ephemeral));
    state_.encrypt_and_hash(payload, third);
    third[0] = static_cast<std::uint8_t>((third.size() - 2) >> 8);
    third[1] = static_cast<std::uint8_t>(third.size() - 2);
    Bytes nothing;
    PRECONF_CHECK_OK(listener.receive(third, nothing));
    return {};
  }

 private:
  NoiseSymmetricState state_;
  crypto::X25519KeyPair ephemeral_;
  crypto::X25519KeyPair static_;
};

Bytes payload_of(ByteView key, ByteView signature) {
  Bytes out;
  codec::ProtobufWriter writer(out);
  if (!key.empty()) writer.bytes(1, key);
  if (!signature.empty()) writer.bytes(2, signature);
  return out;
}

TEST(NoiseHandshake, GivenPayloads_WhenAListenerReadsThem_ThenOnlyAProvenIdentityPasses) {
  enum class Case { good, extension, trailing, truncated, no_signature, no_key, others_signature, rsa_key };
  for (const Case which : {Case::good, Case::extension, Case::trailing, Case::truncated, Case::no_signature,
                           Case::no_key, Case::others_signature, Case::rsa_key}) {
    Pair pair;
    SeededRandom random(5);
    PayloadDialer dialer(random);
    const Identity identity = Identity::generate(KeyType::ed25519, random);
    const Identity other = Identity::generate(KeyType::ed25519, random);
    const ByteView key = identity.public_key_protobuf();
    const Bytes signature = identity.sign(dialer.signed_text());
    Bytes payload = payload_of(key, signature);
    if (which == Case::extension) payload.insert(payload.end(), {0x22, 0x03, 0x12, 0x01, 'm'});
    if (which == Case::trailing) payload.push_back(0xff);
    if (which == Case::truncated) payload.pop_back();
    if (which == Case::no_signature) payload = payload_of(key, {});
    if (which == Case::no_key) payload = payload_of({}, signature);
    if (which == Case::others_signature) payload = payload_of(key, other.sign(dialer.signed_text()));
    if (which == Case::rsa_key) {
      Bytes rsa = to_bytes(key);
      rsa[1] = 0;
      payload = payload_of(rsa, signature);
    }
    const bool good = which == Case::good || which == Case::extension;
    EXPECT_EQ(dialer.run(*pair.listener, payload).has_value(), good) << static_cast<int>(which);
    EXPECT_EQ(pair.listener->finished(), good);
    EXPECT_EQ(pair.listener->remote_peer() == identity.peer_id(), good);
  }
}

class NoiseChannel : public testing::Test {
 protected:
  NoiseChannel() {
    FixedBytes<32> forward;
    FixedBytes<32> backward;
    forward.fill(1);
    backward.fill(2);
    sender_.emplace(forward, backward);
    receiver_.emplace(backward, forward);
  }
  Bytes sealed(std::size_t size, std::uint8_t fill) {
    Bytes out;
    sender_->append_sealed(Bytes(size, fill), out);
    return out;
  }
  std::optional<NoiseTransport> sender_;
  std::optional<NoiseTransport> receiver_;
  NoiseBuffers buffers_;
};

TEST_F(NoiseChannel, GivenFramesInAnySplit_WhenReceived_ThenEachPlaintextComesOnce) {
  Bytes wire;
  const std::size_t sizes[] = {0, 1, 500, 16'384, limits::kNoisePlaintext, 3};
  for (const std::size_t size : sizes) {
    const Bytes frame = sealed(size, static_cast<std::uint8_t>(size));
    wire.insert(wire.end(), frame.begin(), frame.end());
  }
  std::size_t count = 0;
  for (std::size_t at = 0, piece = 1; at < wire.size(); piece = piece * 3 + 1) {
    ByteView part = ByteView(wire).subspan(at, std::min(piece, wire.size() - at));
    at += part.size();
    for (;;) {
      auto plaintext = receiver_->next(part, buffers_);
      ASSERT_TRUE(plaintext.has_value());
      if (!*plaintext) break;
      ASSERT_LT(count, std::size(sizes));
      EXPECT_EQ((*plaintext)->size(), sizes[count]);
      EXPECT_TRUE(std::ranges::all_of(
          **plaintext, [&](std::uint8_t byte) { return byte == static_cast<std::uint8_t>(sizes[count]); }));
      ++count;
    }
    EXPECT_TRUE(part.empty());
  }
  EXPECT_EQ(count, std::size(sizes));
}

TEST_F(NoiseChannel, GivenAFrameSealedInPlace_WhenOpened_ThenItIsThePlaintext) {
  Bytes room(NoiseTransport::kOverhead + 5, 0);
  std::ranges::copy(as_bytes("hello"), room.begin() + NoiseTransport::kLengthSize);
  sender_->seal(room);
  EXPECT_EQ(as_text(opened(*receiver_, room, buffers_)), "hello");
}

TEST_F(NoiseChannel, GivenAReplayedFrame_WhenReceived_ThenItDoesNotAuthenticate) {
  const Bytes frame = sealed(10, 1);
  static_cast<void>(opened(*receiver_, frame, buffers_));
  ByteView again = frame;
  EXPECT_EQ(receiver_->next(again, buffers_).error().code, ErrorCode::bad_signature);
}

TEST_F(NoiseChannel, GivenShortOrChangedFrames_WhenReceived_ThenTheyAreRefused) {
  for (const char* frame : {"0000", "000100", "000f000000000000000000000000000000"}) {
    const Bytes bytes = test::unhex(frame);
    ByteView in = bytes;
    EXPECT_EQ(receiver_->next(in, buffers_).error().code, ErrorCode::malformed) << frame;
  }
  Bytes frame = sealed(10, 1);
  frame.back() ^= 1;
  ByteView in = frame;
  EXPECT_EQ(receiver_->next(in, buffers_).error().code, ErrorCode::bad_signature);
}

TEST_F(NoiseChannel, GivenAnUnfinishedFrame_WhenTheConnectionEnds_ThenItsBlockGoesBack) {
  const Bytes frame = sealed(100, 1);
  ByteView part = ByteView(frame).first(50);
  EXPECT_FALSE(receiver_->next(part, buffers_)->has_value());
  receiver_->release(buffers_);
  auto block = buffers_.take();
  auto another = buffers_.take();
  EXPECT_NE(block, nullptr);
  EXPECT_NE(block, another);
}

}  // namespace
}  // namespace libpreconf::libp2p
