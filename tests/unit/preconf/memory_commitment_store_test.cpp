// The store's rows of node book 20.4 and the rules of 6.9 and 7.5.

#include <gtest/gtest.h>

#include "preconf/awaiting_tx_lists.h"
#include "unit/preconf/heart_fixture.h"

namespace libpreconf::preconf {
namespace {

using namespace test;
using Limits = MemoryCommitmentStore::Limits;

p2p::RawTxList list_of_size(std::size_t size, std::uint8_t fill) {
  return list_of(Bytes(size, fill));
}

StoredCommitment naming(std::uint64_t number, const p2p::RawTxList& list, std::uint64_t seed = 0) {
  return stored(block({.number = number, .seed = seed, .change = [&](auto& c) {
                         c.preconf.raw_tx_list_hash = list.hash;
                         c.preconf.gas_limit = 1000 + seed;
                       }}));
}

std::vector<std::uint64_t> numbers(const std::vector<p2p::SignedCommitment>& page) {
  std::vector<std::uint64_t> out;
  for (const auto& commitment : page) out.push_back(commitment.preconf().block_number.limbs()[0]);
  return out;
}
using Numbers = std::vector<std::uint64_t>;

constexpr Instant kNow{};

TEST(Store, S1_GivenThreeHeightsThatWaitForOneList_WhenAFourthComes_ThenTheLowestHasGone) {
  AwaitingTxLists awaiting(3);
  const Hash256 list{1};
  for (const std::uint64_t number : {10, 5, 15, 20}) awaiting.add(list, number);
  EXPECT_EQ(awaiting.take(list), (Numbers{10, 15, 20}));
  EXPECT_EQ(awaiting.size(), 0U);
}

TEST(Store, S2_GivenACommitmentThatWasNotAccepted_WhenPeersAsk_ThenItIsInvisibleUntilItIs) {
  MemoryCommitmentStore store;
  const StoreCommitmentSource source(store);
  const auto seven = block({.number = 7});
  EXPECT_TRUE(source.commitments_from(U256(7), 1).empty());
  EXPECT_EQ(source.head(), p2p::PreconfHead{});
  store.insert_commitment(stored(seven));
  ASSERT_EQ(source.commitments_from(U256(7), 1).size(), 1U);
  EXPECT_EQ(source.commitments_from(U256(7), 1)[0], seven.commitment);
  EXPECT_EQ(source.head().block_number, U256(7));
}

TEST(Store, S3_GivenAListThatWasNotAccepted_WhenPeersAsk_ThenItIsInvisibleUntilItIs) {
  MemoryCommitmentStore store;
  const StoreCommitmentSource source(store);
  const auto list = valid_list(1);
  EXPECT_FALSE(source.tx_list(list.hash));
  EXPECT_TRUE(store.insert_tx_list(list, kNow));
  ASSERT_TRUE(source.tx_list(list.hash));
  EXPECT_EQ(source.tx_list(list.hash)->tx_list, list.tx_list);
}

TEST(Store, S4_GivenRetentionTwo_WhenThreeCommitmentsAndThenTheirListsCome_ThenTheFirstAndItsListAreGone) {
  MemoryCommitmentStore store(Limits{.retained_heights = 2});
  const auto blocks = chain(3);
  for (const auto& promise : blocks) store.insert_commitment(stored(promise));
  for (const auto& promise : blocks) store.insert_tx_list(promise.list, kNow);
  EXPECT_TRUE(store.candidates(1).empty());
  EXPECT_FALSE(store.tx_list(blocks[0].list.hash));
  for (const std::size_t i : {1U, 2U}) {
    EXPECT_EQ(store.candidates(i + 1).size(), 1U);
    EXPECT_TRUE(store.tx_list(blocks[i].list.hash));
  }
}

TEST(Store, S4_GivenRetentionTwo_WhenAHeightIsEvicted_ThenTheListItNamedGoesWithIt) {
  MemoryCommitmentStore store(Limits{.retained_heights = 2});
  const auto blocks = chain(3);
  for (const auto& promise : blocks) {
    store.insert_tx_list(promise.list, kNow);
    store.insert_commitment(stored(promise));
  }
  EXPECT_FALSE(store.tx_list(blocks[0].list.hash));
  EXPECT_EQ(store.tx_list_count(), 2U);
}

TEST(Store, S5_GivenRetentionOne_WhenTwoCommitmentsAndTwoListsCome_ThenOneOfEachIsHeld) {
  MemoryCommitmentStore store(Limits{.retained_heights = 1});
  store.insert_commitment(stored(block({.number = 1})));
  store.insert_commitment(stored(block({.number = 2})));
  store.insert_tx_list(valid_list(91), kNow);
  store.insert_tx_list(valid_list(92), kNow);
  EXPECT_EQ(store.commitment_count(), 1U);
  EXPECT_EQ(store.tx_list_count(), 1U);
  EXPECT_TRUE(store.tx_list(valid_list(92).hash));
}

TEST(Store, S6_GivenCommitmentsOneAndThree_WhenAskedFromTwo_ThenThreeIsServed) {
  MemoryCommitmentStore store;
  store.insert_commitment(stored(block({.number = 1})));
  store.insert_commitment(stored(block({.number = 3})));
  EXPECT_EQ(numbers(store.commitments_from(U256(2), 5)), Numbers{3});
  EXPECT_TRUE(store.commitments_from(U256(1), 0).empty());
  EXPECT_TRUE(store.commitments_from(U256::max(), 5).empty());
}

// --- Candidates --------------------------------------------------------------------------------------------

TEST(Store, GivenFourCandidatesOfAHeight_WhenAFifthComes_ThenItIsRefusedAndTheFirstIsServed) {
  MemoryCommitmentStore store;
  EXPECT_EQ(store.insert_commitment(stored(block({.number = 1, .seed = 0}))), InsertOutcome::inserted);
  for (const std::uint64_t seed : {1, 2, 3}) {
    EXPECT_EQ(store.insert_commitment(stored(block({.number = 1, .seed = seed}))), InsertOutcome::second);
  }
  EXPECT_EQ(store.insert_commitment(stored(block({.number = 1, .seed = 4}))), InsertOutcome::full);
  EXPECT_EQ(store.insert_commitment(stored(block({.number = 1, .seed = 3}))), InsertOutcome::duplicate);
  EXPECT_EQ(store.commitments_from(U256(1), 9).at(0), block({.number = 1, .seed = 0}).commitment);
}

TEST(Store, GivenTwoCandidates_WhenTheSecondIsPreferred_ThenItIsServed) {
  MemoryCommitmentStore store;
  const auto second = stored(block({.number = 1, .seed = 1}));
  store.insert_commitment(stored(block({.number = 1})));
  store.insert_commitment(second);
  store.prefer(second.hash);
  EXPECT_EQ(store.candidates(1)[0].hash, second.hash);
  EXPECT_EQ(store.highest()->hash, second.hash);
}

TEST(Store, GivenTheOnlyCandidate_WhenItIsRemoved_ThenTheHeadFallsToTheBlockBelow) {
  MemoryCommitmentStore store;
  const auto blocks = chain(2);
  for (const auto& promise : blocks) store.insert_commitment(stored(promise));
  store.remove_commitment(blocks[1].hash());
  store.remove_commitment(blocks[1].hash());
  EXPECT_EQ(store.highest()->hash, blocks[0].hash());
  EXPECT_FALSE(store.by_hash(blocks[1].hash()));
}

TEST(Store, GivenAFullRange_WhenANumberBelowItComes_ThenItIsRefused) {
  MemoryCommitmentStore store(Limits{.retained_heights = 2});
  store.insert_commitment(stored(block({.number = 5})));
  store.insert_commitment(stored(block({.number = 6})));
  EXPECT_EQ(store.insert_commitment(stored(block({.number = 4}))), InsertOutcome::full);
  EXPECT_EQ(store.commitment_count(), 2U);
}

TEST(Store, GivenL1Confirmed_WhenTheTailIsKept_ThenWhatLiesBelowItIsGoneAndStaysAway) {
  MemoryCommitmentStore store(Limits{.served_tail = 2});
  for (const auto& promise : chain(5)) store.insert_commitment(stored(promise));
  store.confirmed_up_to(U256(4));
  EXPECT_EQ(numbers(store.commitments_from(U256(0), 9)), (Numbers{3, 4, 5}));
  EXPECT_EQ(store.insert_commitment(stored(block({.number = 2}))), InsertOutcome::full);
}

// --- Markers -----------------------------------------------------------------------------------------------

TEST(Store, GivenAMarkerAndABlockOfOneNumber_WhenBothAreHeld_ThenNeitherReplacesTheOther) {
  MemoryCommitmentStore store;
  const auto handover = stored(marker({.number = 2}));
  EXPECT_EQ(store.insert_commitment(handover), InsertOutcome::inserted);
  EXPECT_EQ(store.highest()->hash, handover.hash);
  EXPECT_EQ(store.insert_commitment(stored(block({.number = 2}))), InsertOutcome::inserted);
  EXPECT_EQ(store.insert_commitment(handover), InsertOutcome::duplicate);
  EXPECT_EQ(store.markers(2).size(), 1U);
  EXPECT_EQ(store.candidates(2).size(), 1U);
  EXPECT_FALSE(store.highest()->commitment.preconf().is_eop_only());
}

TEST(Store, GivenMarkers_WhenAPageReachesTheHead_ThenEachStandsBeforeTheBlockOfItsNumber) {
  MemoryCommitmentStore store;
  for (const auto& promise : chain(3)) store.insert_commitment(stored(promise));
  store.insert_commitment(stored(marker({.number = 2})));
  const auto page = store.commitments_from(U256(1), 256);
  EXPECT_EQ(numbers(page), (Numbers{1, 2, 2, 3}));
  EXPECT_TRUE(page[1].preconf().is_eop_only());
}

TEST(Store, GivenMarkers_WhenAPageDoesNotReachTheHead_ThenItHoldsBlocksAlone) {
  MemoryCommitmentStore store;
  for (const auto& promise : chain(3)) store.insert_commitment(stored(promise));
  store.insert_commitment(stored(marker({.number = 2})));
  EXPECT_EQ(numbers(store.commitments_from(U256(1), 2)), (Numbers{1, 2}));
  EXPECT_FALSE(store.commitments_from(U256(1), 2)[1].preconf().is_eop_only());
  EXPECT_EQ(numbers(store.commitments_from(U256(1), 3)), (Numbers{1, 2, 3}));
}

TEST(Store, GivenAMarkerAsHead_WhenItsNumberIsAskedFor_ThenItIsServed) {
  MemoryCommitmentStore store;
  store.insert_commitment(stored(block({.number = 1})));
  store.insert_commitment(stored(marker({.number = 2})));
  EXPECT_EQ(numbers(store.commitments_from(U256(2), 1)), Numbers{2});
  EXPECT_EQ(numbers(store.commitments_from(U256(1), 9)), (Numbers{1, 2}));
  EXPECT_EQ(numbers(store.commitments_from(U256(1), 1)), Numbers{1});
}

TEST(Store, GivenFourMarkersOfANumber_WhenAFifthComes_ThenItIsRefused) {
  MemoryCommitmentStore store;
  for (std::uint8_t i = 0; i < 5; ++i) {
    const auto outcome = store.insert_commitment(stored(marker({.number = 2, .parent = Hash256{i}})));
    EXPECT_EQ(outcome, i < 4 ? InsertOutcome::inserted : InsertOutcome::full);
  }
}

// --- Budgets -----------------------------------------------------------------------------------------------

TEST(Store, GivenAFullBudgetOfUnnamedLists_WhenAnotherComes_ThenTheOldestGoes) {
  MemoryCommitmentStore store(Limits{.unnamed_list_bytes = 250});
  for (std::uint8_t i = 0; i < 3; ++i) EXPECT_TRUE(store.insert_tx_list(list_of_size(100, i), kNow));
  EXPECT_FALSE(store.tx_list(list_of_size(100, 0).hash));
  EXPECT_TRUE(store.tx_list(list_of_size(100, 2).hash));
  EXPECT_LE(store.bytes_held(), 250U);
  EXPECT_FALSE(store.insert_tx_list(list_of_size(251, 9), kNow));
}

TEST(Store, GivenAListThatNobodyNamed_WhenAWindowHasPassed_ThenItIsForgottenAndANamedOneIsNot) {
  MemoryCommitmentStore store(Limits{.unnamed_list_age = 12s});
  const auto named = list_of_size(10, 1);
  store.insert_commitment(naming(1, named));
  store.insert_tx_list(named, kNow);
  store.insert_tx_list(list_of_size(10, 2), kNow);
  store.expire_tx_lists(kNow + 11s);
  EXPECT_EQ(store.tx_list_count(), 2U);
  store.expire_tx_lists(kNow + 12s);
  EXPECT_EQ(store.tx_list_count(), 1U);
  EXPECT_TRUE(store.tx_list(named.hash));
}

TEST(Store, GivenAFullBudgetOfNamedLists_WhenAnotherComes_ThenTheLowestExecutedOneGoes) {
  MemoryCommitmentStore store(Limits{.named_list_bytes = 250});
  for (std::uint8_t i = 1; i <= 3; ++i) store.insert_commitment(naming(i, list_of_size(100, i)));
  store.insert_tx_list(list_of_size(100, 2), kNow);
  store.insert_tx_list(list_of_size(100, 1), kNow);
  store.executed_up_to(2);
  EXPECT_TRUE(store.insert_tx_list(list_of_size(100, 3), kNow));
  EXPECT_FALSE(store.tx_list(list_of_size(100, 1).hash));
  EXPECT_TRUE(store.tx_list(list_of_size(100, 2).hash));
}

TEST(Store, GivenNothingIsExecuted_WhenTheBudgetIsFull_ThenTheListThatIsNeededSoonerStays) {
  MemoryCommitmentStore store(Limits{.named_list_bytes = 250});
  for (std::uint8_t i = 1; i <= 4; ++i) store.insert_commitment(naming(i, list_of_size(100, i)));
  store.insert_tx_list(list_of_size(100, 2), kNow);
  store.insert_tx_list(list_of_size(100, 4), kNow);
  EXPECT_TRUE(store.insert_tx_list(list_of_size(100, 1), kNow));
  EXPECT_FALSE(store.tx_list(list_of_size(100, 4).hash));
  EXPECT_FALSE(store.insert_tx_list(list_of_size(100, 3), kNow));
}

TEST(Store, GivenAnUnnamedList_WhenACommitmentNamesIt_ThenItDoesNotAgeAnyMore) {
  MemoryCommitmentStore store(Limits{.unnamed_list_age = 12s});
  const auto list = list_of_size(10, 1);
  store.insert_tx_list(list, kNow);
  store.insert_commitment(naming(1, list));
  store.expire_tx_lists(kNow + 60s);
  EXPECT_TRUE(store.tx_list(list.hash));
}

TEST(Store, GivenOneListNamedTwice_WhenOneOfTheHeightsIsRemoved_ThenItStays) {
  MemoryCommitmentStore store;
  const auto list = list_of_size(10, 1);
  const auto one = naming(1, list);
  store.insert_commitment(one);
  store.insert_commitment(naming(2, list));
  store.insert_tx_list(list, kNow);
  store.remove_commitment(one.hash);
  EXPECT_TRUE(store.tx_list(list.hash));
  store.remove_commitment(naming(2, list).hash);
  EXPECT_FALSE(store.tx_list(list.hash));
  EXPECT_EQ(store.bytes_held(), 0U);
}

}  // namespace
}  // namespace libpreconf::preconf
