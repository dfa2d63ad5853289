#include "libpreconf/base/u256.h"

#include <gtest/gtest.h>

namespace libpreconf {
namespace {

TEST(U256, GivenHexOrDecimalText_WhenParsed_ThenBothGiveTheSameNumber) {
  EXPECT_EQ(U256::parse("0x1f").value(), U256(31));
  EXPECT_EQ(U256::parse("31").value(), U256(31));
  EXPECT_EQ(U256::parse("0x0001").value(), U256(1));
}

TEST(U256, GivenTextThatIsNoNumber_WhenParsed_ThenTheErrorSaysSo) {
  EXPECT_EQ(U256::parse("").error().code, ErrorCode::malformed);
  EXPECT_EQ(U256::parse("0x").error().code, ErrorCode::malformed);
  EXPECT_EQ(U256::parse("1f").error().code, ErrorCode::malformed);
  EXPECT_EQ(U256::parse("-1").error().code, ErrorCode::malformed);
}

TEST(U256, GivenMoreThan256Bits_WhenParsed_ThenOutOfRange) {
  EXPECT_EQ(U256::parse("0x1" + std::string(64, '0')).error().code, ErrorCode::out_of_range);
  EXPECT_EQ(U256::parse("0x" + std::string(64, 'f')).value(), U256::max());
}

TEST(U256, GivenLittleEndianBytes_WhenReadAndWritten_ThenTheyAreTheSame) {
  FixedBytes<32> bytes{};
  for (std::size_t i = 0; i < 32; ++i) bytes[i] = static_cast<std::uint8_t>(i + 1);
  const U256 value = U256::from_little_endian(bytes);
  FixedBytes<32> again{};
  value.to_little_endian(again);
  EXPECT_EQ(bytes, again);
  EXPECT_EQ(value.to_big_endian()[0], 32);
}

TEST(U256, GivenTheMaximum_WhenOneIsAdded_ThenThereIsNoSum) {
  EXPECT_FALSE(U256::max().checked_add(1));
  EXPECT_EQ(U256::max().saturating_add(1), U256::max());
  EXPECT_FALSE(U256(1).checked_subtract(2));
  EXPECT_FALSE(U256::max().checked_multiply(2));
}

TEST(U256, GivenBorrowAcrossLimbs_WhenSubtracted_ThenEachLimbIsRight) {
  const U256 big = U256::parse("0x1" + std::string(48, '0')).value();
  EXPECT_EQ(big.checked_subtract(1)->to_hex(), "0x" + std::string(48, 'f'));
}

TEST(U256, GivenNumbers_WhenPrinted_ThenQuantitiesAreMinimal) {
  EXPECT_EQ(U256(0).to_hex(), "0x0");
  EXPECT_EQ(U256(100).to_hex(), "0x64");
  EXPECT_EQ(U256(0).to_decimal(), "0");
  EXPECT_EQ(U256::max().to_decimal(),
            "115792089237316195423570985008687907853269984665640564039457584007913129639935");
  EXPECT_TRUE(U256(0).to_big_endian_trimmed().empty());
}

TEST(U256, GivenANumberOver64Bits_WhenNarrowed_ThenThereIsNone) {
  EXPECT_EQ(U256(7).to_u64(), 7U);
  EXPECT_FALSE(U256(~0ULL).checked_add(1)->to_u64());
}

}  // namespace
}  // namespace libpreconf
