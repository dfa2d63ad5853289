// Blocks that go-ethereum's library made (tests/golden), built again by the in-memory engine.

#include "engine_fixture.h"
#include "l2/block_execution.h"
#include "libpreconf/base/hex.h"
#include "support/vectors.h"

namespace libpreconf::l2 {
namespace {

using test::bytes_of;
using test::load_vectors;
using test::member;
using test::text_of;

std::uint64_t number_of(json_t* object, const char* key) {
  return static_cast<std::uint64_t>(json_integer_value(member(object, key)));
}

InMemoryEngineConfig golden_genesis() {
  const auto golden = load_vectors("golden-blocks.json");
  InMemoryEngineConfig config;
  config.chain_id = number_of(golden.get(), "chainId");
  std::size_t index = 0;
  json_t* account = nullptr;
  json_array_foreach(member(golden.get(), "genesisAccounts"), index, account) {
    config.accounts.push_back(
        {take_fixed<20>(bytes_of(account, "address")), U256::parse(text_of(account, "balance")).value()});
  }
  return config;
}

BlockAttributes attributes_of(json_t* block) {
  json_t* from = member(block, "attributes");
  return BlockAttributes{.number = number_of(from, "number"),
                         .parent_hash = take_fixed<32>(bytes_of(from, "parentHash")),
                         .timestamp = number_of(from, "timestamp"),
                         .gas_limit = number_of(from, "gasLimit"),
                         .base_fee = number_of(from, "baseFee"),
                         .coinbase = take_fixed<20>(bytes_of(from, "coinbase")),
                         .mix_hash = take_fixed<32>(bytes_of(from, "mixHash")),
                         .extra_data = bytes_of(from, "extraData"),
                         .tx_list_rlp = std::make_shared<const Bytes>(bytes_of(from, "txList"))};
}

class GoldenBlocks : public EngineTest {
 protected:
  GoldenBlocks() : EngineTest(golden_genesis()), golden_(load_vectors("golden-blocks.json")) {}

  void expect_equal(json_t* block, const BlockHeader& built) {
    SCOPED_TRACE(text_of(block, "about"));
    EXPECT_EQ(to_hex(built.state_root), text_of(block, "stateRoot"));
    EXPECT_EQ(to_hex(built.transactions_root), text_of(block, "transactionsRoot"));
    EXPECT_EQ(to_hex(built.receipts_root), text_of(block, "receiptsRoot"));
    EXPECT_EQ(built.gas_used, number_of(block, "gasUsed"));
    EXPECT_EQ(built.transaction_count, number_of(block, "transactions"));
    EXPECT_EQ(to_hex(built.hash), text_of(block, "hash"));
  }

  test::JsonDocument golden_;
};

TEST_F(GoldenBlocks, GivenTheFundedAccounts_WhenTheEngineStarts_ThenItsGenesisIsGoEthereums) {
  json_t* genesis = member(golden_.get(), "genesis");
  EXPECT_EQ(to_hex(engine_.head_header().state_root), text_of(genesis, "stateRoot"));
  EXPECT_EQ(to_hex(engine_.head_header().hash), text_of(genesis, "hash"));
}

TEST_F(GoldenBlocks, GivenTheAttributesOfEach_WhenBuilt_ThenHashAndRootsAreGoEthereums) {
  json_t* blocks = member(golden_.get(), "blocks");
  ASSERT_EQ(json_array_size(blocks), 5U);
  std::size_t index = 0;
  json_t* block = nullptr;
  json_array_foreach(blocks, index, block) {
    const auto built = build(attributes_of(block));
    ASSERT_TRUE(built) << built.error().message;
    expect_equal(block, *built);
  }
}

TEST_F(GoldenBlocks, GivenAnotherBlockFirst_WhenAGoldenOneReplacesIt_ThenItIsTheSameAsWithoutTheOther) {
  json_t* blocks = member(golden_.get(), "blocks");
  BlockAttributes other = attributes_of(json_array_get(blocks, 0));
  other.coinbase = Address{0xee};
  for (int height = 0; height < 3; ++height) {
    const auto built = build(other);
    ASSERT_TRUE(built) << built.error().message;
    other = child_of(*built, other.tx_list_rlp);
  }
  for (const std::size_t index : {0U, 1U}) {
    json_t* block = json_array_get(blocks, index);
    const auto built = build(attributes_of(block));
    ASSERT_TRUE(built) << built.error().message;
    expect_equal(block, *built);
  }
  EXPECT_EQ(engine_.head_header().number, 2U);
}

}  // namespace
}  // namespace libpreconf::l2
