#include "sim/referee.h"

#include <fmt/format.h>

#include <utility>

#include "libp2p/limits.h"
#include "p2p/counters.h"
#include "p2p/limits.h"
#include "preconf/client_counters.h"
#include "preconf/limits.h"
#include "sim/trace.h"

namespace libpreconf::sim {

using preconf::StoredCommitment;

std::string Violation::to_string() const {
  const std::string who = node == kNoNode ? "the network" : fmt::format("node {}", node);
  return fmt::format("at {} s {}: {}", time_text(at), who, what);
}

Referee::Referee(Reactor& clock, Chronicle& chronicle, std::size_t nodes)
    : clock_(clock), chronicle_(chronicle), seen_(nodes) {}

void Referee::object(std::size_t node, std::string what) {
  if (!violation_) violation_ = Violation{clock_.now(), node, std::move(what)};
}

void Referee::started(const SimNode& node) {
  Seen& seen = seen_[node.index()];
  seen = Seen{};
  seen.head = node.head().number;
  seen.head_hash = node.head().hash;
  seen.kept = seen.head;
}

// --- What a node says --------------------------------------------------------------------------------------

void Referee::told(SimNode& node, const preconf::ClientEvent& event) {
  if (const auto* list = std::get_if<preconf::NewTxList>(&event)) {
    seen_[node.index()].told_lists.insert(list->hash);
  }
  const auto* told = std::get_if<preconf::NewCommitment>(&event);
  if (told == nullptr) return;
  if (chronicle_.find(told->stored.hash) == nullptr) {
    object(node.index(), "took a commitment that no preconfer signed: " + short_hash(told->stored.hash));
  }
  // One that was set aside and came again is told again; a commitment that is held is told once.
  const auto parent_faults = static_cast<std::size_t>(preconf::CommitmentFault::parent);
  const std::uint64_t set_aside = node.core().client().counters().validation_failures[parent_faults];
  const auto [before, first] = seen_[node.index()].told.emplace(told->stored.hash, set_aside);
  if (!first && before->second == set_aside) {
    object(node.index(), "told of commitment " + short_hash(told->stored.hash) + " twice");
  }
  before->second = set_aside;
}

/// Only preconfers that are ready promise, in their own windows: the rules have no reason to refuse that.
void Referee::refused(SimNode& node, const preconf::PublishError& error) {
  using Kind = preconf::PublishErrorKind;
  switch (error.kind) {
    case Kind::stale:
    case Kind::conflict:
    case Kind::busy:
    case Kind::internal:
      return;  // something came in between
    case Kind::invalid_commitment:
    case Kind::invalid_tx_list:
    case Kind::not_synced:
    case Kind::window_mismatch:
    case Kind::invalid_signer:
    case Kind::slasher_mismatch:
    case Kind::lookahead_unavailable:
    case Kind::lookahead_out_of_range:
      break;
  }
  object(node.index(), "refused its own promise: " + error.message);
}

void Referee::executed(SimNode& node, const driver::BlockProducer::Outcome& outcome) {
  if (outcome.header == nullptr) return;
  const p2p::Preconfirmation& preconf = outcome.input.commitment.preconf();
  const Hash256 hash = p2p::preconfirmation_hash(preconf);
  PromisedBlock* promise = chronicle_.find(hash);
  if (promise == nullptr) {
    return object(node.index(), "executed a block that nobody promised: " + short_hash(hash));
  }
  const std::uint64_t number = outcome.header->number;
  if (!stands_on_its_parent(node, preconf)) {
    // It cannot know which promise made a block that was there before it; L1 will tell.
    if (std::uint64_t& kept = seen_[node.index()].kept; number == kept + 1) {
      kept = number;
      return;
    }
    return object(node.index(), fmt::format("executed promise {} of {} on another block than its parent",
                                            short_hash(hash), number));
  }
  if (promise->header && promise->header->hash != outcome.header->hash) {
    object(node.index(), fmt::format("made block {} of promise {}, where another node made {} of it",
                                     short_hash(outcome.header->hash), short_hash(hash),
                                     short_hash(promise->header->hash)));
  }
  if (!promise->header) {
    promise->header = *outcome.header;
    promise->list_rlp =
        std::shared_ptr<const Bytes>(outcome.input.transactions, &outcome.input.transactions->rlp);
  }
  if (number <= node.confirmed()) {
    object(node.index(),
           fmt::format("built block {} although L1 has confirmed {}", number, node.confirmed()));
  }
}

/// Whether the block below is the one that the parent promise became (node book I-10).
bool Referee::stands_on_its_parent(const SimNode& node, const p2p::Preconfirmation& preconf) const {
  const PromisedBlock* parent = chronicle_.block_of(preconf.parent_preconfirmation_hash);
  if (parent == nullptr || !parent->header) return parent == nullptr;
  const l2::BlockHeader* below = node.engine().find_header(preconf.block_number.limbs()[0] - 1);
  return below != nullptr && below->hash == parent->header->hash;
}

// --- After each event --------------------------------------------------------------------------------------

void Referee::look_at(SimNode& node) {
  Seen& seen = seen_[node.index()];
  check_engine(node, seen);
  check_confirmed(node, seen);
  const preconf::CommitmentStore& store = node.core().store();
  if (store.commitment_count() != seen.commitments || store.bytes_held() != seen.store_bytes) {
    check_store(node, seen);
  }
}

void Referee::check_engine(SimNode& node, Seen& seen) {
  const l2::BlockHeader& head = node.head();
  if (head.number == seen.head && head.hash == seen.head_hash) return;
  if (head.number == seen.head + 1 && head.parent_hash != seen.head_hash) {
    object(node.index(), fmt::format("block {} does not stand on the head before it", head.number));
  }
  if (head.number > seen.head + 1) {
    object(node.index(), fmt::format("the head jumped from {} to {}", seen.head, head.number));
  }
  seen.head = head.number;
  seen.head_hash = head.hash;
}

void Referee::check_confirmed(SimNode& node, Seen& seen) {
  if (node.confirmed() < seen.confirmed) {
    object(node.index(),
           fmt::format("the confirmed head went back from {} to {}", seen.confirmed, node.confirmed()));
  }
  const l2::BlockHeader* before = node.engine().find_header(seen.confirmed);
  if (seen.confirmed > 0 && (before == nullptr || before->hash != seen.confirmed_hash)) {
    object(node.index(), fmt::format("block {}, which L1 had confirmed, was changed", seen.confirmed));
  }
  if (node.confirmed() == seen.confirmed) return;
  seen.confirmed = node.confirmed();
  const l2::BlockHeader* now = node.engine().find_header(seen.confirmed);
  if (now == nullptr) {
    return object(node.index(), fmt::format("confirmed block {} is not in the engine", seen.confirmed));
  }
  seen.confirmed_hash = now->hash;
}

void Referee::check_store(SimNode& node, Seen& seen) {
  const preconf::CommitmentStore& store = node.core().store();
  const preconf::MemoryCommitmentStore::Limits limits;
  seen.commitments = store.commitment_count();
  seen.store_bytes = store.bytes_held();
  seen.store_changed = true;
  const std::size_t most_commitments =
      limits.retained_heights *
      (preconf::CommitmentStore::kMaxCandidates + preconf::MemoryCommitmentStore::kMaxMarkers);
  const std::size_t most_bytes =
      limits.named_list_bytes + limits.unnamed_list_bytes + seen.commitments * sizeof(StoredCommitment);
  if (seen.commitments > most_commitments || seen.store_bytes > most_bytes) {
    object(node.index(), fmt::format("the store is over its bounds: {} commitments, {} bytes",
                                     seen.commitments, seen.store_bytes));
  }
  const std::uint64_t head = node.core().client().head().block_number.limbs()[0];
  if (head == 0) return;
  if (store.candidates(head).empty() && store.markers(head).empty()) {
    object(node.index(), fmt::format("claims head {}, and holds no commitment of that number", head));
  }
}

// --- Each virtual second -----------------------------------------------------------------------------------

void Referee::look_closely_at(SimNode& node) {
  look_at(node);
  check_status(node);
  check_served(node, seen_[node.index()]);
  check_network(node);
}

void Referee::check_status(SimNode& node) {
  const node::NodeStatus status = node.core().status();
  const auto tip = status.preconf_tip.to_u64();
  if (!tip || *tip > node.head().number) {
    object(node.index(), fmt::format("status says tip {}, the engine is at {}",
                                     status.preconf_tip.to_decimal(), node.head().number));
  }
  if (status.event_sync_tip && *status.event_sync_tip > U256(node.confirmed())) {
    object(node.index(), "status says that more is confirmed than L1 confirmed");
  }
  if (status.peer_count != node.core().network().connected_peers().size()) {
    object(node.index(), fmt::format("status says {} peers, {} are connected", status.peer_count,
                                     node.core().network().connected_peers().size()));
  }
  if (status.ready && !node.core().client().is_live()) object(node.index(), "is ready and not live");
}

/// Peers get nothing but what a preconfer signed, in order, up to the head that they were told.
void Referee::check_served(SimNode& node, Seen& seen) {
  if (!std::exchange(seen.store_changed, false)) return;
  const preconf::CommitmentStore& store = node.core().store();
  const std::uint64_t head = node.core().client().head().block_number.limbs()[0];
  std::uint64_t last = 0;
  for (const auto& served : store.commitments_from(U256(head > 4 ? head - 4 : 1), 16)) {
    const std::uint64_t number = served.preconf().block_number.limbs()[0];
    if (number < last || number > head) {
      object(node.index(), fmt::format("serves commitment {} after {}, below head {}", number, last, head));
    }
    last = number;
    const Hash256 hash = p2p::preconfirmation_hash(served.preconf());
    if (chronicle_.find(hash) == nullptr) {
      object(node.index(), "serves a commitment that no preconfer signed: " + short_hash(hash));
    }
  }
  if (head > 0 && last != head) {
    object(node.index(), fmt::format("told peers head {}, but serves only up to {}", head, last));
  }
}

void Referee::check_network(SimNode& node) {
  const p2p::P2pCounters& counters = node.core().network().counters();
  namespace bounds = p2p::limits;
  const auto within = [&](std::size_t value, std::size_t bound, std::string_view what) {
    if (value > bound) object(node.index(), fmt::format("{}: {}, over the bound of {}", what, value, bound));
  };
  within(counters.connections, libp2p::limits::kEstablished, "connections");
  within(counters.held_commitments, bounds::kHeldCommitments, "held commitments");
  within(counters.waiting_requests, bounds::kWaitingRequests, "waiting requests");
  within(counters.banned_peers, bounds::kBannedPeers, "banned peers");
  const preconf::ClientCounters& client = node.core().client().counters();
  within(client.awaiting_tx_list_depth, preconf::kMaxAwaitingTxLists, "awaited lists");
  within(client.pending_commitments, preconf::kMaxOrphans, "orphans");
}

// --- In the end --------------------------------------------------------------------------------------------

std::string Referee::unsettled(SimNode& node) const {
  if (chronicle_.tip() == 0) return {};
  const PromisedBlock& tip = *chronicle_.canonical(chronicle_.tip());
  if (tip.header && node.head().number == chronicle_.tip() && node.head().hash == tip.header->hash) return {};
  return fmt::format("is at block {} ({}), the network at {} ({}); confirmed {}, {} peers, live {}",
                     node.head().number, short_hash(node.head().hash), chronicle_.tip(),
                     tip.header ? short_hash(tip.header->hash) : "not built", node.confirmed(),
                     node.core().network().peer_count(), node.core().client().is_live());
}

}  // namespace libpreconf::sim
