// IHAVE, IWANT and IDONTWANT.
#include <gtest/gtest.h>

#include "gossipsub_network.h"

namespace libpreconf::libp2p::test {
namespace {

MessageId numbered_id(std::size_t number) {
  return op_stack_message_id(payload("id " + std::to_string(number)));
}

TEST(GossipsubGossip, GivenAPeerOutsideTheMesh_WhenTheHeartbeatRuns_ThenItHearsIhaveForThreeHeartbeats) {
  TestNode node(1);
  for (std::uint8_t i = 10; i < 16; ++i) node.add_subscribed(i);
  const GossipPeer outside = node.add_subscribed(16);
  ASSERT_FALSE(node.router->in_mesh(test_peer(16), kBlocks));
  const auto outcome = node.router->publish(kBlocks, payload("x"), node.now);
  ASSERT_TRUE(outcome);
  const SharedBytes ihave = encode_ihave(kBlocks, {{outcome->id}});
  node.sent.clear();
  for (int i = 0; i < 3; ++i) node.tick();
  EXPECT_EQ(node.count_sent(outside, ihave), 3U);
  node.tick();
  EXPECT_EQ(node.count_sent(outside, ihave), 3U);
  EXPECT_EQ(node.count_sent(ihave), 3U);
}

TEST(GossipsubGossip, GivenALineWhoseMeshIsCut_WhenGossipRuns_ThenTheMessageStillArrives) {
  TestNetwork network(2);
  network.connect(0, 1);
  const Bytes data = payload("by gossip");
  // The publish itself is lost, and node 1 is kept out of the mesh.
  network[0].receive(network.handle(0, 1), encode_prune(kBlocks, 60));
  network[1].receive(network.handle(1, 0), encode_prune(kBlocks, 60));
  network.drop = [](std::size_t, std::size_t, ByteView) { return true; };
  ASSERT_TRUE(network[0].router->publish(kBlocks, data, network[0].now));
  network.deliver();
  network.drop = nullptr;
  ASSERT_TRUE(network[1].received.empty());
  network.tick();
  ASSERT_EQ(network[1].received.size(), 1U);
  EXPECT_EQ(network[1].received[0].data, data);
  EXPECT_EQ(network[0].counters().iwant_messages_served, 1U);
  network.tick(4s);
  EXPECT_EQ(network[1].counters().promises_broken, 0U);
}

TEST(GossipsubGossip, GivenAnIhave_WhenTheIdsAreUnseen_ThenTheyAreAskedForOnceAmongAllPeers) {
  TestNode node(1);
  const GossipPeer alice = node.add_subscribed(10);
  const GossipPeer bob = node.add_subscribed(11);
  node.sent.clear();
  node.receive(alice, encode_ihave(kBlocks, {{numbered_id(1)}}));
  node.receive(bob, encode_ihave(kBlocks, {{numbered_id(1)}}));
  EXPECT_EQ(node.count_sent(alice, encode_iwant({{numbered_id(1)}})), 1U);
  EXPECT_EQ(node.count_sent(bob, encode_iwant({{numbered_id(1)}})), 0U);
  node.tick(3s);
  EXPECT_EQ(node.counters().promises_broken, 1U);
  // The first one did not keep its word; now the second is asked.
  node.receive(bob, encode_ihave(kBlocks, {{numbered_id(1)}}));
  EXPECT_EQ(node.count_sent(bob, encode_iwant({{numbered_id(1)}})), 1U);
}

TEST(GossipsubGossip, GivenIdsThatWereSeenOrForeignTopics_WhenIhaveArrives_ThenNothingIsAsked) {
  TestNode node(1);
  const GossipPeer peer = node.add_subscribed(10);
  const TestMessage message(20, kBlocks, payload("x"));
  node.receive(peer, message.rpc());
  node.sent.clear();
  node.receive(peer, encode_ihave(kBlocks, {{op_stack_message_id(message.data)}}));
  node.receive(peer, encode_ihave("/other", {{numbered_id(1)}}));
  EXPECT_TRUE(node.sent.empty());
}

TEST(GossipsubGossip, attack_C5_GivenAnIhaveFlood_WhenAsked_ThenIdsAndMessagesPerHeartbeatAreBounded) {
  TestNode node(1);
  const GossipPeer peer = node.add_subscribed(10);
  std::vector<MessageId> ids;
  for (std::size_t i = 0; i < 4000; ++i) ids.push_back(numbered_id(i));
  node.receive(peer, encode_ihave(kBlocks, ids));
  EXPECT_EQ(node.counters().iwant_ids_asked, 4000U);
  for (auto& id : ids) id[0] ^= 1;
  node.receive(peer, encode_ihave(kBlocks, ids));
  EXPECT_EQ(node.counters().iwant_ids_asked, 5000U);
  for (int i = 0; i < 20; ++i) node.receive(peer, encode_ihave(kBlocks, {{numbered_id(9000)}}));
  EXPECT_EQ(node.counters().iwant_ids_asked, 5000U);
  node.tick();
  for (std::size_t i = 0; i < 20; ++i) node.receive(peer, encode_ihave(kBlocks, {{numbered_id(9000 + i)}}));
  EXPECT_EQ(node.counters().iwant_ids_asked, 5010U);
}

TEST(GossipsubGossip, attack_C5_GivenPromisesOfManyPeers_WhenTheTableIsFull_ThenNoMoreIsAsked) {
  TestNode node(1);
  std::size_t next = 0;
  for (std::uint8_t i = 10; i < 15; ++i) {
    const GossipPeer peer = node.add_subscribed(i);
    std::vector<MessageId> ids;
    for (int k = 0; k < 4000; ++k) ids.push_back(numbered_id(next++));
    node.receive(peer, encode_ihave(kBlocks, ids));
  }
  EXPECT_EQ(node.counters().iwant_ids_asked, limits::kMaxPromises);
}

TEST(GossipsubGossip, attack_C6_GivenAnIwantForTheSameId_WhenRepeated_ThenItIsServedThreeTimes) {
  TestNode node(1);
  const GossipPeer alice = node.add_subscribed(10);
  const GossipPeer bob = node.add_subscribed(11);
  const auto outcome = node.router->publish(kBlocks, payload("x"), node.now);
  ASSERT_TRUE(outcome);
  node.sent.clear();
  const std::vector<MessageId> repeated(10, outcome->id);
  node.receive(alice, encode_iwant(repeated));
  node.receive(bob, encode_iwant(repeated));
  EXPECT_EQ(node.counters().iwant_messages_served, 6U);
}

TEST(GossipsubGossip, attack_C6_GivenIwantsForLargeMessages_WhenServed_ThenBytesPerHeartbeatAreBounded) {
  TestNode node(1);
  const GossipPeer peer = node.add_subscribed(10);
  std::vector<MessageId> ids;
  for (int i = 0; i < 12; ++i) {
    const auto outcome = node.router->publish(kLists, payload(std::to_string(i), 2097188), node.now);
    ASSERT_TRUE(outcome);
    ids.push_back(outcome->id);
  }
  node.sent.clear();
  node.receive(peer, encode_iwant(ids));
  EXPECT_EQ(node.counters().iwant_messages_served, 5U);
  node.tick();
  node.receive(peer, encode_iwant(ids));
  EXPECT_EQ(node.counters().iwant_messages_served, 10U);
}

TEST(GossipsubGossip, GivenTwelveHeartbeats_WhenTheyHavePassed_ThenTheMessageIsNoLongerServed) {
  TestNode node(1);
  const GossipPeer peer = node.add_subscribed(10);
  const auto outcome = node.router->publish(kBlocks, payload("x"), node.now);
  ASSERT_TRUE(outcome);
  for (int i = 0; i < 11; ++i) node.tick();
  node.receive(peer, encode_iwant({{outcome->id}}));
  EXPECT_EQ(node.counters().iwant_messages_served, 1U);
  node.tick();
  node.receive(peer, encode_iwant({{outcome->id}}));
  EXPECT_EQ(node.counters().iwant_messages_served, 1U);
}

TEST(GossipsubGossip, GivenAMessageThatIsNotAccepted_WhenAskedFor_ThenItIsNotServed) {
  TestNode node(1);
  node.verdict.reset();
  const GossipPeer peer = node.add_subscribed(10);
  const TestMessage message(20, kBlocks, payload("x"));
  node.receive(peer, message.rpc());
  node.receive(peer, encode_iwant({{op_stack_message_id(message.data)}}));
  EXPECT_EQ(node.counters().iwant_messages_served, 0U);
}

TEST(GossipsubGossip, GivenAScoreBelowTheGossipThreshold_WhenItGossips_ThenItIsIgnored) {
  TestNode node(1);
  const GossipPeer peer = node.add_subscribed(10);
  const auto outcome = node.router->publish(kBlocks, payload("x"), node.now);
  ASSERT_TRUE(outcome);
  node.router->set_application_score(test_peer(10), -1.5);
  node.sent.clear();
  node.receive(peer, encode_ihave(kBlocks, {{numbered_id(1)}}));
  node.receive(peer, encode_iwant({{outcome->id}}));
  EXPECT_TRUE(node.sent.empty());
  EXPECT_EQ(node.counters().ihaves_ignored, 1U);
  EXPECT_EQ(node.counters().iwants_ignored, 1U);
}

class GossipsubIdontwant : public testing::Test {
 protected:
  TestNode node{1};
  const TestMessage large{20, kLists, payload("large", 2000)};
  const MessageId id = op_stack_message_id(large.data);
  const SharedBytes idontwant = encode_idontwant({&id, 1});
  const SharedBytes frame = make_publish_frame(large.view()).frame;
};

TEST_F(GossipsubIdontwant, GivenALargeMessage_WhenItsSignatureHolds_ThenMeshPeersThatSpeak12AreTold) {
  const GossipPeer source = node.add_subscribed(10);
  const GossipPeer new_one = node.add_subscribed(11);
  const GossipPeer old_one = node.add_subscribed(12, PeerKind::gossipsub_1_1);
  const GossipPeer author = node.add_subscribed(20);
  node.sent.clear();
  node.receive(source, large.rpc());
  EXPECT_EQ(node.count_sent(idontwant), 1U);
  EXPECT_EQ(node.count_sent(new_one, idontwant), 1U);
  EXPECT_EQ(node.count_sent(old_one, idontwant), 0U);
  EXPECT_EQ(node.count_sent(author, idontwant), 0U);
  // Not once more for the copies.
  node.receive(new_one, large.rpc());
  EXPECT_EQ(node.count_sent(idontwant), 1U);
}

TEST_F(GossipsubIdontwant, GivenAMisSignedLargeMessage_WhenItArrives_ThenNobodyIsToldToHoldTheHonestOneBack) {
  const GossipPeer source = node.add_subscribed(10);
  node.add_subscribed(11);
  node.sent.clear();
  TestMessage forged = large;
  forged.signature[0] ^= 1;
  node.receive(source, forged.rpc());
  EXPECT_TRUE(node.sent.empty());
}

TEST_F(GossipsubIdontwant, GivenASmallMessage_WhenItArrives_ThenNothingIsSaid) {
  const GossipPeer source = node.add_subscribed(10);
  node.add_subscribed(11);
  node.receive(source, TestMessage(20, kBlocks, payload("small", 382)).rpc());
  EXPECT_EQ(node.counters().idontwants_sent, 0U);
}

TEST_F(GossipsubIdontwant, GivenAPeerThatDoesNotWantIt_WhenForwarded_ThenItGetsNoCopyForThreeSeconds) {
  const GossipPeer source = node.add_subscribed(10);
  const GossipPeer unwilling = node.add_subscribed(11);
  const GossipPeer willing = node.add_subscribed(12);
  node.receive(unwilling, idontwant);
  node.sent.clear();
  node.receive(source, large.rpc());
  EXPECT_EQ(node.count_sent(unwilling, frame), 0U);
  EXPECT_EQ(node.count_sent(willing, frame), 1U);
  EXPECT_EQ(node.counters().forwards_unwanted, 1U);
}

TEST_F(GossipsubIdontwant, GivenAnOldIdontwant_WhenThreeSecondsPassed_ThenItNoLongerCounts) {
  const GossipPeer source = node.add_subscribed(10);
  const GossipPeer peer = node.add_subscribed(11);
  node.receive(peer, idontwant);
  node.now += 3s;
  node.sent.clear();
  node.receive(source, large.rpc());
  EXPECT_EQ(node.count_sent(peer, frame), 1U);
}

TEST_F(GossipsubIdontwant, attack_C7_GivenAFloodOrAStranger_WhenTheyArrive_ThenTheyAreIgnored) {
  const GossipPeer peer = node.add_subscribed(10);
  for (std::uint8_t i = 11; i < 16; ++i) node.add_subscribed(i);
  const GossipPeer stranger = node.add_subscribed(16);
  node.receive(stranger, idontwant);
  EXPECT_EQ(node.counters().idontwants_ignored, 1U);
  for (std::size_t i = 0; i < 30; ++i) node.receive(peer, encode_idontwant({{numbered_id(i)}}));
  EXPECT_EQ(node.counters().idontwants_ignored, 21U);
  node.tick();
  node.receive(peer, encode_idontwant({{numbered_id(99)}}));
  EXPECT_EQ(node.counters().idontwants_ignored, 21U);
}

TEST_F(GossipsubIdontwant, GivenANetworkWithTxlists_WhenPublished_ThenIdontwantSavesCopies) {
  TestNetwork network(10);
  network.connect_all();
  for (int i = 0; i < 5; ++i) network.tick();
  ASSERT_TRUE(network[0].router->publish(kLists, payload("list", 50000), network[0].now));
  network.deliver();
  EXPECT_EQ(network.holders(), 9U);
  std::uint64_t told = 0;
  for (const auto& node_ptr : network.nodes) told += node_ptr->counters().idontwants_sent;
  EXPECT_GT(told, 0U);
}

}  // namespace
}  // namespace libpreconf::libp2p::test
