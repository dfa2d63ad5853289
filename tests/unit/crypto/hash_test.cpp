#include "crypto/hash.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "libpreconf/base/hex.h"
#include "libpreconf/base/random.h"
#include "support/vectors.h"
#include "unit/crypto/naive_keccak.h"

namespace libpreconf::crypto {
namespace {

using test::unhex;

Bytes random_bytes(SeededRandom& random, std::size_t size) {
  Bytes out(size);
  random.fill(out);
  return out;
}

TEST(Keccak256, GivenKnownTexts_WhenHashed_ThenTheHashesAreEthereums) {
  EXPECT_EQ(to_hex_digits(keccak256(ByteView{})),
            "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  EXPECT_EQ(to_hex_digits(keccak256(as_bytes("abc"))),
            "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
  EXPECT_EQ(to_hex_digits(keccak256(as_bytes("Transfer(address,address,uint256)"))),
            "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
}

TEST(Keccak256, GivenTheNaiveSponge_WhenItRunsWithSha3sSuffix_ThenOpenSslAgreesWithIt) {
  SeededRandom random(1);
  for (const std::size_t size : {0U, 1U, 135U, 136U, 137U, 300U}) {
    const Bytes data = random_bytes(random, size);
    Hash256 expected;
    ASSERT_EQ(EVP_Q_digest(nullptr, "SHA3-256", nullptr, data.data(), data.size(), expected.data(), nullptr),
              1);
    EXPECT_EQ(test::naive_sponge(data, 0x06), expected);
  }
}

TEST(Keccak256, GivenEveryLengthAroundTheBlockSize_WhenHashed_ThenTheNaiveSpongeAgrees) {
  SeededRandom random(2);
  for (std::size_t size = 0; size <= 420; ++size) {
    const Bytes data = random_bytes(random, size);
    ASSERT_EQ(keccak256(data), test::naive_sponge(data, 0x01)) << size;
  }
}

TEST(Keccak256, GivenDataInPieces_WhenHashed_ThenTheHashIsThatOfTheWhole) {
  SeededRandom random(3);
  const Bytes data = random_bytes(random, 1000);
  for (std::size_t step = 1; step <= 300; step += 7) {
    Keccak256 hasher;
    for (std::size_t at = 0; at < data.size(); at += step) {
      hasher.update(ByteView(data).subspan(at, std::min(step, data.size() - at)));
    }
    ASSERT_EQ(hasher.finish(), keccak256(data)) << step;
  }
  EXPECT_EQ(keccak256({ByteView(data).first(10), ByteView{}, ByteView(data).subspan(10)}), keccak256(data));
}

TEST(Keccak256, GivenTheMessagesOfTheVectors_WhenHashed_ThenPreconfirmationHashAndDigestAreEqual) {
  const auto document = test::load_vectors("p2p-messages.json");
  json_t* cases = test::member(document.get(), "signed_commitments");
  ASSERT_EQ(json_array_size(cases), 4U);
  std::size_t index = 0;
  json_t* one = nullptr;
  json_array_foreach(cases, index, one) {
    EXPECT_EQ(Bytes(test::bytes_of(one, "preconfirmation_hash")),
              to_bytes(keccak256(test::bytes_of(one, "ssz_preconfirmation"))));
    EXPECT_EQ(test::bytes_of(one, "signing_digest"),
              to_bytes(keccak256(test::bytes_of(one, "signing_preimage"))));
  }
  json_t* list = test::member(document.get(), "raw_txlist");
  EXPECT_EQ(test::bytes_of(list, "rawTxListHash"), to_bytes(keccak256(test::bytes_of(list, "txlist"))));
}

TEST(Sha256, GivenKnownTexts_WhenHashed_ThenTheHashesAreThoseOfFips180) {
  EXPECT_EQ(to_hex_digits(sha256(ByteView{})),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex_digits(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256({as_bytes("a"), ByteView{}, as_bytes("bc")}), sha256(as_bytes("abc")));
}

TEST(HmacSha256, GivenTheCasesOfRfc4231_WhenComputed_ThenTheCodesAreEqual) {
  const Bytes first(20, 0x0b);
  EXPECT_EQ(to_hex_digits(hmac_sha256(first, {as_bytes("Hi There")})),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(
      to_hex_digits(hmac_sha256(as_bytes("Jefe"), {as_bytes("what do ya want "), as_bytes("for nothing?")})),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const Bytes longer_than_a_block(131, 0xaa);
  EXPECT_EQ(to_hex_digits(hmac_sha256(longer_than_a_block,
                                      {as_bytes("Test Using Larger Than Block-Size Key - Hash Key First")})),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, GivenNoKeyAfterAnotherKey_WhenComputed_ThenTheEarlierKeyIsNotUsed) {
  const Hash256 earlier = hmac_sha256(as_bytes("key"), {as_bytes("text")});
  const Hash256 without = hmac_sha256(ByteView{}, {as_bytes("text")});
  EXPECT_NE(earlier, without);
  // RFC 2104: a key is padded with zeros to the block size.
  EXPECT_EQ(without, hmac_sha256(Bytes(64, 0), {as_bytes("text")}));
}

TEST(Hkdf, GivenTheCasesOfRfc5869_WhenExpanded_ThenTheKeysAreEqual) {
  const Bytes input(22, 0x0b);
  Bytes out(42);
  hkdf_sha256(unhex("000102030405060708090a0b0c"), input, unhex("f0f1f2f3f4f5f6f7f8f9"), out);
  EXPECT_EQ(to_hex_digits(out),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  hkdf_sha256({}, input, {}, out);
  EXPECT_EQ(to_hex_digits(out),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, GivenALongerOutput_WhenExpanded_ThenItBeginsWithTheShorterOne) {
  const Bytes input(22, 0x0b);
  Bytes longest(255 * 32);
  Bytes shorter(33);
  hkdf_sha256(as_bytes("salt"), input, {}, longest);
  hkdf_sha256(as_bytes("salt"), input, {}, shorter);
  EXPECT_TRUE(equal(ByteView(longest).first(33), shorter));
}

TEST(Wipe, GivenASecret_WhenWiped_ThenItIsZero) {
  Bytes secret(40, 0xee);
  wipe(secret);
  EXPECT_EQ(secret, Bytes(40, 0));
}

}  // namespace
}  // namespace libpreconf::crypto
