#include "codec/rlp.h"

#include <gtest/gtest.h>

#include "support/vectors.h"

namespace libpreconf::codec {
namespace {

using test::unhex;

bool is_refused(std::string_view hex) {
  const Bytes input = unhex(hex);
  return !RlpReader{ByteView(input)}.item();
}

Bytes list_of(const std::vector<std::string>& words) {
  RlpBuilder builder;
  for (const std::string& word : words) builder.string(as_bytes(word));
  return builder.finish_list();
}

TEST(Rlp, GivenTheExamplesOfTheYellowPaper_WhenEncoded_ThenBytesAreEqual) {
  EXPECT_EQ(rlp_string(as_bytes("dog")), unhex("83646f67"));
  EXPECT_EQ(list_of({"cat", "dog"}), unhex("c88363617483646f67"));
  EXPECT_EQ(rlp_string({}), unhex("80"));
  EXPECT_EQ(RlpBuilder().finish_list(), unhex("c0"));
  EXPECT_EQ(rlp_string(unhex("00")), unhex("00"));
  EXPECT_EQ(rlp_string(unhex("7f")), unhex("7f"));
  EXPECT_EQ(rlp_string(unhex("80")), unhex("8180"));
  const Bytes lorem = rlp_string(as_bytes("Lorem ipsum dolor sit amet, consectetur adipisicing elit"));
  EXPECT_EQ(lorem[0], 0xb8);
  EXPECT_EQ(lorem[1], 56);
}

TEST(Rlp, GivenIntegers_WhenEncoded_ThenTheyHaveNoLeadingZeros) {
  RlpBuilder builder;
  builder.integer(0);
  builder.integer(15);
  builder.integer(1024);
  builder.integer(U256::max());
  EXPECT_EQ(builder.finish_sequence(), unhex("80"
                                             "0f"
                                             "820400"
                                             "a0" +
                                             std::string(64, 'f')));
}

TEST(Rlp, GivenPayloadsAroundEachHeaderSize_WhenEncodedAndRead_ThenTheyAreTheSame) {
  for (const std::size_t size : {0U, 1U, 2U, 55U, 56U, 255U, 256U, 65535U, 65536U}) {
    const Bytes value(size, 0xcd);
    const Bytes encoded = rlp_string(value);
    RlpReader reader{ByteView(encoded)};
    const auto read = reader.string();
    ASSERT_TRUE(read) << size;
    EXPECT_TRUE(equal(*read, value));
    EXPECT_TRUE(reader.at_end());

    RlpBuilder builder;
    builder.string(value);
    const Bytes list = builder.finish_list();
    const auto item = RlpReader{ByteView(list)}.item();
    ASSERT_TRUE(item) << size;
    EXPECT_TRUE(item->is_list);
    EXPECT_TRUE(equal(item->payload, encoded));
    EXPECT_TRUE(equal(item->whole, list));
  }
}

TEST(Rlp, GivenAListInAList_WhenRead_ThenEachLevelIsAReader) {
  const Bytes encoded = unhex("c7c0c1c0c3c0c1c0");  // the set-theoretical three
  auto outer = RlpReader{ByteView(encoded)}.list();
  ASSERT_TRUE(outer);
  EXPECT_TRUE(outer->list()->at_end());
  auto second = outer->list();
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->list()->at_end());
  EXPECT_EQ(outer->rest().size(), 4U);
  EXPECT_TRUE(outer->item()->is_list);
  EXPECT_TRUE(outer->at_end());
}

TEST(Rlp, GivenFormsThatAreNotCanonical_WhenRead_ThenTheyAreRefused) {
  EXPECT_TRUE(is_refused("8100"));  // a header before 00
  EXPECT_TRUE(is_refused("817f"));  // and before 7f
  EXPECT_FALSE(is_refused("8180"));
  EXPECT_TRUE(is_refused("b837" + std::string(110, 'a')));  // 55 bytes in the long form
  EXPECT_TRUE(is_refused("f837" + std::string(110, 'a')));
  EXPECT_TRUE(is_refused("b90038" + std::string(112, 'a')));  // a length with a leading zero
}

TEST(Rlp, GivenInputThatEndsEarly_WhenRead_ThenItIsRefused) {
  EXPECT_TRUE(is_refused(""));
  EXPECT_TRUE(is_refused("81"));
  EXPECT_TRUE(is_refused("83646f"));
  EXPECT_TRUE(is_refused("b8"));
  EXPECT_TRUE(is_refused("c883636174"));
  EXPECT_TRUE(is_refused("f9ff"));
  EXPECT_TRUE(is_refused("bbffffffff"));          // 4 GiB - 1
  EXPECT_TRUE(is_refused("bfffffffffffffffff"));  // 2^64 - 1
  EXPECT_TRUE(is_refused("ff8000000000000000"));
}

TEST(Rlp, GivenIntegers_WhenRead_ThenRangeAndFormAreChecked) {
  const auto integer = [](std::string_view hex) {
    const Bytes input = unhex(hex);
    return RlpReader{ByteView(input)}.integer();
  };
  EXPECT_EQ(integer("80").value(), U256(0));
  EXPECT_EQ(integer("820400").value(), U256(1024));
  EXPECT_EQ(integer("a0" + std::string(64, 'f')).value(), U256::max());
  EXPECT_EQ(integer("00").error().code, ErrorCode::malformed);
  EXPECT_EQ(integer("820004").error().code, ErrorCode::malformed);
  EXPECT_EQ(integer("a1" + std::string(66, 'f')).error().code, ErrorCode::out_of_range);
  EXPECT_EQ(integer("c0").error().code, ErrorCode::malformed);
  const Bytes nine = unhex("89010000000000000000");
  EXPECT_EQ(RlpReader{ByteView(nine)}.integer64().error().code, ErrorCode::out_of_range);
  const Bytes eight = unhex("88ffffffffffffffff");
  EXPECT_EQ(RlpReader{ByteView(eight)}.integer64().value(), ~0ULL);
}

TEST(Rlp, GivenTheOtherKindOfItem_WhenAskedForAStringOrList_ThenTheErrorSaysSo) {
  const Bytes list = unhex("c0");
  const Bytes text = unhex("83646f67");
  EXPECT_EQ(RlpReader{ByteView(list)}.string().error().code, ErrorCode::malformed);
  EXPECT_EQ(RlpReader{ByteView(text)}.list().error().code, ErrorCode::malformed);
}

TEST(Rlp, GivenABuilder_WhenFinished_ThenItIsEmptyAgain) {
  RlpBuilder builder;
  builder.raw(unhex("c0"));
  EXPECT_EQ(builder.finish_list(), unhex("c1c0"));
  EXPECT_EQ(builder.finish_list(), unhex("c0"));
}

}  // namespace
}  // namespace libpreconf::codec
