// Publishing from the sidecar: node book 12.4 to 12.6, and of 20.7.

#include "crypto/hash.h"
#include "unit/preconf/heart_fixture.h"

namespace libpreconf::preconf {
namespace {

using namespace test;

class Publish : public HeartTest {
 protected:
  static Bytes ssz(const Promise& promise) { return to_bytes(p2p::encode(promise.commitment)); }

  PublishResult wait(Handle handle) {
    (void)world_.run_until([this] { return answer_.has_value(); }, 60s);
    (void)handle;
    PublishResult out =
        answer_ ? *answer_ : std::unexpected(PublishError{PublishErrorKind::internal, "no answer"});
    answer_.reset();
    return out;
  }
  OnPublished take() {
    return [this](PublishResult result) { answer_ = std::move(result); };
  }
  PublishResult publish_block(const Promise& promise) {
    return wait(client_->publish_block({ssz(promise), promise.list.hash, promise.list.tx_list}, take()));
  }
  PublishResult publish_commitment(const Promise& promise) {
    return wait(client_->publish_commitment(ssz(promise), take()));
  }
  PublishResult publish_list(const Hash256& hash, const p2p::RawTxList& list) {
    return wait(client_->publish_tx_list(hash, list.tx_list, take()));
  }
  /// 'L' and 'C' in the order of publication.
  [[nodiscard]] std::string gossiped() const {
    std::string out;
    for (const auto& message : network_.published) out += message.index() == 0 ? 'C' : 'L';
    return out;
  }

  std::optional<PublishResult> answer_;
};

TEST_F(Publish, R6_GivenAListWithItsHash_WhenPublished_ThenGossipCarriesTheSameHashAndBytes) {
  start();
  const auto list = valid_list(1);
  const auto result = publish_list(list.hash, list);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->tx_list_hash, list.hash);
  ASSERT_EQ(gossiped(), "L");
  EXPECT_EQ(std::get<p2p::RawTxList>(network_.published[0]).hash, list.hash);
  EXPECT_EQ(*std::get<p2p::RawTxList>(network_.published[0]).tx_list, *list.tx_list);
  EXPECT_TRUE(store_.tx_list(list.hash));
}

TEST_F(Publish, R7_GivenAListHashOfZero_WhenABlockIsPublished_ThenTheMismatchIsNamed) {
  start();
  const auto result = wait(client_->publish_block(
      {ssz(block({.number = 1})), Hash256{}, std::make_shared<const Bytes>(Bytes{1, 2, 3})}, take()));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, PublishErrorKind::invalid_commitment);
  EXPECT_EQ(result.error().message,
            "validation error: tx_list_hash mismatch: expected "
            "0x0000000000000000000000000000000000000000000000000000000000000000, got "
            "0xf1885eda54b7a053318cd41e2093220dab15d65381b1157a3633a83bfd5c9239");
}

TEST_F(Publish, R8_GivenACommitmentToAnotherList_WhenABlockIsPublished_ThenTheMismatchIsNamed) {
  start();
  const auto bytes = list_of({1, 2, 3});
  const auto other = block({.number = 1, .change = [](auto& c) { c.preconf.raw_tx_list_hash.fill(0xaa); }});
  const auto result = wait(client_->publish_block({ssz(other), bytes.hash, bytes.tx_list}, take()));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message,
            "validation error: commitment raw_tx_list_hash mismatch: commitment contains "
            "0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, txlist hashes to "
            "0xf1885eda54b7a053318cd41e2093220dab15d65381b1157a3633a83bfd5c9239");
}

TEST_F(Publish, R12_GivenStaleSignerAndWindowFaults_WhenPublished_ThenEachHasItsKindAndText) {
  schedule_ = StaticSignerSchedule::from_windows({{.from = kGenesisTime,
                                                   .to = kGenesisTime + 120,
                                                   .signer = key_of(kPreconferKey).address(),
                                                   .window_end = kGenesisTime + 12}})
                  .value();
  driver_.event_tip = U256(5);
  driver_.tip = U256(5);
  start();
  const auto expect = [this](const Promise& promise, PublishErrorKind kind, std::string_view text) {
    const auto result = publish_block(promise);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, kind) << result.error().message;
    EXPECT_EQ(result.error().message, text);
  };
  expect(block({.number = 5}), PublishErrorKind::stale,
         "validation error: StaleCommitment: stale commitment: block 5 <= event_sync_tip 5");
  expect(block({.number = 6, .key = 8}), PublishErrorKind::invalid_signer,
         "validation error: SignerMismatch: signer mismatch: recovered signer does not match expected slot "
         "signer");
  expect(
      block({.number = 6, .change = [](auto& c) { c.preconf.submission_window_end = 1; }}),
      PublishErrorKind::window_mismatch,
      "validation error: SubmissionWindowExpired: submission_window_end mismatch: commitment window end does "
      "not match expected slot end");
  expect(block({.number = 6, .change = [](auto& c) { c.preconf.timestamp = 1; }}),
         PublishErrorKind::lookahead_out_of_range,
         "lookahead error: timestamp 1 is too old for the schedule");
  EXPECT_TRUE(network_.published.empty());
}

