#include "preconf/executed_chain.h"

#include "preconf/limits.h"

namespace libpreconf::preconf {

void ExecutedChain::record(std::uint64_t number, const Hash256& preconfirmation_hash) {
  hashes_.insert_or_assign(number, preconfirmation_hash);
  while (hashes_.size() > kMaxExecutedRemembered) hashes_.erase(hashes_.begin());
}

void ExecutedChain::forget_above(std::uint64_t number) {
  hashes_.erase(hashes_.upper_bound(number), hashes_.end());
}

std::optional<Hash256> ExecutedChain::at(std::uint64_t number) const {
  const auto found = hashes_.find(number);
  return found == hashes_.end() ? std::nullopt : std::optional(found->second);
}

namespace {

/// The end of a walk through markers: a block, or the hash that nobody knows.
struct WalkEnd {
  std::optional<StoredCommitment> block;
  Hash256 hash{};
};

WalkEnd walk_through_markers(const CommitmentStore& store, const Hash256& parent_hash) {
  WalkEnd end{.block = std::nullopt, .hash = parent_hash};
  for (std::size_t i = 0; i <= kMaxMarkerChain; ++i) {
    auto found = store.by_hash(end.hash);
    if (!found) return end;
    if (!found->commitment.preconf().is_eop_only()) {
      end.block = std::move(found);
      return end;
    }
    end.hash = found->commitment.preconf().parent_preconfirmation_hash;
  }
  return end;
}

ParentLink check_block(const StoredCommitment& parent, const std::optional<Hash256>& executed,
                       const StoredCommitment& child) {
  const p2p::Preconfirmation& preconf = child.commitment.preconf();
  if (block_number_of(parent) + 1 != block_number_of(child)) return ParentLink::bad;
  if (executed && *executed != parent.hash) return ParentLink::bad;
  // A marker builds nothing, so its time may be that of the block before it.
  const bool later = preconf.timestamp > parent.commitment.preconf().timestamp;
  return later || preconf.is_eop_only() ? ParentLink::ok : ParentLink::bad;
}

}  // namespace

ParentLink check_parent_link(const CommitmentStore& store, const ExecutedChain& executed,
                             std::uint64_t confirmed, const StoredCommitment& child) {
  const std::uint64_t number = block_number_of(child);
  if (number == 0) return ParentLink::unknown;
  const std::uint64_t below = number - 1;
  const auto fixed = below > confirmed ? executed.at(below) : std::nullopt;
  const WalkEnd end = walk_through_markers(store, child.commitment.preconf().parent_preconfirmation_hash);
  if (end.block) return check_block(*end.block, fixed, child);
  if (fixed && *fixed == end.hash) return ParentLink::ok;
  // Where L1 has decided the height below, what is held of it may be the promises that lost.
  if (below <= confirmed) return ParentLink::unknown;
  if (!fixed && store.candidates(below).empty()) return ParentLink::unknown;
  // No marker hashes to zero: a root where a parent is known.
  return end.hash == Hash256{} ? ParentLink::bad : ParentLink::missing;
}

}  // namespace libpreconf::preconf
