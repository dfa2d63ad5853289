#include "node/devnet_schedule.h"

namespace libpreconf::node {

namespace {

/// So that no sum with a slot leaves 64 bits.
constexpr std::uint64_t kLastTimestamp = ~std::uint64_t{0} - kSecondsPerSlot;

}  // namespace

p2p::ScheduleAnswer RotatingSchedule::elected_at(const U256& timestamp) const {
  using Reason = p2p::ScheduleOutOfRange::Reason;
  if (timestamp < U256(kDevnetStart)) return p2p::ScheduleOutOfRange{Reason::before_genesis};
  if (timestamp > U256(kLastTimestamp)) return p2p::ScheduleOutOfRange{Reason::too_new};
  const std::uint64_t slot = (*timestamp.to_u64() - kDevnetStart) / kSecondsPerSlot;
  return p2p::ElectedSigner{signers_[index_at(slot)], U256(kDevnetStart + (slot + 1) * kSecondsPerSlot)};
}

}  // namespace libpreconf::node
