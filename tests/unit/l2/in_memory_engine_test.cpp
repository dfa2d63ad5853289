#include "l2/in_memory_engine.h"

#include "engine_fixture.h"
#include "l2/limits.h"

namespace libpreconf::l2 {
namespace {

using InMemoryEngineTest = EngineTest;

TEST_F(InMemoryEngineTest, GivenGenesis_WhenTheHeadIsAsked_ThenItIsProgramMdsGenesis) {
  const auto genesis = header(0);
  ASSERT_TRUE(genesis);
  EXPECT_EQ(genesis->number, 0U);
  EXPECT_EQ(genesis->timestamp, 0U);
  EXPECT_EQ(genesis->gas_limit, 15'000'000U);
  EXPECT_EQ(genesis->base_fee, 25'000'000U);
  EXPECT_EQ(header(1).error().code, ErrorCode::not_found);
}

TEST_F(InMemoryEngineTest, GivenATransfer_WhenBuilt_ThenValueMovesAndTheCoinbaseHasTheWholeFee) {
  const U256 before = engine_.account(key_of(1).address()).balance;
  const auto built = build(child_of(engine_.head_header(), list_of({transfer(0, 7)})));
  ASSERT_TRUE(built);
  EXPECT_EQ(built->transaction_count, 1U);
  EXPECT_EQ(built->gas_used, 21'000U);
  const U256 fee = U256(21'000).checked_multiply(kFirstBaseFee).value();
  EXPECT_EQ(engine_.account(Address{0xaa}).balance, U256(7));
  EXPECT_EQ(engine_.account(Address{0xc0}).balance, fee);
  const Account sender = engine_.account(key_of(1).address());
  EXPECT_EQ(sender.nonce, 1U);
  EXPECT_EQ(sender.balance, before.checked_subtract(fee)->checked_subtract(7));
}

TEST_F(InMemoryEngineTest, GivenAnUndecodableElement_WhenBuilt_ThenTheWholeListIsEmpty) {
  const auto built = build(child_of(engine_.head_header(), list_of({transfer(0), Bytes(8, 0x11)})));
  ASSERT_TRUE(built);
  EXPECT_EQ(built->transaction_count, 0U);
  EXPECT_EQ(engine_.counters().undecodable_lists, 1U);
}

TEST_F(InMemoryEngineTest, GivenAListThatIsNone_WhenBuilt_ThenTheBlockIsEmpty) {
  for (const Bytes& garbage : {Bytes{}, Bytes{0x80}, Bytes{0xc1}, Bytes{0xc0, 0xc0}}) {
    const auto built = build(child_of(engine_.head_header(), std::make_shared<const Bytes>(garbage)));
    ASSERT_TRUE(built);
    EXPECT_EQ(built->transaction_count, 0U);
  }
}

TEST_F(InMemoryEngineTest, GivenATransactionOfAnotherType_WhenBuilt_ThenItAloneIsLeftOut) {
  Bytes blob = transfer(1);
  blob[0] = 3;
  const auto built = build(child_of(engine_.head_header(), list_of({transfer(0), blob, transfer(1)})));
  ASSERT_TRUE(built);
  EXPECT_EQ(built->transaction_count, 2U);
  EXPECT_EQ(engine_.counters().transactions_left_out, 1U);
}

TEST_F(InMemoryEngineTest, GivenAFullBlock_WhenMoreIsListed_ThenTheRestIsLeftOut) {
  std::vector<Bytes> many;
  for (std::uint64_t nonce = 0; nonce < 30; ++nonce) many.push_back(transfer(nonce));
  BlockAttributes attributes = child_of(engine_.head_header(), list_of(many));
  attributes.gas_limit = 10 * 21'000 + 20'999;
  const auto built = build(attributes);
  ASSERT_TRUE(built);
  EXPECT_EQ(built->transaction_count, 10U);
  EXPECT_EQ(engine_.account(key_of(1).address()).nonce, 10U);
}

TEST_F(InMemoryEngineTest, GivenManyTransactions_WhenBuilt_ThenTheLoopTurnsInBetween) {
  std::vector<Bytes> many;
  for (std::uint64_t nonce = 0; nonce < 5 * kRecoveriesPerSlice; ++nonce) many.push_back(transfer(nonce));
  int turns = 0;
  std::function<void()> turn;
  TimerHandle timer;
  Reactor& reactor = network_.host("10.0.0.1");
  turn = [&] {
    ++turns;
    timer = reactor.after(Duration(0), [&] { turn(); });
  };
  turn();
  const auto built = build(child_of(engine_.head_header(), list_of(many)));
  ASSERT_TRUE(built);
  EXPECT_EQ(built->transaction_count, many.size());
  EXPECT_GE(turns, 5);
}

TEST_F(InMemoryEngineTest, GivenAttributesThatBreakARule_WhenBuilt_ThenInvalid) {
  const BlockAttributes good = child_of(engine_.head_header());
  BlockAttributes same_time = good;
  same_time.timestamp = 0;
  BlockAttributes no_gas = good;
  no_gas.gas_limit = 0;
  BlockAttributes long_extra = good;
  long_extra.extra_data.resize(33);
  BlockAttributes long_list = good;
  long_list.tx_list_rlp = std::make_shared<const Bytes>(kMaxTransactionBytes + 1);
  for (const BlockAttributes& bad : {same_time, no_gas, long_extra, long_list}) {
    EXPECT_EQ(build(bad).error().code, ErrorCode::invalid);
  }
  EXPECT_EQ(engine_.head_header().number, 0U);
  EXPECT_TRUE(build(good));
}

TEST_F(InMemoryEngineTest, GivenAnUnknownParent_WhenBuilt_ThenNotFound) {
  BlockAttributes wrong_hash = child_of(engine_.head_header());
  wrong_hash.parent_hash[0] ^= 1;
  EXPECT_EQ(build(wrong_hash).error().code, ErrorCode::not_found);
  BlockAttributes gap = child_of(engine_.head_header());
  gap.number = 2;
  EXPECT_EQ(build(gap).error().code, ErrorCode::not_found);
  BlockAttributes genesis = child_of(engine_.head_header());
  genesis.number = 0;
  EXPECT_EQ(build(genesis).error().code, ErrorCode::not_found);
}

TEST_F(InMemoryEngineTest, GivenALongChain_WhenALowBlockIsReplaced_ThenTheOnesAboveAreGone) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(build(child_of(engine_.head_header(), list_of({transfer(static_cast<std::uint64_t>(i))}))));
  }
  const Result<BlockHeader> second = header(2);
  BlockAttributes replacement = child_of(*second);
  ASSERT_TRUE(build(replacement));
  EXPECT_EQ(engine_.head_header().number, 3U);
  EXPECT_EQ(engine_.account(key_of(1).address()).nonce, 2U);
  EXPECT_EQ(header(4).error().code, ErrorCode::not_found);
  EXPECT_EQ(engine_.counters().blocks_replaced, 3U);
}

TEST_F(InMemoryEngineTest, GivenABlockWhoseStateIsForgotten_WhenBuiltUpon_ThenNotFound) {
  for (std::size_t i = 0; i < kKeptStates + 1; ++i) ASSERT_TRUE(build(child_of(engine_.head_header())));
  EXPECT_EQ(build(child_of(*header(1))).error().code, ErrorCode::not_found);
  EXPECT_TRUE(build(child_of(*header(2))));
}

TEST_F(InMemoryEngineTest, GivenMoreBlocksThanHeadersAreKept_WhenAnOldOneIsAsked_ThenNotFound) {
  for (std::size_t i = 0; i < kKeptHeaders; ++i) ASSERT_TRUE(build(child_of(engine_.head_header())));
  EXPECT_EQ(header(0).error().code, ErrorCode::not_found);
  EXPECT_TRUE(header(1));
}

TEST_F(InMemoryEngineTest, GivenABuild_WhenItsHandleIsDestroyed_ThenNothingIsBuiltOrCalled) {
  bool called = false;
  Handle handle =
      engine_.build_block(child_of(engine_.head_header()), [&](Result<BlockHeader>) { called = true; });
  handle.reset();
  network_.run_for(std::chrono::seconds(1));
  EXPECT_FALSE(called);
  EXPECT_EQ(engine_.head_header().number, 0U);
  EXPECT_TRUE(build(child_of(engine_.head_header())));
}

TEST_F(InMemoryEngineTest, GivenABuildHalfWay_WhenItsHandleIsDestroyed_ThenTheNextOneRuns) {
  std::vector<Bytes> many;
  for (std::uint64_t nonce = 0; nonce < 200; ++nonce) many.push_back(transfer(nonce));
  bool called = false;
  Handle handle = engine_.build_block(child_of(engine_.head_header(), list_of(many)),
                                      [&](Result<BlockHeader>) { called = true; });
  int turns = 0;
  network_.run_until([&] { return ++turns > 4; }, std::chrono::seconds(1));
  handle.reset();
  EXPECT_TRUE(build(child_of(engine_.head_header())));
  EXPECT_FALSE(called);
  EXPECT_EQ(engine_.account(key_of(1).address()).nonce, 0U);
}

TEST_F(InMemoryEngineTest, GivenTwoBuildsForOneHeight_WhenBothRun_ThenTheSecondReplacesTheFirst) {
  std::vector<Hash256> hashes;
  BlockAttributes second = child_of(engine_.head_header());
  second.coinbase = Address{0xc1};
  const auto keep = [&](Result<BlockHeader> built) { hashes.push_back(built.value().hash); };
  const Handle a = engine_.build_block(child_of(engine_.head_header()), keep);
  const Handle b = engine_.build_block(second, keep);
  network_.run_for(std::chrono::seconds(1));
  ASSERT_EQ(hashes.size(), 2U);
  EXPECT_NE(hashes[0], hashes[1]);
  EXPECT_EQ(engine_.head_header().hash, hashes[1]);
}

TEST_F(InMemoryEngineTest, GivenTooManyBuildsAtOnce_WhenOneMoreIsAsked_ThenUnavailable) {
  std::vector<Handle> handles;
  std::vector<ErrorCode> refused;
  for (std::size_t i = 0; i <= kMaxQueuedBuilds; ++i) {
    handles.push_back(engine_.build_block(child_of(engine_.head_header()), [&](Result<BlockHeader> built) {
      if (!built) refused.push_back(built.error().code);
    }));
  }
  network_.run_for(std::chrono::seconds(1));
  EXPECT_EQ(refused, std::vector<ErrorCode>{ErrorCode::unavailable});
}

}  // namespace
}  // namespace libpreconf::l2
