#include "l2/payload_attributes.h"

#include <algorithm>

#include "crypto/hash.h"

namespace libpreconf::l2 {

std::uint64_t minimum_base_fee(std::uint64_t chain_id) noexcept {
  return chain_id == kMainnetChainId ? kMinBaseFeeMainnet : kMinBaseFeeElsewhere;
}

std::uint64_t next_base_fee(const BaseFeeInputs& inputs) noexcept {
  // Two 64-bit factors fit 128 bits; where a third one follows, one of the first two was divided down before.
  using Wide = unsigned __int128;
  if (inputs.parent_number == 0) return kFirstBaseFee;
  const std::uint64_t fee = inputs.parent_base_fee;
  const auto clamped = [&inputs](Wide value) {
    return static_cast<std::uint64_t>(std::clamp<Wide>(value, inputs.minimum, kMaxBaseFee));
  };
  const std::uint64_t base_target = inputs.parent_gas_limit / 2;
  if (base_target == 0) return clamped(fee);
  const Wide target =
      std::min(Wide{base_target} * inputs.block_time / 2, Wide{inputs.parent_gas_limit} * 95 / 100);
  const Wide used = inputs.parent_gas_used;
  const Wide distance = used > target ? used - target : target - used;
  const Wide step = Wide{fee} * distance / base_target / 8;
  if (used > target) return clamped(fee + std::max<Wide>(step, 1));
  return clamped(step < fee ? fee - step : 0);
}

std::uint64_t base_fee_of_child(const BlockHeader& parent, const BlockHeader& grandparent,
                                std::uint64_t chain_id) noexcept {
  return next_base_fee({.parent_number = parent.number,
                        .parent_gas_limit = parent.gas_limit,
                        .parent_gas_used = parent.gas_used,
                        .parent_base_fee = parent.base_fee,
                        .block_time = parent.timestamp - std::min(parent.timestamp, grandparent.timestamp),
                        .minimum = minimum_base_fee(chain_id)});
}

Hash256 mix_hash(const U256& parent_difficulty, std::uint64_t number) noexcept {
  const FixedBytes<32> difficulty = parent_difficulty.to_big_endian();
  const FixedBytes<32> block = U256(number).to_big_endian();
  return crypto::keccak256({ByteView(difficulty), ByteView(block)});
}

Result<Bytes> extra_data(std::uint8_t sharing_percentage, std::uint64_t proposal_id) {
  if (proposal_id > kMaxProposalId) {
    return fail(ErrorCode::out_of_range, "proposal_id does not fit into uint48");
  }
  Bytes out(7);
  out[0] = sharing_percentage;
  for (std::size_t i = 0; i < 6; ++i) out[1 + i] = static_cast<std::uint8_t>(proposal_id >> (8 * (5 - i)));
  return out;
}

}  // namespace libpreconf::l2
