#include "preconfer/preconfer.h"

#include <gtest/gtest.h>

#include "codec/txlist.h"
#include "libpreconf/preconf/memory_commitment_store.h"
#include "preconfer/load_generator.h"
#include "reactor/simulated.h"

namespace libpreconf::preconfer {
namespace {

constexpr std::uint64_t kChainId = 167001;

class PreconferTest : public testing::Test {
 protected:
  PreconferTest() {
    config_.chain_id = kChainId;
    config_.coinbase = Address{0xc0};
    config_.slasher = Address{0x51};
    config_.signing_domain = Hash256{0xd0};
    preconfer_.emplace(
        reactor_, pool_, key(), config_, [this](const Promise& promise, Preconfer::OnPublished on_published) {
          published_.push_back(promise.preconf());
          return reactor_.after(
              std::chrono::milliseconds(50),
              [this, callback = std::move(on_published)]() mutable { callback(publication_); });
        });
  }

  static crypto::Secp256k1Key key() { return load_account_key(99); }
  void add_transfers(int count) {
    LoadGenerator load(kChainId, 8, 1);
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(pool_.add(load.next([this](const Address& address) { return pool_.next_nonce(address); })));
    }
  }
  Result<Promise> promise(const Parent& parent, const Slot& slot, bool marker = false) {
    std::optional<Result<Promise>> answer;
    const auto on_done = [&](Result<Promise> done) { answer = std::move(done); };
    const auto begun = marker ? preconfer_->promise_marker(parent, slot, on_done)
                              : preconfer_->promise_block(parent, slot, on_done);
    if (!begun) return std::unexpected(begun.error());
    EXPECT_FALSE(answer) << "answered inside the call";
    network_.run_until([&] { return answer.has_value(); }, std::chrono::seconds(5));
    return answer ? std::move(*answer) : Result<Promise>(fail(ErrorCode::timed_out, "no answer"));
  }

