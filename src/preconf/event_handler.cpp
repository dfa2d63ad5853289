#include "preconf/event_handler.h"

#include <algorithm>

#include "base/log.h"
#include "libpreconf/base/hex.h"

namespace libpreconf::preconf {

using p2p::GossipDecision;

EventHandler::EventHandler(ClientContext& context, Hooks hooks)
    : context_(context), hooks_(std::move(hooks)) {}

bool EventHandler::from_self(const p2p::PeerId& from) const {
  return context_.network != nullptr && !from.empty() && from == context_.network->local_peer_id();
}

GossipDecision EventHandler::on_commitment(const p2p::PeerId& from, const p2p::SignedCommitment& commitment,
                                           const p2p::RecoveredSigner& signer) {
  if (from_self(from)) return GossipDecision::ignore;
  ClientCounters& counters = context_.counters;
  ++counters.commitments_received;
  context_.refresh_tips();
  // Before anything dear, and without a trace: what is named here was not validated yet (node book I-16).
  if (commitment.preconf().block_number <= U256(context_.event_sync_tip)) {
    ++counters.stale;
    return GossipDecision::ignore;
  }
  const auto valid = validate_commitment(context_.rules, commitment, signer);
  if (!valid) {
    context_.reject(valid.error().fault);
    if (log_enabled(LogLevel::debug, LogArea::preconf)) {
      log_debug(LogArea::preconf, "commitment dropped: {}", valid.error().text());
    }
    return GossipDecision::ignore;
  }
  const std::uint64_t number = block_number_of(*valid);
  if (number > context_.tip() && number - context_.tip() > kMaxBlocksAhead) {
    ++counters.too_far;
    hooks_.on_gap();
    return GossipDecision::ignore;
  }
  switch (accept(*valid)) {
    case Acceptance::accepted:
    case Acceptance::second:
    case Acceptance::orphaned:
      return GossipDecision::accept;
    case Acceptance::duplicate:
    case Acceptance::stale:
    case Acceptance::surplus:
    case Acceptance::bad:
      break;
  }
  return GossipDecision::ignore;
}

GossipDecision EventHandler::on_tx_list(const p2p::PeerId& from, const p2p::RawTxList& list) {
  if (from_self(from)) return GossipDecision::ignore;
  ++context_.counters.tx_lists_received;
  if (context_.store.tx_list(list.hash)) {
    ++context_.counters.duplicates;
    return GossipDecision::ignore;
  }
  return keep_tx_list(list) ? GossipDecision::accept : GossipDecision::ignore;
}

bool EventHandler::keep_tx_list(const p2p::RawTxList& list) {
  if (!context_.store.insert_tx_list(list, context_.reactor.now())) {
    ++context_.counters.tx_lists_refused;
    return false;
  }
  if (!context_.events.empty()) context_.emit(NewTxList{list.hash});
  hooks_.on_tx_list(list.hash);
  return true;
}

// --- Acceptance --------------------------------------------------------------------------------------------

namespace {

std::vector<StoredCommitment> of_signer(std::vector<StoredCommitment> candidates, const Address& signer) {
  std::erase_if(candidates, [&](const StoredCommitment& candidate) { return candidate.signer != signer; });
  return candidates;
}

}  // namespace

Acceptance EventHandler::accept(const StoredCommitment& commitment) {
  ClientCounters& counters = context_.counters;
  const std::uint64_t number = block_number_of(commitment);
  if (number <= context_.event_sync_tip) {
    ++counters.stale;
    return Acceptance::stale;
  }
  if (is_bad(commitment.hash)) return Acceptance::bad;
  if (context_.store.by_hash(commitment.hash) || orphans_.find(commitment.hash) != nullptr) {
    ++counters.duplicates;
    return Acceptance::duplicate;
  }
  const auto rivals = commitment.commitment.preconf().is_eop_only()
                          ? std::vector<StoredCommitment>{}
                          : of_signer(context_.store.candidates(number), commitment.signer);
  if (rivals.size() >= kMaxCandidatesPerSigner) {
    ++counters.surplus;
    return Acceptance::surplus;
  }
  // A second promise of one signer is kept as evidence even if it does not link.
  if (const ParentLink link = rivals.empty() ? link_of(commitment) : ParentLink::ok;
      link == ParentLink::bad || link == ParentLink::missing) {
    unlinked(commitment, link);
    return link == ParentLink::bad ? Acceptance::bad : Acceptance::orphaned;
  }
  const InsertOutcome outcome = context_.store.insert_commitment(commitment);
  if (outcome == InsertOutcome::full) ++counters.surplus;
  if (outcome == InsertOutcome::duplicate) ++counters.duplicates;
  if (outcome == InsertOutcome::full) return Acceptance::surplus;
  if (outcome == InsertOutcome::duplicate) return Acceptance::duplicate;
  ++counters.commitments_accepted;
  if (!rivals.empty()) {
    ++counters.equivocations;
    log_warn(LogArea::preconf, "signer {} promised two blocks for height {}: {} and {}",
             to_hex(commitment.signer), number, to_hex(rivals.front().hash), to_hex(commitment.hash));
    context_.emit(Equivocation{rivals.front(), commitment});
  }
  announce(commitment);
  return outcome == InsertOutcome::second ? Acceptance::second : Acceptance::accepted;
}

// Links are judged where the height below is decided; further up, when the submitter gets there.
ParentLink EventHandler::link_of(const StoredCommitment& commitment) const {
  const std::uint64_t number = block_number_of(commitment);
  const bool decided = number > 0 && (number - 1 <= context_.tip() || context_.executed.at(number - 1));
  return decided ? context_.parent_link(commitment) : ParentLink::unknown;
}

void EventHandler::announce(const StoredCommitment& commitment) {
  const p2p::Preconfirmation& preconf = commitment.commitment.preconf();
  log_debug(LogArea::preconf, "commitment {} of height {} accepted", to_hex(commitment.hash),
            block_number_of(commitment));
  if (!context_.events.empty()) context_.emit(NewCommitment{commitment});
  if (preconf.is_eop_only()) {
    ++context_.counters.handovers;
    context_.emit(Handover{.block_number = block_number_of(commitment),
                           .signer = commitment.signer,
                           .submission_window_end = preconf.submission_window_end,
                           .marker = true});
  }
  hooks_.on_stored(commitment);
  adopt_orphans_of(commitment.hash);
}

// --- Blocks that are not taken -----------------------------------------------------------------------------

void EventHandler::mark_bad(const StoredCommitment& commitment) {
  ++context_.counters.bad_blocks;
  bad_.put(commitment.hash, true);
  context_.store.remove_commitment(commitment.hash);
}

bool EventHandler::is_bad(const Hash256& preconfirmation_hash) const {
  return bad_.find(preconfirmation_hash) != nullptr;
}

void EventHandler::unlinked(const StoredCommitment& commitment, ParentLink link) {
  context_.reject(CommitmentFault::parent);
  context_.store.remove_commitment(commitment.hash);
  log_debug(LogArea::preconf, "commitment {} of height {} does not follow the executed block",
            to_hex(commitment.hash), block_number_of(commitment));
  if (link == ParentLink::missing) hold_orphan(commitment);
}

void EventHandler::hold_orphan(const StoredCommitment& commitment) {
  const auto same = [&](const auto& entry) {
    return entry.second.commitment.signer == commitment.signer &&
           block_number_of(entry.second.commitment) == block_number_of(commitment);
  };
  if (std::ranges::count_if(orphans_, same) >= static_cast<std::ptrdiff_t>(kMaxCandidatesPerSigner)) return;
  ++context_.counters.orphans_held;
  orphans_.put(commitment.hash, Orphan{commitment, context_.reactor.now()});
  hooks_.on_gap();
}

void EventHandler::adopt_orphans_of(const Hash256& parent) {
  std::vector<StoredCommitment> adopted;
  for (const auto& [hash, orphan] : orphans_) {
    if (orphan.commitment.commitment.preconf().parent_preconfirmation_hash == parent) {
      adopted.push_back(orphan.commitment);
    }
  }
  for (const auto& orphan : adopted) {
    orphans_.erase(orphan.hash);
    (void)accept(orphan);
  }
}

void EventHandler::expire_orphans() {
  while (const auto* oldest = orphans_.oldest()) {
    if (context_.reactor.now() - oldest->second.since < kOrphanAge) return;
    (void)orphans_.pop_oldest();
  }
}

}  // namespace libpreconf::preconf
