// What the embeddable node says about itself: R-3, R-4, R-9 and R-13 of node book 20.7.

#include "libpreconf/node/preconfirmation_driver_node.h"

#include <gtest/gtest.h>

#include "driver/fixed_inbox_reader.h"
#include "libpreconf/preconf/static_signer_schedule.h"
#include "node/node_status.h"
#include "reactor/simulated.h"
#include "rpc/preconf_api.h"

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

TEST(NodeStatus, R13_GivenANodeWhoseP2pDoesNotRunYet_WhenStatusIsCalled_ThenItIsAnsweredWithinASecond) {
  SimulatedNetwork network(1);
  Reactor& reactor = network.host("10.0.0.1");
  SeededRandom random(2);
  driver::FixedInboxReader inbox(reactor);
  const auto schedule = preconf::StaticSignerSchedule::one_signer(Address{7});
  PreconfirmationDriverNodeConfig config;
  config.p2p.listen = {SocketAddress::parse("10.0.0.1:9000").value()};
  config.p2p.identity = {0x08, 0x02, 0x12, 0x20};
  config.p2p.identity.resize(36, 0x11);
  const auto created =
      PreconfirmationDriverNode::create(reactor, random, std::move(config), schedule, inbox).value();
  rpc::PreconfBackend backend;
  backend.status = [&] { return status_fields(created.node->status()); };
  rpc::MethodTable table;
  rpc::add_preconf_methods(table, backend);
  rpc::JsonRpc json_rpc(reactor, random, std::move(table));

  std::optional<std::string> answer;
  json_rpc.handle(R"({"jsonrpc":"2.0","id":1,"method":"preconf_getStatus"})",
                  [&](std::optional<std::string> text) { answer = std::move(text); });
  ASSERT_TRUE(network.run_until([&] { return answer.has_value(); }, std::chrono::seconds(1)));
  const codec::Json result = codec::Json::parse(*answer).value().at("result");
  EXPECT_EQ(result.at("peerCount").as_integer(), 0);
  EXPECT_EQ(result.at("peerId").as_string(), created.node->network().local_peer_id().to_string());
  EXPECT_EQ(result.at("isSyncedWithInbox").as_boolean(), false);
  EXPECT_TRUE(created.node->network().listen_addresses().empty());
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
