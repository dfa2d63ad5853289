#include "rpc/json_scanner.h"

#include <gtest/gtest.h>

#include "codec/json.h"
#include "libpreconf/base/hex.h"

namespace libpreconf::rpc {
namespace {

constexpr std::uint64_t kNonce = 0x1122334455667788ULL;

/// Runs a scanner to its end; the number of slices, or the error.
Result<int> scan_all(JsonScanner& scanner) {
  for (int slices = 1;; ++slices) {
    PRECONF_TRY(const bool done, scanner.step());
    if (done) return slices;
  }
}

ErrorCode error_of(const std::string& body) {
  JsonScanner scanner(body, kNonce);
  const auto result = scan_all(scanner);
  EXPECT_FALSE(result);
  return result ? ErrorCode::internal : result.error().code;
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(JsonScanner, GivenShortStrings_WhenScanned_ThenNothingIsCut) {
  const std::string body = R"({"a":"short","b":["\"quoted\"",1,null]})";
  JsonScanner scanner(body, kNonce);
  EXPECT_EQ(scan_all(scanner).value(), 1);
  EXPECT_EQ(scanner.cut_count(), 0u);
  EXPECT_EQ(scanner.take_short_body(), body);
}

TEST(JsonScanner, GivenLongStrings_WhenScanned_ThenTheRestParsesAndTheTokensLeadToThem) {
  const std::string first(JsonScanner::kCutOver + 1, 'a');
  const std::string second = "0x" + std::string(100'000, '5');
  const std::string body = R"({"x":")" + first + R"(","y":["keep",")" + second + R"("]})";
  JsonScanner scanner(body, kNonce);
  ASSERT_TRUE(scan_all(scanner));
  EXPECT_EQ(scanner.cut_count(), 2u);
  const auto json = codec::Json::parse(scanner.take_short_body()).value();
  const CutString* x = scanner.find(json.at("x").as_string());
  const CutString* y = scanner.find(json.at("y").at(std::size_t{1}).as_string());
  ASSERT_TRUE(x != nullptr && y != nullptr);
  EXPECT_EQ(scanner.text(*x), first);
  EXPECT_EQ(scanner.text(*y), second);
  EXPECT_EQ(y->bytes.value(), Bytes(50'000, 0x55));
  EXPECT_EQ(json.at("y").at(std::size_t{0}).as_string(), "keep");
}

TEST(JsonScanner, GivenAStringOfExactlyTheBound_WhenScanned_ThenItStays) {
  const std::string body = "\"" + std::string(JsonScanner::kCutOver, 'f') + "\"";
  JsonScanner scanner(body, kNonce);
  ASSERT_TRUE(scan_all(scanner));
  EXPECT_EQ(scanner.cut_count(), 0u);
  EXPECT_EQ(scanner.take_short_body(), body);
}

TEST(JsonScanner, GivenALargeBody_WhenScanned_ThenItYieldsBetweenSlices) {
  const std::string body = "\"0x" + std::string(4 << 20, 'a') + "\"";
  JsonScanner scanner(body, kNonce);
  // Once over the body, and once over its digits.
  EXPECT_GE(scan_all(scanner).value(), static_cast<int>(2 * (body.size() / JsonScanner::kSlice)));
  const CutString* cut = scanner.find(codec::Json::parse(scanner.take_short_body()).value().as_string());
  ASSERT_NE(cut, nullptr);
  EXPECT_EQ(cut->bytes->size(), 2u << 20);
  EXPECT_EQ(cut->bytes->back(), 0xaa);
}

TEST(JsonScanner, GivenLongStringsThatAreNoHex_WhenScanned_ThenTheirFlawIsNamed) {
  for (const auto& [text, flaw] : {std::pair{std::string(3001, 'a'), "an odd number of hex digits"},
                                   std::pair{std::string(3000, 'g'), "not hex digits"},
                                   std::pair{std::string(300'000, 'a') + "0x", "not hex digits"},
                                   std::pair{"0x0x" + std::string(3000, 'a'), "not hex digits"}}) {
    const std::string body = "\"" + text + "\"";
    JsonScanner scanner(body, kNonce);
    ASSERT_TRUE(scan_all(scanner));
    const CutString* cut = scanner.find(codec::Json::parse(scanner.take_short_body()).value().as_string());
    ASSERT_NE(cut, nullptr);
    EXPECT_FALSE(cut->bytes);
    EXPECT_EQ(cut->flaw, flaw);
  }
}

TEST(JsonScanner, GivenATextThatLooksLikeAToken_WhenLookedUp_ThenItIsAnOrdinaryString) {
  const std::string body = R"(["cut-0000000000000000-0",")" + std::string(2000, 'a') + R"("])";
  JsonScanner scanner(body, kNonce);
  ASSERT_TRUE(scan_all(scanner));
  const auto json = codec::Json::parse(scanner.take_short_body()).value();
  EXPECT_EQ(scanner.find(json.at(std::size_t{0}).as_string()), nullptr);
  const std::string token(json.at(std::size_t{1}).as_string());
  EXPECT_NE(scanner.find(token), nullptr);
  EXPECT_EQ(scanner.find(token + "1"), nullptr);
  EXPECT_EQ(scanner.find(token.substr(0, token.size() - 1)), nullptr);
}

TEST(JsonScanner, GivenNesting_WhenDeeperThan32_ThenMalformed) {
  const std::string fits = nested(32);
  JsonScanner good(fits, kNonce);
  EXPECT_TRUE(scan_all(good));
  EXPECT_EQ(error_of(nested(33)), ErrorCode::malformed);
  EXPECT_EQ(error_of(std::string(5000, '{')), ErrorCode::malformed);
}

TEST(JsonScanner, GivenBracketsInsideStrings_WhenScanned_ThenTheyDoNotCount) {
  const std::string body = "[\"" + std::string(100, '[') + "\\\"" + std::string(100, '{') + "\"]";
  JsonScanner scanner(body, kNonce);
  EXPECT_TRUE(scan_all(scanner));
}

TEST(JsonScanner, GivenAnOpenString_WhenTheBodyEnds_ThenMalformed) {
  EXPECT_EQ(error_of("\"abc"), ErrorCode::malformed);
  EXPECT_EQ(error_of("\"abc\\\""), ErrorCode::malformed);
  EXPECT_EQ(error_of("\"" + std::string(200'000, 'a')), ErrorCode::malformed);
}

TEST(JsonScanner, GivenALongStringThatIsNotPlain_WhenScanned_ThenRefused) {
  const std::string filler(2000, 'a');
  EXPECT_EQ(error_of("\"" + filler + "\\n\""), ErrorCode::unsupported);
  EXPECT_EQ(error_of("\"" + filler + "\xc3\xa4\""), ErrorCode::unsupported);
  EXPECT_EQ(error_of("\"" + filler + "\n\""), ErrorCode::malformed);
}

TEST(JsonScanner, GivenMoreThanTheBounds_WhenScanned_ThenTooLarge) {
  std::string cuts = "[";
  for (std::size_t i = 0; i <= JsonScanner::kMaxCuts; ++i) cuts += "\"" + std::string(1025, 'a') + "\",";
  EXPECT_EQ(error_of(cuts + "1]"), ErrorCode::too_large);
  std::string values = "[1";
  for (std::size_t i = 0; i < JsonScanner::kMaxValues; ++i) values += ",1";
  EXPECT_EQ(error_of(values + "]"), ErrorCode::too_large);
  EXPECT_EQ(error_of("[" + std::string(JsonScanner::kMaxRest, ' ') + "]"), ErrorCode::too_large);
  std::string strings = "[";
  while (strings.size() < JsonScanner::kMaxRest) strings += "\"" + std::string(1000, 'a') + "\",";
  EXPECT_EQ(error_of(strings + "1]"), ErrorCode::too_large);
}

}  // namespace
}  // namespace libpreconf::rpc
