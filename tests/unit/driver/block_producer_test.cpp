#include "driver/block_producer.h"

#include <gtest/gtest.h>

#include "driver/fixed_inbox_reader.h"
#include "l2/in_memory_engine.h"
#include "l2/payload_attributes.h"
#include "reactor/simulated.h"

namespace libpreconf::driver {
namespace {

constexpr std::uint64_t kChainId = 167001;

/// Passes everything to an in-memory engine, unless told to be unavailable; keeps what it was asked to build.
class WatchedEngine final : public l2::ExecutionEngine {
 public:
  explicit WatchedEngine(Reactor& reactor) : inner(reactor, {kChainId, {}}), reactor_(reactor) {}

  Handle build_block(l2::BlockAttributes attributes, OnBuilt on_built) override {
    asked.push_back(attributes);
    if (builds_to_refuse > 0) {
      --builds_to_refuse;
      return answer(std::move(on_built), refuse_with);
    }
    return inner.build_block(std::move(attributes), std::move(on_built));
  }
  Handle header_by_number(std::uint64_t number, OnHeader on_header) override {
    headers_asked.push_back(number);
    if (lookups_to_refuse > 0) {
      --lookups_to_refuse;
      return answer(std::move(on_header), ErrorCode::unavailable);
    }
    return inner.header_by_number(number, std::move(on_header));
  }
  Handle head(OnHeader on_header) override {
    if (heads_to_refuse > 0) {
      --heads_to_refuse;
      return answer(std::move(on_header), ErrorCode::unavailable);
    }
    return inner.head(std::move(on_header));
  }

  l2::InMemoryEngine inner;
  std::vector<l2::BlockAttributes> asked;
  std::vector<std::uint64_t> headers_asked;
  int builds_to_refuse = 0;
  int lookups_to_refuse = 0;
  int heads_to_refuse = 0;
  ErrorCode refuse_with = ErrorCode::unavailable;

 private:
  template <class Callback>
  Handle answer(Callback callback, ErrorCode code) {
    return reactor_.after(std::chrono::milliseconds(1), [code, inner_callback = std::move(callback)]() mutable {
      inner_callback(fail(code, "told to"));
    });
  }

  Reactor& reactor_;
};

/// A commitment for `number`, two seconds after the block before, with an empty list.
preconf::PreconfirmationInput input_for(std::uint64_t number) {
  preconf::PreconfirmationInput input;
  p2p::Preconfirmation& preconf = input.commitment.commitment.preconf;
  preconf.block_number = number;
  preconf.timestamp = 1'764'000'000 + 2 * number;
  preconf.gas_limit = 15'000'000;
  preconf.coinbase = Address{0xc0};
  preconf.raw_tx_list_hash = Hash256{1};
  preconf.proposal_id = 7;
  auto list = std::make_shared<preconf::DecodedTransactions>();
  list->rlp = Bytes{0xc0};
  input.transactions = std::move(list);
  return input;
}

p2p::Preconfirmation& preconf_of(preconf::PreconfirmationInput& input) {
  return input.commitment.commitment.preconf;
}

class BlockProducerTest : public testing::Test {
 protected:
  void submit(preconf::PreconfirmationInput input) {
    submissions_.push_back(
        client_.submit_preconfirmation(std::move(input), [](Result<preconf::SubmitStatus>) {}));
  }
  void settle() { network_.run_for(std::chrono::milliseconds(10)); }
  std::uint64_t tip() { return client_.preconf_tip().value().to_u64().value(); }

