// How stored blocks reach the driver: competing candidates, drivers that fail, missing lists, hand-over
// (node book 6.5, 6.8, 6.9, 22; program.md "Markers and candidates").

#include "codec/zlib.h"
#include "preconf/commitment_validation.h"
#include "unit/preconf/heart_fixture.h"

namespace libpreconf::preconf {
namespace {

using namespace test;
using p2p::GossipDecision;

class Submission : public HeartTest {};

// --- Equivocation ------------------------------------------------------------------------------------------

TEST_F(Submission, GivenASecondCandidate_WhenItComes_ThenItIsKeptAndForwardedOnceButNotExecuted) {
  start();
  const auto first = block({.number = 1, .seed = 1});
  const auto second = block({.number = 1, .seed = 2});
  hear_both(first);
  EXPECT_EQ(hear(second), GossipDecision::accept);
  EXPECT_EQ(hear(second), GossipDecision::ignore);
  EXPECT_EQ(hear(block({.number = 1, .seed = 3})), GossipDecision::ignore);
  hear_list(second.list);
  run(100ms);
  EXPECT_EQ(driver_.taken(), Numbers{1});
  EXPECT_EQ(store_.candidates(1).size(), 2U);
  EXPECT_EQ(store_.candidates(1)[0].hash, first.hash());
  ASSERT_EQ(events_of<Equivocation>().size(), 1U);
  EXPECT_EQ(events_of<Equivocation>()[0].second.hash, second.hash());
  EXPECT_EQ(counters().surplus, 1U);
}

TEST_F(Submission, GivenTheFirstCandidateIsRefusedByTheEngine_WhenASecondIsHeld_ThenTheSecondIsExecuted) {
  driver_.answers.push_back(fail(ErrorCode::invalid, "engine refused the payload"));
  start();
  const auto first = block({.number = 1, .seed = 1});
  const auto second = block({.number = 1, .seed = 2});
  hear(first);
  hear(second);
  hear_list(second.list);
  hear_list(first.list);
  run(100ms);
  ASSERT_EQ(driver_.taken(), Numbers{1});
  EXPECT_EQ(p2p::preconfirmation_hash(driver_.inputs[0].commitment.preconf()), second.hash());
  EXPECT_EQ(store_.candidates(1).size(), 1U);
}

TEST_F(Submission, GivenTheFirstCandidatesListNeverComes_WhenASlotHasPassed_ThenTheSecondIsExecuted) {
  start();
  const auto first = block({.number = 1, .seed = 1});
  const auto second = block({.number = 1, .seed = 2});
  hear(first);
  hear(second);
  hear_list(second.list);
  run(11s);
  EXPECT_TRUE(driver_.inputs.empty());
  run(3s);
  ASSERT_EQ(driver_.inputs.size(), 1U);
  EXPECT_EQ(p2p::preconfirmation_hash(driver_.inputs[0].commitment.preconf()), second.hash());
  EXPECT_EQ(store_.candidates(1)[0].hash, second.hash());
}

TEST_F(Submission, GivenTheOtherFormOfASignature_WhenItComes_ThenItIsADuplicate) {
  start();
  auto one = block({.number = 1});
  hear(one);
  one.commitment.signature = crypto::other_form(one.commitment.signature).value();
  EXPECT_EQ(hear(one), GossipDecision::ignore);
  EXPECT_EQ(store_.candidates(1).size(), 1U);
  EXPECT_EQ(counters().equivocations, 0U);
}

TEST_F(Submission, GivenABlockThatWasQueued_WhenTheEngineRefusesItLater_ThenTheOtherCandidateIsSubmitted) {
  driver_.answers.push_back(SubmitStatus::queued);
  start();
  const auto first = block({.number = 1, .seed = 1});
  const auto second = block({.number = 1, .seed = 2});
  hear_both(first);
  hear_both(second);
  EXPECT_EQ(driver_.taken(), Numbers{1});
  driver_.rejected(first.hash(), Error{ErrorCode::invalid, "gas limit"});
  run(50ms);
  ASSERT_EQ(driver_.taken(), (Numbers{1, 1}));
  EXPECT_EQ(p2p::preconfirmation_hash(driver_.inputs[1].commitment.preconf()), second.hash());
}

// --- Driver ------------------------------------------------------------------------------------------------

TEST_F(Submission, GivenADriverWithoutRoom_WhenItSaysThatThereIsRoom_ThenTheSameBlockIsSubmittedAgain) {
  driver_.answers.push_back(fail(ErrorCode::limit, "full"));
  start();
  hear_both(block({.number = 1}));
  EXPECT_TRUE(driver_.inputs.empty());
  driver_.room();
  run(20ms);
  EXPECT_EQ(driver_.taken(), Numbers{1});
  EXPECT_EQ(counters().driver_submit_failure, 0U);
}

TEST_F(Submission, GivenABlockThatWasQueued_WhenTheTipNeverMoves_ThenItIsSubmittedAgain) {
  driver_.moves_tip = false;
  start();
  hear_both(block({.number = 1}));
  run(27s);
  EXPECT_EQ(driver_.taken(), (Numbers{1, 1}));
  EXPECT_EQ(counters().resubmissions, 1U);
}

TEST_F(Submission, GivenTheEngineWentBack_WhenTheTipFalls_ThenTheBlocksAboveAreSubmittedAgain) {
  start();
  for (const auto& promise : chain(3)) hear_both(promise);
  driver_.tip = U256(1);
  driver_.tip_change();
  run(50ms);
  EXPECT_EQ(driver_.taken(), (Numbers{1, 2, 3, 2, 3}));
}

TEST_F(Submission, GivenTheTipIsNotKnown_WhenABlockIsReady_ThenItIsTriedUntilItIs) {
  driver_.knows_tip = false;
  start();
  hear_both(block({.number = 1}));
  EXPECT_TRUE(driver_.attempts.empty());
  driver_.knows_tip = true;
  run(13s);
  EXPECT_EQ(driver_.taken(), Numbers{1});
}

TEST_F(Submission, GivenARetryThatIsFarOff_WhenTheTipMovesFromOutside_ThenTheNextBlockDoesNotWaitForIt) {
  for (int i = 0; i < 5; ++i) driver_.answers.push_back(fail(ErrorCode::unavailable, "engine is away"));
  start();
  const auto blocks = chain(2);
  for (const auto& promise : blocks) hear_both(promise);
  run(16s);
  EXPECT_EQ(driver_.attempts, (Numbers{1, 1, 1, 1, 1}));
  driver_.tip = U256(1);
  driver_.tip_change();
  run(20ms);
  EXPECT_EQ(driver_.taken(), Numbers{2});
}

TEST_F(Submission, GivenADriverThatNeverAnswers_WhenTheDeadlinePasses_ThenTheBlockIsSubmittedAgain) {
  class Mute final : public DriverClient {
   public:
    Handle submit_preconfirmation(PreconfirmationInput, OnSubmitted) override {
      ++submissions;
      return {};
    }
    Handle wait_event_sync(OnSynced on_synced) override {
      return reactor->after(0ms, [callback = std::move(on_synced)]() mutable { callback({}); });
    }
    Result<U256> event_sync_tip() const override { return U256(0); }
    Result<U256> preconf_tip() const override { return U256(0); }
    Handle on_tip_change(std::move_only_function<void()>) override { return {}; }
    Handle on_room(std::move_only_function<void()>) override { return {}; }
    Reactor* reactor = nullptr;
    int submissions = 0;
  } mute;
  mute.reactor = &reactor_;
  client_ = PreconfirmationClient::create(reactor_, {}, store_, schedule_, mute).value();
  net_ = client_->network_events();
  client_->start(network_);
  run(20ms);
  hear_both(block({.number = 1}));
  EXPECT_EQ(mute.submissions, 1);
  run(26s);
  EXPECT_EQ(mute.submissions, 2);
  client_->stop();
}

TEST_F(Submission, GivenEventSyncIsNotDone_WhenGossipComes_ThenItIsStoredButNotSubmitted) {
  driver_.synced = false;
  start();
  hear_both(block({.number = 1}));
  EXPECT_FALSE(client_->is_live());
  EXPECT_EQ(store_.candidates(1).size(), 1U);
  EXPECT_TRUE(driver_.attempts.empty());
}

// --- Transaction lists -------------------------------------------------------------------------------------

TEST_F(Submission,
       GivenAMissingList_WhenThreeHundredMillisecondsPass_ThenItIsFetchedByHashFromOnePeerAfterAnother) {
  const auto one = block({.number = 1});
  network_.add(1);
  network_.add(2).lists[one.list.hash] = one.list;
  start();
  hear(one);
  run(250ms);
  EXPECT_EQ(counters().tx_list_fetches, 0U);
  EXPECT_EQ(counters().awaiting_tx_list_depth, 1U);
  run(300ms);
  EXPECT_EQ(driver_.taken(), Numbers{1});
  EXPECT_LE(network_.peers.at(peer_named(1)).lists_asked, 1U);
  EXPECT_EQ(counters().awaiting_tx_list_depth, 0U);
}

TEST_F(Submission, GivenNoPeerHasTheList_WhenOneConnectsThatDoes_ThenItIsAskedAtOnce) {
  const auto one = block({.number = 1});
  network_.add(1);
  start();
  hear(one);
  run(5s);
  EXPECT_TRUE(driver_.inputs.empty());
  network_.add(2).lists[one.list.hash] = one.list;
  connect(2);
  run(100ms);
  EXPECT_EQ(driver_.taken(), Numbers{1});
}

TEST_F(Submission, GivenListsThatAreWaitedFor_WhenTheNodeStops_ThenNothingIsAskedAnyMore) {
  network_.add(1).silent = true;
  start();
  for (const auto& promise : chain(6)) hear(promise);
  run(1s);
  EXPECT_EQ(network_.peers.at(peer_named(1)).lists_asked, 4U);
  EXPECT_EQ(counters().awaiting_tx_list_depth, 6U);
  client_->stop();
  run(60s);
  EXPECT_EQ(network_.peers.at(peer_named(1)).lists_asked, 4U);
  EXPECT_EQ(counters().awaiting_tx_list_depth, 0U);
}

TEST_F(Submission,
       GivenALargeList_WhenItIsDecoded_ThenItTakesSeveralTurnsAndThenItsTransactionsAreSubmitted) {
  start();
  Bytes transaction(1'500'000, 0x02);
  const auto list = list_of(codec::encode_tx_list({transaction}).value());
  hear_list(list);
  hear(block({.number = 1, .change = [&](auto& c) { c.preconf.raw_tx_list_hash = list.hash; }}));
  EXPECT_TRUE(driver_.attempts.empty());
  run(20ms);
  ASSERT_EQ(driver_.inputs.size(), 1U);
  ASSERT_EQ(driver_.inputs[0].transactions->size(), 1U);
  EXPECT_EQ(driver_.inputs[0].transactions->transaction(0).size(), transaction.size());
  EXPECT_EQ(driver_.inputs[0].compressed, list.tx_list);
}

TEST_F(Submission, GivenAListThatInflatesToMoreThanTwoMebibytes_WhenItIsPaired_ThenTheBlockIsBad) {
  start();
  const auto bomb = list_of(codec::zlib_compress(Bytes(2 * 1024 * 1024 + 1, 0)).value());
  hear_list(bomb);
  hear(block({.number = 1, .change = [&](auto& c) { c.preconf.raw_tx_list_hash = bomb.hash; }}));
  run(50ms);
  EXPECT_EQ(counters().bad_blocks, 1U);
  ASSERT_FALSE(events_of<ClientError>().empty());
  EXPECT_NE(events_of<ClientError>()[0].text.find("decompressed txlist exceeds max size"), std::string::npos);
}

// --- Hand-over ---------------------------------------------------------------------------------------------

TEST_F(Submission, GivenAMarkerBetweenTwoBlocks_WhenTheNextBlockBearsItsNumber_ThenItIsExecutedInItsPlace) {
  start();
  const auto one = block({.number = 1});
  const auto handover = marker({.number = 2, .parent = one.hash()});
  const auto two = block({.number = 2, .parent = handover.hash()});
  hear_both(one);
  hear(handover);
  run(20ms);
  EXPECT_EQ(client_->head().block_number, U256(2));
  hear_both(two);
  hear_both(block({.number = 3, .parent = two.hash()}));
  EXPECT_EQ(driver_.taken(), (Numbers{1, 2, 2, 3}));
  EXPECT_TRUE(driver_.inputs[1].should_skip());
  EXPECT_EQ(driver_.inputs[1].transactions, nullptr);
  EXPECT_EQ(events_of<Handover>().size(), 1U);
  EXPECT_TRUE(events_of<Handover>()[0].marker);
  EXPECT_EQ(store_.markers(2).size(), 1U);
}

TEST_F(Submission, GivenABlockWhoseParentIsAMarkerThatIsLate_WhenTheMarkerComes_ThenTheBlockIsExecuted) {
  start();
  const auto one = block({.number = 1});
  const auto handover = marker({.number = 2, .parent = one.hash()});
  hear_both(one);
  hear_both(block({.number = 2, .parent = handover.hash()}));
  EXPECT_EQ(driver_.taken(), Numbers{1});
  EXPECT_EQ(counters().pending_commitments, 1U);
  hear(handover);
  run(20ms);
  EXPECT_EQ(driver_.taken(), (Numbers{1, 2, 2}));
  EXPECT_EQ(counters().pending_commitments, 0U);
}

TEST_F(Submission, GivenEopWithAList_WhenItIsExecuted_ThenTheHandOverFollows) {
  start();
  hear_both(block({.number = 1, .eop = true}));
  ASSERT_EQ(events_of<Handover>().size(), 1U);
  EXPECT_FALSE(events_of<Handover>()[0].marker);
  EXPECT_FALSE(driver_.inputs.at(0).should_skip());
}

TEST_F(Submission, GivenEopWithAnEmptyList_WhenItIsExecuted_ThenItIsABlockAndNoMarker) {
  start();
  const auto empty = list_of(codec::encode_tx_list({}).value());
  hear_list(empty);
  hear(
      block({.number = 1, .eop = true, .change = [&](auto& c) { c.preconf.raw_tx_list_hash = empty.hash; }}));
  run(20ms);
  ASSERT_EQ(driver_.inputs.size(), 1U);
  EXPECT_EQ(driver_.inputs[0].transactions->size(), 0U);
  EXPECT_FALSE(driver_.inputs[0].should_skip());
}

TEST_F(Submission, GivenNoEopAndNoList_WhenItComes_ThenItIsRefused) {
  start();
  const auto nothing = block({.number = 1, .change = [](auto& c) { c.preconf.raw_tx_list_hash = {}; }});
  EXPECT_EQ(hear(nothing), GossipDecision::ignore);
  EXPECT_EQ(counters().validation_failures[static_cast<std::size_t>(CommitmentFault::missing_tx_list_hash)],
            1U);
}

// --- Events ------------------------------------------------------------------------------------------------

TEST_F(Submission, GivenASubscriberThatEndsItsSubscriptionInTheCallback_WhenEventsFollow_ThenItHearsNoMore) {
  start();
  int heard = 0;
  Handle own;
  own = client_->subscribe([&](const ClientEvent&) {
    ++heard;
    own.reset();
  });
  for (const auto& promise : chain(2)) hear_both(promise);
  EXPECT_EQ(heard, 1);
  EXPECT_EQ(events_of<NewCommitment>().size(), 2U);
}

TEST_F(Submission, GivenPeers_WhenTheyComeAndGo_ThenSubscribersHearTheirIds) {
  start();
  network_.add(3);
  connect(3);
  net_.on_peer_disconnected(peer_named(3));
  ASSERT_EQ(events_of<PeerConnected>().size(), 1U);
  EXPECT_EQ(events_of<PeerConnected>()[0].peer_id, peer_named(3).to_string());
  EXPECT_EQ(events_of<PeerDisconnected>().size(), 1U);
}

}  // namespace
}  // namespace libpreconf::preconf
