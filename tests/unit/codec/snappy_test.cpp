#include "codec/snappy.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "support/vectors.h"

namespace libpreconf::codec {
namespace {

using test::unhex;

// p2p-wire 7.4: what later Kona allows, and we with it.
constexpr std::size_t kMax = 10 * 1024 * 1024;

bool valid(std::string_view hex) {
  return snappy_is_valid(unhex(hex), kMax);
}

// The id rule, for the verdict's sake; the product's own stands in libp2p/.
Bytes id_of(ByteView data) {
  const auto content = snappy_decompress(data, kMax);
  const Bytes domain = {static_cast<std::uint8_t>(content ? 1 : 0), 0, 0, 0};
  const Hash256 hash = crypto::sha256({domain, content ? ByteView(*content) : data});
  return {hash.begin(), hash.begin() + 20};
}

TEST(Snappy, GivenTheMessageIdsOfThreeImplementations_WhenJudged_ThenEveryVerdictAndIdIsEqual) {
  const auto document = test::load_vectors("message-ids.json");
  json_t* cases = test::member(document.get(), "cases");
  ASSERT_EQ(json_array_size(cases), 152U);
  std::size_t valid_blocks = 0;
  std::size_t index = 0;
  json_t* one = nullptr;
  json_array_foreach(cases, index, one) {
    const Bytes data = test::bytes_of(one, "data");
    const bool expected = json_is_true(test::member(one, "snappy"));
    EXPECT_EQ(snappy_is_valid(data, kMax), expected) << index;
    EXPECT_EQ(id_of(data), test::bytes_of(one, "id")) << index;
    valid_blocks += expected ? 1 : 0;
  }
  EXPECT_GT(valid_blocks, 0U);
  EXPECT_LT(valid_blocks, 152U);
}

TEST(Snappy, GivenTheMessageIdsOfTheWireBook_WhenJudged_ThenEveryVerdictAndIdIsEqual) {
  const auto document = test::load_vectors("p2p-messages.json");
  json_t* cases = test::member(document.get(), "message_id");
  ASSERT_EQ(json_array_size(cases), 8U);
  std::size_t index = 0;
  json_t* one = nullptr;
  json_array_foreach(cases, index, one) {
    SCOPED_TRACE(test::text_of(one, "name"));
    const Bytes data = test::bytes_of(one, "data");
    EXPECT_EQ(snappy_is_valid(data, kMax), json_is_true(test::member(one, "snappy_valid")));
    EXPECT_EQ(id_of(data), test::bytes_of(one, "id"));
  }
}

TEST(Snappy, GivenEachKindOfElement_WhenDecompressed_ThenTheContentIsRight) {
  EXPECT_EQ(snappy_decompress(unhex("05100102030405"), kMax), unhex("0102030405"));
  // Literal "ab", then four bytes from two back, one-byte form.
  EXPECT_EQ(snappy_decompress(unhex("060461620102"), kMax), to_bytes(as_bytes("ababab")));
  // The same by the two-byte and the four-byte form.
  EXPECT_EQ(snappy_decompress(unhex("060461620e0200"), kMax), to_bytes(as_bytes("ababab")));
  EXPECT_EQ(snappy_decompress(unhex("060461620f02000000"), kMax), to_bytes(as_bytes("ababab")));
  EXPECT_EQ(snappy_decompress(unhex("00"), kMax), Bytes{});
}

TEST(Snappy, GivenALiteralWithALengthByte_WhenFewerThanFourBytesFollow_ThenItIsInvalidThoughItCouldBeRead) {
  EXPECT_FALSE(valid("01f000aa"));        // tag 60, length 1: two bytes follow the tag
  EXPECT_FALSE(valid("02f001aabb"));      // three bytes follow
  EXPECT_TRUE(valid("03f002aabbcc"));     // four
  EXPECT_TRUE(valid("02f40100aabb"));     // tag 61
  EXPECT_TRUE(valid("01f8000000aa"));     // tag 62
  EXPECT_TRUE(valid("01fc00000000aa"));   // tag 63
  EXPECT_FALSE(valid("01fcffffffffaa"));  // 4 GiB of literal
}

TEST(Snappy, GivenBrokenBlocks_WhenJudged_ThenTheyAreInvalid) {
  EXPECT_FALSE(valid(""));                  // nothing
  EXPECT_FALSE(valid("80"));                // a length that does not end
  EXPECT_FALSE(valid("05"));                // content missing
  EXPECT_FALSE(valid("0500"));              // a literal that ends early
  EXPECT_FALSE(valid("0410010203040506"));  // more content than declared
  EXPECT_FALSE(valid("060461620103"));      // a copy from before the start
  EXPECT_FALSE(valid("060461620100"));      // a copy from offset 0
  EXPECT_FALSE(valid("050461620102"));      // a copy beyond the declared length
  EXPECT_FALSE(valid("0604616201"));        // a copy without its offset
  EXPECT_FALSE(valid("060461620e02"));      // half an offset
  EXPECT_FALSE(valid("060461620f020000"));
  EXPECT_FALSE(valid("0001"));  // elements after an empty content
}

TEST(Snappy, GivenALengthInALongerForm_WhenJudged_ThenTheCratesVerdictHolds) {
  EXPECT_TRUE(valid("858000100102030405"));
  EXPECT_TRUE(valid("80808080808080808000"));
  // The tenth byte's bits beyond the 64th fall off in the crate.
  EXPECT_TRUE(valid("80808080808080808002"));
  EXPECT_FALSE(valid("80808080808080808001"));
  EXPECT_FALSE(valid("8080808080808080808000"));
}

TEST(Snappy, GivenADeclaredLengthOverTheMaximum_WhenJudged_ThenItIsInvalidBeforeAnyElementIsRead) {
  const Bytes block = unhex("05100102030405");
  EXPECT_TRUE(snappy_is_valid(block, 5));
  EXPECT_FALSE(snappy_is_valid(block, 4));
  EXPECT_EQ(snappy_declared_length(block, 5), 5U);
  EXPECT_FALSE(snappy_declared_length(block, 4));
  EXPECT_FALSE(snappy_decompress(unhex("ffffffff0f00"), kMax));
  EXPECT_EQ(snappy_declared_length(unhex("ffffffff0f"), ~std::size_t{0}), 0xffffffffU);
  EXPECT_FALSE(snappy_declared_length(unhex("8080808010"), ~std::size_t{0}));
}

TEST(Snappy, GivenAPatternThatRepeats_WhenDecompressed_ThenOverlappingCopiesRepeatIt) {
  // "abc", then 64 bytes from three back, three times.
  Bytes block = unhex(
      "c301"
      "08616263");
  for (int i = 0; i < 3; ++i) {
    const Bytes copy = unhex("fe0300");
    block.insert(block.end(), copy.begin(), copy.end());
  }
  const auto content = snappy_decompress(block, kMax);
  ASSERT_TRUE(content);
  ASSERT_EQ(content->size(), 195U);
  for (std::size_t i = 0; i < content->size(); ++i) EXPECT_EQ((*content)[i], "abc"[i % 3]) << i;
}

}  // namespace
}  // namespace libpreconf::codec