  SimulatedNetwork network_{1};
  Reactor& reactor_ = network_.host("10.0.0.1");
  FixedInboxReader inbox_{reactor_};
  EmbeddedDriverClient client_{reactor_, inbox_};
  WatchedEngine engine_{reactor_};
  std::vector<std::string> outcomes_;
  std::optional<BlockProducer> producer_{
      std::in_place,
      reactor_,
      client_.take_channels(),
      engine_,
      BlockProducerConfig{kChainId, 75},
      [this](const BlockProducer::Outcome& outcome) {
        outcomes_.push_back(outcome.header != nullptr  ? "block " + std::to_string(outcome.header->number)
                            : outcome.error != nullptr ? std::string(to_string(outcome.error->code))
                                                       : "nothing");
      }};
  std::vector<Handle> submissions_;
};

using Outcomes = std::vector<std::string>;

TEST_F(BlockProducerTest, GivenInputsInOrder_WhenTheyRun_ThenEachBecomesABlockAndMovesTheTip) {
  producer_->start();
  for (const std::uint64_t number : {1, 2, 3}) submit(input_for(number));
  settle();
  EXPECT_EQ(outcomes_, (Outcomes{"block 1", "block 2", "block 3"}));
  EXPECT_EQ(tip(), 3U);
  EXPECT_EQ(producer_->counters().injection_success, 3U);
  EXPECT_TRUE(producer_->idle());
}

TEST_F(BlockProducerTest, GivenAnInput_WhenItsBlockIsBuilt_ThenTheAttributesAreThoseOfChapterEleven) {
  producer_->start();
  submit(input_for(1));
  submit(input_for(2));
  settle();
  ASSERT_EQ(engine_.asked.size(), 2U);
  const l2::BlockAttributes& first = engine_.asked[0];
  EXPECT_EQ(first.base_fee, 25'000'000U);
  EXPECT_EQ(first.timestamp, 1'764'000'002U);
  EXPECT_EQ(first.gas_limit, 15'000'000U);
  EXPECT_EQ(first.coinbase, Address{0xc0});
  EXPECT_EQ(first.extra_data, (Bytes{75, 0, 0, 0, 0, 0, 7}));
  EXPECT_EQ(first.mix_hash, l2::mix_hash(U256(0), 1));
  const l2::BlockAttributes& second = engine_.asked[1];
  EXPECT_EQ(second.parent_hash, engine_.inner.find_header(1)->hash);
  // Block 1 took the whole time since 1970 and used nothing: the fee falls by the full 95 % of twice an
  // eighth.
  EXPECT_EQ(second.base_fee, 25'000'000U - 25'000'000ULL * 14'250'000 / 7'500'000 / 8);
}

TEST_F(BlockProducerTest, GivenAParentThatIsGenesis_WhenBuilt_ThenNoGrandparentIsAskedFor) {
  producer_->start();
  submit(input_for(1));
  settle();
  EXPECT_EQ(engine_.headers_asked, std::vector<std::uint64_t>{0});
  submit(input_for(2));
  settle();
  EXPECT_EQ(engine_.headers_asked, (std::vector<std::uint64_t>{0, 1, 0}));
}

TEST_F(BlockProducerTest, GivenAMarker_WhenTaken_ThenTheEngineIsNotAsked) {
  producer_->start();
  preconf::PreconfirmationInput marker = input_for(1);
  preconf_of(marker).eop = true;
  preconf_of(marker).raw_tx_list_hash = Hash256{};
  marker.transactions = nullptr;
  submit(marker);
  submit(input_for(1));
  settle();
  EXPECT_EQ(outcomes_, (Outcomes{"nothing", "block 1"}));
  EXPECT_EQ(engine_.asked.size(), 1U);
  EXPECT_EQ(producer_->counters().markers_skipped, 1U);
}

TEST_F(BlockProducerTest, GivenAnInputAtTheEventSyncTip_WhenTaken_ThenItIsDroppedAsStale) {
  producer_->start();
  producer_->set_event_sync_tip(U256(5));
  EXPECT_EQ(client_.event_sync_tip().value(), U256(5));
  submit(input_for(5));
  settle();
  EXPECT_EQ(outcomes_, Outcomes{"nothing"});
  EXPECT_EQ(producer_->counters().stale_dropped, 1U);
  EXPECT_TRUE(engine_.asked.empty());
}

TEST_F(BlockProducerTest, GivenAnInputThatWaitsForTheEngine_WhenL1PassesItsHeight_ThenItIsNeverBuilt) {
  engine_.lookups_to_refuse = 1;
  producer_->start();
  submit(input_for(1));
  settle();
  EXPECT_FALSE(producer_->idle());
  producer_->set_event_sync_tip(U256(1));
  network_.run_for(std::chrono::seconds(30));
  EXPECT_EQ(outcomes_, Outcomes{"nothing"});
  EXPECT_EQ(producer_->counters().stale_dropped, 1U);
  EXPECT_TRUE(engine_.asked.empty());
  EXPECT_TRUE(producer_->idle());
}

TEST_F(BlockProducerTest,
       GivenBlocksThatL1Replaced_WhenTheEngineChanged_ThenTheTipFollowsAndNoneIsADuplicate) {
  producer_->start();
  for (const std::uint64_t number : {1, 2, 3}) submit(input_for(number));
  settle();
  const l2::BlockAttributes second = engine_.asked[1];
  const Handle derived = engine_.inner.build_block(second, [](const Result<l2::BlockHeader>&) {});
  settle();
  EXPECT_EQ(tip(), 3U);
  producer_->engine_changed(2);
  settle();
  EXPECT_EQ(tip(), 2U);
  submit(input_for(3));
  settle();
  EXPECT_EQ(tip(), 3U);
  EXPECT_EQ(producer_->counters().duplicates, 0U);
}

TEST_F(BlockProducerTest, GivenItIsHeld_WhenInputsCome_ThenTheyWaitUntilItIsLetGo) {
  producer_->start();
  settle();
  producer_->hold(true);
  submit(input_for(1));
  settle();
  EXPECT_TRUE(outcomes_.empty());
  EXPECT_TRUE(producer_->idle());
  producer_->hold(false);
  settle();
  EXPECT_EQ(outcomes_, Outcomes{"block 1"});
}

TEST_F(BlockProducerTest, GivenAnEngineThatIsNotAvailable_WhenHeld_ThenItIsIdleAtOnceAndTriedAgainWhenLetGo) {
  producer_->start();
  settle();
  engine_.builds_to_refuse = 1;
  submit(input_for(1));
  settle();
  EXPECT_FALSE(producer_->idle());
  producer_->hold(true);
  EXPECT_TRUE(producer_->idle());
  network_.run_for(std::chrono::seconds(20));
  EXPECT_EQ(engine_.asked.size(), 1U);
  producer_->hold(false);
  EXPECT_FALSE(producer_->idle());
  settle();
  EXPECT_EQ(outcomes_, Outcomes{"block 1"});
}

TEST_F(BlockProducerTest,
       GivenItIsHeldWhileItBuilds_WhenTheEngineIsNotAvailable_ThenItIsIdleAndWaitsToBeLetGo) {
  producer_->start();
  settle();
  engine_.builds_to_refuse = 1;
  submit(input_for(1));
  while (engine_.asked.empty()) network_.run_for(Duration(1));
  producer_->hold(true);
  EXPECT_FALSE(producer_->idle());
  network_.run_for(std::chrono::seconds(20));
  EXPECT_TRUE(producer_->idle());
  EXPECT_TRUE(outcomes_.empty());
  producer_->hold(false);
  settle();
  EXPECT_EQ(outcomes_, Outcomes{"block 1"});
}

TEST_F(BlockProducerTest, GivenAnEngineThatIsNotAvailable_WhenItChanged_ThenItsHeadIsSaidOnceItAnswers) {
  producer_->start();
  submit(input_for(1));
  submit(input_for(2));
  settle();
  const Handle derived = engine_.inner.build_block(engine_.asked[0], [](const Result<l2::BlockHeader>&) {});
  settle();
  engine_.heads_to_refuse = 2;
  producer_->engine_changed(1);
  settle();
  EXPECT_EQ(tip(), 2U);
  network_.run_for(std::chrono::seconds(3));
  EXPECT_EQ(tip(), 1U);
}

TEST_F(BlockProducerTest, GivenTheSameInputAgain_WhenTaken_ThenNothingIsBuiltTwice) {
  producer_->start();
  submit(input_for(1));
  submit(input_for(2));
  submit(input_for(1));
  settle();
  EXPECT_EQ(outcomes_, (Outcomes{"block 1", "block 2", "nothing"}));
  EXPECT_EQ(tip(), 2U);
  EXPECT_EQ(producer_->counters().duplicates, 1U);
}

TEST_F(BlockProducerTest, GivenAnotherCommitmentForALowerHeight_WhenTaken_ThenItReplacesWhatStandsThere) {
  producer_->start();
  for (const std::uint64_t number : {1, 2, 3}) submit(input_for(number));
  preconf::PreconfirmationInput other = input_for(2);
  preconf_of(other).coinbase = Address{0xc1};
  submit(other);
  settle();
  EXPECT_EQ(tip(), 2U);
  EXPECT_EQ(engine_.inner.head_header().coinbase, Address{0xc1});
  submit(input_for(3));  // the block of this number is gone, so that this is no duplicate
  settle();
  EXPECT_EQ(tip(), 3U);
}

TEST_F(BlockProducerTest, GivenInputsThatCannotBecomeBlocks_WhenTaken_ThenTheyAreReportedAndTheNextOneRuns) {
  producer_->start();
  preconf::PreconfirmationInput wide_number = input_for(1);
  preconf_of(wide_number).block_number = U256::max();
  preconf::PreconfirmationInput wide_gas = input_for(1);
  preconf_of(wide_gas).gas_limit = U256(~std::uint64_t{0}).checked_add(1).value();
  preconf::PreconfirmationInput wide_proposal = input_for(1);
  preconf_of(wide_proposal).proposal_id = std::uint64_t{1} << 48;
  preconf::PreconfirmationInput no_list = input_for(1);
  no_list.transactions = nullptr;
  preconf::PreconfirmationInput no_time = input_for(1);
  preconf_of(no_time).timestamp = 0;
  std::vector<ErrorCode> rejected;
  const Handle watch =
      client_.on_rejected([&](const Hash256&, const Error& why) { rejected.push_back(why.code); });
  for (const auto& bad : {wide_number, wide_gas, wide_proposal, no_list, no_time, input_for(9)}) submit(bad);
  submit(input_for(1));
  settle();
  EXPECT_EQ(outcomes_, (Outcomes{"out_of_range", "out_of_range", "out_of_range", "invalid", "invalid",
                                 "not_found", "block 1"}));
  EXPECT_EQ(producer_->counters().injection_failures, 6U);
  EXPECT_EQ(rejected.size(), 6U);
  EXPECT_EQ(producer_->counters().parent_hash_lookup_failures, 1U);
  EXPECT_EQ(tip(), 1U);
}

TEST_F(BlockProducerTest, GivenAnEngineThatIsNotAvailable_WhenItComesBack_ThenTheBlockIsBuilt) {
  engine_.heads_to_refuse = 1;
  engine_.lookups_to_refuse = 1;
  engine_.builds_to_refuse = 2;
  producer_->start();
  submit(input_for(1));
  network_.run_for(std::chrono::seconds(30));
  EXPECT_EQ(outcomes_, Outcomes{"block 1"});
  EXPECT_EQ(producer_->counters().retry_attempts, 4U);
  EXPECT_EQ(producer_->counters().injection_failures, 0U);
}

TEST_F(BlockProducerTest, GivenAnEngineThatStaysAway_WhenAnHourHasPassed_ThenItWasAskedEachTwelveSeconds) {
  engine_.lookups_to_refuse = 1'000'000;
  producer_->start();
  submit(input_for(1));
  network_.run_for(std::chrono::hours(1));
  EXPECT_TRUE(outcomes_.empty());
  EXPECT_FALSE(producer_->idle());
  EXPECT_GE(producer_->counters().retry_attempts, 299U);
  EXPECT_LE(producer_->counters().retry_attempts, 305U);
}

TEST_F(BlockProducerTest, GivenABlockThatTheEngineRefuses_WhenTheNextCandidateComes_ThenItIsBuilt) {
  engine_.builds_to_refuse = 1;
  engine_.refuse_with = ErrorCode::invalid;
  producer_->start();
  submit(input_for(1));
  submit(input_for(1));
  settle();
  EXPECT_EQ(outcomes_, (Outcomes{"invalid", "block 1"}));
}

TEST_F(BlockProducerTest, GivenAnInputInHand_WhenTheProducerIsDestroyed_ThenNothingIsCalledAnyMore) {
  producer_->start();
  submit(input_for(1));
  network_.run_until([&] { return !producer_->idle(); }, std::chrono::seconds(1));
  producer_.reset();
  network_.run_for(std::chrono::seconds(1));
  EXPECT_TRUE(outcomes_.empty());
}

TEST_F(BlockProducerTest, GivenListedTransactionsThatCannotRun_WhenBuilt_ThenTheyAreCounted) {
  producer_->start();
  preconf::PreconfirmationInput input = input_for(1);
  auto list = std::make_shared<preconf::DecodedTransactions>();
  list->rlp = Bytes{0xc1, 0x01};
  list->spans = {{1, 1}};
  input.transactions = std::move(list);
  submit(input);
  settle();
  EXPECT_EQ(outcomes_, Outcomes{"block 1"});
  EXPECT_EQ(producer_->counters().transactions_left_out, 1U);
}

}  // namespace
}  // namespace libpreconf::driver
