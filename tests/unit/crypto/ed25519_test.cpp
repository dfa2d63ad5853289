#include "crypto/ed25519.h"

#include <gtest/gtest.h>

#include "libpreconf/base/hex.h"
#include "support/vectors.h"

namespace libpreconf::crypto {
namespace {

using test::unhex;

TEST(Ed25519, GivenTheFirstCaseOfRfc8032_WhenSigned_ThenKeyAndSignatureAreEqual) {
  const auto seed = take_fixed<32>(unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  const Ed25519Key key = Ed25519Key::from_seed(seed);
  EXPECT_EQ(to_hex_digits(key.public_key()),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(
      to_hex_digits(key.sign({})),
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd2"
      "5bf5f0595bbe24655141438e7a100b");
  EXPECT_TRUE(ed25519_verify(key.public_key(), {}, key.sign({})));
}

TEST(Ed25519, GivenTheIdentitiesOfTheVectors_WhenKeysAreMade_ThenNoiseIdentitySignaturesAreEqual) {
  const auto document = test::load_vectors("p2p-messages.json");
  json_t* identities = test::member(document.get(), "identity");
  json_t* noise = test::member(document.get(), "noise");
  std::size_t index = 0;
  for (const char* role : {"initiator", "responder"}) {
    json_t* identity = json_array_get(identities, index++);
    json_t* side = test::member(noise, role);
    const Ed25519Key key = Ed25519Key::from_seed(take_fixed<32>(test::bytes_of(identity, "seed")));
    EXPECT_EQ(to_bytes(key.public_key()), test::bytes_of(identity, "public_key"));
    Bytes signed_text = to_bytes(as_bytes("noise-libp2p-static-key:"));
    const Bytes static_key = test::bytes_of(side, "static_public");
    signed_text.insert(signed_text.end(), static_key.begin(), static_key.end());
    const Bytes signature = test::bytes_of(side, "identity_sig");
    EXPECT_EQ(to_bytes(key.sign(signed_text)), signature);
    EXPECT_TRUE(ed25519_verify(key.public_key(), signed_text, signature));
  }
}

TEST(Ed25519, GivenOneWrongBit_WhenVerified_ThenItFails) {
  SeededRandom random(11);
  const Ed25519Key key = Ed25519Key::generate(random);
  const Bytes message = to_bytes(as_bytes("message"));
  const auto signature = key.sign(message);
  ASSERT_TRUE(ed25519_verify(key.public_key(), message, signature));
  for (const std::size_t at : {0U, 31U, 32U, 63U}) {
    auto broken = signature;
    broken[at] ^= 1;
    EXPECT_FALSE(ed25519_verify(key.public_key(), message, broken)) << at;
  }
  EXPECT_FALSE(ed25519_verify(key.public_key(), as_bytes("massage"), signature));
  EXPECT_FALSE(ed25519_verify(Ed25519Key::generate(random).public_key(), message, signature));
}

TEST(Ed25519, GivenKeysOrSignaturesOfAnotherLength_WhenVerified_ThenItFails) {
  SeededRandom random(12);
  const Ed25519Key key = Ed25519Key::generate(random);
  const auto signature = key.sign({});
  const auto public_key = key.public_key();
  EXPECT_FALSE(ed25519_verify(ByteView(public_key).first(31), {}, signature));
  EXPECT_FALSE(ed25519_verify(public_key, {}, ByteView(signature).first(63)));
  EXPECT_FALSE(ed25519_verify({}, {}, {}));
}

TEST(Ed25519, GivenLibp2psSixtyFourBytes_WhenRead_ThenTheHalvesMustBelongTogether) {
  SeededRandom random(13);
  const Ed25519Key key = Ed25519Key::generate(random);
  Bytes bytes = to_bytes(key.secret64());
  const auto again = Ed25519Key::from_bytes(bytes);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->public_key(), key.public_key());
  bytes[63] ^= 1;
  EXPECT_EQ(Ed25519Key::from_bytes(bytes).error().code, ErrorCode::invalid);
  bytes.pop_back();
  EXPECT_EQ(Ed25519Key::from_bytes(bytes).error().code, ErrorCode::malformed);
}

TEST(Ed25519, GivenAMovedKey_WhenTheSourceIsLookedAt_ThenItIsWiped) {
  SeededRandom random(14);
  Ed25519Key key = Ed25519Key::generate(random);
  const Ed25519Key copy = key.clone();
  const Ed25519Key moved = std::move(key);
  EXPECT_TRUE(equal(moved.secret64(), copy.secret64()));
  EXPECT_TRUE(equal(key.secret64(), Bytes(64, 0)));  // NOLINT(bugprone-use-after-move)
}

}  // namespace
}  // namespace libpreconf::crypto
