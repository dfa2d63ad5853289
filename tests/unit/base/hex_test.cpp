#include "libpreconf/base/hex.h"

#include <gtest/gtest.h>

namespace libpreconf {
namespace {

TEST(Hex, GivenBytes_WhenEncoded_ThenTheTextHasThePrefixAndLowerCaseDigits) {
  EXPECT_EQ(to_hex(Bytes{0x00, 0xaB, 0xff}), "0x00abff");
  EXPECT_EQ(to_hex(Bytes{}), "0x");
}

TEST(Hex, GivenEitherCaseAndAnOptionalPrefix_WhenDecoded_ThenTheBytesAreTheSame) {
  EXPECT_EQ(from_hex("0xAbFf", 2).value(), (Bytes{0xab, 0xff}));
  EXPECT_EQ(from_hex("abff", 2).value(), (Bytes{0xab, 0xff}));
  EXPECT_TRUE(from_hex("0x", 0)->empty());
}

TEST(Hex, GivenTextThatIsNotHex_WhenDecoded_ThenMalformed) {
  EXPECT_EQ(from_hex("0xabc", 8).error().code, ErrorCode::malformed);
  EXPECT_EQ(from_hex("0xzz", 8).error().code, ErrorCode::malformed);
  EXPECT_EQ(from_hex("0x0 ", 8).error().code, ErrorCode::malformed);
}

TEST(Hex, GivenMoreBytesThanAllowed_WhenDecoded_ThenTooLarge) {
  EXPECT_EQ(from_hex("0x010203", 2).error().code, ErrorCode::too_large);
}

TEST(Hex, GivenAFixedSize_WhenTheLengthDiffers_ThenTheErrorNamesBothLengths) {
  const auto short_one = from_hex_fixed<20>("0x0102");
  ASSERT_FALSE(short_one);
  EXPECT_EQ(short_one.error().message, "expected 40 hex digits, got 4");
}

}  // namespace
}  // namespace libpreconf
