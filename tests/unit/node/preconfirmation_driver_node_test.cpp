// What the embeddable node says about itself: of node book 20.7.

#include "libpreconf/node/preconfirmation_driver_node.h"

#include <gtest/gtest.h>

#include "libpreconf/preconf/static_signer_schedule.h"
#include "node/node_status.h"

namespace libpreconf::node {
namespace {

TEST(NodeStatus, R3_GivenCanonical42AndNext43_WhenAsked_ThenItIsSyncedWithFivePeersAndItsId) {
  const NodeStatus status = make_status({.next_proposal_id = 43,
                                         .canonical_proposal_id = 42,
                                         .event_sync_tip = U256(0),
                                         .preconf_tip = U256(0),
                                         .live = true,
                                         .peer_count = 5,
                                         .peer_id = "12D3KooW"});
  EXPECT_TRUE(status.is_synced_with_inbox);
  EXPECT_TRUE(status.ready);
  EXPECT_EQ(status.canonical_proposal_id, 42U);
  EXPECT_EQ(status.peer_count, 5U);
  EXPECT_EQ(status.peer_id, "12D3KooW");
}

TEST(NodeStatus, R4_GivenTheTips_WhenAsked_ThenEventSyncTipAndPreconfTipAreTold) {
  const NodeStatus status = make_status({.next_proposal_id = 43,
                                         .canonical_proposal_id = 42,
                                         .event_sync_tip = U256(88),
                                         .preconf_tip = U256(100),
                                         .head = {.block_number = U256(101)}});
  EXPECT_TRUE(status.is_synced_with_inbox);
  EXPECT_FALSE(status.ready);
  EXPECT_EQ(status.event_sync_tip->to_hex(), "0x58");
  EXPECT_EQ(status.preconf_tip.to_hex(), "0x64");
  EXPECT_EQ(status.head_block, U256(101));
}

TEST(NodeStatus, GivenAnInboxThatCannotBeRead_WhenAsked_ThenItIsNotSynced) {
  EXPECT_FALSE(make_status({.canonical_proposal_id = 42, .event_sync_tip = U256(0), .preconf_tip = U256(0)})
                   .is_synced_with_inbox);
  EXPECT_FALSE(make_status({.next_proposal_id = 43,
                            .canonical_proposal_id = 41,
                            .event_sync_tip = U256(0),
                            .preconf_tip = U256(0)})
                   .is_synced_with_inbox);
  EXPECT_TRUE(make_status({.next_proposal_id = 0, .event_sync_tip = U256(0), .preconf_tip = U256(0)})
                  .is_synced_with_inbox);
}

TEST(NodeStatus, GivenATipThatIsNotKnown_WhenAsked_ThenTheEventSyncTipIsAbsent) {
  const NodeStatus status =
      make_status({.event_sync_tip = fail(ErrorCode::unavailable, "unknown"), .preconf_tip = U256(3)});
  EXPECT_FALSE(status.event_sync_tip);
  EXPECT_EQ(status.preconf_tip, U256(3));
}

TEST(SlotInfo, R9_GivenASchedule_WhenSlot500IsAsked_ThenSignerAndWindowAreThoseOfTheSchedule) {
  Address signer;
  signer.fill(0x11);
  const auto schedule = preconf::StaticSignerSchedule::from_windows(
                            {{.from = 400, .to = 600, .signer = signer, .window_end = 2000}})
                            .value();
  const auto info = answer_slot_info(schedule, U256(500));
  ASSERT_TRUE(info);
  EXPECT_EQ(info->signer, signer);
  EXPECT_EQ(info->submission_window_end, U256(2000));
  ASSERT_FALSE(answer_slot_info(schedule, U256(600)));
  EXPECT_TRUE(answer_slot_info(schedule, U256(600)).error().out_of_range);
}

TEST(SlotInfo, GivenOneSigner_WhenAsked_ThenTheAskedValueIsTheWindowEnd) {
  const auto schedule = preconf::StaticSignerSchedule::one_signer(Address{7});
  EXPECT_EQ(answer_slot_info(schedule, U256(500))->submission_window_end, U256(500));
}

}  // namespace
}  // namespace libpreconf::node
