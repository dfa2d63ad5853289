#include "p2p/reputation.h"

#include "gate_fixture.h"

namespace libpreconf::p2p {
namespace {

using namespace libpreconf::p2p::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant at(std::int64_t s) {
  return Instant(seconds(s));
}

class ReputationTest : public testing::Test {
 protected:
  /// Penalizes as often as the cap allows from `from` to `to`, ticking each second; the second of a ban.
  std::optional<std::int64_t> misbehave(std::int64_t from, std::int64_t to) {
    for (std::int64_t s = from; s < to; ++s) {
      for (int i = 0; i < 5; ++i) reputation_.apply(peer_, Blame::full, at(s));
      if (!reputation_.tick(at(s)).banned.empty()) return s;
    }
    return std::nullopt;
  }

  Reputation reputation_;
  PeerId peer_ = peer_named(1);
};

TEST_F(ReputationTest, GivenAStranger_ThenTheScoreIsZero) {
  EXPECT_EQ(reputation_.score(peer_, at(0)), 0);
  EXPECT_EQ(reputation_.size(), 0u);
}

TEST_F(ReputationTest, GivenRewards_ThenTheyAddUpToTenAtMost) {
  reputation_.reward(peer_, at(0));
  EXPECT_DOUBLE_EQ(reputation_.score(peer_, at(0)), 0.05);
  for (int i = 0; i < 1000; ++i) reputation_.reward(peer_, at(0));
  EXPECT_DOUBLE_EQ(reputation_.score(peer_, at(0)), 10);
}

TEST_F(ReputationTest, GivenAFloodOfPenalties_ThenTenSecondsCostFourAtMost) {
  for (int i = 0; i < 100; ++i) reputation_.penalize(peer_, 1, at(0));
  EXPECT_DOUBLE_EQ(reputation_.score(peer_, at(0)), -4);
  reputation_.penalize(peer_, 1, at(9));
  EXPECT_GT(reputation_.score(peer_, at(9)), -4);
  const double before = reputation_.score(peer_, at(10));
  reputation_.penalize(peer_, 1, at(10));
  EXPECT_DOUBLE_EQ(reputation_.score(peer_, at(10)), before - 1);
  EXPECT_EQ(reputation_.counters().penalties, 5u);
  EXPECT_EQ(reputation_.counters().penalties_capped, 97u);
}

TEST_F(ReputationTest, GivenAnEndlessFlood_ThenTheScoreStaysWithinMinusTen) {
  for (std::int64_t s = 0; s < 600; ++s) {
    for (int i = 0; i < 5; ++i) reputation_.penalize(peer_, 1, at(s));
    EXPECT_GE(reputation_.score(peer_, at(s)), -10);
  }
}

TEST_F(ReputationTest, GivenAScore_WhenAHalfLifePasses_ThenHalfOfItIsLeft) {
  for (int i = 0; i < 4; ++i) reputation_.penalize(peer_, 1, at(0));
  EXPECT_DOUBLE_EQ(reputation_.score(peer_, at(66)), -2);
  EXPECT_DOUBLE_EQ(reputation_.score(peer_, at(132)), -1);
  // About 0.9 in ten seconds, as the specification has it.
  EXPECT_NEAR(reputation_.score(peer_, at(10)) / -4, 0.9, 0.01);
}

TEST_F(ReputationTest, GivenARelayerOfUnelectedCommitments_ThenItNeverFallsBelowTheGossipThreshold) {
  for (std::int64_t s = 0; s < 600; ++s) {
    for (int i = 0; i < 5; ++i) reputation_.apply(peer_, Blame::relayed, at(s));
    EXPECT_TRUE(reputation_.tick(at(s)).banned.empty());
    EXPECT_GE(reputation_.score(peer_, at(s)), -1);
  }
  EXPECT_LT(reputation_.score(peer_, at(599)), 0);
}

TEST_F(ReputationTest, GivenAScoreOfMinusFive_ThenTheBanComesOnlyAfterThirtySeconds) {
  // 4 at once, 4 more ten seconds later: below -5 from then on.
  const auto banned_at = misbehave(0, 120);
  ASSERT_TRUE(banned_at.has_value());
  EXPECT_GE(*banned_at, 40);
  EXPECT_LE(*banned_at, 42);
  EXPECT_TRUE(reputation_.is_banned(peer_));
  EXPECT_EQ(reputation_.counters().bans, 1u);
}

TEST_F(ReputationTest, GivenAFallBelowMinusFive_WhenThePeerRecoversInTime_ThenThereIsNoBan) {
  for (std::int64_t s = 0; s <= 10; ++s) {
    for (int i = 0; i < 5; ++i) reputation_.penalize(peer_, 1, at(s));
  }
  EXPECT_LT(reputation_.score(peer_, at(10)), -5);
  for (int i = 0; i < 60; ++i) reputation_.reward(peer_, at(20));
  EXPECT_GT(reputation_.score(peer_, at(20)), -5);
  for (std::int64_t s = 20; s < 120; ++s) EXPECT_TRUE(reputation_.tick(at(s)).banned.empty());
}

TEST_F(ReputationTest, GivenABan_WhenItsTimeIsOver_ThenThePeerStartsAnew) {
  const auto banned_at = misbehave(0, 120);
  ASSERT_TRUE(banned_at.has_value());
  const Instant end = at(*banned_at) + limits::kBanTime;
  EXPECT_TRUE(reputation_.tick(end - milliseconds(1)).unbanned.empty());
  EXPECT_EQ(reputation_.tick(end).unbanned, std::vector<PeerId>{peer_});
  EXPECT_FALSE(reputation_.is_banned(peer_));
  EXPECT_EQ(reputation_.score(peer_, end), 0);
}

TEST_F(ReputationTest, GivenABan_WhenWhatThePeerSentBeforeProvesBad_ThenItIsNotBannedTwice) {
  const auto banned_at = misbehave(0, 120);
  ASSERT_TRUE(banned_at.has_value());
  for (std::int64_t s = *banned_at; s < *banned_at + 90; ++s) {
    for (int i = 0; i < 5; ++i) reputation_.apply(peer_, Blame::full, at(s));
    EXPECT_TRUE(reputation_.tick(at(s)).banned.empty());
  }
  const Instant end = at(*banned_at) + limits::kBanTime;
  EXPECT_EQ(reputation_.tick(end).unbanned, std::vector<PeerId>{peer_});
  EXPECT_EQ(reputation_.score(peer_, end), 0);
}

TEST_F(ReputationTest, GivenScoresThatDecayed_ThenTheyAreForgotten) {
  reputation_.reward(peer_, at(0));
  EXPECT_EQ(reputation_.size(), 1u);
  EXPECT_TRUE(reputation_.tick(at(200)).banned.empty());
  EXPECT_EQ(reputation_.size(), 0u);
}

TEST_F(ReputationTest, GivenMorePeersThanTheBound_ThenTheOldestIsForgotten) {
  reputation_.penalize(peer_, 1, at(0));
  for (std::size_t i = 0; i < limits::kReputationPeers; ++i) {
    Bytes multihash{0x12, 0x20};
    multihash.resize(34, 5);
    multihash[2] = static_cast<std::uint8_t>(i);
    multihash[3] = static_cast<std::uint8_t>(i >> 8);
    reputation_.penalize(PeerId::from_bytes(multihash).value(), 1, at(0));
  }
  EXPECT_EQ(reputation_.size(), limits::kReputationPeers);
  EXPECT_EQ(reputation_.score(peer_, at(0)), 0);
}

}  // namespace
}  // namespace libpreconf::p2p
