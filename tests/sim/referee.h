#pragma once
// Judges the nodes of a simulation. Cheap questions are asked of a node after each event that touched it, all
// of them of every node each virtual second, and whether all hold one chain in the end. The first thing that
// is wrong is kept, with the node, the time and what it was.

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "sim/sim_node.h"

namespace libpreconf::sim {

struct Violation {
  Instant at{};
  std::size_t node = 0;  ///< kNoNode: the network
  std::string what;

  [[nodiscard]] std::string to_string() const;
};

class Referee {
 public:
  Referee(Reactor& clock, Chronicle& chronicle, std::size_t nodes);

  /// A node begins a life, with or without the engine of the last one.
  void started(const SimNode& node);
  void told(SimNode& node, const preconf::ClientEvent& event);
  void refused(SimNode& node, const preconf::PublishError& error);
  void executed(SimNode& node, const driver::BlockProducer::Outcome& outcome);

  /// After an event.
  void look_at(SimNode& node);
  /// Each virtual second.
  void look_closely_at(SimNode& node);
  /// In the end: what keeps this node from being done; empty if nothing does.
  [[nodiscard]] std::string unsettled(SimNode& node) const;
  /// Whether a node told of this commitment, or of this list, in its present life.
  [[nodiscard]] bool was_told(std::size_t node, const Hash256& hash) const {
    return seen_[node].told.contains(hash) || seen_[node].told_lists.contains(hash);
  }

  void object(std::size_t node, std::string what);
  [[nodiscard]] const std::optional<Violation>& violation() const noexcept { return violation_; }

 private:
  /// What was seen of a node last.
  struct Seen {
    std::uint64_t head = 0;
    Hash256 head_hash{};
    std::uint64_t confirmed = 0;
    Hash256 confirmed_hash{};
    std::size_t commitments = 0;
    std::size_t store_bytes = 0;
    bool store_changed = false;  ///< since what it serves was looked at
    /// Commitments it told of, and how many it had set aside by then.
    std::unordered_map<Hash256, std::uint64_t, FixedBytesHash> told;
    std::unordered_set<Hash256, FixedBytesHash> told_lists;
    /// Up to here the engine was kept from an earlier life, whose promises the node does not know any more;
    /// and what stands on a block of those that lost.
    std::uint64_t kept = 0;
  };

  [[nodiscard]] bool stands_on_its_parent(const SimNode& node, const p2p::Preconfirmation& preconf) const;
  void check_engine(SimNode& node, Seen& seen);
  void check_confirmed(SimNode& node, Seen& seen);
  void check_store(SimNode& node, Seen& seen);
  void check_status(SimNode& node);
  void check_served(SimNode& node, Seen& seen);
  void check_network(SimNode& node);

  Reactor& clock_;
  Chronicle& chronicle_;
  std::vector<Seen> seen_;
  std::optional<Violation> violation_;
};

}  // namespace libpreconf::sim
