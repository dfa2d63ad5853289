#pragma once
// A simulation written down: everything that a seed decides, as plain data. Two runs of equal plans are equal
// byte for byte, and a plan with fewer faults is a smaller version of the same story.

#include <cstdint>
#include <string>
#include <vector>

#include "reactor/simulated.h"

namespace libpreconf::sim {

/// What can happen to the network. `who` and `share` are shares of the nodes, so that the same fault means
/// something for any number of nodes.
struct Fault {
  enum class Kind : std::uint8_t {
    partition,   ///< a share of the nodes is cut off from the rest
    crash,       ///< a node's process ends; it comes back empty
    restart,     ///< a node's process ends; its execution engine keeps the chain
    power_cut,   ///< a node is gone without a word; it comes back with its engine
    isolation,   ///< one node is cut off
    bad_link,    ///< pieces get lost everywhere
    join,        ///< a node that was not there before begins
    equivocate,  ///< a preconfer promises two blocks for one height
    replay,      ///< an old promise is gossiped again, at or below what L1 confirmed
    rubbish,     ///< a hostile peer sends what it can think of
    skew,        ///< a node's wall clock goes wrong
  };
  Kind kind = Kind::crash;
  Duration at{0};
  Duration lasts{0};
  double who = 0;    ///< which node; in [0, 1)
  double share = 0;  ///< how much of it
};

inline constexpr std::size_t kFaultKinds = 11;
[[nodiscard]] std::string to_string(Fault::Kind kind);
/// "at 3.2 s for 4 s: crash of node 17" for a network of this size.
[[nodiscard]] std::string describe(const Fault& fault, std::size_t nodes);

struct Plan {
  std::string scenario = "calm";
  std::uint64_t seed = 1;
  std::size_t nodes = 100;
  /// The first ones are preconfers, in turn.
  std::size_t preconfers = 4;
  /// Peers that each node dials, besides the one before it.
  std::size_t dials = 1;
  std::size_t blocks = 8;
  std::size_t transfers_per_block = 1;
  /// How far L1 is behind the promises, in blocks.
  std::uint64_t l1_lag = 4;
  LinkProfile link;
  std::vector<Fault> faults;
};

}  // namespace libpreconf::sim
