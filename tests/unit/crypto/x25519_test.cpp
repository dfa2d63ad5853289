#include "crypto/x25519.h"

#include <gtest/gtest.h>

#include "libpreconf/base/hex.h"
#include "support/vectors.h"

namespace libpreconf::crypto {
namespace {

using test::unhex;

TEST(X25519, GivenTheFirstCaseOfRfc7748_WhenAgreed_ThenTheSharedSecretIsEqual) {
  const auto scalar =
      take_fixed<32>(unhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"));
  const Bytes point = unhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c");
  const auto shared = x25519(scalar, point);
  ASSERT_TRUE(shared);
  EXPECT_EQ(to_hex_digits(*shared), "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
}

TEST(X25519, GivenTheNoiseKeysOfTheVectors_WhenMadeFromTheirSecrets_ThenPublicKeysAreEqual) {
  const auto document = test::load_vectors("p2p-messages.json");
  json_t* noise = test::member(document.get(), "noise");
  for (const char* role : {"initiator", "responder"}) {
    json_t* side = test::member(noise, role);
    const auto pair = X25519KeyPair::from_secret(take_fixed<32>(test::bytes_of(side, "static_secret")));
    EXPECT_EQ(to_bytes(pair.public_key), test::bytes_of(side, "static_public"));
  }
  // The first handshake message is the initiator's ephemeral public key in a frame.
  const auto ephemeral = X25519KeyPair::from_secret(
      take_fixed<32>(test::bytes_of(test::member(noise, "initiator"), "ephemeral_secret")));
  EXPECT_TRUE(equal(ephemeral.public_key, ByteView(test::bytes_of(noise, "message1_frame")).subspan(2)));
}

TEST(X25519, GivenTwoGeneratedPairs_WhenAgreed_ThenBothSidesHoldTheSameSecret) {
  SeededRandom random(21);
  const auto alice = X25519KeyPair::generate(random);
  const auto bob = X25519KeyPair::generate(random);
  const auto shared = x25519(alice.secret, bob.public_key);
  ASSERT_TRUE(shared);
  EXPECT_EQ(shared, x25519(bob.secret, alice.public_key));
  EXPECT_NE(alice.public_key, bob.public_key);
}

TEST(X25519, GivenAPointOfLowOrder_WhenAgreed_ThenThereIsNoSecret) {
  SeededRandom random(22);
  const auto pair = X25519KeyPair::generate(random);
  const char* const points[] = {"0000000000000000000000000000000000000000000000000000000000000000",
                                "0100000000000000000000000000000000000000000000000000000000000000",
                                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                                "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"};
  for (const char* point : points) EXPECT_FALSE(x25519(pair.secret, unhex(point))) << point;
}

TEST(X25519, GivenAPublicKeyOfAnotherLength_WhenAgreed_ThenThereIsNoSecret) {
  SeededRandom random(23);
  const auto pair = X25519KeyPair::generate(random);
  EXPECT_FALSE(x25519(pair.secret, Bytes(31, 9)));
  EXPECT_FALSE(x25519(pair.secret, Bytes(33, 9)));
}

}  // namespace
}  // namespace libpreconf::crypto
