#pragma once
// Plays seeds in child processes: a seed that aborts, crashes or never ends is a failure of that seed alone.

#include <functional>
#include <string>
#include <vector>

#include "sim/sweep/arguments.h"

namespace libpreconf::sim {

struct SeedResult {
  std::uint64_t seed = 0;
  std::string failure;  ///< empty: it passed
  std::uint64_t digest = 0;
};

/// Plays `count` seeds from `first` on, `jobs` processes at a time; calls back as they end, in any order.
void play_seeds(const Arguments& arguments, const std::function<void(const SeedResult&)>& on_result);
/// Plays one seed in a process of its own.
[[nodiscard]] SeedResult play_alone(const Arguments& arguments, std::uint64_t seed,
                                    const Reduction& reduction);

}  // namespace libpreconf::sim
