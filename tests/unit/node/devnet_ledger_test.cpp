#include "node/devnet_ledger.h"

#include <gtest/gtest.h>

namespace libpreconf::node {
namespace {

constexpr Duration kPatience = std::chrono::seconds(3);
constexpr Hash256 kHash = {1};

Instant at(int milliseconds) {
  return Instant(std::chrono::milliseconds(milliseconds));
}

class DevnetLedgerTest : public testing::Test {
 protected:
  std::vector<DevnetBlock> told_;
  DevnetLedger ledger_{3, kPatience, [this](const DevnetBlock& block) { told_.push_back(block); }};
};

TEST_F(DevnetLedgerTest, GivenAllNodesExecuted_WhenTheLastOneDoes_ThenTheBlockIsToldWithItsLatencies) {
  ledger_.promised(1, 0, true, at(100));
  ledger_.executed(0, 1, kHash, 7, at(101));
  ledger_.executed(2, 1, kHash, 7, at(103));
  EXPECT_TRUE(told_.empty());
  ledger_.executed(1, 1, kHash, 7, at(108));
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_EQ(told_[0].height, 1U);
  EXPECT_EQ(told_[0].transactions, 7U);
  EXPECT_TRUE(told_[0].end_of_preconf);
  EXPECT_TRUE(told_[0].agree);
  EXPECT_EQ(told_[0].latency_ms, (std::vector<std::optional<double>>{1, 8, 3}));
  EXPECT_EQ(ledger_.median_latency_ms(), 8);  // the preconfer's own does not count
  EXPECT_EQ(ledger_.worst_latency_ms(), 8);
}

TEST_F(DevnetLedgerTest, GivenAnotherHashOnOneNode_WhenTold_ThenTheyDoNotAgree) {
  ledger_.promised(1, 0, false, at(0));
  ledger_.executed(0, 1, kHash, 0, at(1));
  ledger_.executed(1, 1, Hash256{2}, 0, at(1));
  ledger_.executed(2, 1, kHash, 0, at(1));
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_FALSE(told_[0].agree);
  EXPECT_EQ(told_[0].hash, kHash);
  EXPECT_EQ(ledger_.disagreements(), 1U);
}

TEST_F(DevnetLedgerTest, GivenANodeThatDoesNotExecute_WhenPatienceEnds_ThenTheBlockIsToldWithoutIt) {
  ledger_.promised(1, 0, false, at(0));
  ledger_.executed(0, 1, kHash, 0, at(1));
  ledger_.tick(at(2999));
  EXPECT_TRUE(told_.empty());
  ledger_.tick(at(3000));
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_FALSE(told_[0].agree);
  EXPECT_FALSE(told_[0].latency_ms[1]);
}

TEST_F(DevnetLedgerTest, GivenAStoppedNode_WhenTheOthersExecuted_ThenItIsNotWaitedFor) {
  ledger_.promised(1, 0, false, at(0));
  ledger_.executed(0, 1, kHash, 0, at(1));
  ledger_.executed(1, 1, kHash, 0, at(1));
  ledger_.set_running(2, false, at(2));
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_TRUE(told_[0].agree);
}

TEST_F(DevnetLedgerTest, GivenAHigherBlockIsDoneFirst_WhenTheLowerOneFollows_ThenTheyAreToldInOrder) {
  ledger_.promised(1, 0, false, at(0));
  ledger_.promised(2, 0, false, at(10));
  for (const std::size_t node : {0U, 1U, 2U}) ledger_.executed(node, 2, kHash, 0, at(11));
  EXPECT_TRUE(told_.empty());
  for (const std::size_t node : {0U, 1U, 2U}) ledger_.executed(node, 1, kHash, 0, at(12));
  ASSERT_EQ(told_.size(), 2U);
  EXPECT_EQ(told_[0].height, 1U);
  EXPECT_EQ(told_[1].height, 2U);
}

TEST_F(DevnetLedgerTest, GivenMoreOpenBlocksThanAreKept_WhenOneMoreComes_ThenTheOldestIsTold) {
  for (std::uint64_t height = 1; height <= DevnetLedger::kMaxOpenBlocks + 1; ++height) {
    ledger_.promised(height, 0, false, at(0));
  }
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_EQ(told_[0].height, 1U);
  ledger_.finish();
  EXPECT_EQ(told_.size(), DevnetLedger::kMaxOpenBlocks + 1);
  EXPECT_FALSE(ledger_.has_open_blocks());
}

TEST_F(DevnetLedgerTest, GivenAHeightThatNobodyPromised_WhenExecuted_ThenNothingIsTold) {
  ledger_.executed(0, 9, kHash, 0, at(1));
  EXPECT_TRUE(told_.empty());
  EXPECT_FALSE(ledger_.median_latency_ms());
}

}  // namespace
}  // namespace libpreconf::node
