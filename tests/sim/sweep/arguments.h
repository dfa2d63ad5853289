#pragma once
// The command line of sim_sweep, and plans as it can name them: a scenario, a seed, and what is left of its
// faults after shrinking.

#include <optional>
#include <string>
#include <vector>

#include "libpreconf/base/result.h"
#include "sim/plan.h"

namespace libpreconf::sim {

inline constexpr std::uint64_t kMostSeeds = 100'000'000;
inline constexpr std::size_t kMostNodes = 20'000;

/// What a failing seed is shrunk by.
struct Reduction {
  std::size_t nodes = 100;
  std::optional<std::vector<std::size_t>> faults;  ///< places in the seed's list; absent: all
  std::optional<std::size_t> blocks;               ///< absent: as the seed has it
};

struct Arguments {
  std::uint64_t seeds = 100;
  std::uint64_t first = 1;
  std::string scenario = "mix";
  std::size_t jobs = 1;
  Reduction reduction;
  std::string trace_path;   ///< for a single seed
  std::string log = "off";  ///< what the nodes log meanwhile
  bool shrink = true;
  bool help = false;
  bool list = false;
};

[[nodiscard]] Result<Arguments> parse_arguments(const std::vector<std::string>& words);
[[nodiscard]] std::string help_text();
[[nodiscard]] std::string list_text();

/// The plan of one seed.
[[nodiscard]] Plan make_plan(const Arguments& arguments, std::uint64_t seed, const Reduction& reduction);
/// The command that plays it again.
[[nodiscard]] std::string replay_command(const Arguments& arguments, std::uint64_t seed,
                                         const Reduction& reduction);

}  // namespace libpreconf::sim
