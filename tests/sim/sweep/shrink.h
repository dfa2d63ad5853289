#pragma once
// Makes a failing seed smaller: fewer faults, fewer nodes, fewer blocks, as long as it still fails.

#include <functional>

#include "sim/sweep/arguments.h"

namespace libpreconf::sim {

/// Whether the seed still fails when reduced so.
using StillFails = std::function<bool(const Reduction&)>;

/// Greedy, at most `most_tries` runs: halves of the faults, then single ones; then nodes; then blocks; and
/// around again as long as something gave way.
[[nodiscard]] Reduction shrink(Reduction from, std::size_t faults, std::size_t blocks,
                               const StillFails& still_fails, std::size_t most_tries = 100);

}  // namespace libpreconf::sim
