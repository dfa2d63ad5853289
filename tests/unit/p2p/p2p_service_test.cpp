#include "libpreconf/p2p/p2p_service.h"

#include "service_fixture.h"

namespace libpreconf::p2p {
namespace {

using namespace libpreconf::p2p::test;

// --- Making and starting -----------------------------------------------------------------------------------

TEST_F(ServiceTest, GivenAnIdentityThatIsNone_ThenItIsNotMade) {
  TestNode& node = add_node();
  P2pConfig config;
  config.identity = {1, 2, 3};
  const auto service =
      P2pService::create(network_.host(node.ip), random_, std::move(config), node.schedule, node.source, {});
  ASSERT_FALSE(service.has_value());
  EXPECT_NE(service.error().message.find("identity"), std::string::npos);
}

TEST_F(ServiceTest, GivenOnlyUnusableStaticPeers_ThenItIsNotMade) {
  TestNode& node = add_node();
  P2pConfig config;
  config.identity = node.identity;
  config.static_peers = {"nonsense", "/ip4/1.2.3.4/udp/1"};
  const auto service =
      P2pService::create(network_.host(node.ip), random_, std::move(config), node.schedule, node.source, {});
  ASSERT_FALSE(service.has_value());
  EXPECT_EQ(service.error().code, ErrorCode::invalid);
}

TEST_F(ServiceTest, GivenOneUsableStaticPeerAmongOthers_ThenItIsDialled) {
  TestNode& alice = start_node();
  TestNode& bob = add_node();
  bob.config.static_peers = {"nonsense", alice.address()};
  start(bob);
  connect_all();
  EXPECT_EQ(bob.service->connected_peers(), std::vector{alice.id()});
}

TEST_F(ServiceTest, GivenAStart_ThenTheAddressIsReportedWithThePeerId) {
  TestNode& node = start_node();
  ASSERT_EQ(node.listening.size(), 1u);
  EXPECT_EQ(node.listening[0], "/ip4/10.0.0.1/tcp/9000/p2p/" + node.id().to_string());
  EXPECT_EQ(node.service->listen_addresses(), node.listening);
  EXPECT_FALSE(node.service->start().has_value());
}

// --- Gossip ------------------------------------------------------------------------------------------------

TEST_F(ServiceTest, GivenTwoNodes_WhenOnePublishes_ThenTheOtherHasItOnceAndTheFirstNever) {
  TestNode& alice = start_node();
  TestNode& bob = start_node({&alice});
  connect_all();
  const SignedCommitment commitment = sign(commitment_for(1));
  const RawTxList small = list_of(100);
  const RawTxList large = list_of(kMaxTxListBytes);
  ASSERT_TRUE(bob.service->publish_commitment(commitment).has_value());
  ASSERT_TRUE(bob.service->publish_raw_tx_list(small).has_value());
  ASSERT_TRUE(alice.service->publish_raw_tx_list(large).has_value());
  EXPECT_EQ(bob.service->publish_commitment(commitment).error().code, ErrorCode::conflict);
  network_.run_for(seconds(5));

  ASSERT_EQ(alice.commitments.size(), 1u);
  EXPECT_EQ(alice.commitments[0], commitment);
  ASSERT_EQ(alice.lists.size(), 1u);
  EXPECT_EQ(encode(alice.lists[0]), encode(small));
  ASSERT_EQ(bob.lists.size(), 1u);
  EXPECT_EQ(encode(bob.lists[0]), encode(large));
  EXPECT_TRUE(bob.commitments.empty());
  EXPECT_EQ(alice.counters().gate.of(Topic::commitments, Finding::accepted), 1u);
  EXPECT_GE(bob.counters().gate.hash_slices, kMaxTxListBytes / limits::kHashSliceBytes);
  EXPECT_TRUE(alice.faults.empty());
}

TEST_F(ServiceTest, GivenNobodyToTell_ThenPublishingIsUnavailableAndMayBeTriedAgain) {
  TestNode& alice = start_node();
  const SignedCommitment commitment = sign(commitment_for(1));
  EXPECT_EQ(alice.service->publish_commitment(commitment).error().code, ErrorCode::unavailable);
  EXPECT_TRUE(alice.has_fault("publish_failure"));
  TestNode& bob = start_node({&alice});
  connect_all();
  EXPECT_TRUE(alice.service->publish_commitment(commitment).has_value());
  EXPECT_TRUE(run_until([&] { return bob.commitments.size() == 1; }));
}

TEST_F(ServiceTest, GivenAChainOfNodes_ThenWhatTheHeartAcceptsIsForwardedAndTheRestIsNot) {
  TestNode& alice = start_node();
  TestNode& bob = start_node({&alice});
  TestNode& carol = start_node({&bob});
  connect_all();
  ASSERT_TRUE(alice.service->publish_commitment(sign(commitment_for(1))).has_value());
  EXPECT_TRUE(run_until([&] { return carol.commitments.size() == 1; }));
  bob.heart = GossipDecision::ignore;
  ASSERT_TRUE(alice.service->publish_commitment(sign(commitment_for(2))).has_value());
  network_.run_for(seconds(5));
  EXPECT_EQ(bob.commitments.size(), 2u);
  EXPECT_EQ(carol.commitments.size(), 1u);
}

TEST_F(ServiceTest, GivenACommitmentOfAnUnelectedSigner_ThenItIsIgnoredAndTheRelayerStaysHeard) {
  TestNode& alice = start_node();
  TestNode& bob = start_node({&alice});
  connect_all();
  const auto stranger = key_of(0x66);
  for (std::uint64_t number = 1; number <= 3; ++number) {
    const auto bad = sign_commitment(stranger, placeholder_domain(), commitment_for(number));
    ASSERT_TRUE(bob.service->publish_commitment(bad).has_value());
  }
  network_.run_for(seconds(2));
  EXPECT_TRUE(alice.commitments.empty());
  EXPECT_EQ(alice.counters().gate.of(Topic::commitments, Finding::wrong_signer), 3u);
  EXPECT_EQ(alice.counters().gossipsub.messages_rejected, 0u);
  EXPECT_TRUE(alice.has_fault("gossip_validation"));
  // Three rejections would have been -18 and deafness; this is three points of application score.
  EXPECT_GT(alice.service->peer_info().at(0).score, -3.1);
  EXPECT_LT(alice.service->peer_info().at(0).score, 0);
  ASSERT_TRUE(bob.service->publish_commitment(sign(commitment_for(9))).has_value());
  EXPECT_TRUE(run_until([&] { return alice.commitments.size() == 1; }));
}

TEST_F(ServiceTest, GivenABadSignature_ThenItIsRejectedAndNamed) {
  TestNode& alice = start_node();
  TestNode& bob = start_node({&alice});
  connect_all();
  SignedCommitment bad = sign(commitment_for(1));
  bad.signature[64] = 27;
  ASSERT_TRUE(bob.service->publish_commitment(bad).has_value());
  EXPECT_TRUE(run_until([&] { return alice.counters().gossipsub.messages_rejected == 1; }));
  EXPECT_EQ(alice.counters().gate.of(Topic::commitments, Finding::bad_signature), 1u);
  EXPECT_LT(alice.service->peer_info().at(0).score, -2.9);
}

TEST_F(ServiceTest, GivenTheOtherSignatureForm_ThenItIsNeitherDeliveredNorForwardedTwice) {
  TestNode& alice = start_node();
  TestNode& bob = start_node({&alice});
  TestNode& carol = start_node({&alice});
  connect_all();
  const SignedCommitment commitment = sign(commitment_for(1));
  SignedCommitment other = commitment;
  other.signature = crypto::other_form(commitment.signature).value();
  ASSERT_TRUE(bob.service->publish_commitment(commitment).has_value());
  EXPECT_TRUE(run_until([&] { return carol.commitments.size() == 1; }));
  // Carol sends the other form: Alice has the content, Bob published it.
  ASSERT_TRUE(carol.service->publish_commitment(other).has_value());
  network_.run_for(seconds(3));
  EXPECT_EQ(alice.commitments.size(), 1u);
  EXPECT_TRUE(bob.commitments.empty());
  EXPECT_EQ(alice.counters().gate.of(Topic::commitments, Finding::duplicate), 1u);
  EXPECT_EQ(alice.counters().gossipsub.messages_rejected, 0u);
  EXPECT_EQ(bob.counters().gate.of(Topic::commitments, Finding::own), 0u);
}

TEST_F(ServiceTest, GivenAnUnknownSchedule_WhenItBecomesKnown_ThenTheHeldCommitmentIsDeliveredAndForwarded) {
  TestNode& alice = start_node();
  TestNode& bob = start_node({&alice});
  TestNode& carol = start_node({&bob});
  connect_all();
  bob.schedule.answer = ScheduleUnknown{};
  ASSERT_TRUE(alice.service->publish_commitment(sign(commitment_for(1))).has_value());
  network_.run_for(seconds(5));
  EXPECT_EQ(bob.counters().held_commitments, 1u);
  EXPECT_TRUE(carol.commitments.empty());
  bob.schedule.answer = ElectedSigner{elected_address_, kWindowEnd, false};
  bob.service->schedule_changed();
  EXPECT_TRUE(run_until([&] { return carol.commitments.size() == 1; }));
  EXPECT_EQ(bob.commitments.size(), 1u);
}

TEST_F(ServiceTest, GivenAnUnknownSchedule_WhenASlotPasses_ThenNobodyIsBlamed) {
  TestNode& alice = start_node();
  TestNode& bob = start_node({&alice});
  connect_all();
  bob.schedule.answer = ScheduleUnknown{};
  ASSERT_TRUE(alice.service->publish_commitment(sign(commitment_for(1))).has_value());
  network_.run_for(seconds(14));
  EXPECT_EQ(bob.counters().held_commitments, 0u);
  EXPECT_EQ(bob.counters().gate.of(Topic::commitments, Finding::schedule_unknown), 1u);
  EXPECT_TRUE(bob.commitments.empty());
  EXPECT_GE(bob.service->peer_info().at(0).score, 0);
}

// --- Requests ----------------------------------------------------------------------------------------------

TEST_F(ServiceTest, GivenTwoNodes_ThenEachAnswersAllThreeRequestsFromTheFirstSecond) {
  TestNode& alice = start_node();
  TestNode& bob = start_node({&alice});
  ASSERT_TRUE(run_until([&] { return alice.service->peer_count() == 1 && bob.service->peer_count() == 1; }));
  for (auto [asker, asked] : {std::pair(&alice, &bob), std::pair(&bob, &alice)}) {
    std::optional<Result<PreconfHead>> head;
    std::optional<Result<CommitmentPage>> page;
    std::optional<Result<RawTxList>> list;
    const Handle h1 = asker->service->request_head(asked->id(), [&](auto got) { head = std::move(got); });
    const Handle h2 =
        asker->service->request_commitments(asked->id(), 0, 256, [&](auto got) { page = std::move(got); });
    const Handle h3 =
        asker->service->request_raw_tx_list(asked->id(), {}, [&](auto got) { list = std::move(got); });
    ASSERT_TRUE(run_until([&] { return head && page && list; }));
    EXPECT_EQ(head->value(), PreconfHead());
    EXPECT_TRUE(page->value().commitments.empty());
    EXPECT_EQ(list->error().code, ErrorCode::not_found);
  }
}

TEST_F(ServiceTest, GivenAFullNode_ThenHeadPageAndListAreServedByteForByte) {
  TestNode& alice = start_node();
  for (std::uint64_t number = 1; number <= 300; ++number) alice.source.put(sign(commitment_for(number)));
  alice.source.served_head = {300, kWindowEnd};
  const Hash256 hash = alice.source.put(Bytes(kMaxTxListBytes, 0x5a));
  TestNode& bob = start_node({&alice});
  connect_all();
  std::optional<Result<PreconfHead>> head;
  std::optional<Result<CommitmentPage>> page;
  std::optional<Result<RawTxList>> list;
  const Handle h1 = bob.service->request_head(alice.id(), [&](auto got) { head = std::move(got); });
  const Handle h2 =
      bob.service->request_commitments(alice.id(), 11, 256, [&](auto got) { page = std::move(got); });
  const Handle h3 =
      bob.service->request_raw_tx_list(alice.id(), hash, [&](auto got) { list = std::move(got); });
  ASSERT_TRUE(run_until([&] { return head && page && list; }));
  EXPECT_EQ(head->value(), alice.source.served_head);
  EXPECT_EQ(page->value().commitments, alice.source.commitments_from(11, 256));
  EXPECT_TRUE(equal(list->value().bytes(), *alice.source.lists.at(hash).tx_list));
  EXPECT_EQ(bob.counters().client.of(RequestKind::raw_tx_list, RequestOutcome::success), 1u);
  EXPECT_EQ(alice.counters().server.of(RequestKind::commitments, ServeOutcome::served), 1u);
}

TEST_F(ServiceTest, GivenAResponderThatServesGarbage_ThenTheAnswerIsRefusedAndNamed) {
  TestNode& alice = start_node();
  SignedCommitment bad = sign(commitment_for(1));
  bad.signature[64] = 9;
  alice.source.put(bad);
  TestNode& bob = start_node({&alice});
  connect_all();
  std::optional<Result<CommitmentPage>> page;
  const Handle handle =
      bob.service->request_commitments(alice.id(), 1, 10, [&](auto got) { page = std::move(got); });
  ASSERT_TRUE(run_until([&] { return page.has_value(); }));
  EXPECT_EQ(page->error().code, ErrorCode::invalid);
  EXPECT_TRUE(bob.has_fault("reqresp_validation"));
  EXPECT_LT(bob.service->peer_info().at(0).score, -0.9);
  EXPECT_EQ(bob.service->peer_count(), 1u);
}

TEST_F(ServiceTest, GivenAResponderThatNeverServesAnythingElse_ThenItIsBannedAndTheBanEnds) {
  TestNode& alice = start_node();
  SignedCommitment bad = sign(commitment_for(1));
  bad.signature[64] = 9;
  alice.source.put(bad);
  TestNode& bob = start_node({&alice});
  connect_all();
  std::vector<Handle> handles;
  for (int s = 0; s < 60 && bob.counters().banned_peers == 0; ++s) {
    handles.push_back(
        bob.service->request_commitments(alice.id(), 1, 10, [](const Result<CommitmentPage>&) {}));
    network_.run_for(seconds(1));
  }
  EXPECT_EQ(bob.counters().banned_peers, 1u);
  EXPECT_GE(handles.size(), 30u);
  network_.run_for(seconds(60));
  EXPECT_EQ(bob.service->peer_count(), 0u);
  EXPECT_EQ(alice.service->peer_count(), 0u);
  EXPECT_TRUE(bob.has_fault("gate_blocked"));
  network_.run_for(limits::kBanTime);
  EXPECT_EQ(bob.counters().banned_peers, 0u);
  EXPECT_EQ(bob.service->peer_count(), 1u);
}

TEST_F(ServiceTest, GivenManyRequests_ThenNoTenSecondsAtTheResponderSeeMoreThanEight) {
  TestNode& alice = start_node();
  TestNode& bob = start_node({&alice});
  network_.set_profile(LinkProfile{.latency = milliseconds(30), .jitter = milliseconds(60)});
  connect_all();
  std::vector<Handle> handles;
  int answered = 0;
  for (int i = 0; i < 30; ++i) {
    handles.push_back(bob.service->request_head(alice.id(), [&](const Result<PreconfHead>& head) {
      EXPECT_TRUE(head.has_value());
      ++answered;
    }));
  }
  std::vector<Instant> served;
  EXPECT_TRUE(run_until(
      [&] {
        const auto count = alice.counters().server.of(RequestKind::head, ServeOutcome::served);
        while (served.size() < count) served.push_back(network_.now());
        return answered == 30;
      },
      seconds(60)));
  ASSERT_EQ(served.size(), 30u);
  for (std::size_t i = 8; i < served.size(); ++i) EXPECT_GT(served[i] - served[i - 8], Duration(seconds(10)));
  EXPECT_EQ(alice.counters().server.rate_limited[index_of(RequestKind::head)], 0u);
  EXPECT_EQ(bob.counters().client.paced[index_of(RequestKind::head)], 23u);
}

TEST_F(ServiceTest, GivenARequesterWithoutPace_ThenTheResponderAnswersLateOrRefusesAndStaysConnected) {
  TestNode& alice = start_node();
  TestNode& bob = add_node();
  bob.config.requests_per_window = 0;
  bob.config.static_peers = {alice.address()};
  start(bob);
  connect_all();
  std::vector<Handle> handles;
  int good = 0;
  int refused = 0;
  const auto ask = [&] {
    handles.push_back(bob.service->request_head(
        alice.id(), [&](const Result<PreconfHead>& head) { ++(head ? good : refused); }));
  };
  for (int i = 0; i < 20; ++i) ask();
  EXPECT_TRUE(run_until([&] { return good + refused == 20; }));
  EXPECT_EQ(good, 8);
  EXPECT_TRUE(alice.has_fault("reqresp_rate_limited"));
  network_.run_for(seconds(5));
  ask();
  EXPECT_TRUE(run_until([&] { return good + refused == 21; }));
  EXPECT_EQ(good, 9);
  EXPECT_EQ(alice.service->peer_count(), 1u);
  EXPECT_EQ(alice.counters().reputation.bans, 0u);
}

TEST_F(ServiceTest, GivenAPeerThatIsNotThere_ThenTheRequestFailsInALaterTurn) {
  TestNode& alice = start_node();
  std::optional<Result<PreconfHead>> head;
  const Handle handle = alice.service->request_head(peer_named(9), [&](auto got) { head = std::move(got); });
  EXPECT_FALSE(head.has_value());
  EXPECT_TRUE(run_until([&] { return head.has_value(); }));
  EXPECT_EQ(head->error().code, ErrorCode::unavailable);
}

TEST_F(ServiceTest, GivenADroppedHandle_ThenTheExchangeEndsByItselfAndTheCallbackDoesNotCome) {
  TestNode& alice = start_node();
  TestNode& bob = start_node({&alice});
  connect_all();
  bool called = false;
  Handle handle = bob.service->request_head(alice.id(), [&](const Result<PreconfHead>&) { called = true; });
  handle.reset();
  network_.run_for(seconds(1));
  EXPECT_FALSE(called);
  EXPECT_EQ(alice.counters().server.of(RequestKind::head, ServeOutcome::served), 1u);
  EXPECT_EQ(alice.counters().request_response.responses_sent, 1u);
  EXPECT_EQ(bob.counters().client.abandoned[index_of(RequestKind::head)], 1u);
}

TEST_F(ServiceTest, GivenAPeerThatDiesInTheMiddle_ThenTheRequestFailsOnce) {
  TestNode& alice = start_node();
  TestNode& bob = start_node({&alice});
  connect_all();
  int failures = 0;
  std::vector<Handle> handles;
  for (int i = 0; i < 10; ++i) {
    handles.push_back(bob.service->request_head(alice.id(), [&](const Result<PreconfHead>& head) {
      EXPECT_FALSE(head.has_value());
      ++failures;
    }));
  }
  network_.drop_sockets(alice.ip);
  EXPECT_TRUE(run_until([&] { return failures == 10; }));
}

// --- Peers -------------------------------------------------------------------------------------------------

TEST_F(ServiceTest, GivenTwoNodesThatDialEachOther_ThenEachHasOnePeerAndOneEvent) {
  TestNode& alice = start_node();
  TestNode& bob = start_node({&alice});
  ASSERT_TRUE(alice.service->dial(bob.address()).has_value());
  connect_all();
  for (const TestNode* node : {&alice, &bob}) {
    EXPECT_EQ(node->service->peer_count(), 1u);
    EXPECT_EQ(node->connected.size(), 1u);
    EXPECT_TRUE(node->disconnected.empty());
  }
  EXPECT_EQ(alice.counters().connections, 2u);
  EXPECT_EQ(alice.service->peer_info().at(0).remote_addresses.size(), 2u);
  EXPECT_EQ(alice.service->peer_info().at(0).agent_version, "preconfd");
}

TEST_F(ServiceTest, GivenAStaticPeer_WhenItRestarts_ThenItIsRedialledAndGossipGoesOn) {
  TestNode& alice = start_node();
  TestNode& bob = start_node({&alice});
  connect_all();
  alice.service.reset();
  network_.drop_sockets(alice.ip);
  ASSERT_TRUE(run_until([&] { return bob.disconnected.size() == 1; }));
  EXPECT_TRUE(bob.has_fault("disconnect"));
  network_.run_for(seconds(40));
  EXPECT_TRUE(bob.has_fault("dial_failed"));
  const auto dials = bob.counters().swarm.dials;
  EXPECT_GE(dials, 4u);
  EXPECT_LE(dials, 9u);

  start(alice);
  ASSERT_TRUE(run_until([&] { return bob.connected.size() == 2; }, seconds(13)));
  connect_all();
  ASSERT_TRUE(bob.service->publish_commitment(sign(commitment_for(1))).has_value());
  EXPECT_TRUE(run_until([&] { return alice.commitments.size() == 1; }));
}

TEST_F(ServiceTest, GivenAStaticPeerWithAnotherIdentity_ThenItIsNotTakenForIt) {
  TestNode& alice = start_node();
  TestNode& mallory = add_node();
  start(mallory);
  TestNode& bob = add_node();
  bob.config.static_peers = {"/ip4/10.0.0.2/tcp/9000/p2p/" + alice.id().to_string()};
  start(bob);
  network_.run_for(seconds(5));
  EXPECT_EQ(bob.service->peer_count(), 0u);
  EXPECT_TRUE(bob.has_fault("dial_failed"));
}

TEST_F(ServiceTest, GivenAStaticPeerWithoutAnId_ThenItIsDialledOnceWhileConnected) {
  TestNode& alice = start_node();
  TestNode& bob = add_node();
  bob.config.static_peers = {"/ip4/10.0.0.1/tcp/9000"};
  start(bob);
  connect_all();
  network_.run_for(seconds(30));
  EXPECT_EQ(bob.counters().swarm.dials, 1u);
  EXPECT_EQ(bob.counters().static_peers_connected, 1u);
  alice.service.reset();
  network_.drop_sockets(alice.ip);
  start(alice);
  EXPECT_TRUE(run_until([&] { return bob.connected.size() == 2; }));
}

TEST_F(ServiceTest, GivenADialToNobody_ThenItIsAFault) {
  TestNode& alice = start_node();
  EXPECT_EQ(alice.service->dial("nonsense").error().code, ErrorCode::malformed);
  ASSERT_TRUE(alice.service->dial("/ip4/10.0.0.77/tcp/9").has_value());
  EXPECT_TRUE(run_until([&] { return alice.has_fault("dial_failed"); }));
}

TEST_F(ServiceTest, GivenPeersOnAnotherChain_ThenTheyConnectButRequestsAreUnsupported) {
  TestNode& alice = start_node();
  TestNode& bob = add_node();
  bob.config.chain_id = 1;
  bob.config.static_peers = {alice.address()};
  start(bob);
  ASSERT_TRUE(run_until([&] { return bob.service->peer_count() == 1; }));
  std::optional<Result<PreconfHead>> head;
  const Handle handle = bob.service->request_head(alice.id(), [&](auto got) { head = std::move(got); });
  ASSERT_TRUE(run_until([&] { return head.has_value(); }));
  EXPECT_EQ(head->error().code, ErrorCode::unsupported);
  EXPECT_TRUE(bob.has_fault("reqresp_failure"));
}

// --- Stopping ----------------------------------------------------------------------------------------------

TEST_F(ServiceTest, GivenAStop_ThenPeersHearItCallbacksEndAndStopIsReported) {
  TestNode& alice = start_node();
  TestNode& bob = start_node({&alice});
  connect_all();
  int closed = 0;
  std::vector<Handle> handles;
  for (int i = 0; i < 10; ++i) {
    handles.push_back(alice.service->request_head(bob.id(), [&](const Result<PreconfHead>& head) {
      closed += !head && head.error().code == ErrorCode::closed;
    }));
  }
  int done = 0;
  alice.service->stop(seconds(5), [&] { ++done; });
  alice.service->stop(seconds(5), [&] { ++done; });
  EXPECT_EQ(done, 0);
  ASSERT_TRUE(run_until([&] { return done == 2; }, seconds(5)));
  EXPECT_EQ(closed, 10);
  EXPECT_TRUE(run_until([&] { return bob.disconnected.size() == 1; }, seconds(1)));
  EXPECT_EQ(alice.service->publish_commitment(sign(commitment_for(1))).error().code, ErrorCode::unavailable);
  // The exchange under way was let finish, so that a reference peer would not ban us.
  EXPECT_EQ(bob.counters().request_response.responses_unread, 0u);
  EXPECT_EQ(bob.counters().server.of(RequestKind::head, ServeOutcome::served), 7u);
}

TEST_F(ServiceTest, GivenAServiceThatIsDestroyedWhenItHasStopped_ThenThatIsFine) {
  TestNode& alice = start_node();
  TestNode& bob = start_node({&alice});
  connect_all();
  alice.service->stop(seconds(1), [&] { alice.service.reset(); });
  EXPECT_TRUE(run_until([&] { return alice.service == nullptr && bob.service->peer_count() == 0; }));
}

TEST_F(ServiceTest, GivenADestroyedServiceWithOpenRequests_ThenNoCallbackComes) {
  TestNode& alice = start_node();
  TestNode& bob = start_node({&alice});
  connect_all();
  std::vector<Handle> handles;
  for (int i = 0; i < 10; ++i) {
    handles.push_back(
        bob.service->request_head(alice.id(), [](const Result<PreconfHead>&) { ADD_FAILURE(); }));
  }
  bob.service.reset();
  network_.run_for(seconds(1));
  handles.clear();
}

}  // namespace
}  // namespace libpreconf::p2p
