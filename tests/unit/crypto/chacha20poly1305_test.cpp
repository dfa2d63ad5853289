#include "crypto/chacha20poly1305.h"

#include <gtest/gtest.h>

#include "libpreconf/base/hex.h"
#include "libpreconf/base/random.h"
#include "support/vectors.h"

namespace libpreconf::crypto {
namespace {

using test::unhex;

FixedBytes<32> some_key() {
  return take_fixed<32>(Bytes(32, 0x42));
}

Bytes sealed(ChaCha20Poly1305& cipher, std::uint64_t nonce, ByteView associated, ByteView plaintext) {
  Bytes out(plaintext.size() + ChaCha20Poly1305::kTagSize);
  cipher.seal(nonce, associated, plaintext, out);
  return out;
}

TEST(ChaCha20Poly1305, GivenTheCaseOfRfc8439A5_WhenSealed_ThenTheTagIsEqual) {
  const Bytes plaintext = to_bytes(as_bytes(
      "Internet-Drafts are draft documents valid for a maximum of six months and may be updated, replaced, "
      "or "
      "obsoleted by other documents at any time. It is inappropriate to use Internet-Drafts as reference "
      "material or to cite them other than as /\xe2\x80\x9cwork in progress./\xe2\x80\x9d"));
  ASSERT_EQ(plaintext.size(), 265U);
  ChaCha20Poly1305 cipher(
      take_fixed<32>(unhex("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0")));
  const Bytes out = sealed(cipher, 0x0807060504030201, unhex("f33388860000000000004e91"), plaintext);
  EXPECT_EQ(to_hex_digits(ByteView(out).first(16)), "64a0861575861af460f062c79be643bd");
  EXPECT_EQ(to_hex_digits(ByteView(out).last(16)), "eead9d67890cbb22392336fea1851f38");
}

TEST(ChaCha20Poly1305, GivenTheTransportFramesOfTheVectors_WhenSealedAndOpened_ThenBothDirectionsAreEqual) {
  const auto document = test::load_vectors("p2p-messages.json");
  json_t* noise = test::member(document.get(), "noise");
  ChaCha20Poly1305 forward(take_fixed<32>(test::bytes_of(noise, "key_initiator_to_responder")));
  ChaCha20Poly1305 backward(take_fixed<32>(test::bytes_of(noise, "key_responder_to_initiator")));
  json_t* frames = test::member(noise, "transport");
  ASSERT_EQ(json_array_size(frames), 3U);
  std::size_t index = 0;
  json_t* one = nullptr;
  json_array_foreach(frames, index, one) {
    ChaCha20Poly1305& cipher = test::text_of(one, "direction") == "i->r" ? forward : backward;
    const auto nonce = static_cast<std::uint64_t>(json_integer_value(test::member(one, "nonce")));
    const Bytes plaintext = test::bytes_of(one, "plaintext");
    const Bytes frame = test::bytes_of(one, "frame");
    const ByteView ciphertext = ByteView(frame).subspan(2);
    EXPECT_TRUE(equal(sealed(cipher, nonce, {}, plaintext), ciphertext));
    Bytes opened(plaintext.size());
    EXPECT_TRUE(cipher.open(nonce, {}, ciphertext, opened));
    EXPECT_EQ(opened, plaintext);
  }
}

TEST(ChaCha20Poly1305, GivenABufferThatIsItsOwnTarget_WhenSealedAndOpened_ThenItIsTheSameText) {
  SeededRandom random(31);
  ChaCha20Poly1305 cipher(some_key());
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 255U, 256U, 257U, 4096U, 65519U}) {
    Bytes text(size);
    random.fill(text);
    const Bytes elsewhere = sealed(cipher, size, as_bytes("associated"), text);
    Bytes buffer = text;
    buffer.resize(size + ChaCha20Poly1305::kTagSize);
    cipher.seal(size, as_bytes("associated"), ByteView(buffer).first(size), buffer);
    EXPECT_EQ(buffer, elsewhere);
    EXPECT_TRUE(cipher.open(size, as_bytes("associated"), buffer, MutableByteView(buffer).first(size)));
    EXPECT_TRUE(equal(ByteView(buffer).first(size), text));
  }
}

TEST(ChaCha20Poly1305, GivenAnyChangedPart_WhenOpened_ThenItFailsAndTheNextGoodMessageStillOpens) {
  ChaCha20Poly1305 sender(some_key());
  ChaCha20Poly1305 receiver(some_key());
  const Bytes text(33, 7);
  const Bytes message = sealed(sender, 5, as_bytes("ad"), text);
  Bytes out(33);
  for (const std::size_t at : {0U, 32U, 33U, 48U}) {
    Bytes broken = message;
    broken[at] ^= 1;
    EXPECT_FALSE(receiver.open(5, as_bytes("ad"), broken, out)) << at;
  }
  EXPECT_FALSE(receiver.open(6, as_bytes("ad"), message, out));
  EXPECT_FALSE(receiver.open(5, as_bytes("da"), message, out));
  EXPECT_FALSE(receiver.open(5, {}, message, out));
  EXPECT_TRUE(receiver.open(5, as_bytes("ad"), message, out));
  EXPECT_EQ(out, text);
}

TEST(ChaCha20Poly1305, GivenLessThanATag_WhenOpened_ThenItFails) {
  ChaCha20Poly1305 cipher(some_key());
  EXPECT_FALSE(cipher.open(0, {}, Bytes(15, 0), {}));
  EXPECT_FALSE(cipher.open(0, {}, {}, {}));
}

TEST(ChaCha20Poly1305, GivenAMovedCipher_WhenUsed_ThenItHoldsTheKey) {
  ChaCha20Poly1305 first(some_key());
  const Bytes expected = sealed(first, 1, {}, as_bytes("text"));
  ChaCha20Poly1305 second(std::move(first));
  EXPECT_EQ(sealed(second, 1, {}, as_bytes("text")), expected);
}

}  // namespace
}  // namespace libpreconf::crypto
