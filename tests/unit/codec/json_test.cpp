#include "codec/json.h"

#include <gtest/gtest.h>

namespace libpreconf::codec {
namespace {

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(Json, GivenADocument_WhenParsed_ThenItsPartsAreThere) {
  const auto parsed =
      Json::parse(R"({"id":7,"name":"a\u00e9\u0000b","flags":[true,null,1.5],"inner":{"x":-1}})");
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->is_object());
  EXPECT_EQ(parsed->size(), 4U);
  EXPECT_EQ(parsed->at("id").as_integer(), 7);
  EXPECT_EQ(parsed->at("name").as_string(), std::string_view("a\xc3\xa9\0b", 5));
  EXPECT_EQ(parsed->at("flags").size(), 3U);
  EXPECT_EQ(parsed->at("flags").at(std::size_t{0}).as_boolean(), true);
  EXPECT_TRUE(parsed->at("flags").at(1).is_null());
  EXPECT_TRUE(parsed->at("flags").at(2).is_number());
  EXPECT_FALSE(parsed->at("flags").at(2).is_integer());
  EXPECT_EQ(parsed->at("inner").at("x").as_integer(), -1);
  EXPECT_TRUE(parsed->has("id"));
  EXPECT_FALSE(parsed->has("ID"));
}

TEST(Json, GivenMissingPartsOrOtherTypes_WhenAsked_ThenTheAnswerIsNullOrNothing) {
  const Json object = Json::parse(R"({"a":[1]})").value();
  EXPECT_TRUE(object.at("b").is_null());
  EXPECT_TRUE(object.at(0).is_null());
  EXPECT_TRUE(object.at("a").at(1).is_null());
  EXPECT_TRUE(object.at("a").at("x").is_null());
  EXPECT_EQ(object.at("a").as_string(), "");
  EXPECT_FALSE(object.as_integer());
  EXPECT_FALSE(object.as_boolean());
  EXPECT_TRUE(Json().is_null());
  EXPECT_EQ(Json().size(), 0U);
  EXPECT_TRUE(Json().keys().empty());
}

TEST(Json, GivenKeys_WhenListedAndDumped_ThenTheyKeepTheOrderOfTheirInsertion) {
  Json object = Json::object();
  object.set("zebra", Json::number(1)).set("ant", Json::number(2)).set("mole", Json::number(3));
  EXPECT_EQ(object.keys(), (std::vector<std::string>{"zebra", "ant", "mole"}));
  EXPECT_EQ(object.dump(), R"({"zebra":1,"ant":2,"mole":3})");
  object.set("zebra", Json::number(4));
  EXPECT_EQ(object.at("zebra").as_integer(), 4);
}

TEST(Json, GivenValuesOfEachKind_WhenDumped_ThenTheTextIsCompact) {
  Json array = Json::array();
  array.append(Json()).append(Json::boolean(true)).append(Json::real(0.1)).append(Json::string("a\"b\n"));
  array.append(Json::quantity(U256(0))).append(Json::quantity(U256(255))).append(Json::hex(Bytes{1, 0xab}));
  EXPECT_EQ(array.dump(), R"([null,true,0.1,"a\"b\n","0x0","0xff","0x01ab"])");
  EXPECT_EQ(Json::string("x").dump(), R"("x")");
  EXPECT_EQ(Json::parse("[1]").value().dump(2), "[\n  1\n]");
}

TEST(Json, GivenNumbersOver2To63_WhenMade_ThenTheyAreStrings) {
  EXPECT_EQ(Json::number(9223372036854775807ULL).dump(), "9223372036854775807");
  EXPECT_EQ(Json::number(9223372036854775808ULL).dump(), R"("9223372036854775808")");
  EXPECT_EQ(Json::parse("9223372036854775808").error().code, ErrorCode::malformed);
}

TEST(Json, GivenUint256InItsThreeForms_WhenRead_ThenTheNumberIsTheSame) {
  const Json forms = Json::parse(R"(["0x1f","31",31])").value();
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(forms.at(i).as_u256().value(), U256(31)) << i;
  EXPECT_EQ(Json::string(U256::max().to_hex()).as_u256().value(), U256::max());
}

TEST(Json, GivenWhatIsNoUint256_WhenRead_ThenTheErrorSaysSo) {
  EXPECT_EQ(Json::parse("-1").value().as_u256().error().code, ErrorCode::out_of_range);
  EXPECT_EQ(Json::parse("1.5").value().as_u256().error().code, ErrorCode::malformed);
  EXPECT_EQ(Json::parse("null").value().as_u256().error().code, ErrorCode::malformed);
  EXPECT_EQ(Json::parse(R"("")").value().as_u256().error().code, ErrorCode::malformed);
}

TEST(Json, GivenBrokenText_WhenParsed_ThenTheErrorNamesLineAndColumn) {
  const auto broken = Json::parse("{\n  \"a\": ,\n}");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::malformed);
  EXPECT_NE(broken.error().message.find("line 2, column"), std::string::npos) << broken.error().message;
  for (const char* text :
       {"", " ", "{", "[1,]", "{\"a\":1,}", "nul", "01", "1 2", "'a'", "\"\xff\"", "\"\n\"", "NaN"}) {
    EXPECT_FALSE(Json::parse(text)) << text;
  }
  EXPECT_FALSE(Json::parse(std::string_view{}));
}

TEST(Json, GivenNesting_WhenParsed_ThenTheDepthLimitIsExactAndComesBeforeTheParser) {
  EXPECT_TRUE(Json::parse(nested(32)));
  EXPECT_FALSE(Json::parse(nested(33)));
  EXPECT_TRUE(Json::parse(nested(2), 2));
  EXPECT_FALSE(Json::parse(nested(3), 2));
  // An unclosed million is refused by the count, not by the end of the text.
  const auto deep = Json::parse(std::string(1'000'000, '['));
  ASSERT_FALSE(deep);
  EXPECT_NE(deep.error().message.find("32 levels"), std::string::npos);
  EXPECT_TRUE(Json::parse("[[],[],[]]", 2));
}

TEST(Json, GivenBracketsInsideStrings_WhenParsed_ThenTheyDoNotCount) {
  EXPECT_TRUE(Json::parse(R"(["[[[[\"[[[[","{{{{\\"])", 1));
  EXPECT_FALSE(Json::parse(R"(["\\",[["x"]]])", 2));
}

TEST(Json, GivenAKeyTwice_WhenParsed_ThenTheLastOneHolds) {
  const Json object = Json::parse(R"({"a":1,"a":2})").value();
  EXPECT_EQ(object.size(), 1U);
  EXPECT_EQ(object.at("a").as_integer(), 2);
}

TEST(Json, GivenTextThatIsNotUtf8_WhenMadeAString_ThenItsBytesBecomeQuestionMarks) {
  EXPECT_EQ(Json::string("a\xff\xfe").as_string(), "a??");
  EXPECT_EQ(Json::string("\xc3\xa9").as_string(), "\xc3\xa9");
}

TEST(Json, GivenACopy_WhenTheOriginalGoes_ThenTheCopyStays) {
  Json copy;
  {
    const Json original = Json::parse(R"({"a":["x"]})").value();
    copy = original.at("a");
  }
  EXPECT_EQ(copy.at(std::size_t{0}).as_string(), "x");
  const Json moved = std::move(copy);
  EXPECT_TRUE(copy.is_null());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(moved.size(), 1U);
}

}  // namespace
}  // namespace libpreconf::codec
