#include "l2/payload_attributes.h"

#include <gtest/gtest.h>

#include "l2/execution_engine.h"
#include "libpreconf/base/hex.h"
#include "support/vectors.h"

namespace libpreconf::l2 {
namespace {

using test::load_vectors;
using test::member;
using test::text_of;

std::uint64_t number_of(json_t* object, const char* key) {
  return static_cast<std::uint64_t>(json_integer_value(member(object, key)));
}

TEST(PayloadAttributes, GivenParentsOfBothChains_WhenTheBaseFeeIsComputed_ThenItIsThatOfBigIntegers) {
  const auto golden = load_vectors("golden-blocks.json");
  json_t* cases = member(golden.get(), "baseFees");
  ASSERT_GE(json_array_size(cases), 30U);
  std::size_t index = 0;
  json_t* entry = nullptr;
  json_array_foreach(cases, index, entry) {
    const BaseFeeInputs inputs{.parent_number = number_of(entry, "parentNumber"),
                               .parent_gas_limit = number_of(entry, "parentGasLimit"),
                               .parent_gas_used = number_of(entry, "parentGasUsed"),
                               .parent_base_fee = number_of(entry, "parentBaseFee"),
                               .block_time = number_of(entry, "blockTime"),
                               .minimum = number_of(entry, "minimum")};
    EXPECT_EQ(next_base_fee(inputs), number_of(entry, "baseFee")) << "case " << index;
  }
}

TEST(PayloadAttributes, GivenTheLargestNumbers_WhenTheBaseFeeIsComputed_ThenItStaysWithinItsBounds) {
  constexpr std::uint64_t kTop = ~std::uint64_t{0};
  for (const std::uint64_t used : {std::uint64_t{0}, kTop}) {
    for (const std::uint64_t time : {std::uint64_t{0}, kTop}) {
      const std::uint64_t fee = next_base_fee({1, kTop, used, kTop, time, kMinBaseFeeElsewhere});
      EXPECT_GE(fee, kMinBaseFeeElsewhere);
      EXPECT_LE(fee, kMaxBaseFee);
    }
  }
}

TEST(PayloadAttributes, GivenChains_WhenTheMinimumIsAsked_ThenOnlyMainnetDiffers) {
  EXPECT_EQ(minimum_base_fee(167000), 10'000'000U);
  EXPECT_EQ(minimum_base_fee(167001), 5'000'000U);
}

TEST(PayloadAttributes, GivenGoldenBlocks_WhenTheMixHashIsComputed_ThenItIsTheirs) {
  const auto golden = load_vectors("golden-blocks.json");
  std::size_t index = 0;
  json_t* entry = nullptr;
  json_array_foreach(member(golden.get(), "blocks"), index, entry) {
    json_t* attributes = member(entry, "attributes");
    EXPECT_EQ(to_hex(mix_hash(U256(0), number_of(attributes, "number"))), text_of(attributes, "mixHash"));
  }
  EXPECT_NE(mix_hash(U256(42), 5), mix_hash(U256(0), 5));
}

TEST(PayloadAttributes, GivenAProposalIdOf48Bits_WhenTheExtraDataIsMade_ThenItStandsBigEndian) {
  EXPECT_EQ(extra_data(9, 0x010203040506).value(), (Bytes{9, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(extra_data(75, kMaxProposalId).value(), (Bytes{75, 255, 255, 255, 255, 255, 255}));
}

TEST(PayloadAttributes, GivenAProposalIdOf49Bits_WhenTheExtraDataIsMade_ThenOutOfRange) {
  const auto refused = extra_data(9, kMaxProposalId + 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::out_of_range);
  EXPECT_EQ(refused.error().message, "proposal_id does not fit into uint48");
}

}  // namespace
}  // namespace libpreconf::l2