TEST_F(Publish, GivenBrokenCommitments_WhenPublished_ThenTheTextsOfTheBookAreGiven) {
  start({.expected_slasher = Address{1}});
  const auto message = [this](const Promise& promise) {
    const auto result = publish_block(promise);
    return result ? "no error" : result.error().message;
  };
  const auto slasher = [](auto& c) { c.slasher_address = Address{1}; };
  auto bad_id = block({.number = 1, .change = slasher});
  bad_id.commitment.signature[64] = 27;
  EXPECT_EQ(message(bad_id), "validation error: signature format error: recovery id 27 is not 0 to 3");
  auto zero = block({.number = 1, .change = slasher});
  zero.commitment.signature = {};
  EXPECT_EQ(message(zero), "validation error: signature format error: r or s is zero");
  auto high = block({.number = 1, .change = slasher});
  high.commitment.signature.fill(0xff);
  high.commitment.signature[64] = 0;
  EXPECT_EQ(message(high), "validation error: signature recovery error: no public key fits the signature");
  EXPECT_EQ(message(block({.number = 1})), "validation error: SlasherMismatch: slasher address mismatch");
  EXPECT_EQ(message(block({.number = 2000, .change = slasher})),
            "validation error: block 2000 is more than 1024 above the tip 0");
  const auto short_ssz = wait(client_->publish_commitment(Bytes(381, 0), take()));
  ASSERT_FALSE(short_ssz);
  EXPECT_EQ(short_ssz.error().message.find("validation error: invalid commitment SSZ: "), 0U);
  const auto nothing = wait(client_->publish_commitment(ssz(block({.number = 1,
                                                                   .change =
                                                                       [](auto& c) {
                                                                         c.slasher_address = Address{1};
                                                                         c.preconf.raw_tx_list_hash = {};
                                                                       }})),
                                                        take()));
  EXPECT_EQ(nothing.error().message,
            "validation error: non-eop preconfirmation requires non-zero raw_tx_list_hash");
}

TEST_F(Publish, GivenAListThatIsNoZlib_WhenABlockIsPublished_ThenItIsRefusedBeforeItIsStored) {
  start();
  const auto garbage = list_of(Bytes(8, 1));
  const auto promise =
      block({.number = 1, .change = [&](auto& c) { c.preconf.raw_tx_list_hash = garbage.hash; }});
  const auto result = wait(client_->publish_block({ssz(promise), garbage.hash, garbage.tx_list}, take()));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, PublishErrorKind::invalid_tx_list);
  EXPECT_EQ(result.error().message.find("codec error: zlib decode failed: "), 0U);
  EXPECT_EQ(store_.commitment_count() + store_.tx_list_count(), 0U);
}

TEST_F(Publish, GivenAListOverTheCap_WhenPublished_ThenItIsTooLarge) {
  start();
  const auto big = list_of(Bytes(p2p::kMaxTxListBytes + 1, 0));
  const auto result = publish_list(big.hash, big);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "validation error: txlist too large");
}

TEST_F(Publish, GivenTheNextBlock_WhenPublished_ThenItIsStoredExecutedAndThenGossipedListFirst) {
  start();
  const auto one = block({.number = 1});
  const auto result = publish_block(one);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->commitment_hash, crypto::keccak256(ssz(one)));
  EXPECT_EQ(result->tx_list_hash, one.list.hash);
  EXPECT_EQ(driver_.taken(), Numbers{1});
  EXPECT_EQ(gossiped(), "LC");
  EXPECT_EQ(client_->head().block_number, U256(1));
}

TEST_F(Publish, GivenTheEngineRefuses_WhenABlockIsPublished_ThenNothingIsGossiped) {
  driver_.answers.push_back(fail(ErrorCode::invalid, "gas limit"));
  start();
  const auto result = publish_block(block({.number = 1}));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "driver error: gas limit");
  EXPECT_TRUE(network_.published.empty());
}

TEST_F(Publish, GivenTheSameBytes_WhenPublishedAgain_ThenTheAnswerIsTheSameAndNothingIsExecutedTwice) {
  start();
  const auto one = block({.number = 1});
  const auto first = publish_block(one);
  const auto again = publish_block(one);
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->commitment_hash, again->commitment_hash);
  EXPECT_EQ(driver_.attempts, Numbers{1});
}

TEST_F(Publish, GivenAHeightThatIsTaken_WhenAnotherCommitmentIsPublished_ThenItIsRefused) {
  start();
  ASSERT_TRUE(publish_block(block({.number = 1, .seed = 1})));
  const auto other = publish_block(block({.number = 1, .seed = 2}));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, PublishErrorKind::conflict);
  EXPECT_EQ(gossiped(), "LC");
  EXPECT_EQ(store_.candidates(1).size(), 1U);
}

TEST_F(Publish, GivenTheSignersOtherPromiseCameByGossip_WhenAnotherIsPublished_ThenItIsRefused) {
  start();
  hear_both(block({.number = 1, .seed = 1}));
  const auto other = publish_block(block({.number = 1, .seed = 2}));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, PublishErrorKind::conflict);
}

