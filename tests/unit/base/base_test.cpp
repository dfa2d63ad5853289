// Random, histograms, logging and byte helpers.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/counters.h"
#include "base/log.h"
#include "libpreconf/base/bytes.h"
#include "libpreconf/base/random.h"

namespace libpreconf {
namespace {

TEST(SeededRandom, GivenTheSameSeed_WhenDrawn_ThenTheSameNumbersCome) {
  SeededRandom a(7);
  SeededRandom b(7);
  SeededRandom c(8);
  const std::uint64_t first = a.next_u64();
  EXPECT_EQ(first, b.next_u64());
  EXPECT_NE(first, c.next_u64());
}

TEST(SeededRandom, GivenABound_WhenDrawn_ThenAllValuesBelowItAppear) {
  SeededRandom random(1);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 500; ++i) seen.insert(random.below(5));
  EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2, 3, 4}));
}

TEST(SystemRandom, GivenTwoDraws_WhenCompared_ThenTheyDiffer) {
  SystemRandom random;
  FixedBytes<32> a{};
  FixedBytes<32> b{};
  random.fill(a);
  random.fill(b);
  EXPECT_NE(a, b);
}

TEST(Histogram, GivenDurations_WhenObserved_ThenEachFallsIntoItsBucket) {
  Histogram histogram;
  histogram.observe(Duration(50));                  // 50 us
  histogram.observe(std::chrono::milliseconds(2));  // exactly an upper bound
  histogram.observe(std::chrono::seconds(500));     // above all
  EXPECT_EQ(histogram.count(), 3U);
  EXPECT_EQ(histogram.buckets()[0], 1U);
  EXPECT_EQ(histogram.buckets()[3], 1U);
  EXPECT_EQ(histogram.buckets().back(), 1U);
  EXPECT_NEAR(histogram.sum_seconds(), 500.00205, 1e-6);
}

TEST(Histogram, GivenBoundsForTheLoop_WhenObserved_ThenTheyReachFrom50MicrosecondsToASecond) {
  Histogram histogram(kLoopBounds);
  histogram.observe(Duration(0));
  histogram.observe(Duration(51));
  histogram.observe(std::chrono::seconds(1));
  histogram.observe(Duration(1'000'001));
  EXPECT_EQ(Histogram::seconds(histogram.upper_bounds().front()), 0.00005);
  EXPECT_EQ(Histogram::seconds(histogram.upper_bounds().back()), 1.0);
  ASSERT_EQ(histogram.buckets().size(), kLoopBounds.size() + 1);
  EXPECT_EQ(histogram.buckets()[0], 1U);
  EXPECT_EQ(histogram.buckets()[1], 1U);
  EXPECT_EQ(histogram.buckets()[kLoopBounds.size() - 1], 1U);
  EXPECT_EQ(histogram.buckets().back(), 1U);
}

std::vector<std::string> lines;

TEST(Log, GivenLevelsPerArea_WhenLogging_ThenOnlyWhatIsEnabledIsWritten) {
  lines.clear();
  log_capture([](LogLevel, LogArea area, std::string_view line) {
    lines.push_back(std::string(to_string(area)) + ":" + std::string(line));
  });
  ASSERT_TRUE(log_configure("warn,rpc=debug"));
  log_info(LogArea::node, "not {}", "this");
  log_debug(LogArea::rpc, "but {}", 42);
  log_capture(nullptr);
  log_set_level(LogLevel::info);
  EXPECT_EQ(lines, std::vector<std::string>{"rpc:but 42"});
}

TEST(Log, GivenASpecThatIsWrong_WhenConfigured_ThenTheErrorNamesTheItem) {
  EXPECT_NE(log_configure("loud").error().message.find("\"loud\""), std::string::npos);
  EXPECT_NE(log_configure("cellar=info").error().message.find("\"cellar\""), std::string::npos);
}

TEST(Log, GivenTextFromAPeer_WhenMadePrintable_ThenNoControlCharactersRemain) {
  EXPECT_EQ(printable("a\x1b[31mb\n"), "a?[31mb?");
  EXPECT_EQ(printable(std::string(300, 'x')).size(), 203U);
}

TEST(Bytes, GivenViews_WhenCompared_ThenLengthAndContentCount) {
  const Bytes a{1, 2, 3};
  EXPECT_TRUE(equal(a, Bytes{1, 2, 3}));
  EXPECT_FALSE(equal(a, Bytes{1, 2}));
  EXPECT_TRUE(equal({}, {}));
  EXPECT_EQ(take_fixed<2>(a), (FixedBytes<2>{1, 2}));
}

TEST(Bytes, GivenSimilarInputs_WhenHashed_ThenTheHashesDiffer) {
  std::set<std::uint64_t> seen;
  for (std::uint8_t i = 0; i < 100; ++i) {
    Bytes value(i, 0);
    seen.insert(hash_bytes(value));
    value.push_back(1);
    seen.insert(hash_bytes(value));
  }
  EXPECT_EQ(seen.size(), 200U);
}

}  // namespace
}  // namespace libpreconf
