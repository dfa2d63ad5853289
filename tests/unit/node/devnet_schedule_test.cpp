#include "node/devnet_schedule.h"

#include <gtest/gtest.h>

namespace libpreconf::node {
namespace {

const RotatingSchedule kSchedule({Address{1}, Address{2}, Address{3}});

TEST(RotatingSchedule, GivenTicks_WhenTheElectedAreAsked_ThenTheyChangeEachSlotAndComeRound) {
  for (std::uint64_t number = 0; number < 40; ++number) {
    const DevnetTick tick{number};
    const auto answer = kSchedule.elected_at(U256(tick.timestamp()));
    const auto* elected = std::get_if<p2p::ElectedSigner>(&answer);
    ASSERT_NE(elected, nullptr);
    EXPECT_EQ(elected->signer, (Address{static_cast<std::uint8_t>(1 + number / kBlocksPerSlot % 3)}));
    EXPECT_EQ(elected->submission_window_end, U256(tick.window_end()));
    EXPECT_FALSE(elected->any_window_end);
    EXPECT_LT(tick.timestamp() + 1, tick.window_end());
    EXPECT_EQ(tick.is_last_of_slot(), DevnetTick{number + 1}.slot() != tick.slot());
  }
}

TEST(RotatingSchedule, GivenATimeBeforeTheStart_WhenAsked_ThenBeforeGenesis) {
  const auto answer = kSchedule.elected_at(U256(kDevnetStart - 1));
  const auto* out = std::get_if<p2p::ScheduleOutOfRange>(&answer);
  ASSERT_NE(out, nullptr);
  EXPECT_EQ(out->reason, p2p::ScheduleOutOfRange::Reason::before_genesis);
}

TEST(RotatingSchedule, GivenATimeBeyond64Bits_WhenAsked_ThenOutOfRange) {
  for (const U256& time : {U256(~std::uint64_t{0}), U256::max()}) {
    EXPECT_TRUE(std::holds_alternative<p2p::ScheduleOutOfRange>(kSchedule.elected_at(time)));
  }
}

}  // namespace
}  // namespace libpreconf::node