TEST_F(Publish, GivenAParentThatWasNotExecuted_WhenPublished_ThenItIsRefused) {
  start();
  ASSERT_TRUE(publish_block(block({.number = 1})));
  const auto result = publish_block(block({.number = 2, .parent = Hash256{7}}));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, PublishErrorKind::invalid_commitment);
}

TEST_F(Publish, GivenACommitmentWithoutItsList_WhenPublished_ThenItIsStoredAndGossipedAtOnce) {
  start();
  const auto one = block({.number = 1});
  const auto result = publish_commitment(one);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->tx_list_hash, one.list.hash);
  EXPECT_EQ(gossiped(), "C");
  EXPECT_TRUE(driver_.inputs.empty());
  ASSERT_TRUE(publish_list(one.list.hash, one.list));
  run(20ms);
  EXPECT_EQ(driver_.taken(), Numbers{1});
}

TEST_F(Publish, GivenItsListIsHeld_WhenACommitmentIsPublished_ThenItIsExecutedBeforeItIsGossiped) {
  start();
  const auto one = block({.number = 1});
  ASSERT_TRUE(publish_list(one.list.hash, one.list));
  ASSERT_TRUE(publish_commitment(one));
  EXPECT_EQ(driver_.taken(), Numbers{1});
  EXPECT_EQ(gossiped(), "LC");
}

TEST_F(Publish, GivenAMarkerWithADummyList_WhenPublished_ThenOnlyTheCommitmentIsGossiped) {
  start();
  const auto handover = marker({.number = 1});
  const auto dummy = list_of({});
  const auto result = wait(client_->publish_block({ssz(handover), dummy.hash, dummy.tx_list}, take()));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(gossiped(), "C");
  EXPECT_EQ(store_.tx_list_count(), 0U);
  EXPECT_EQ(events_of<Handover>().size(), 1U);
}

TEST_F(Publish, GivenABlockFarAboveTheTip_WhenItIsNotExecutedInTime_ThenTheAnswerSaysSo) {
  start();
  const auto result = publish_block(block({.number = 5}));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, PublishErrorKind::internal);
  EXPECT_EQ(result.error().message, "driver error: block 5 was stored, but not executed within 24 s");
}

TEST_F(Publish, GivenNoSubscribedPeer_WhenOneComes_ThenTheMessagesGoOutInOrder) {
  network_.publish_result = fail(ErrorCode::unavailable, "no peer is subscribed");
  start();
  ASSERT_TRUE(publish_block(block({.number = 1})));
  run(1s);
  EXPECT_TRUE(network_.published.empty());
  network_.publish_result = {};
  run(1s);
  EXPECT_EQ(gossiped(), "LC");
}

TEST_F(Publish, GivenNoPeerForASlot_WhenItIsOver_ThenTheMessagesAreDroppedAndCounted) {
  network_.publish_result = fail(ErrorCode::unavailable, "no peer is subscribed");
  start();
  ASSERT_TRUE(publish_block(block({.number = 1})));
  run(13s);
  EXPECT_EQ(counters().outbox_dropped, 2U);
}

TEST_F(Publish, GivenAHandleThatWasDropped_WhenThePublicationEnds_ThenNobodyIsAnsweredAndTheBlockIsGossiped) {
  start();
  const auto one = block({.number = 1});
  {
    const Handle dropped = client_->publish_block({ssz(one), one.list.hash, one.list.tx_list}, take());
  }
  run(1s);
  EXPECT_FALSE(answer_);
  EXPECT_EQ(gossiped(), "LC");
}

TEST_F(Publish, GivenTooManyAtOnce_WhenPublished_ThenTheLastIsToldToTryAgain) {
  start();
  std::vector<Handle> handles;
  std::size_t busy = 0;
  for (std::uint64_t i = 0; i < 17; ++i) {
    const auto list = valid_list(i);
    handles.push_back(client_->publish_tx_list(list.hash, list.tx_list, [&](const PublishResult& result) {
      if (!result && result.error().kind == PublishErrorKind::busy) ++busy;
    }));
  }
  run(1s);
  EXPECT_EQ(busy, 1U);
}

TEST_F(Publish, GivenTheTipOfL1IsUnknown_WhenPublished_ThenTheNodeIsNotSynced) {
  driver_.event_tip.reset();
  start();
  const auto result = publish_block(block({.number = 1}));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, PublishErrorKind::not_synced);
}

TEST_F(Publish, GivenAPublicationThatWaits_WhenTheNodeStops_ThenItIsAnswered) {
  start();
  const auto five = block({.number = 5});
  const Handle handle = client_->publish_block({ssz(five), five.list.hash, five.list.tx_list}, take());
  run(100ms);
  client_->stop();
  ASSERT_TRUE(answer_);
  EXPECT_EQ(answer_->error().message, "network error: the node is shutting down");
}

}  // namespace
}  // namespace libpreconf::preconf
