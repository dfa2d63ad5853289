#include "libpreconf/preconf/static_signer_schedule.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace libpreconf::preconf {
namespace {

constexpr const char* kOne = "0x1111111111111111111111111111111111111111";
constexpr const char* kTwo = "0x2222222222222222222222222222222222222222";

std::string window(std::uint64_t from, std::uint64_t to, const char* signer, const std::string& more = "") {
  return "{\"from\":" + std::to_string(from) + ",\"to\":" + std::to_string(to) + ",\"signer\":\"" + signer +
         "\",\"windowEnd\":" + std::to_string(to) + more + "}";
}

std::string file(const std::string& windows) {
  return "{\"windows\":[" + windows + "]}";
}

std::string message_of(const std::string& text) {
  const auto parsed = StaticSignerSchedule::parse(text);
  return parsed ? "no error" : parsed.error().message;
}

TEST(StaticSignerSchedule, GivenOneSigner_WhenAnyTimestampIsAsked_ThenItIsElectedWithAnyWindowEnd) {
  Address signer;
  signer.fill(5);
  const auto schedule = StaticSignerSchedule::one_signer(signer);
  for (const U256& time : {U256(0), U256(1764000000), U256::max()}) {
    const auto answer = schedule.elected_at(time);
    ASSERT_TRUE(std::holds_alternative<p2p::ElectedSigner>(answer));
    EXPECT_EQ(std::get<p2p::ElectedSigner>(answer).signer, signer);
    EXPECT_TRUE(std::get<p2p::ElectedSigner>(answer).any_window_end);
  }
}

TEST(StaticSignerSchedule, GivenWindows_WhenTimestampsAreAsked_ThenFromIsInAndToIsOut) {
  const auto schedule =
      StaticSignerSchedule::parse(
          file(window(100, 112, kOne) + "," + window(112, 124, kTwo) + "," + window(200, 212, kOne)))
          .value();
  const auto signer_at = [&](std::uint64_t time) -> int {
    const auto answer = schedule.elected_at(U256(time));
    const auto* elected = std::get_if<p2p::ElectedSigner>(&answer);
    return elected == nullptr ? 0 : elected->signer[0];
  };
  EXPECT_EQ(signer_at(99), 0);
  EXPECT_EQ(signer_at(100), 0x11);
  EXPECT_EQ(signer_at(111), 0x11);
  EXPECT_EQ(signer_at(112), 0x22);
  EXPECT_EQ(signer_at(123), 0x22);
  EXPECT_EQ(signer_at(124), 0);
  EXPECT_EQ(signer_at(200), 0x11);
  EXPECT_EQ(signer_at(212), 0);
  const auto answer = schedule.elected_at(U256(112));
  EXPECT_EQ(std::get<p2p::ElectedSigner>(answer).submission_window_end, U256(124));
  EXPECT_FALSE(std::get<p2p::ElectedSigner>(answer).any_window_end);
}

TEST(StaticSignerSchedule, GivenATimestampOutside_WhenAsked_ThenTheReasonSaysOnWhichSide) {
  using Reason = p2p::ScheduleOutOfRange::Reason;
  const auto schedule = StaticSignerSchedule::parse(file(window(100, 112, kOne))).value();
  EXPECT_EQ(std::get<p2p::ScheduleOutOfRange>(schedule.elected_at(U256(99))).reason, Reason::too_old);
  EXPECT_EQ(std::get<p2p::ScheduleOutOfRange>(schedule.elected_at(U256(112))).reason, Reason::too_new);
  EXPECT_EQ(std::get<p2p::ScheduleOutOfRange>(schedule.elected_at(U256::max())).reason, Reason::too_new);
}

TEST(StaticSignerSchedule, GivenAFileWithAMistake_WhenParsed_ThenTheMessageNamesThePlace) {
  EXPECT_TRUE(message_of("{").find("line 1") != std::string::npos);
  EXPECT_EQ(message_of("[]"), "expected an object with \"windows\"");
  EXPECT_EQ(message_of("{\"windows\":[],\"x\":1}"), "x: unknown key");
  EXPECT_EQ(message_of("{}"), "windows: expected an array");
  EXPECT_EQ(message_of(file("")), "windows: expected at least one window");
  EXPECT_EQ(message_of(file("7")), "windows[0]: expected an object");
  EXPECT_EQ(message_of(file(window(1, 2, kOne) + "," + window(3, 4, kOne, ",\"extra\":1"))),
            "windows[1].extra: unknown key");
  EXPECT_EQ(message_of(file("{\"to\":2,\"signer\":\"" + std::string(kOne) + "\",\"windowEnd\":2}")),
            "windows[0].from: expected a whole number of seconds, 0 or more");
  EXPECT_EQ(message_of(file("{\"from\":-1,\"to\":2,\"signer\":\"\",\"windowEnd\":2}")),
            "windows[0].from: expected a whole number of seconds, 0 or more");
  EXPECT_EQ(message_of(file(window(1, 2, "0x12"))),
            "windows[0].signer: expected an address, 0x and 40 hex digits");
  EXPECT_EQ(message_of(file(window(5, 5, kOne))), "windows[0]: \"from\" 5 is not before \"to\" 5");
  EXPECT_EQ(
      message_of(file(window(1, 12, kOne) + "," + window(11, 13, kTwo))),
      "windows[1]: begins at 11, before windows[0] ends at 12; windows must be sorted and must not overlap");
}

TEST(StaticSignerSchedule, GivenAFileOverTheCap_WhenParsed_ThenItIsTooLarge) {
  const auto parsed = StaticSignerSchedule::parse(std::string(StaticSignerSchedule::kMaxFileBytes + 1, ' '));
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, ErrorCode::too_large);
}

TEST(StaticSignerSchedule, GivenAPath_WhenLoaded_ThenErrorsNameTheFile) {
  const std::string path = testing::TempDir() + "schedule_test.json";
  std::ofstream(path) << file(window(100, 112, kOne));
  EXPECT_TRUE(StaticSignerSchedule::load(path));
  std::ofstream(path) << "{}";
  EXPECT_EQ(StaticSignerSchedule::load(path).error().message,
            "schedule file " + path + ": windows: expected an array");
  std::remove(path.c_str());
  EXPECT_EQ(StaticSignerSchedule::load(path).error().code, ErrorCode::io);
}

}  // namespace
}  // namespace libpreconf::preconf
