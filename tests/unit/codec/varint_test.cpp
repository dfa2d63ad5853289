#include "codec/varint.h"

#include <gtest/gtest.h>

#include "support/vectors.h"

namespace libpreconf::codec {
namespace {

using test::unhex;

TEST(Varint, GivenTheVectors_WhenWrittenAndRead_ThenBytesAndNumbersAreEqual) {
  const auto document = test::load_vectors("p2p-messages.json");
  json_t* cases = test::member(document.get(), "varint");
  ASSERT_EQ(json_array_size(cases), 17U);
  std::size_t index = 0;
  json_t* one = nullptr;
  json_array_foreach(cases, index, one) {
    if (json_object_get(one, "error") != nullptr) {
      EXPECT_EQ(read_varint(test::bytes_of(one, "bytes"), 5).status, VarintStatus::malformed) << index;
      continue;
    }
    const auto number = static_cast<std::uint64_t>(json_integer_value(test::member(one, "n")));
    const Bytes expected = test::bytes_of(one, "varint");
    Bytes written;
    append_varint(written, number);
    EXPECT_EQ(written, expected);
    EXPECT_EQ(varint_size(number), expected.size());
    const VarintRead read = read_varint(expected, 5);
    EXPECT_EQ(read.status, VarintStatus::ok);
    EXPECT_EQ(read.value, number);
    EXPECT_EQ(read.size, expected.size());
  }
}

TEST(Varint, GivenEveryPrefixOfALongNumber_WhenRead_ThenItIsIncompleteUntilTheLastByte) {
  Bytes encoded;
  append_varint(encoded, ~0ULL);
  ASSERT_EQ(encoded.size(), 10U);
  for (std::size_t size = 0; size < encoded.size(); ++size) {
    EXPECT_EQ(read_varint(ByteView(encoded).first(size)).status, VarintStatus::incomplete) << size;
  }
  EXPECT_EQ(read_varint(encoded).value, ~0ULL);
}

TEST(Varint, GivenMoreBitsThanFit_WhenRead_ThenMalformed) {
  EXPECT_EQ(read_varint(unhex("ffffffffffffffffff02")).status, VarintStatus::malformed);
  EXPECT_EQ(read_varint(unhex("ffffffffffffffffffff01")).status, VarintStatus::malformed);
  EXPECT_EQ(read_varint(unhex("ffffffff1f"), 5).status, VarintStatus::malformed);
  EXPECT_EQ(read_varint(unhex("ffffffff0f"), 5).value, 0xffffffffU);
  EXPECT_EQ(read_varint(unhex("808001"), 2).status, VarintStatus::malformed);
  EXPECT_EQ(read_varint(unhex("8080"), 2).status, VarintStatus::malformed);
}

TEST(Varint, GivenALongerFormThanNeeded_WhenRead_ThenOnlyTheLenientReaderTakesIt) {
  EXPECT_EQ(read_varint(unhex("8000")).status, VarintStatus::malformed);
  const VarintRead lenient = read_varint(unhex("8100"), 10, false);
  EXPECT_EQ(lenient.status, VarintStatus::ok);
  EXPECT_EQ(lenient.value, 1U);
  EXPECT_EQ(lenient.size, 2U);
}

TEST(Varint, GivenBytesAfterTheNumber_WhenRead_ThenTheyAreLeft) {
  EXPECT_EQ(read_varint(unhex("05ff")).size, 1U);
  EXPECT_EQ(read_varint(unhex("8203ff")).size, 2U);
}

TEST(Varint, GivenRoomOfTheRightSize_WhenWritten_ThenItIsFilled) {
  FixedBytes<10> out{};
  EXPECT_EQ(write_varint(386, out), 2U);
  EXPECT_EQ(out[0], 0x82);
  EXPECT_EQ(out[1], 0x03);
  EXPECT_EQ(write_varint(~0ULL, out), 10U);
}

}  // namespace
}  // namespace libpreconf::codec
