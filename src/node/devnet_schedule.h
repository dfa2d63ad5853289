#pragma once
// The devnet's simulated L1: slots of 12 seconds that begin at a fixed time, a block every 2 of them, and one
// preconfer per slot, in turn.

#include <cstdint>
#include <vector>

#include "libpreconf/p2p/signer_schedule.h"

namespace libpreconf::node {

/// Unix seconds at which the simulated clock begins; a multiple of the slot, so that the same blocks come
/// every time.
inline constexpr std::uint64_t kDevnetStart = 1'764'000'000;
inline constexpr std::uint64_t kSecondsPerSlot = 12;  // L1
inline constexpr std::uint64_t kSecondsPerBlock = 2;  // program.md "Devnet"
inline constexpr std::uint64_t kBlocksPerSlot = kSecondsPerSlot / kSecondsPerBlock;

/// The n-th moment at which a block is due.
struct DevnetTick {
  std::uint64_t number = 0;

  [[nodiscard]] std::uint64_t timestamp() const noexcept { return kDevnetStart + number * kSecondsPerBlock; }
  [[nodiscard]] std::uint64_t slot() const noexcept { return number / kBlocksPerSlot; }
  [[nodiscard]] std::uint64_t window_end() const noexcept {
    return kDevnetStart + (slot() + 1) * kSecondsPerSlot;
  }
  [[nodiscard]] bool is_last_of_slot() const noexcept {
    return number % kBlocksPerSlot == kBlocksPerSlot - 1;
  }
};

class RotatingSchedule final : public p2p::SignerSchedule {
 public:
  /// At least one signer.
  explicit RotatingSchedule(std::vector<Address> signers) : signers_(std::move(signers)) {}

  [[nodiscard]] std::size_t index_at(std::uint64_t slot) const noexcept {
    return static_cast<std::size_t>(slot % signers_.size());
  }
  /// Every timestamp from the start on has its preconfer, however late it is asked for.
  [[nodiscard]] p2p::ScheduleAnswer elected_at(const U256& timestamp) const override;

 private:
  std::vector<Address> signers_;
};

}  // namespace libpreconf::node
