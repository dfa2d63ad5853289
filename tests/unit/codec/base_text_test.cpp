#include <gtest/gtest.h>

#include "codec/base58.h"
#include "codec/base64.h"
#include "libpreconf/base/random.h"
#include "support/vectors.h"

namespace libpreconf::codec {
namespace {

using test::unhex;

TEST(Base58, GivenThePeerIdsOfTheVectors_WhenEncodedAndDecoded_ThenTheyAreEqual) {
  const auto document = test::load_vectors("p2p-messages.json");
  json_t* identities = test::member(document.get(), "identity");
  ASSERT_EQ(json_array_size(identities), 3U);
  std::size_t index = 0;
  json_t* one = nullptr;
  json_array_foreach(identities, index, one) {
    const Bytes bytes = test::bytes_of(one, "peer_id_bytes");
    const std::string text = test::text_of(one, "peer_id_base58");
    EXPECT_EQ(base58_encode(bytes), text);
    EXPECT_EQ(base58_decode(text).value(), bytes);
  }
}

TEST(Base58, GivenLeadingZeros_WhenEncodedAndDecoded_ThenEachIsAOne) {
  EXPECT_EQ(base58_encode({}), "");
  EXPECT_EQ(base58_encode(unhex("0000")), "11");
  EXPECT_EQ(base58_encode(unhex("000061")), "112g");
  EXPECT_EQ(base58_decode("112g").value(), unhex("000061"));
  EXPECT_EQ(base58_encode(as_bytes("Hello World!")), "2NEpo7TZRRrLZSi2U");
}

TEST(Base58, GivenCharactersOutsideTheAlphabet_WhenDecoded_ThenTheErrorNamesThePlace) {
  for (const char* text : {"0", "O", "I", "l", "1+", " 1", "\xff"}) {
    EXPECT_EQ(base58_decode(text).error().code, ErrorCode::malformed) << text;
  }
  EXPECT_NE(base58_decode("112l").error().message.find("position 3"), std::string::npos);
}

TEST(Base58, GivenTooMuch_WhenEncodedOrDecoded_ThenItIsRefusedBeforeTheQuadraticWork) {
  EXPECT_EQ(base58_decode(std::string(181, '2')).error().code, ErrorCode::too_large);
  EXPECT_EQ(base58_decode(std::string(180, 'z')).error().code, ErrorCode::too_large);  // 132 bytes
  EXPECT_EQ(base58_encode(Bytes(129, 1)), "");
  const Bytes longest(128, 0xff);
  EXPECT_EQ(base58_decode(base58_encode(longest)).value(), longest);
}

TEST(Base64, GivenTheCasesOfRfc4648_WhenEncodedAndDecoded_ThenTheyAreEqual) {
  const char* const cases[][2] = {{"", ""},
                                  {"f", "Zg=="},
                                  {"fo", "Zm8="},
                                  {"foo", "Zm9v"},
                                  {"foob", "Zm9vYg=="},
                                  {"fooba", "Zm9vYmE="},
                                  {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : cases) {
    EXPECT_EQ(base64_encode(as_bytes(plain)), encoded);
    EXPECT_EQ(base64_decode(encoded, 100).value(), to_bytes(as_bytes(plain)));
  }
  EXPECT_EQ(base64_encode(unhex("fbff")), "+/8=");
  EXPECT_EQ(base64url_encode(unhex("fbff")), "-_8");
  EXPECT_EQ(base64url_decode("-_8", 100).value(), unhex("fbff"));
}

TEST(Base64, GivenTextThatIsNotStrict_WhenDecoded_ThenMalformed) {
  for (const char* text :
       {"Zg", "Zg=", "Z===", "====", "Zg==\n", " Zg==", "Zh==", "Zm9=", "Z=g=", "Zg-=", "=Zg="}) {
    EXPECT_EQ(base64_decode(text, 100).error().code, ErrorCode::malformed) << text;
  }
  for (const char* text : {"Zg==", "Z", "Zh", "+_8", "Zm9vY"}) {
    EXPECT_EQ(base64url_decode(text, 100).error().code, ErrorCode::malformed) << text;
  }
}

TEST(Base64, GivenMoreThanTheLimit_WhenDecoded_ThenTooLarge) {
  EXPECT_TRUE(base64_decode("Zm9v", 3));
  EXPECT_EQ(base64_decode("Zm9v", 2).error().code, ErrorCode::too_large);
  EXPECT_TRUE(base64_decode("Zm8=", 2));
  EXPECT_EQ(base64url_decode("Zm9vYg", 3).error().code, ErrorCode::too_large);
}

TEST(Base64, GivenRandomBytesOfEachLength_WhenEncodedAndDecoded_ThenTheyAreTheSame) {
  SeededRandom random(41);
  for (std::size_t size = 0; size < 100; ++size) {
    Bytes bytes(size);
    random.fill(bytes);
    EXPECT_EQ(base64_decode(base64_encode(bytes), 100).value(), bytes);
    EXPECT_EQ(base64url_decode(base64url_encode(bytes), 100).value(), bytes);
  }
}

}  // namespace
}  // namespace libpreconf::codec
