// Mesh maintenance, backoff, subscriptions and publishing.
#include <gtest/gtest.h>

#include "gossipsub_network.h"

namespace libpreconf::libp2p::test {
namespace {

TEST(GossipsubMesh, GivenANewPeer_WhenItIsAdded_ThenItHearsOurSubscriptions) {
  TestNode node(1);
  const GossipPeer peer = node.add(10);
  EXPECT_EQ(node.count_sent(peer, encode_subscription(kBlocks, true)), 1U);
  EXPECT_EQ(node.count_sent(peer, encode_subscription(kLists, true)), 1U);
}

TEST(GossipsubMesh, GivenASmallMesh_WhenAPeerSubscribes_ThenItIsGraftedAtOnce) {
  TestNode node(1);
  for (std::uint8_t i = 10; i < 16; ++i) {
    const GossipPeer peer = node.add_subscribed(i);
    EXPECT_EQ(node.count_sent(peer, encode_graft(kBlocks)), 1U);
  }
  const GossipPeer seventh = node.add_subscribed(16);
  EXPECT_EQ(node.count_sent(seventh, encode_graft(kBlocks)), 0U);
  EXPECT_EQ(node.router->mesh_size(kBlocks), 6U);
}

TEST(GossipsubMesh, GivenAFloodsubPeer_WhenItSubscribes_ThenItIsNotGraftedButGetsEveryMessage) {
  TestNode node(1);
  const GossipPeer flood = node.add_subscribed(10, PeerKind::floodsub);
  const GossipPeer source = node.add_subscribed(11);
  EXPECT_EQ(node.count_sent(flood, encode_graft(kBlocks)), 0U);
  const TestMessage message(20, kBlocks, payload("x"));
  node.receive(source, message.rpc());
  EXPECT_EQ(node.count_sent(flood, make_publish_frame(message.view()).frame), 1U);
}

TEST(GossipsubMesh, GivenTwentyNodes_WhenTheHeartbeatsRun_ThenEveryMeshIsWithinItsBoundsAndMutual) {
  TestNetwork network(20);
  network.connect_all();
  for (int i = 0; i < 10; ++i) network.tick();
  for (std::size_t i = 0; i < 20; ++i) {
    const std::size_t size = network[i].router->mesh_size(kBlocks);
    EXPECT_GE(size, 6U);
    EXPECT_LE(size, 12U);
    for (std::size_t j = 0; j < 20; ++j) {
      if (i == j) continue;
      EXPECT_EQ(network[i].router->in_mesh(network[j].id(), kBlocks),
                network[j].router->in_mesh(network[i].id(), kBlocks));
    }
  }
}

TEST(GossipsubMesh, GivenANetwork_WhenOnePublishes_ThenEveryOtherNodeGetsItExactlyOnce) {
  TestNetwork network(20);
  network.connect_all();
  for (int i = 0; i < 5; ++i) network.tick();
  const auto outcome = network[0].router->publish(kBlocks, payload("hello"), network[0].now);
  ASSERT_TRUE(outcome);
  EXPECT_GE(outcome->recipients, 6U);
  network.deliver();
  EXPECT_EQ(network.holders(), 19U);
  for (std::size_t i = 1; i < 20; ++i) EXPECT_EQ(network[i].received.size(), 1U);
  EXPECT_TRUE(network[0].received.empty());
}

TEST(GossipsubMesh, GivenAMeshOverTwelve_WhenTheHeartbeatRuns_ThenEightStayWithTheBestAndTwoOutbound) {
  TestNode node(1);
  std::vector<GossipPeer> peers;
  for (std::uint8_t i = 10; i < 30; ++i) {
    // Outbound ones may graft beyond twelve; the first two are the only such here.
    peers.push_back(node.add(i, PeerKind::gossipsub_1_2, i < 12 ? Direction::outbound : Direction::inbound));
  }
  for (std::size_t i = 2; i < 14; ++i) node.receive(peers[i], encode_graft(kBlocks));
  node.receive(peers[0], encode_graft(kBlocks));
  node.receive(peers[1], encode_graft(kBlocks));
  ASSERT_EQ(node.router->mesh_size(kBlocks), 14U);
  for (std::uint8_t i = 20; i < 24; ++i) node.router->set_application_score(test_peer(i), 5);
  node.sent.clear();
  node.tick();
  EXPECT_EQ(node.router->mesh_size(kBlocks), 8U);
  for (std::uint8_t i = 20; i < 24; ++i) EXPECT_TRUE(node.router->in_mesh(test_peer(i), kBlocks));
  EXPECT_TRUE(node.router->in_mesh(test_peer(10), kBlocks));
  EXPECT_TRUE(node.router->in_mesh(test_peer(11), kBlocks));
  EXPECT_EQ(node.count_sent(encode_prune(kBlocks, 60)), 6U);
}

TEST(GossipsubMesh, GivenAMeshOfTwelve_WhenAnInboundPeerGrafts_ThenItIsPrunedButAnOutboundOneIsNot) {
  TestNode node(1);
  for (std::uint8_t i = 10; i < 22; ++i) {
    const GossipPeer peer = node.add(i, PeerKind::gossipsub_1_2, Direction::inbound);
    node.receive(peer, encode_graft(kBlocks));
  }
  const GossipPeer inbound = node.add(30, PeerKind::gossipsub_1_2, Direction::inbound);
  node.receive(inbound, encode_graft(kBlocks));
  EXPECT_EQ(node.count_sent(inbound, encode_prune(kBlocks, 60)), 1U);
  const GossipPeer outbound = node.add(31);
  node.receive(outbound, encode_graft(kBlocks));
  EXPECT_EQ(node.router->mesh_size(kBlocks), 13U);
  EXPECT_TRUE(node.router->is_subscribed(test_peer(31), kBlocks));  // a GRAFT counts as a subscription
}

TEST(GossipsubMesh, GivenFewOutboundPeersInTheMesh_WhenTheHeartbeatRuns_ThenTwoAreGrafted) {
  TestNode node(1);
  for (std::uint8_t i = 10; i < 18; ++i) {
    node.receive(node.add(i, PeerKind::gossipsub_1_2, Direction::inbound), encode_graft(kBlocks));
  }
  for (std::uint8_t i = 20; i < 24; ++i) node.add_subscribed(i, PeerKind::gossipsub_1_2, Direction::outbound);
  ASSERT_EQ(node.router->mesh_size(kBlocks), 8U);
  node.tick();
  EXPECT_EQ(node.router->mesh_size(kBlocks), 10U);
}

TEST(GossipsubMesh, GivenAPrune_WhenItsBackoffRuns_ThenThePeerIsNotGraftedBeforeItEnds) {
  TestNode node(1);
  const GossipPeer peer = node.add_subscribed(10);
  node.receive(peer, encode_prune(kBlocks, 20));
  EXPECT_FALSE(node.router->in_mesh(test_peer(10), kBlocks));
  node.sent.clear();
  for (int i = 0; i < 40; ++i) node.tick();
  EXPECT_EQ(node.count_sent(peer, encode_graft(kBlocks)), 0U);
  node.tick();  // one heartbeat of slack
  EXPECT_EQ(node.count_sent(peer, encode_graft(kBlocks)), 1U);
}

TEST(GossipsubMesh, attack_C1_C2_GivenAPruneWithTheLargestBackoff_WhenTimePasses_ThenAnHourIsHonoured) {
  for (const std::uint64_t backoff : {~std::uint64_t{0}, ~std::uint64_t{0} / 1000000, std::uint64_t{3601}}) {
    TestNode node(1);
    const GossipPeer peer = node.add_subscribed(10);
    node.receive(peer, encode_prune(kBlocks, backoff));
    node.sent.clear();
    node.tick(3599s);
    EXPECT_EQ(node.count_sent(peer, encode_graft(kBlocks)), 0U);
    node.tick(2s);
    EXPECT_EQ(node.count_sent(peer, encode_graft(kBlocks)), 1U);
  }
}

TEST(GossipsubMesh, GivenAPruneWithoutBackoff_WhenTimePasses_ThenAMinuteIsHonoured) {
  TestNode node(1);
  const GossipPeer peer = node.add_subscribed(10);
  node.receive(peer, encode_prune(kBlocks, std::nullopt));
  node.sent.clear();
  node.tick(60s);
  EXPECT_EQ(node.count_sent(peer, encode_graft(kBlocks)), 0U);
  node.tick(1s);
  EXPECT_EQ(node.count_sent(peer, encode_graft(kBlocks)), 1U);
}

TEST(GossipsubMesh, attack_C8_GivenAGraftFloodDuringBackoff_WhenAnswered_ThenFewPrunesComeBack) {
  TestNode node(1);
  const GossipPeer peer = node.add_subscribed(10);
  node.receive(peer, encode_prune(kBlocks, 60));
  node.sent.clear();
  for (int i = 0; i < 1000; ++i) node.receive(peer, encode_graft(kBlocks));
  EXPECT_EQ(node.count_sent(peer, encode_prune(kBlocks, 60)), limits::kMaxPruneAnswersPerHeartbeat);
  EXPECT_FALSE(node.router->in_mesh(test_peer(10), kBlocks));
  EXPECT_EQ(node.counters().grafts_during_backoff, 1000U);
}

TEST(GossipsubMesh, attack_C8_GivenAGraftForAnUnknownTopic_WhenItArrives_ThenThereIsNoAnswer) {
  TestNode node(1);
  const GossipPeer peer = node.add_subscribed(10);
  node.sent.clear();
  node.receive(peer, encode_graft("/somebody/elses"));
  EXPECT_TRUE(node.sent.empty());
}

TEST(GossipsubMesh, attack_C3_GivenSubscriptionsToUnknownTopics_WhenTheyArrive_ThenTheyAreOnlyCounted) {
  TestNode node(1);
  const GossipPeer peer = node.add(10);
  for (int i = 0; i < 1000; ++i) node.receive(peer, encode_subscription("topic" + std::to_string(i), true));
  EXPECT_EQ(node.counters().subscriptions_unknown_topic, 1000U);
}

TEST(GossipsubMesh, GivenABackoff_WhenThePeerReconnects_ThenItStillRuns) {
  TestNode node(1);
  const GossipPeer first = node.add_subscribed(10);
  node.receive(first, encode_prune(kBlocks, 60));
  node.router->remove_peer(first, node.now);
  node.sent.clear();
  const GossipPeer again = node.add_subscribed(10);
  EXPECT_EQ(node.count_sent(again, encode_graft(kBlocks)), 0U);
  EXPECT_EQ(node.count_sent(again, encode_graft(kLists)), 1U);
}

TEST(GossipsubMesh, GivenANegativeScore_WhenThePeerReconnects_ThenItIsRememberedForAnHour) {
  TestNode node(1);
  const GossipPeer first = node.add_subscribed(10);
  node.router->set_application_score(test_peer(10), -3);
  node.router->remove_peer(first, node.now);
  EXPECT_DOUBLE_EQ(node.router->score(test_peer(10)), -3);
  const GossipPeer again = node.add_subscribed(10);
  EXPECT_DOUBLE_EQ(node.router->score(test_peer(10)), -3);
  EXPECT_EQ(node.router->mesh_size(kBlocks), 0U);
  node.router->remove_peer(again, node.now);
  node.tick(3601s);
  EXPECT_DOUBLE_EQ(node.router->score(test_peer(10)), 0);
}

TEST(GossipsubMesh, GivenANegativeScore_WhenTheHeartbeatRuns_ThenThePeerIsPruned) {
  TestNode node(1);
  const GossipPeer peer = node.add_subscribed(10);
  node.router->set_application_score(test_peer(10), -0.5);
  node.sent.clear();
  node.tick();
  EXPECT_EQ(node.count_sent(peer, encode_prune(kBlocks, 60)), 1U);
  node.receive(peer, encode_graft(kBlocks));
  EXPECT_FALSE(node.router->in_mesh(test_peer(10), kBlocks));
}

TEST(GossipsubMesh, GivenAPeerThatSpeaks10_WhenPruned_ThenNoBackoffIsSentOrRemembered) {
  TestNode node(1);
  const GossipPeer peer = node.add_subscribed(10, PeerKind::gossipsub_1_0);
  node.router->set_application_score(test_peer(10), -0.5);
  node.sent.clear();
  node.tick();
  EXPECT_EQ(node.count_sent(peer, encode_prune(kBlocks, std::nullopt)), 1U);
  node.router->set_application_score(test_peer(10), 0);
  node.tick();
  EXPECT_EQ(node.count_sent(peer, encode_graft(kBlocks)), 1U);
}

TEST(GossipsubMesh, GivenALowMedianScore_WhenThirtySecondsPassed_ThenTwoBetterPeersAreGrafted) {
  TestNode node(1);
  for (std::uint8_t i = 10; i < 18; ++i) node.receive(node.add(i), encode_graft(kBlocks));
  for (std::uint8_t i = 20; i < 24; ++i) {
    node.add_subscribed(i);
    node.router->set_application_score(test_peer(i), 2);
  }
  for (int i = 0; i < 59; ++i) node.tick();
  EXPECT_EQ(node.router->mesh_size(kBlocks), 8U);
  node.tick();
  EXPECT_EQ(node.router->mesh_size(kBlocks), 10U);
}

TEST(GossipsubMesh, GivenASubscription_WhenDropped_ThenTheMeshHearsPruneWithTenSeconds) {
  TestNetwork network(3);
  network.connect_all();
  ASSERT_EQ(network[0].router->mesh_size(kBlocks), 2U);
  network[0].router->unsubscribe(kBlocks, network[0].now);
  EXPECT_EQ(network[0].count_sent(encode_subscription(kBlocks, false)), 2U);
  EXPECT_EQ(network[0].count_sent(encode_prune(kBlocks, 10)), 2U);
  network.deliver();
  EXPECT_FALSE(network[1].router->is_subscribed(network[0].id(), kBlocks));
  EXPECT_FALSE(network[1].router->in_mesh(network[0].id(), kBlocks));
  // Within the backoff nobody grafts; after it the mesh comes back.
  network[0].router->subscribe(kBlocks, network[0].now);
  network.deliver();
  EXPECT_EQ(network[0].router->mesh_size(kBlocks), 0U);
  for (int i = 0; i < 23; ++i) network.tick();
  EXPECT_EQ(network[0].router->mesh_size(kBlocks), 2U);
}

TEST(GossipsubPublish, GivenNoSubscribedPeer_WhenPublished_ThenItFailsAndCanBeRetried) {
  TestNode node(1);
  const auto first = node.router->publish(kBlocks, payload("x"), node.now);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, ErrorCode::unavailable);
  node.add_subscribed(10);
  EXPECT_TRUE(node.router->publish(kBlocks, payload("x"), node.now));
}

TEST(GossipsubPublish, GivenAPublishedMessage_WhenPublishedAgainOrReceived_ThenItIsAConflict) {
  TestNode node(1);
  const GossipPeer peer = node.add_subscribed(10);
  ASSERT_TRUE(node.router->publish(kBlocks, payload("x"), node.now));
  EXPECT_EQ(node.router->publish(kBlocks, payload("x"), node.now).error().code, ErrorCode::conflict);
  node.receive(peer, TestMessage(20, kBlocks, payload("y")).rpc());
  EXPECT_EQ(node.router->publish(kBlocks, payload("y"), node.now).error().code, ErrorCode::conflict);
}

TEST(GossipsubPublish, GivenWrongArguments_WhenPublished_ThenTheErrorSaysWhich) {
  TestNode node(1);
  node.add_subscribed(10);
  EXPECT_EQ(node.router->publish("/no/topic", payload("x"), node.now).error().code, ErrorCode::not_found);
  EXPECT_EQ(node.router->publish(kBlocks, payload("x", 383), node.now).error().code, ErrorCode::too_large);
}

TEST(GossipsubPublish, GivenTwoPublishes_WhenRead_ThenTheSequenceNumbersRiseByOneAndSignaturesVerify) {
  TestNode node(1, [](GossipsubConfig& config) { config.first_seqno = 1764000000000000001; });
  node.add_subscribed(10);
  node.sent.clear();
  ASSERT_TRUE(node.router->publish(kBlocks, payload("a"), node.now));
  ASSERT_TRUE(node.router->publish(kBlocks, payload("b"), node.now));
  std::uint64_t expected = 1764000000000000001;
  for (const auto& sent : node.sent) {
    for_each_field(body_of(ByteView(*sent.frame)), kRpcPublish, [&](ByteView bytes) {
      PubsubMessageView message;
      ASSERT_TRUE(parse_pubsub_message(bytes, message));
      std::uint64_t seqno = 0;
      for (const std::uint8_t byte : *message.seqno) seqno = seqno << 8 | byte;
      EXPECT_EQ(seqno, expected++);
      Bytes preimage;
      write_signed_bytes(message, preimage);
      EXPECT_TRUE(equal(test_signature(test_key(1), preimage), *message.signature));
    });
  }
  EXPECT_EQ(expected, 1764000000000000003);
}

TEST(GossipsubPublish,
     GivenATopicWeDoNotSubscribe_WhenPublished_ThenItsSubscribersGetItAndBecomeTheMeshLater) {
  TestNetwork network(4, [](GossipsubConfig& config) {
    if (config.self == test_peer(1)) config.topics[1].subscribe = false;
  });
  network.connect_all();
  ASSERT_TRUE(network[0].router->publish(kLists, payload("a"), network[0].now));
  network.deliver();
  EXPECT_EQ(network.holders(), 3U);
  EXPECT_EQ(network[0].router->mesh_size(kLists), 0U);
  network[0].router->subscribe(kLists, network[0].now);
  EXPECT_EQ(network[0].count_sent(encode_graft(kLists)), 3U);
}

TEST(GossipsubPublish, GivenPeersBelowThePublishThreshold_WhenPublished_ThenTheyGetNothing) {
  TestNode node(1);
  const GossipPeer bad = node.add_subscribed(10);
  node.router->set_application_score(test_peer(10), -2.5);
  EXPECT_EQ(node.router->publish(kBlocks, payload("x"), node.now).error().code, ErrorCode::unavailable);
  const GossipPeer good = node.add_subscribed(11);
  node.sent.clear();
  ASSERT_TRUE(node.router->publish(kBlocks, payload("x"), node.now));
  ASSERT_EQ(node.sent.size(), 1U);
  EXPECT_EQ(node.sent[0].to, good);
  EXPECT_NE(node.sent[0].to, bad);
}

TEST(GossipsubPublish, GivenAPeerWhoseQueueIsFull_WhenPublished_ThenItIsCountedAndNotARecipient) {
  TestNode node(1);
  node.add_subscribed(10);
  node.refuse_sends = true;
  const auto outcome = node.router->publish(kBlocks, payload("x"), node.now);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->recipients, 0U);
  EXPECT_EQ(node.counters().sends_refused, 1U);
}

TEST(GossipsubPeers, GivenAFullTable_WhenAnotherPeerComes_ThenItIsRefused) {
  TestNode node(1);
  for (std::size_t i = 0; i < limits::kMaxGossipPeers; ++i) {
    Bytes key = test_key(static_cast<std::uint8_t>(i));
    key[35] = static_cast<std::uint8_t>(i / 256 + 1);
    ASSERT_TRUE(node.router->add_peer(PeerId::of_public_key(key), Direction::inbound, PeerKind::gossipsub_1_1,
                                      node.now));
  }
  EXPECT_FALSE(node.router->add_peer(test_peer(77), Direction::inbound, PeerKind::gossipsub_1_1, node.now));
  EXPECT_EQ(node.counters().peers_refused, 1U);
}

}  // namespace
}  // namespace libpreconf::libp2p::test
