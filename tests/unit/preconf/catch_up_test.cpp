// Catch-up as the client runs it, against scripted peers: node book 20.6.

#include "preconf/limits.h"
#include "unit/preconf/heart_fixture.h"

namespace libpreconf::preconf {
namespace {

using namespace test;

class CatchUp : public HeartTest {
 protected:
  void serve(std::uint8_t peer, const std::vector<Promise>& promises) {
    auto& served = network_.add(peer);
    for (const auto& promise : promises) served.serve(promise);
  }
  static Numbers one_to(std::uint64_t last) {
    Numbers out;
    for (std::uint64_t i = 1; i <= last; ++i) out.push_back(i);
    return out;
  }
};

TEST_F(CatchUp,
       K6_GivenAPeerWithThreeLinkedBlocks_WhenStarted_ThenSyncedIsSaidAndTheBlocksAreProducedInOrder) {
  serve(1, chain(3));
  start();
  run(1s);
  EXPECT_EQ(events_of<Synced>().size(), 1U);
  EXPECT_EQ(driver_.taken(), one_to(3));
  EXPECT_EQ(client_->head().block_number, U256(3));
  EXPECT_EQ(counters().catch_up_batches, 2U);
}

TEST_F(CatchUp, K7_GivenAPeerOneBlockAhead_WhenStarted_ThenThatBlockIsImported) {
  serve(1, chain(1));
  start();
  run(1s);
  EXPECT_EQ(driver_.taken(), one_to(1));
}

TEST_F(CatchUp, K8_GivenAPeerThatClaimsAnAbsurdHead_WhenStarted_ThenAnotherPeerIsUsed) {
  network_.add(1).head = p2p::PreconfHead{U256::max(), U256(0)};
  serve(2, chain(3));
  start();
  run(1s);
  EXPECT_EQ(driver_.taken(), one_to(3));
  EXPECT_TRUE(network_.peers.at(peer_named(1)).pages_asked.empty());
  EXPECT_EQ(counters().catch_up_errors, 1U);
}

TEST_F(CatchUp, K10_GivenASilentAndALyingPeer_WhenStarted_ThenTheThirdIsUsedAndTheNodeIsLiveMeanwhile) {
  serve(1, chain(3));
  network_.peers.at(peer_named(1)).silent = true;
  serve(2, chain(3));
  network_.peers.at(peer_named(2)).page = [](std::uint64_t, std::uint32_t) {
    return std::vector{block({.number = 77}).commitment};
  };
  serve(3, chain(3));
  start();
  EXPECT_TRUE(client_->is_live());
  run(11s);
  EXPECT_EQ(client_->head().block_number, U256(3));
  EXPECT_EQ(counters().catch_up_errors, 2U);
  run(11s);  // the silent peer is asked for a list as well
  EXPECT_EQ(driver_.taken(), one_to(3));
}

TEST_F(CatchUp, K11_GivenNoPeers_WhenStarted_ThenTheNodeIsLiveAtOnceAndCatchesUpWithTheFirstThatConnects) {
  start();
  EXPECT_TRUE(client_->is_live());
  EXPECT_EQ(events_of<Synced>().size(), 1U);
  run(60s);
  serve(1, chain(3));
  connect(1);
  run(1s);
  EXPECT_EQ(driver_.taken(), one_to(3));
}

TEST_F(CatchUp, GivenEveryPeerFails_WhenThePauseIsOver_ThenTheyAreAskedAgain) {
  network_.add(1);
  start();
  run(500ms);
  const auto asked = network_.peers.at(peer_named(1)).heads_asked;
  run(40s);
  const auto later = network_.peers.at(peer_named(1)).heads_asked;
  EXPECT_GE(later, asked + 4);
  EXPECT_LE(later, asked + 7);
  serve(1, chain(2));
  run(13s);
  EXPECT_EQ(driver_.taken(), one_to(2));
}

TEST_F(CatchUp, GivenL1HasConfirmedSome_WhenStarted_ThenOnlyWhatIsMissingIsFetched) {
  driver_.event_tip = U256(4);
  driver_.tip = U256(4);
  serve(1, chain(6));
  start();
  run(1s);
  EXPECT_EQ(driver_.taken(), (Numbers{5, 6}));
  EXPECT_EQ(network_.peers.at(peer_named(1)).pages_asked.at(1).first, 5U);
}

TEST_F(CatchUp, GivenAnEngineWithUnconfirmedBlocks_WhenStarted_ThenTheirListsAreFetchedAfterThoseThatAreDue) {
  driver_.event_tip = U256(1);
  driver_.tip = U256(3);
  const auto blocks = chain(5);
  serve(1, blocks);
  start();
  run(1s);
  EXPECT_EQ(driver_.taken(), (Numbers{4, 5}));
  std::vector<Hash256> expected;
  for (const std::size_t place : {3, 4, 1, 2}) expected.push_back(blocks[place].list.hash);
  EXPECT_EQ(network_.peers.at(peer_named(1)).asked_for, expected);
  EXPECT_TRUE(store_.tx_list(blocks[1].list.hash));
  EXPECT_FALSE(store_.tx_list(blocks[0].list.hash));
}

TEST_F(CatchUp, GivenNoPeerHasTheListOfABlockThatTheEngineHolds_WhenAllWereAsked_ThenItIsGivenUp) {
  driver_.tip = U256(2);
  for (const std::uint8_t peer : {1, 2}) {
    serve(peer, chain(2));
    network_.peers.at(peer_named(peer)).lists.clear();
  }
  start();
  run(60s);
  for (const std::uint8_t peer : {1, 2}) EXPECT_EQ(network_.peers.at(peer_named(peer)).lists_asked, 2U);
}

TEST_F(CatchUp, GivenNoPeers_WhenTheListOfABlockThatTheEngineHoldsIsMissing_ThenItIsFetchedFromTheFirst) {
  driver_.tip = U256(2);
  start();
  const auto blocks = chain(2);
  hear(blocks[0]);
  run(5s);
  serve(1, blocks);
  connect(1);
  run(1s);
  EXPECT_TRUE(store_.tx_list(blocks[0].list.hash));
}

TEST_F(CatchUp, GivenAStoreWithoutRoom_WhenTheListOfABlockThatTheEngineHoldsComes_ThenItIsNotAskedForAgain) {
  MemoryCommitmentStore::Limits limits;
  limits.named_list_bytes = 1;
  MemoryCommitmentStore small(limits);
  driver_.tip = U256(1);
  serve(1, chain(1));
  client_ = PreconfirmationClient::create(reactor_, {}, small, schedule_, driver_).value();
  client_->start(network_);
  run(60s);
  EXPECT_EQ(small.commitment_count(), 1U);
  EXPECT_EQ(network_.peers.at(peer_named(1)).lists_asked, 1U);
  client_->stop();
  client_.reset();
}

TEST_F(CatchUp, GivenAListThatIsMissing_WhenL1ConfirmsItsBlock_ThenItIsNotAskedForAnyMore) {
  driver_.tip = U256(1);
  start();
  const auto blocks = chain(1);
  hear(blocks[0]);
  driver_.event_tip = U256(1);
  driver_.tip_change();
  network_.add(1).lists[blocks[0].list.hash] = blocks[0].list;
  run(5s);
  EXPECT_EQ(network_.peers.at(peer_named(1)).lists_asked, 0U);
}

TEST_F(CatchUp, GivenAPeerWithAHoleInItsChain_WhenStarted_ThenTheBlocksBelowItAreExecuted) {
  auto blocks = chain(6);
  blocks.erase(blocks.begin() + 3);
  serve(1, blocks);
  start();
  run(1s);
  EXPECT_EQ(events_of<Synced>().size(), 1U);
  EXPECT_EQ(driver_.taken(), one_to(3));
  // Once somebody has the missing block, the rest follows.
  serve(2, chain(6));
  run(13s);
  EXPECT_EQ(driver_.taken(), one_to(6));
}

TEST_F(CatchUp, GivenAPeerWithAHoleAndOneWithout_WhenStarted_ThenTheSecondIsAskedAtOnce) {
  auto holed = chain(6);
  holed.erase(holed.begin() + 3);
  serve(1, holed);
  serve(2, chain(6));
  start();
  run(1s);
  EXPECT_EQ(events_of<Synced>().size(), 1U);
  EXPECT_EQ(driver_.taken(), one_to(6));
}

TEST_F(CatchUp, GivenManyPeersWithAHole_WhenStarted_ThenThreeAreBelieved) {
  auto holed = chain(6);
  holed.erase(holed.begin() + 3);
  for (std::uint8_t peer = 1; peer <= 5; ++peer) serve(peer, holed);
  start();
  run(1s);
  EXPECT_EQ(events_of<Synced>().size(), 1U);
  EXPECT_EQ(driver_.taken(), one_to(3));
  std::size_t asked = 0;
  for (const auto& [id, peer] : network_.peers) asked += peer.heads_asked;
  EXPECT_EQ(asked, kAgreeingPeers);
}

TEST_F(CatchUp, GivenAGapThatLasts_WhenAPeerHasTheMissingBlocks_ThenTheyAreFetched) {
  start();
  const auto blocks = chain(5);
  hear_both(blocks[4]);
  serve(1, blocks);
  EXPECT_TRUE(driver_.inputs.empty());
  run(5s);
  EXPECT_EQ(driver_.taken(), one_to(5));
}

TEST_F(CatchUp, GivenPeersThatCameAsLate_WhenNobodyGossips_ThenAnotherOneIsAskedAndTheBlocksAreFetched) {
  for (const std::uint8_t peer : {1, 2, 3}) network_.add(peer).head = p2p::PreconfHead{};
  start();
  run(1s);
  EXPECT_EQ(events_of<Synced>().size(), 1U);
  serve(4, chain(3));
  run(10s);
  EXPECT_EQ(driver_.taken(), one_to(3));
  EXPECT_EQ(events_of<Synced>().size(), 2U);
}

TEST_F(CatchUp, GivenAPeerThatIsBehindAndOneThatIsNot_WhenStarted_ThenTheSecondIsAskedAtOnce) {
  network_.add(1).head = p2p::PreconfHead{};
  serve(2, chain(3));
  start();
  run(1s);
  EXPECT_EQ(driver_.taken(), one_to(3));
  EXPECT_EQ(events_of<Synced>().size(), 1U);
}

TEST_F(CatchUp, GivenAGap_WhenManyPeersHaveNothing_ThenAllAreAskedUntilOneFillsIt) {
  start();
  const auto blocks = chain(5);
  hear_both(blocks[4]);
  for (const std::uint8_t peer : {1, 2, 3, 4, 5, 6, 7}) network_.add(peer).head = p2p::PreconfHead{};
  serve(8, blocks);
  run(5s);
  EXPECT_EQ(driver_.taken(), one_to(5));
}

TEST_F(CatchUp, GivenNothingIsMissing_WhenTimePasses_ThenPeersAreAskedTwiceASlotAndNothingIsSaid) {
  network_.add(1).head = p2p::PreconfHead{};
  start();
  run(600s);
  EXPECT_GE(network_.peers.at(peer_named(1)).heads_asked, 80U);
  EXPECT_LE(network_.peers.at(peer_named(1)).heads_asked, 110U);
  EXPECT_EQ(events_of<Synced>().size(), 1U);
}

TEST_F(CatchUp, GivenAChainWithAMarker_WhenCaughtUp_ThenTheMarkerIsHeldAndTheBlocksAreExecuted) {
  const auto one = block({.number = 1});
  const auto handover = marker({.number = 2, .parent = one.hash()});
  const auto two = block({.number = 2, .parent = handover.hash()});
  serve(1, {one, handover, two});
  start();
  run(1s);
  EXPECT_EQ(store_.markers(2).size(), 1U);
  Numbers blocks;
  for (const auto& input : driver_.inputs) {
    if (!input.should_skip()) blocks.push_back(input.commitment.preconf().block_number.limbs()[0]);
  }
  EXPECT_EQ(blocks, one_to(2));
}

TEST_F(CatchUp, GivenThreeHundredBlocks_WhenCaughtUp_ThenAllAreExecutedAndServedAgain) {
  const auto blocks = chain(300);
  serve(1, blocks);
  start();
  run(5s);
  EXPECT_EQ(driver_.taken(), one_to(300));
  const StoreCommitmentSource source(store_);
  EXPECT_EQ(source.head().block_number, U256(300));
  ASSERT_EQ(source.commitments_from(U256(1), 256).size(), 256U);
  EXPECT_EQ(source.commitments_from(U256(300), 1)[0], blocks[299].commitment);
}

TEST_F(CatchUp, GivenAPageSizeOutOfRange_WhenCreated_ThenTheErrorNamesTheField) {
  for (const std::uint32_t page : {0U, 257U}) {
    const auto created =
        PreconfirmationClient::create(reactor_, {.catch_up_page = page}, store_, schedule_, driver_);
    ASSERT_FALSE(created);
    EXPECT_NE(created.error().message.find("catch_up_page"), std::string::npos);
  }
}

}  // namespace
}  // namespace libpreconf::preconf
