#pragma once
// The parts of a block's attributes that follow from its parent and from the chain (node book, chapter 11).

#include <cstdint>

#include "l2/execution_engine.h"
#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"
#include "libpreconf/base/u256.h"

namespace libpreconf::l2 {

inline constexpr std::uint64_t kMainnetChainId = 167'000;
/// Base fee of block 1, and its bounds (node book 11.3).
inline constexpr std::uint64_t kFirstBaseFee = 25'000'000;
inline constexpr std::uint64_t kMaxBaseFee = 1'000'000'000;
inline constexpr std::uint64_t kMinBaseFeeMainnet = 10'000'000;
inline constexpr std::uint64_t kMinBaseFeeElsewhere = 5'000'000;
/// 48 bits in the extra data.
inline constexpr std::uint64_t kMaxProposalId = (std::uint64_t{1} << 48) - 1;

[[nodiscard]] std::uint64_t minimum_base_fee(std::uint64_t chain_id) noexcept;

struct BaseFeeInputs {
  std::uint64_t parent_number = 0;
  std::uint64_t parent_gas_limit = 0;
  std::uint64_t parent_gas_used = 0;
  std::uint64_t parent_base_fee = 0;
  /// Parent's timestamp less the grandparent's, 0 if that is negative.
  std::uint64_t block_time = 0;
  std::uint64_t minimum = 0;
};
/// Taiko's EIP-4396: the longer the parent took, the more gas it was meant to use.
[[nodiscard]] std::uint64_t next_base_fee(const BaseFeeInputs& inputs) noexcept;
/// The same from headers. Genesis is its own grandparent: its child's fee does not depend on time.
[[nodiscard]] std::uint64_t base_fee_of_child(const BlockHeader& parent, const BlockHeader& grandparent,
                                              std::uint64_t chain_id) noexcept;

/// keccak of the parent's difficulty and the block's number, 32 big-endian bytes each.
[[nodiscard]] Hash256 mix_hash(const U256& parent_difficulty, std::uint64_t number) noexcept;

/// Sharing percentage, then the proposal id in 6 big-endian bytes. out_of_range over 48 bits.
[[nodiscard]] Result<Bytes> extra_data(std::uint8_t sharing_percentage, std::uint64_t proposal_id);

}  // namespace libpreconf::l2
