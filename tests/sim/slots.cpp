#include "sim/slots.h"

namespace libpreconf::sim {

p2p::ScheduleAnswer SlotSchedule::elected_at(const U256& timestamp) const {
  using Reason = p2p::ScheduleOutOfRange::Reason;
  const auto seconds = timestamp.to_u64();
  if (!seconds || *seconds > ~std::uint64_t{0} - kSecondsPerSlot) {
    return p2p::ScheduleOutOfRange{Reason::too_new};
  }
  if (*seconds < kStart) return p2p::ScheduleOutOfRange{Reason::before_genesis};
  const std::uint64_t slot = (*seconds - kStart) / kSecondsPerSlot;
  return p2p::ElectedSigner{signers_[index_at(slot)], U256(kStart + (slot + 1) * kSecondsPerSlot)};
}

}  // namespace libpreconf::sim
