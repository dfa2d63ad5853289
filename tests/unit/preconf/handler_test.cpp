// The behaviour list of node book 20.5, and what program.md and chapter 6 add to it.

#include <algorithm>

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
  EXPECT_EQ(hear(one, kPreconferKey, self), GossipDecision::ignore);
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

TEST_F(Handler, GivenL1DecidedForARivalThatIsNotHeld_WhenTheBlockOnItComes_ThenItIsExecuted) {
  start();
  hear_both(block({.number = 1}));
  run(1s);
  const auto winner = block({.number = 1, .seed = 1});
  driver_.event_tip = U256(1);
  driver_.tip_change();
  hear_both(block({.number = 2, .parent = winner.hash()}));
  run(1s);
  EXPECT_EQ(driver_.taken(), (Numbers{1, 2}));
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
  EXPECT_TRUE(signer.error().text().starts_with("signer mismatch"));
  const auto window = validate_commitment(
      rules, block({.number = 1, .change = [](auto& c) { c.preconf.submission_window_end = 5; }}).commitment);
  ASSERT_FALSE(window);
  EXPECT_TRUE(window.error().text().starts_with("submission_window_end mismatch"));
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

}  // namespace
}  // namespace libpreconf::preconf
