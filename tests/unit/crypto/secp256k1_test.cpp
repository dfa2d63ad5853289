#include "crypto/secp256k1.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "libpreconf/base/hex.h"
#include "support/vectors.h"

namespace libpreconf::crypto {
namespace {

using test::unhex;

constexpr const char* kOrder = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

Secp256k1Key key_of(std::uint8_t repeated) {
  return Secp256k1Key::from_bytes(Bytes(32, repeated)).value();
}

TEST(Secp256k1, GivenTheSignedCommitments_WhenSignedAndRecovered_ThenBytesAndSignersAreEqual) {
  const auto document = test::load_vectors("p2p-messages.json");
  json_t* cases = test::member(document.get(), "signed_commitments");
  ASSERT_EQ(json_array_size(cases), 4U);
  std::size_t index = 0;
  json_t* one = nullptr;
  json_array_foreach(cases, index, one) {
    const Hash256 digest = take_fixed<32>(test::bytes_of(one, "signing_digest"));
    const Bytes expected = test::bytes_of(one, "signature");
    const Address signer = take_fixed<20>(test::bytes_of(one, "signer"));
    const auto key = Secp256k1Key::from_bytes(test::bytes_of(one, "privateKey"));
    ASSERT_TRUE(key);
    EXPECT_EQ(to_bytes(key->sign_recoverable(digest)), expected);
    EXPECT_EQ(key->address(), signer);
    EXPECT_EQ(recover_address(digest, expected), signer);
    EXPECT_TRUE(has_low_s(expected));
  }
}

TEST(Secp256k1, GivenTheSignatureEdgeCases_WhenRecovered_ThenTheVerdictsAreThoseOfTheVectors) {
  const auto document = test::load_vectors("p2p-messages.json");
  json_t* cases = test::member(document.get(), "signature_edge_cases");
  ASSERT_EQ(json_array_size(cases), 8U);
  std::size_t index = 0;
  json_t* one = nullptr;
  json_array_foreach(cases, index, one) {
    SCOPED_TRACE(test::text_of(one, "name"));
    const auto recovered =
        recover_address(take_fixed<32>(test::bytes_of(one, "digest")), test::bytes_of(one, "signature"));
    json_t* result = test::member(one, "result");
    ASSERT_EQ(recovered.has_value(), !json_is_null(result));
    if (recovered) {
      EXPECT_EQ(to_bytes(*recovered), test::bytes_of(result));
    }
  }
}

TEST(Secp256k1, GivenASignature_WhenTurnedIntoItsOtherForm_ThenItIsTheVectorsHighSAndHasTheSameSigner) {
  const auto document = test::load_vectors("p2p-messages.json");
  json_t* cases = test::member(document.get(), "signature_edge_cases");
  const Bytes low = test::bytes_of(json_array_get(cases, 0), "signature");
  const Bytes high = test::bytes_of(json_array_get(cases, 1), "signature");
  const auto other = other_form(low);
  ASSERT_TRUE(other);
  EXPECT_EQ(to_bytes(*other), high);
  EXPECT_FALSE(has_low_s(high));
  EXPECT_EQ(to_bytes(other_form(high).value()), low);
}

TEST(Secp256k1, GivenASignatureThatCannotBe_WhenAskedForItsOtherForm_ThenThereIsNone) {
  Bytes signature = to_bytes(key_of(7).sign_recoverable(sha256(as_bytes("x"))));
  Bytes wrong_v = signature;
  wrong_v[64] = 4;
  EXPECT_FALSE(other_form(wrong_v));
  Bytes zero_s = signature;
  std::fill(zero_s.begin() + 32, zero_s.begin() + 64, std::uint8_t{0});
  EXPECT_FALSE(other_form(zero_s));
  Bytes large_r = signature;
  const Bytes order = unhex(kOrder);
  std::copy(order.begin(), order.end(), large_r.begin());
  EXPECT_FALSE(other_form(large_r));
  EXPECT_FALSE(other_form(ByteView(signature).first(64)));
}

TEST(Secp256k1, GivenSAroundHalfTheOrder_WhenJudged_ThenTheHalfItselfIsLow) {
  Bytes signature(65, 1);
  const Bytes half = unhex("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");
  std::copy(half.begin(), half.end(), signature.begin() + 32);
  EXPECT_TRUE(has_low_s(signature));
  signature[63] += 1;
  EXPECT_FALSE(has_low_s(signature));
  EXPECT_FALSE(has_low_s(ByteView(signature).first(64)));
}

TEST(Secp256k1, GivenASignatureOfAnotherLength_WhenRecovered_ThenThereIsNoSigner) {
  const Hash256 digest = sha256(as_bytes("x"));
  const Bytes signature = to_bytes(key_of(7).sign_recoverable(digest));
  EXPECT_TRUE(recover_address(digest, signature));
  EXPECT_FALSE(recover_address(digest, ByteView(signature).first(64)));
  EXPECT_FALSE(recover_address(digest, ByteView{}));
}

TEST(Secp256k1, GivenBytesThatAreNoKey_WhenRead_ThenTheErrorSaysWhy) {
  EXPECT_EQ(Secp256k1Key::from_bytes(Bytes(31, 1)).error().code, ErrorCode::malformed);
  EXPECT_EQ(Secp256k1Key::from_bytes(Bytes(32, 0)).error().code, ErrorCode::invalid);
  EXPECT_EQ(Secp256k1Key::from_bytes(unhex(kOrder)).error().code, ErrorCode::invalid);
}

TEST(Secp256k1, GivenTheIdentityOfTheVectors_WhenItsPublicKeyIsMade_ThenItIsEqual) {
  const auto document = test::load_vectors("p2p-messages.json");
  json_t* identity = json_array_get(test::member(document.get(), "identity"), 2);
  const auto key = Secp256k1Key::from_bytes(test::bytes_of(identity, "private_key"));
  ASSERT_TRUE(key);
  EXPECT_EQ(to_bytes(key->public_key_compressed()), test::bytes_of(identity, "public_key"));
}

TEST(Secp256k1, GivenADerSignature_WhenVerified_ThenOnlyTheRightDigestAndKeyPass) {
  const Secp256k1Key key = key_of(0x33);
  const Hash256 digest = sha256(as_bytes("message"));
  const Bytes der = key.sign_der(digest);
  const auto public_key = key.public_key_compressed();
  EXPECT_TRUE(verify_der(public_key, digest, der));
  EXPECT_FALSE(verify_der(public_key, sha256(as_bytes("massage")), der));
  EXPECT_FALSE(verify_der(key_of(0x34).public_key_compressed(), digest, der));
  EXPECT_FALSE(verify_der(public_key, digest, ByteView(der).first(der.size() - 1)));
  EXPECT_FALSE(verify_der(public_key, digest, ByteView{}));
  EXPECT_FALSE(verify_der(ByteView{}, digest, der));
}

TEST(Secp256k1, GivenADerSignatureWithHighS_WhenVerified_ThenItPasses) {
  const Secp256k1Key key = key_of(0x33);
  const Hash256 digest = sha256(as_bytes("message"));
  const auto high = other_form(key.sign_recoverable(digest));
  ASSERT_TRUE(high);
  // SEQUENCE of two INTEGERs; a leading zero byte where the top bit is set.
  Bytes integers;
  for (const std::size_t at : {0U, 32U}) {
    const bool padded = ((*high)[at] & 0x80) != 0;
    integers.push_back(0x02);
    integers.push_back(padded ? 33 : 32);
    if (padded) integers.push_back(0);
    integers.insert(integers.end(), high->begin() + at, high->begin() + at + 32);
  }
  Bytes der = {0x30, static_cast<std::uint8_t>(integers.size())};
  der.insert(der.end(), integers.begin(), integers.end());
  EXPECT_TRUE(verify_der(key.public_key_compressed(), digest, der));
}

TEST(Secp256k1, GivenPublicKeys_WhenJudged_ThenOnlyPointsOfTheCurveAreValid) {
  const Secp256k1Key key = key_of(7);
  const auto compressed = key.public_key_compressed();
  EXPECT_TRUE(is_valid_public_key(compressed));
  EXPECT_EQ(address_of(compressed), key.address());
  EXPECT_FALSE(is_valid_public_key(ByteView(compressed).first(32)));
  FixedBytes<33> off_curve{};
  off_curve[0] = 2;
  off_curve[32] = 5;  // x = 5: no y on the curve
  EXPECT_FALSE(is_valid_public_key(off_curve));
  EXPECT_FALSE(address_of(off_curve));
  EXPECT_FALSE(address_of(ByteView{}));
}

TEST(Secp256k1, GivenAMovedKey_WhenTheSourceIsLookedAt_ThenItIsWiped) {
  Secp256k1Key key = key_of(9);
  const Secp256k1Key copy = key.clone();
  const Secp256k1Key moved = std::move(key);
  EXPECT_TRUE(equal(moved.secret(), copy.secret()));
  EXPECT_TRUE(equal(key.secret(), Bytes(32, 0)));  // NOLINT(bugprone-use-after-move)
}

TEST(Secp256k1, GivenASeed_WhenKeysAreGenerated_ThenTheSeedDecidesThem) {
  SeededRandom first(5);
  SeededRandom second(5);
  EXPECT_EQ(Secp256k1Key::generate(first).address(), Secp256k1Key::generate(second).address());
  EXPECT_NE(Secp256k1Key::generate(first).address(), key_of(7).address());
}

}  // namespace
}  // namespace libpreconf::crypto