  SimulatedNetwork network_{1};
  Reactor& reactor_ = network_.host("10.0.0.1");
  TransactionPool pool_{kChainId, [](const Address&) { return l2::Account{0, U256::max()}; }};
  PreconferConfig config_;
  Result<> publication_;
  std::vector<p2p::Preconfirmation> published_;
  std::optional<Preconfer> preconfer_;
};

const Parent kParent{6, Hash256{0x77}, 25'000'000};
const Slot kSlot{1'764'000'002, 1'764'000'012, false, 40, 5};

TEST_F(PreconferTest,
       GivenTransfersInThePool_WhenABlockIsPromised_ThenTheCommitmentNamesParentListAndWindow) {
  add_transfers(20);
  const auto promised = promise(kParent, kSlot);
  ASSERT_TRUE(promised) << promised.error().message;
  const p2p::Preconfirmation& preconf = promised->preconf();
  EXPECT_FALSE(preconf.eop);
  EXPECT_EQ(preconf.block_number, U256(7));
  EXPECT_EQ(preconf.timestamp, U256(1'764'000'002));
  EXPECT_EQ(preconf.gas_limit, U256(15'000'000));
  EXPECT_EQ(preconf.coinbase, Address{0xc0});
  EXPECT_EQ(preconf.anchor_block_number, U256(40));
  EXPECT_EQ(preconf.parent_preconfirmation_hash, Hash256{0x77});
  EXPECT_EQ(preconf.submission_window_end, U256(1'764'000'012));
  EXPECT_EQ(preconf.proposal_id, U256(5));
  EXPECT_EQ(promised->commitment.commitment.slasher_address, Address{0x51});
  ASSERT_TRUE(promised->tx_list);
  EXPECT_EQ(preconf.raw_tx_list_hash, p2p::tx_list_hash(*promised->tx_list));
  EXPECT_EQ(codec::decode_tx_list(*promised->tx_list).value().size(), 20U);
  EXPECT_EQ(promised->transactions, 20U);
}

TEST_F(PreconferTest, GivenAPromise_WhenItsSignerIsRecovered_ThenItIsThePreconfer) {
  const auto promised = promise(kParent, kSlot);
  ASSERT_TRUE(promised);
  const auto decoded = p2p::decode_signed_commitment(promised->commitment_ssz);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(p2p::recover_signer(Hash256{0xd0}, *decoded).value().address, key().address());
  EXPECT_EQ(preconfer_->address(), key().address());
}

TEST_F(PreconferTest, GivenAnEmptyPool_WhenABlockIsPromised_ThenItsListIsEmptyButThere) {
  const auto promised = promise(kParent, kSlot);
  ASSERT_TRUE(promised);
  EXPECT_EQ(codec::decode_tx_list(*promised->tx_list).value().size(), 0U);
  EXPECT_NE(promised->preconf().raw_tx_list_hash, Hash256{});
}

TEST_F(PreconferTest, GivenTheLastBlockOfAWindow_WhenPromised_ThenEopRidesOnIt) {
  Slot last = kSlot;
  last.end_of_preconf = true;
  const auto promised = promise(kParent, last);
  ASSERT_TRUE(promised);
  EXPECT_TRUE(promised->preconf().eop);
  EXPECT_FALSE(promised->preconf().is_eop_only());
}

TEST_F(PreconferTest, GivenAMarker_WhenPromised_ThenItHasTheNextNumberAndNoList) {
  add_transfers(3);
  const auto promised = promise(kParent, kSlot, /*marker=*/true);
  ASSERT_TRUE(promised);
  EXPECT_TRUE(promised->preconf().is_eop_only());
  EXPECT_EQ(promised->preconf().block_number, U256(7));
  EXPECT_EQ(promised->tx_list, nullptr);
  EXPECT_EQ(preconfer_->counters().markers, 1U);
}

TEST_F(PreconferTest, GivenAPromiseUnderWay_WhenAnotherIsAsked_ThenConflict) {
  ASSERT_TRUE(preconfer_->promise_block(kParent, kSlot, [](Result<Promise>) {}));
  EXPECT_TRUE(preconfer_->busy());
  EXPECT_EQ(preconfer_->promise_block(kParent, kSlot, [](Result<Promise>) {}).error().code,
            ErrorCode::conflict);
  network_.run_for(std::chrono::seconds(1));
  EXPECT_FALSE(preconfer_->busy());
  EXPECT_EQ(published_.size(), 1U);
}

TEST_F(PreconferTest, GivenAPublicationThatFails_WhenItAnswers_ThenTheErrorIsPassedOnAndTheNextCanBegin) {
  publication_ = fail(ErrorCode::refused, "stale");
  EXPECT_EQ(promise(kParent, kSlot).error().code, ErrorCode::refused);
  EXPECT_EQ(preconfer_->counters().failures, 1U);
  publication_ = {};
  EXPECT_TRUE(promise(kParent, kSlot));
}

TEST_F(PreconferTest, GivenAPromiseUnderWay_WhenThePreconferIsDestroyed_ThenNothingIsCalledAnyMore) {
  bool called = false;
  ASSERT_TRUE(preconfer_->promise_block(kParent, kSlot, [&](Result<Promise>) { called = true; }));
  network_.run_for(std::chrono::milliseconds(10));
  preconfer_.reset();
  network_.run_for(std::chrono::seconds(1));
  EXPECT_FALSE(called);
}

preconf::StoredCommitment stored(std::uint64_t number, const Hash256& parent, bool marker) {
  preconf::StoredCommitment out;
  p2p::Preconfirmation& preconf = out.commitment.commitment.preconf;
  preconf.block_number = number;
  preconf.parent_preconfirmation_hash = parent;
  preconf.eop = marker;
  if (!marker) preconf.raw_tx_list_hash = Hash256{1};
  out.hash = p2p::preconfirmation_hash(preconf);
  out.digest = out.hash;
  return out;
}

TEST(ParentLink, GivenNothing_WhenAsked_ThenZero) {
  const preconf::MemoryCommitmentStore store;
  EXPECT_EQ(parent_link(store, 0), Hash256{});
}

TEST(ParentLink, GivenABlockAndMarkersAfterIt_WhenAsked_ThenTheLinkPassesThroughThem) {
  preconf::MemoryCommitmentStore store;
  const auto block = stored(3, Hash256{9}, false);
  store.insert_commitment(block);
  EXPECT_EQ(parent_link(store, 3), block.hash);
  const auto first = stored(4, block.hash, true);
  const auto second = stored(4, first.hash, true);
  store.insert_commitment(second);
  EXPECT_EQ(parent_link(store, 3), block.hash);
  store.insert_commitment(first);
  EXPECT_EQ(parent_link(store, 3), second.hash);
}

TEST(LoadGenerator, GivenTheSameSeed_WhenTwoGenerate_ThenTheTransfersAreTheSame) {
  const auto nonce = [](const Address&) { return std::uint64_t{4}; };
  LoadGenerator a(kChainId, 4, 7);
  LoadGenerator b(kChainId, 4, 7);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(a.next(nonce), b.next(nonce));
}

TEST(LoadGenerator, GivenFundedAccounts_WhenATransferIsMade_ThenItGoesFromOneToAnother) {
  const auto funded = funded_load_accounts(4);
  ASSERT_EQ(funded.size(), 4U);
  const auto is_funded = [&](const Address& address) {
    return std::any_of(funded.begin(), funded.end(),
                       [&](const auto& account) { return account.address == address; });
  };
  LoadGenerator load(kChainId, 4, 7);
  for (int i = 0; i < 20; ++i) {
    const Bytes raw = load.next([](const Address&) { return std::uint64_t{0}; });
    const auto transfer = l2::decode_transaction(raw).value();
    EXPECT_TRUE(is_funded(*transfer.sender()));
    EXPECT_TRUE(is_funded(*transfer.to));
    EXPECT_NE(*transfer.sender(), *transfer.to);
  }
}

}  // namespace
}  // namespace libpreconf::preconfer
