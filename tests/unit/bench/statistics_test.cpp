// The order statistics that the races print.

#include "common/statistics.h"

#include <gtest/gtest.h>

namespace libpreconf::bench {
namespace {

TEST(Quantile, GivenNothing_ThenItIsZero) {
  EXPECT_EQ(quantile({}, 0.5), 0);
}

TEST(Quantile, GivenOneValue_ThenEveryShareIsThatValue) {
  for (const double share : {0.0, 0.5, 0.99, 1.0}) EXPECT_EQ(quantile({7}, share), 7);
}

TEST(Quantile, GivenAnUnsortedSeries_ThenTheEndsAreTheLeastAndTheGreatest) {
  EXPECT_EQ(quantile({3, 1, 2}, 0), 1);
  EXPECT_EQ(quantile({3, 1, 2}, 1), 3);
  EXPECT_EQ(quantile({3, 1, 2}, 0.5), 2);
}

TEST(Quantile, GivenAPlaceBetweenTwoValues_ThenItIsInterpolated) {
  EXPECT_EQ(quantile({10, 20}, 0.5), 15);
  EXPECT_DOUBLE_EQ(quantile({0, 10, 20, 30}, 0.9), 27);
}

TEST(Summarize, GivenAHundredValues_ThenTheMedianTheP99AndTheGreatestAreTheirs) {
  std::vector<double> series;
  for (int i = 100; i >= 0; --i) series.push_back(i);
  const Summary summary = summarize(series);
  EXPECT_EQ(summary.count, 101U);
  EXPECT_EQ(summary.p50, 50);
  EXPECT_EQ(summary.p99, 99);
  EXPECT_EQ(summary.max, 100);
}

}  // namespace
}  // namespace libpreconf::bench
