// The way of a received message through the checks, in the order that gossipsub.h promises.
#include <gtest/gtest.h>

#include "gossipsub_network.h"

namespace libpreconf::libp2p::test {
namespace {

class GossipsubReceive : public testing::Test {
 protected:
  GossipsubReceive() : alice(node.add_subscribed(10)), bob(node.add_subscribed(11)) { node.sent.clear(); }

  TestNode node{1};
  GossipPeer alice, bob;
  const TestMessage message{20, kBlocks, payload("first")};
  const MessageId id = op_stack_message_id(message.data);
};

TEST_F(GossipsubReceive, GivenASignedMessage_WhenItArrives_ThenItIsPrecheckedVerifiedAndHandedOutOnce) {
  EXPECT_EQ(node.receive(alice, message.rpc()), RpcOutcome::done);
  ASSERT_EQ(node.received.size(), 1U);
  EXPECT_EQ(node.received[0].id, id);
  EXPECT_EQ(node.received[0].from, test_peer(10));
  EXPECT_EQ(node.received[0].data, message.data);
  EXPECT_EQ(node.prechecks, 1U);
  EXPECT_EQ(node.verifications, 1U);
  EXPECT_EQ(node.counters().messages_accepted, 1U);
}

TEST_F(GossipsubReceive, GivenAnAcceptedMessage_WhenForwarded_ThenOneFrameIsSharedAndEqualToTheOriginal) {
  const GossipPeer carol = node.add_subscribed(12);
  node.sent.clear();
  node.receive(alice, message.rpc());
  ASSERT_EQ(node.sent.size(), 2U);
  EXPECT_EQ(node.sent[0].to, bob);
  EXPECT_EQ(node.sent[1].to, carol);
  EXPECT_EQ(node.sent[0].frame.get(), node.sent[1].frame.get());
  EXPECT_EQ(*node.sent[0].frame, *make_publish_frame(message.view()).frame);
  EXPECT_EQ(node.sent[0].kind, FrameKind::forward);
}

TEST_F(GossipsubReceive, GivenTheAuthorAmongOurPeers_WhenForwarded_ThenItGetsNoCopy) {
  const GossipPeer author = node.add_subscribed(20);
  node.sent.clear();
  node.receive(alice, message.rpc());
  ASSERT_EQ(node.sent.size(), 1U);
  EXPECT_NE(node.sent[0].to, author);
}

TEST_F(GossipsubReceive, GivenASeenId_WhenCopiesArrive_ThenNothingButTheLookUpHappens) {
  node.receive(alice, message.rpc());
  node.sent.clear();
  for (int i = 0; i < 5; ++i) node.receive(bob, message.rpc());
  EXPECT_EQ(node.counters().messages_duplicate, 5U);
  EXPECT_EQ(node.prechecks, 1U);
  EXPECT_EQ(node.verifications, 1U);
  EXPECT_TRUE(node.sent.empty());
}

TEST_F(GossipsubReceive, GivenAMisSignedFirstCopy_WhenTheHonestOneFollows_ThenItIsHandedOut) {
  TestMessage forged = message;
  forged.signature[0] ^= 1;
  node.receive(alice, forged.rpc());
  EXPECT_TRUE(node.received.empty());
  EXPECT_EQ(node.counters().messages_bad_signature, 1U);
  EXPECT_DOUBLE_EQ(node.router->score(test_peer(10)), -2);
  node.receive(bob, message.rpc());
  EXPECT_EQ(node.received.size(), 1U);
  EXPECT_DOUBLE_EQ(node.router->score(test_peer(11)), 0.5);
}

TEST_F(GossipsubReceive,
       attack_C11b_GivenAPayloadResignedByOthers_WhenTheFirstWasAccepted_ThenNoneIsVerified) {
  node.receive(alice, message.rpc());
  for (std::uint8_t author = 30; author < 60; ++author) {
    node.receive(bob, TestMessage(author, kBlocks, message.data).rpc());
  }
  EXPECT_EQ(node.verifications, 1U);
  EXPECT_DOUBLE_EQ(node.router->score(test_peer(11)), 0);
}

TEST_F(GossipsubReceive, GivenAMessageUnderValidation_WhenCopiesArrive_ThenTheyAreParkedAndShareTheVerdict) {
  node.verdict.reset();
  const GossipPeer carol = node.add_subscribed(12);
  const GossipPeer dave = node.add_subscribed(13);
  node.sent.clear();
  node.receive(alice, message.rpc());
  node.receive(bob, message.rpc());
  EXPECT_EQ(node.verifications, 1U);
  EXPECT_EQ(node.counters().messages_parked, 1U);
  EXPECT_TRUE(node.sent.empty());
  node.router->report(id, Verdict::accept, node.now);
  // Neither of the two who have it gets a copy, the other two do.
  ASSERT_EQ(node.sent.size(), 2U);
  EXPECT_EQ(node.sent[0].to, carol);
  EXPECT_EQ(node.sent[1].to, dave);
  EXPECT_DOUBLE_EQ(node.router->score(test_peer(10)), 0.5);
  EXPECT_DOUBLE_EQ(node.router->score(test_peer(11)), 0);
}

TEST_F(GossipsubReceive, GivenAcceptedMessages_WhenOthersSendThemMeanwhile_ThenTheyAreNotSentThem) {
  node.hold_forwards = true;
  const GossipPeer carol = node.add_subscribed(12);
  const TestMessage second(20, kBlocks, payload("second"));
  node.sent.clear();
  node.receive(alice, message.rpc());
  node.receive(alice, second.rpc());
  node.receive(bob, message.rpc());
  EXPECT_EQ(node.forwards_asked, 1U);
  EXPECT_EQ(node.router->pending_messages(), 2U);
  EXPECT_TRUE(node.sent.empty());
  node.router->forward_accepted(node.now);
  ASSERT_EQ(node.sent.size(), 3U);
  EXPECT_EQ(node.sent[0].to, carol);
  EXPECT_EQ(node.sent[1].to, bob);
  EXPECT_EQ(node.sent[2].to, carol);
  EXPECT_EQ(node.counters().forwards_spared, 1U);
  EXPECT_EQ(node.router->pending_messages(), 0U);
  // The next one asks again; what is forwarded is settled.
  node.receive(carol, message.rpc());
  node.receive(bob, TestMessage(20, kBlocks, payload("third")).rpc());
  EXPECT_EQ(node.forwards_asked, 2U);
}

TEST_F(GossipsubReceive, GivenAnAcceptedMessage_WhenEveryOneElseLeft_ThenNothingIsSent) {
  node.hold_forwards = true;
  node.sent.clear();
  node.receive(alice, message.rpc());
  node.router->remove_peer(bob, node.now);
  node.router->forward_accepted(node.now);
  EXPECT_TRUE(node.sent.empty());
  EXPECT_EQ(node.router->pending_messages(), 0U);
}

TEST_F(GossipsubReceive, GivenOnePeer_WhenItsMessageIsAccepted_ThenNobodyIsAskedToForwardIt) {
  node.router->remove_peer(bob, node.now);
  node.receive(alice, message.rpc());
  EXPECT_EQ(node.counters().messages_accepted, 1U);
  EXPECT_EQ(node.forwards_asked, 0U);
  EXPECT_EQ(node.router->pending_messages(), 0U);
}

TEST_F(GossipsubReceive, GivenParkedCopies_WhenRejected_ThenEverySenderPaysAndLaterOnesToo) {
  node.verdict.reset();
  const GossipPeer carol = node.add_subscribed(12);
  node.sent.clear();
  node.receive(alice, message.rpc());
  node.receive(bob, message.rpc());
  node.router->report(id, Verdict::reject, node.now);
  node.receive(carol, message.rpc());
  for (const std::uint8_t peer : {10, 11, 12}) EXPECT_DOUBLE_EQ(node.router->score(test_peer(peer)), -2);
  EXPECT_TRUE(node.sent.empty());
  EXPECT_EQ(node.verifications, 1U);
}

TEST_F(GossipsubReceive, GivenAnIgnoredMessage_WhenCopiesArrive_ThenNobodyIsBlamedAndNothingForwarded) {
  node.verdict = Verdict::ignore;
  node.receive(alice, message.rpc());
  node.receive(bob, message.rpc());
  EXPECT_DOUBLE_EQ(node.router->score(test_peer(10)), 0);
  EXPECT_DOUBLE_EQ(node.router->score(test_peer(11)), 0);
  EXPECT_TRUE(node.sent.empty());
}

TEST_F(GossipsubReceive, GivenAReport_WhenItComesTwiceOrForAnUnknownId_ThenItIsCountedOnly) {
  node.receive(alice, message.rpc());
  node.router->report(id, Verdict::reject, node.now);
  node.router->report(MessageId{}, Verdict::reject, node.now);
  EXPECT_EQ(node.counters().reports_unknown, 2U);
  EXPECT_DOUBLE_EQ(node.router->score(test_peer(10)), 0.5);
}

TEST_F(GossipsubReceive, GivenAPrecheckThatRejects_WhenAMessageArrives_ThenNoSignatureIsVerified) {
  node.precheck = [](ByteView) { return Verdict::reject; };
  node.receive(alice, message.rpc());
  EXPECT_EQ(node.verifications, 0U);
  EXPECT_DOUBLE_EQ(node.router->score(test_peer(10)), -2);
  // The id was not entered: what the precheck thinks of an unverified copy binds nobody.
  node.precheck = [](ByteView) { return Verdict::ignore; };
  node.receive(bob, message.rpc());
  EXPECT_DOUBLE_EQ(node.router->score(test_peer(11)), 0);
  node.precheck = nullptr;
  node.receive(bob, message.rpc());
  EXPECT_EQ(node.received.size(), 1U);
}

TEST_F(GossipsubReceive, GivenDataOverItsTopicsLimit_WhenItArrives_ThenNothingIsDoneWithItButBlame) {
  const TestMessage large(20, kBlocks, payload("large", 383));
  node.receive(alice, large.rpc());
  EXPECT_EQ(node.counters().messages_oversized, 1U);
  EXPECT_EQ(node.prechecks, 0U);
  EXPECT_DOUBLE_EQ(node.router->score(test_peer(10)), -2);
  node.receive(alice, TestMessage(20, kLists, payload("large", 383)).rpc());
  EXPECT_EQ(node.received.size(), 1U);
}

TEST_F(GossipsubReceive, GivenUnsignedMessages_WhenTwoArrive_ThenTheSenderIsGraylisted) {
  PubsubMessageView anonymous;
  anonymous.topic = kBlocks;
  anonymous.data = ByteView(message.data);
  const Bytes rpc = body_of(make_publish_frame(anonymous).frame);
  node.receive(alice, rpc);
  EXPECT_DOUBLE_EQ(node.router->score(test_peer(10)), -2);
  node.receive(alice, rpc);
  EXPECT_DOUBLE_EQ(node.router->score(test_peer(10)), -8);
  EXPECT_EQ(node.counters().messages_unsigned, 2U);
  // Everything but subscriptions is now ignored.
  node.receive(alice, message.rpc());
  EXPECT_TRUE(node.received.empty());
  EXPECT_EQ(node.counters().rpcs_graylisted, 1U);
  node.receive(alice, encode_subscription(kLists, false));
  EXPECT_FALSE(node.router->is_subscribed(test_peer(10), kLists));
}

TEST_F(GossipsubReceive, GivenAnRpcFullOfInvalidMessages_WhenGraylistedInTheMiddle_ThenTheRestIsNotRead) {
  Bytes rpc;
  for (int i = 0; i < 1000; ++i) {
    TestMessage forged(20, kBlocks, payload(std::to_string(i)));
    forged.signature[0] ^= 1;
    const Bytes one = forged.rpc();
    rpc.insert(rpc.end(), one.begin(), one.end());
  }
  node.receive(alice, rpc);
  EXPECT_EQ(node.verifications, 2U);
}

TEST_F(GossipsubReceive, GivenOurOwnMessageComingBack_WhenItArrives_ThenItIsDroppedWithoutBlame) {
  node.receive(alice, TestMessage(1, kBlocks, payload("ours, long ago")).rpc());
  EXPECT_EQ(node.counters().messages_self_origin, 1U);
  EXPECT_EQ(node.verifications, 0U);
  EXPECT_DOUBLE_EQ(node.router->score(test_peer(10)), 0);
}

TEST_F(GossipsubReceive, GivenAnotherTopic_WhenAMessageArrives_ThenItIsCountedOnly) {
  node.receive(alice, TestMessage(20, "/taiko/1/0/rawTxLists", payload("x")).rpc());
  node.router->unsubscribe(kLists, node.now);
  node.receive(alice, TestMessage(20, kLists, payload("x")).rpc());
  EXPECT_EQ(node.counters().messages_unknown_topic, 2U);
  EXPECT_EQ(node.prechecks, 0U);
}

TEST_F(GossipsubReceive, GivenTwoMinutes_WhenTheyHavePassed_ThenTheIdIsForgotten) {
  node.receive(alice, message.rpc());
  for (int i = 0; i < 239; ++i) node.tick();
  node.receive(bob, message.rpc());
  EXPECT_EQ(node.verifications, 1U);
  node.tick();
  EXPECT_EQ(node.router->seen_messages(), 0U);
  node.receive(bob, message.rpc());
  EXPECT_EQ(node.verifications, 2U);
}

TEST_F(GossipsubReceive, GivenAVerdictThatNeverComes_WhenTheIdExpires_ThenNothingStaysBehind) {
  node.verdict.reset();
  node.receive(alice, message.rpc());
  EXPECT_EQ(node.router->pending_messages(), 1U);
  node.tick(121s);
  EXPECT_EQ(node.router->pending_messages(), 0U);
  node.router->report(id, Verdict::accept, node.now);
  EXPECT_EQ(node.counters().reports_unknown, 1U);
}

TEST_F(GossipsubReceive,
       GivenAFullValidationQueue_WhenAMessageArrives_ThenItIsDroppedUnverifiedAndMayComeAgain) {
  node.verdict.reset();
  for (std::size_t i = 0; i < limits::kMaxPendingMessages; ++i) {
    node.receive(alice, TestMessage(20, kBlocks, payload(std::to_string(i))).rpc());
  }
  const std::size_t verified = node.verifications;
  const TestMessage late(20, kBlocks, payload("late"));
  node.receive(bob, late.rpc());
  EXPECT_EQ(node.verifications, verified);
  EXPECT_EQ(node.counters().messages_dropped_pending_full, 1U);
  node.router->report(node.received[0].id, Verdict::ignore, node.now);
  node.receive(bob, late.rpc());
  EXPECT_EQ(node.verifications, verified + 1);
}

TEST_F(GossipsubReceive, GivenUndecodableRpcs_WhenTheyArrive_ThenTheStreamIsToBeClosed) {
  const Bytes rubbish = {0x12, 0x05, 0x01};
  EXPECT_EQ(node.receive(alice, rubbish), RpcOutcome::close_stream);
  EXPECT_EQ(node.counters().rpcs_undecodable, 1U);
  EXPECT_EQ(node.receive(alice, ByteView{}), RpcOutcome::done);
}

TEST_F(GossipsubReceive, GivenAnRpcWithManyMessages_WhenTheBudgetIsSpent_ThenItGoesOnWhereItStopped) {
  Bytes rpc;
  for (int i = 0; i < 40; ++i) {
    const Bytes one = TestMessage(20, kBlocks, payload(std::to_string(i))).rpc();
    rpc.insert(rpc.end(), one.begin(), one.end());
  }
  const std::uint64_t rpcs_before = node.counters().rpcs_received;
  RpcCursor cursor;
  std::vector<std::size_t> verified;
  RpcOutcome outcome = RpcOutcome::more;
  while (outcome == RpcOutcome::more) {
    WorkBudget budget;
    outcome = node.router->handle_rpc(alice, rpc, cursor, budget, node.now);
    verified.push_back(node.verifications);
  }
  EXPECT_EQ(verified, (std::vector<std::size_t>{16, 32, 40}));
  EXPECT_EQ(node.received.size(), 40U);
  EXPECT_EQ(node.counters().rpcs_received, rpcs_before + 1);
}

TEST_F(GossipsubReceive, GivenASenderThatLeft_WhenItsSlotIsTakenByAnother_ThenThatOneIsNotBlamed) {
  node.verdict.reset();
  node.receive(alice, message.rpc());
  node.router->remove_peer(alice, node.now);
  const GossipPeer next = node.add_subscribed(14);
  ASSERT_EQ(next.slot, alice.slot);
  node.router->report(id, Verdict::reject, node.now);
  EXPECT_DOUBLE_EQ(node.router->score(test_peer(14)), 0);
  EXPECT_EQ(node.receive(alice, message.rpc()), RpcOutcome::done);  // the stale handle does nothing
}

TEST_F(GossipsubReceive, GivenAHookThatRemovesTheSender_WhenMessagesFollowInTheRpc_ThenTheyAreNotHandled) {
  GossipsubConfig config;
  config.self = test_peer(1);
  config.topics = {{std::string(kBlocks), 382, true}};
  GossipsubHooks hooks;
  std::unique_ptr<Gossipsub> router;
  GossipPeer peer;
  int handed_out = 0;
  hooks.verify = [](ByteView, ByteView, ByteView) { return true; };
  hooks.validate = [&](const GossipMessage&) {
    ++handed_out;
    router->remove_peer(peer, node.now);
  };
  router = std::make_unique<Gossipsub>(std::move(config), std::move(hooks), node.random);
  peer = *router->add_peer(test_peer(10), Direction::inbound, PeerKind::gossipsub_1_1, node.now);
  Bytes rpc = message.rpc();
  const Bytes second = TestMessage(20, kBlocks, payload("second")).rpc();
  rpc.insert(rpc.end(), second.begin(), second.end());
  EXPECT_EQ(router->handle_rpc(peer, rpc, node.now), RpcOutcome::done);
  EXPECT_EQ(handed_out, 1);
}

}  // namespace
}  // namespace libpreconf::libp2p::test
