// The behaviour list of node book 20.5, and what program.md and chapter 6 add to it.

#include <algorithm>

#include "codec/zlib.h"
#include "preconf/commitment_validation.h"
#include "unit/preconf/heart_fixture.h"

namespace libpreconf::preconf {
namespace {

using namespace test;
using p2p::GossipDecision;

class Handler : public HeartTest {};

TEST_F(Handler, H1_GivenTipZero_WhenAMarkerWithZeroParentComes_ThenItIsStoredAndSubmittedOnce) {
  start();
  EXPECT_EQ(hear(marker({.number = 1})), GossipDecision::accept);
  run(100ms);
  EXPECT_EQ(store_.markers(1).size(), 1U);
  EXPECT_EQ(driver_.taken(), Numbers{1});
  EXPECT_TRUE(driver_.inputs.at(0).should_skip());
}

TEST_F(Handler, H2_GivenAParentThatNobodyKnows_WhenBlockOneComes_ThenItIsStoredAndSubmittedOnce) {
  start();
  Hash256 unknown;
  unknown.fill(0xab);
  hear_both(block({.number = 1, .parent = unknown}));
  EXPECT_EQ(store_.candidates(1).size(), 1U);
  EXPECT_EQ(driver_.taken(), Numbers{1});
}

TEST_F(Handler, H3_GivenCommitmentTwo_WhenCommitmentOneComes_ThenBothAreSubmittedInOrder) {
  driver_.moves_tip = false;
  start();
  const auto blocks = chain(2);
  hear_both(blocks[1]);
  EXPECT_TRUE(driver_.taken().empty());
  hear_both(blocks[0]);
  EXPECT_EQ(driver_.taken(), (Numbers{1, 2}));
}

TEST_F(Handler, H4_GivenAScheduleWithAnotherSigner_WhenACommitmentComes_ThenNothingIsStored) {
  start();
  const auto foreign = block({.number = 1, .key = 8});
  EXPECT_EQ(hear(foreign, 8), GossipDecision::ignore);
  EXPECT_EQ(store_.commitment_count(), 0U);
  EXPECT_EQ(counters().validation_failures[static_cast<std::size_t>(CommitmentFault::signer)], 1U);
}

TEST_F(Handler, H5_GivenAnOrphanIsHeld_WhenAnInvalidCommitmentForItsHeightComes_ThenNothingBecomesVisible) {
  start();
  hear_both(block({.number = 1}));
  Hash256 unknown;
  unknown.fill(0xab);
  hear(block({.number = 2, .parent = unknown}));
  EXPECT_EQ(hear(block({.number = 2, .key = 8}), 8), GossipDecision::ignore);
  EXPECT_TRUE(store_.candidates(2).empty());
  EXPECT_EQ(client_->head().block_number, U256(1));
}

TEST_F(Handler, H6_GivenAPeerThatAnswersWithAnotherList_WhenAListIsFetched_ThenItIsRefusedAndCounted) {
  const auto one = block({.number = 1});
  network_.add(1).lists[one.list.hash] = valid_list(99);
  start();
  hear(one);
  run(500ms);
  EXPECT_EQ(store_.tx_list_count(), 0U);
  EXPECT_EQ(counters().validation_failures[static_cast<std::size_t>(CommitmentFault::tx_list)], 1U);
}

TEST_F(Handler, H7_GivenNoCommitment_WhenAListComes_ThenItIsStored) {
  start();
  EXPECT_EQ(hear_list(valid_list(1)), GossipDecision::accept);
  EXPECT_TRUE(store_.tx_list(valid_list(1).hash));
  EXPECT_EQ(events_of<NewTxList>().size(), 1U);
  EXPECT_EQ(hear_list(valid_list(1)), GossipDecision::ignore);
}

TEST_F(Handler, H8_GivenEventTipFive_WhenCommitmentFiveComes_ThenItIsDroppedAndItsListStays) {
  driver_.event_tip = U256(5);
  driver_.tip = U256(5);
  start();
  const auto five = block({.number = 5});
  hear_list(five.list);
  EXPECT_EQ(hear(five), GossipDecision::ignore);
  run(50ms);
  EXPECT_TRUE(store_.candidates(5).empty());
  EXPECT_TRUE(driver_.inputs.empty());
  EXPECT_TRUE(store_.tx_list(five.list.hash));
  EXPECT_EQ(counters().stale, 1U);
}

TEST_F(Handler, H9_GivenGossipFromOurOwnId_WhenItComes_ThenNothingIsStoredOrSubmitted) {
  start();
  const auto one = block({.number = 1});
  const PeerId self = network_.local_peer_id();
  EXPECT_EQ(net_.on_commitment(self, one.commitment, key_of(kPreconferKey).address()),
            GossipDecision::ignore);
  EXPECT_EQ(net_.on_raw_tx_list(self, one.list), GossipDecision::ignore);
  run(50ms);
  EXPECT_EQ(store_.commitment_count() + store_.tx_list_count() + driver_.inputs.size(), 0U);
}

TEST_F(Handler, H10_GivenADriverThatFails_WhenABlockIsSubmitted_ThenTheErrorIsSeenAndTheBlockTriedAgain) {
  driver_.answers.push_back(fail(ErrorCode::unavailable, "missing transactions for execution payload"));
  start();
  hear_both(block({.number = 1}));
  ASSERT_EQ(events_of<ClientError>().size(), 1U);
  EXPECT_NE(events_of<ClientError>()[0].text.find("missing transactions"), std::string::npos);
  EXPECT_EQ(counters().driver_submit_failure, 1U);
  run(2s);
  EXPECT_EQ(driver_.taken(), Numbers{1});
}

TEST_F(Handler, H11_GivenANodeThatWasStopped_WhenGossipStillComes_ThenNothingBreaks) {
  start();
  client_->stop();
  EXPECT_EQ(hear(block({.number = 1})), GossipDecision::accept);
  run(2s);
  EXPECT_EQ(client_->head().block_number, U256(1));
  EXPECT_TRUE(driver_.inputs.empty());
}

TEST_F(Handler, H12_GivenNExecuted_WhenNPlusOneHasABadParent_ThenItIsNotSubmittedButRemovedAndCounted) {
  start();
  hear_both(block({.number = 1}));
  Hash256 bad;
  bad.fill(0xab);
  hear_both(block({.number = 2, .parent = bad}));
  EXPECT_EQ(driver_.taken(), Numbers{1});
  EXPECT_TRUE(store_.candidates(2).empty());
  EXPECT_EQ(counters().validation_failures[static_cast<std::size_t>(CommitmentFault::parent)], 1U);
}

TEST_F(Handler, H12_GivenNNotYetExecuted_WhenNPlusOneHasABadParent_ThenItIsRemovedWhenItsTurnComes) {
  start();
  Hash256 bad;
  bad.fill(0xab);
  hear_both(block({.number = 2, .parent = bad}));
  EXPECT_EQ(store_.candidates(2).size(), 1U);
  hear_both(block({.number = 1}));
  EXPECT_EQ(driver_.taken(), Numbers{1});
  EXPECT_TRUE(store_.candidates(2).empty());
}

TEST_F(Handler, H13_GivenALinkedChain_WhenItComes_ThenEachBlockIsSubmitted) {
  start();
  for (const auto& promise : chain(2)) hear_both(promise);
  EXPECT_EQ(driver_.taken(), (Numbers{1, 2}));
  EXPECT_EQ(counters().driver_submit_success, 2U);
}

TEST(HandlerValidation, H14_GivenASchedule_WhenSignerOrWindowDiffer_ThenTheTextsSaySo) {
  const auto schedule = StaticSignerSchedule::from_windows({{.from = kGenesisTime,
                                                             .to = kGenesisTime + 12,
                                                             .signer = key_of(7).address(),
                                                             .window_end = kGenesisTime + 12}});
  ASSERT_TRUE(schedule);
  const ValidationRules rules{.schedule = &*schedule, .signing_domain = p2p::placeholder_domain()};
  EXPECT_TRUE(validate_commitment(rules, block({.number = 1}).commitment));
  const auto signer = validate_commitment(rules, block({.number = 1, .key = 8}).commitment);
  ASSERT_FALSE(signer);
  EXPECT_TRUE(signer.error().text.starts_with("signer mismatch"));
  const auto window = validate_commitment(
      rules, block({.number = 1, .change = [](auto& c) { c.preconf.submission_window_end = 5; }}).commitment);
  ASSERT_FALSE(window);
  EXPECT_TRUE(window.error().text.starts_with("submission_window_end mismatch"));
}

TEST_F(Handler, H15_GivenNPlusOneStored_WhenTheTipBecomesNFromOutside_ThenNPlusOneIsSubmitted) {
  start();
  const auto blocks = chain(2);
  hear_both(blocks[1]);
  EXPECT_TRUE(driver_.inputs.empty());
  driver_.tip = U256(1);
  driver_.tip_change();
  run(20ms);
  EXPECT_EQ(driver_.taken(), Numbers{2});
}

TEST_F(Handler, H16_GivenAGarbageListAtTheNextHeight_WhenItIsPaired_ThenTheNodeLivesAndTheBlockIsBad) {
  start();
  const auto garbage = list_of(Bytes{1, 2, 3, 4, 5, 6, 7, 8});
  const auto bad =
      block({.number = 1, .change = [&](auto& c) { c.preconf.raw_tx_list_hash = garbage.hash; }});
  hear_list(garbage);
  hear(bad);
  run(50ms);
  EXPECT_TRUE(driver_.attempts.empty());
  EXPECT_EQ(counters().bad_blocks, 1U);
  EXPECT_TRUE(store_.candidates(1).empty());
  EXPECT_EQ(client_->head().block_number, U256(0));
  EXPECT_EQ(hear(bad), GossipDecision::ignore);
  hear_both(block({.number = 1, .seed = 1}));
  EXPECT_EQ(driver_.taken(), Numbers{1});
}

// --- Order of arrival --------------------------------------------------------------------------------------

TEST_F(Handler, E4_GivenNPlusOneFirst_WhenNFollows_ThenBothAreExecutedInOrder) {
  start();
  const auto blocks = chain(2);
  hear_both(blocks[1]);
  run(100ms);
  hear_both(blocks[0]);
  EXPECT_EQ(driver_.taken(), (Numbers{1, 2}));
}

TEST_F(Handler, E5_GivenNPlusThreeFirst_WhenNToNPlusTwoFollow_ThenNPlusThreeComesLast) {
  start();
  const auto blocks = chain(4);
  hear_both(blocks[3]);
  hear_both(blocks[0]);
  EXPECT_EQ(driver_.taken(), Numbers{1});
  hear_both(blocks[1]);
  EXPECT_EQ(driver_.taken(), (Numbers{1, 2}));
  hear_both(blocks[2]);
  EXPECT_EQ(driver_.taken(), (Numbers{1, 2, 3, 4}));
}

TEST_F(Handler, GivenAllArrivalOrdersOfTwoPairs_WhenTheyAreGossiped_ThenTheBlocksAreAlwaysOneAndTwo) {
  const auto blocks = chain(2);
  std::vector<int> order{0, 1, 2, 3};
  do {
    driver_.inputs.clear();
    driver_.tip = U256(0);
    store_.remove_commitment(blocks[0].hash());
    store_.remove_commitment(blocks[1].hash());
    start();
    for (const int item : order) {
      if (item < 2) hear(blocks[static_cast<std::size_t>(item)]);
      if (item >= 2) hear_list(blocks[static_cast<std::size_t>(item - 2)].list);
      run(10ms);
    }
    run(50ms);
    EXPECT_EQ(driver_.taken(), (Numbers{1, 2}));
    client_->stop();
  } while (std::ranges::next_permutation(order).found);
}

TEST_F(Handler, GivenTwentyBlocks_WhenShuffledPiecesArrive_ThenAllAreExecutedInOrderAndTheHeadIsTwenty) {
  start();
  const auto blocks = chain(20);
  std::vector<std::size_t> pieces(40);
  for (std::size_t i = 0; i < pieces.size(); ++i) pieces[i] = i;
  SeededRandom random(7);
  for (std::size_t i = pieces.size(); i > 1; --i) std::swap(pieces[i - 1], pieces[random.below(i)]);
  for (const std::size_t piece : pieces) {
    if (piece % 2 == 0) hear(blocks[piece / 2]);
    if (piece % 2 == 1) hear_list(blocks[piece / 2].list);
  }
  run(1s);
  Numbers expected(20);
  for (std::size_t i = 0; i < 20; ++i) expected[i] = i + 1;
  EXPECT_EQ(driver_.taken(), expected);
  EXPECT_EQ(client_->head().block_number, U256(20));
}

// --- Bounds ------------------------------------------------------------------------------------------------

TEST_F(Handler, GivenTheTip_WhenACommitmentLiesFurtherAheadThanTheBound_ThenItIsNotStored) {
  driver_.tip = U256(10);
  start();
  EXPECT_EQ(hear(block({.number = 1034})), GossipDecision::accept);
  EXPECT_EQ(hear(block({.number = 1035})), GossipDecision::ignore);
  EXPECT_EQ(counters().too_far, 1U);
  EXPECT_EQ(client_->head().block_number, U256(1034));
}

TEST_F(Handler, GivenNumbersOver64Bits_WhenTheElectedSignerSendsThem_ThenTheyAreRefusedOneByOne) {
  start();
  const U256 big = U256(~0ULL).checked_add(1).value();
  const std::vector<std::function<void(p2p::PreconfCommitment&)>> changes{
      [&](auto& c) { c.preconf.block_number = big; },
      [&](auto& c) { c.preconf.timestamp = big; },
      [&](auto& c) { c.preconf.gas_limit = big; },
      [&](auto& c) { c.preconf.anchor_block_number = big; },
      [&](auto& c) { c.preconf.submission_window_end = big; },
      [&](auto& c) { c.preconf.proposal_id = U256(1ULL << 48); }};
  for (const auto& change : changes) {
    EXPECT_EQ(hear(block({.number = 1, .change = change})), GossipDecision::ignore);
  }
  EXPECT_EQ(counters().validation_failures[static_cast<std::size_t>(CommitmentFault::number_range)], 6U);
  EXPECT_EQ(store_.commitment_count(), 0U);
}

TEST_F(Handler, GivenATimestampNotAfterItsParents_WhenItsTurnComes_ThenItIsNotExecuted) {
  start();
  const auto one = block({.number = 1});
  hear_both(one);
  hear_both(block({.number = 2, .parent = one.hash(), .change = [](auto& c) {
                     c.preconf.timestamp = kGenesisTime + 2;
                   }}));
  EXPECT_EQ(driver_.taken(), Numbers{1});
}

// --- Equivocation ------------------------------------------------------------------------------------------

TEST_F(Handler, GivenASecondCandidate_WhenItComes_ThenItIsKeptAndForwardedOnceButNotExecuted) {
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

TEST_F(Handler, GivenTheFirstCandidateIsRefusedByTheEngine_WhenASecondIsHeld_ThenTheSecondIsExecuted) {
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

TEST_F(Handler, GivenTheFirstCandidatesListNeverComes_WhenASlotHasPassed_ThenTheSecondIsExecuted) {
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

TEST_F(Handler, GivenTheOtherFormOfASignature_WhenItComes_ThenItIsADuplicate) {
  start();
  auto one = block({.number = 1});
  hear(one);
  one.commitment.signature = crypto::other_form(one.commitment.signature).value();
  EXPECT_EQ(hear(one), GossipDecision::ignore);
  EXPECT_EQ(store_.candidates(1).size(), 1U);
  EXPECT_EQ(counters().equivocations, 0U);
}

TEST_F(Handler, GivenABlockThatWasQueued_WhenTheEngineRefusesItLater_ThenTheOtherCandidateIsSubmitted) {
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

TEST_F(Handler, GivenADriverWithoutRoom_WhenItSaysThatThereIsRoom_ThenTheSameBlockIsSubmittedAgain) {
  driver_.answers.push_back(fail(ErrorCode::limit, "full"));
  start();
  hear_both(block({.number = 1}));
  EXPECT_TRUE(driver_.inputs.empty());
  driver_.room();
  run(20ms);
  EXPECT_EQ(driver_.taken(), Numbers{1});
  EXPECT_EQ(counters().driver_submit_failure, 0U);
}

TEST_F(Handler, GivenABlockThatWasQueued_WhenTheTipNeverMoves_ThenItIsSubmittedAgain) {
  driver_.moves_tip = false;
  start();
  hear_both(block({.number = 1}));
  run(27s);
  EXPECT_EQ(driver_.taken(), (Numbers{1, 1}));
  EXPECT_EQ(counters().resubmissions, 1U);
}

TEST_F(Handler, GivenTheEngineWentBack_WhenTheTipFalls_ThenTheBlocksAboveAreSubmittedAgain) {
  start();
  for (const auto& promise : chain(3)) hear_both(promise);
  driver_.tip = U256(1);
  driver_.tip_change();
  run(50ms);
  EXPECT_EQ(driver_.taken(), (Numbers{1, 2, 3, 2, 3}));
}

TEST_F(Handler, GivenTheTipIsNotKnown_WhenABlockIsReady_ThenItIsTriedUntilItIs) {
  driver_.knows_tip = false;
  start();
  hear_both(block({.number = 1}));
  EXPECT_TRUE(driver_.attempts.empty());
  driver_.knows_tip = true;
  run(13s);
  EXPECT_EQ(driver_.taken(), Numbers{1});
}

TEST_F(Handler, GivenADriverThatNeverAnswers_WhenTheDeadlinePasses_ThenTheBlockIsSubmittedAgain) {
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

TEST_F(Handler, GivenEventSyncIsNotDone_WhenGossipComes_ThenItIsStoredButNotSubmitted) {
  driver_.synced = false;
  start();
  hear_both(block({.number = 1}));
  EXPECT_FALSE(client_->is_live());
  EXPECT_EQ(store_.candidates(1).size(), 1U);
  EXPECT_TRUE(driver_.attempts.empty());
}

// --- Transaction lists -------------------------------------------------------------------------------------

TEST_F(Handler,
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

TEST_F(Handler, GivenNoPeerHasTheList_WhenOneConnectsThatDoes_ThenItIsAskedAtOnce) {
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

TEST_F(Handler, GivenALargeList_WhenItIsDecoded_ThenItTakesSeveralTurnsAndThenItsTransactionsAreSubmitted) {
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

TEST_F(Handler, GivenAListThatInflatesToMoreThanTwoMebibytes_WhenItIsPaired_ThenTheBlockIsBad) {
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

TEST_F(Handler, GivenAMarkerBetweenTwoBlocks_WhenTheNextBlockBearsItsNumber_ThenItIsExecutedInItsPlace) {
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

TEST_F(Handler, GivenABlockWhoseParentIsAMarkerThatIsLate_WhenTheMarkerComes_ThenTheBlockIsExecuted) {
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

TEST_F(Handler, GivenEopWithAList_WhenItIsExecuted_ThenTheHandOverFollows) {
  start();
  hear_both(block({.number = 1, .eop = true}));
  ASSERT_EQ(events_of<Handover>().size(), 1U);
  EXPECT_FALSE(events_of<Handover>()[0].marker);
  EXPECT_FALSE(driver_.inputs.at(0).should_skip());
}

TEST_F(Handler, GivenEopWithAnEmptyList_WhenItIsExecuted_ThenItIsABlockAndNoMarker) {
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

TEST_F(Handler, GivenNoEopAndNoList_WhenItComes_ThenItIsRefused) {
  start();
  const auto nothing = block({.number = 1, .change = [](auto& c) { c.preconf.raw_tx_list_hash = {}; }});
  EXPECT_EQ(hear(nothing), GossipDecision::ignore);
  EXPECT_EQ(counters().validation_failures[static_cast<std::size_t>(CommitmentFault::missing_tx_list_hash)],
            1U);
}

// --- Events ------------------------------------------------------------------------------------------------

TEST_F(Handler, GivenASubscriberThatEndsItsSubscriptionInTheCallback_WhenEventsFollow_ThenItHearsNoMore) {
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

TEST_F(Handler, GivenPeers_WhenTheyComeAndGo_ThenSubscribersHearTheirIds) {
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
