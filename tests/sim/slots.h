#pragma once
// The L1 clock of a simulation: short slots, one preconfer for each, a block due at every tick.

#include <cstdint>

#include "libpreconf/preconf/static_signer_schedule.h"

namespace libpreconf::sim {

/// Unix seconds at which virtual time begins.
inline constexpr std::uint64_t kStart = 1'764'000'000;
/// A block each second: virtual time is what a simulation pays for.
inline constexpr std::uint64_t kSecondsPerBlock = 1;
inline constexpr std::uint64_t kBlocksPerSlot = 4;
inline constexpr std::uint64_t kSecondsPerSlot = kSecondsPerBlock * kBlocksPerSlot;
/// Longer than any simulation.
inline constexpr std::uint64_t kSlots = 256;

/// The n-th moment at which a block is due.
struct Tick {
  std::uint64_t number = 0;

  [[nodiscard]] std::uint64_t timestamp() const noexcept { return kStart + number * kSecondsPerBlock; }
  [[nodiscard]] std::uint64_t slot() const noexcept { return number / kBlocksPerSlot; }
  [[nodiscard]] std::uint64_t window_end() const noexcept { return kStart + (slot() + 1) * kSecondsPerSlot; }
  [[nodiscard]] bool is_last_of_slot() const noexcept {
    return number % kBlocksPerSlot == kBlocksPerSlot - 1;
  }
};

/// `preconfers` nodes take turns.
[[nodiscard]] preconf::StaticSignerSchedule make_schedule(std::size_t preconfers);

}  // namespace libpreconf::sim
