#pragma once
// Which commitments became the engine's blocks, as far as this node submitted them; the fixed point that
// parent links are checked against. Bounded: the lowest numbers are forgotten first.

#include <map>
#include <optional>

#include "preconf/commitment_validation.h"

namespace libpreconf::preconf {

class ExecutedChain {
 public:
  void record(std::uint64_t number, const Hash256& preconfirmation_hash);
  /// The engine went back: what lies above is not its chain any more.
  void forget_above(std::uint64_t number);
  [[nodiscard]] std::optional<Hash256> at(std::uint64_t number) const;

 private:
  std::map<std::uint64_t, Hash256> hashes_;
};

enum class ParentLink : std::uint8_t {
  ok,       ///< the parent is known, and it is the right one
  unknown,  ///< nothing is known of the height below: nothing to check
  missing,  ///< the height below is known, but the parent hash is not: perhaps a marker that is on its way
  bad,      ///< the parent is known, and it is another one, or its numbers do not fit
};

/// Follows the parent hash through any markers down to a block (node book 6.9, 9.3). Heights up to
/// `confirmed` were decided by L1, so that what this node executed there binds nobody.
[[nodiscard]] ParentLink check_parent_link(const CommitmentStore& store, const ExecutedChain& executed,
                                           std::uint64_t confirmed, const StoredCommitment& child);

}  // namespace libpreconf::preconf
