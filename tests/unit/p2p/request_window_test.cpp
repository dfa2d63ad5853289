#include "p2p/request_window.h"

#include <gtest/gtest.h>

namespace libpreconf::p2p {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant at(std::int64_t ms) {
  return Instant(milliseconds(ms));
}

TEST(PaceWindow, GivenSevenRequests_ThenTheEighthWaitsForOneWindowAfterTheFirstEnded) {
  PaceWindow window(7, seconds(10));
  for (int i = 0; i < 7; ++i) {
    ASSERT_TRUE(window.may_start(at(0)));
    window.start();
  }
  EXPECT_FALSE(window.may_start(at(0)));
  EXPECT_FALSE(window.next_free().has_value());
  window.end(at(50));
  EXPECT_EQ(window.next_free(), at(10'050));
  EXPECT_FALSE(window.may_start(at(10'049)));
  EXPECT_TRUE(window.may_start(at(10'050)));
}

TEST(PaceWindow, GivenRequestsInFlight_ThenTheWindowIsNotIdle) {
  PaceWindow window(7, seconds(10));
  EXPECT_TRUE(window.is_idle(at(0)));
  window.start();
  EXPECT_FALSE(window.is_idle(at(60'000)));
  window.end(at(60'000));
  EXPECT_FALSE(window.is_idle(at(69'999)));
  EXPECT_TRUE(window.is_idle(at(70'000)));
}

TEST(AnswerWindow, GivenEightAnswers_ThenTheNextOnesLieOneWindowLaterEach) {
  AnswerWindow window(8, seconds(10));
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(window.next_free(at(i * 100)), at(i * 100));
    window.take(at(i * 100));
  }
  EXPECT_EQ(window.next_free(at(900)), at(10'000));
  window.take(at(10'000));
  EXPECT_EQ(window.next_free(at(900)), at(10'100));
  EXPECT_EQ(window.next_free(at(30'000)), at(30'000));
  EXPECT_FALSE(window.is_idle(at(19'999)));
  EXPECT_TRUE(window.is_idle(at(20'000)));
}

}  // namespace
}  // namespace libpreconf::p2p
