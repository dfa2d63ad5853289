#include "preconf/tx_list_fetcher.h"

#include <algorithm>

#include "base/log.h"
#include "libpreconf/base/hex.h"

namespace libpreconf::preconf {

TxListFetcher::TxListFetcher(ClientContext& context, OnList on_list)
    : context_(context), on_list_(std::move(on_list)) {}

void TxListFetcher::want(const StoredCommitment& commitment) {
  const Hash256& list = commitment.commitment.preconf().raw_tx_list_hash;
  const std::uint64_t number = block_number_of(commitment);
  if (context_.store.tx_list(list)) return;
  if (number <= base_) return want_to_serve(list, number);
  (void)unserved_.take(list);
  for (const auto& evicted : awaiting_.add(list, number)) {
    if (!awaiting_.waits(evicted.second)) forget(evicted.second);
  }
  begin(list);
}

// Which promise made a block is known of those that this node executed, and their lists were there then.
void TxListFetcher::want_to_serve(const Hash256& list, std::uint64_t block_number) {
  if (block_number <= context_.event_sync_tip || context_.executed.at(block_number)) return;
  if (awaiting_.waits(list)) return;
  for (const auto& evicted : unserved_.add(list, block_number)) {
    if (!unserved_.waits(evicted.second)) forget(evicted.second);
  }
  begin(list);
}

void TxListFetcher::begin(const Hash256& list) {
  const Instant now = context_.reactor.now();
  const auto [fetch, is_new] = fetches_.try_emplace(list);
  if (!is_new) return;
  fetch->second.wanted_at = now;
  fetch->second.next_try = now + context_.config.tx_list_fetch_delay;
  schedule(fetch->second.next_try);
}

void TxListFetcher::arrived(const Hash256& list) {
  (void)awaiting_.take(list);
  (void)unserved_.take(list);
  forget(list);
}

void TxListFetcher::advance_to(std::uint64_t block_number) {
  if (block_number == base_) return;
  base_ = block_number;
  for (const Hash256& list : awaiting_.drop_up_to(block_number)) forget(list);
  // What was too far ahead may be near now.
  if (awaiting_.size() > 0) schedule(context_.reactor.now());
}

void TxListFetcher::on_peer_connected() {
  const Instant now = context_.reactor.now();
  for (auto& [list, fetch] : fetches_) {
    fetch.next_try =
        std::min(fetch.next_try, std::max(now, fetch.wanted_at + context_.config.tx_list_fetch_delay));
  }
  if (!fetches_.empty()) schedule(now);
}

void TxListFetcher::stop() {
  timer_.reset();
  fetches_.clear();
  in_flight_ = 0;
  awaiting_.clear();
  unserved_.clear();
}

bool TxListFetcher::is_overdue(const Hash256& list) const {
  const auto found = fetches_.find(list);
  return found != fetches_.end() && context_.reactor.now() - found->second.wanted_at >= kTxListOverdue;
}

void TxListFetcher::forget(const Hash256& list) {
  const auto found = fetches_.find(list);
  if (found == fetches_.end()) return;
  if (found->second.request) --in_flight_;
  fetches_.erase(found);
  if (awaiting_.size() + unserved_.size() > 0) schedule(context_.reactor.now());
}

void TxListFetcher::give_up(const Hash256& list) {
  (void)unserved_.take(list);
  forget(list);
}

// --- Asking ------------------------------------------------------------------------------------------------

void TxListFetcher::schedule(Instant due) {
  if (timer_ && due_ <= due) return;
  due_ = due;
  const Duration delay = std::max(Duration(0), due - context_.reactor.now());
  timer_ = context_.reactor.after(delay, [this] {
    timer_.reset();
    pump();
  });
}

void TxListFetcher::pump() {
  if (context_.network == nullptr) return;
  const auto due = ask_for_due();
  const auto unserved = ask_for_unserved();
  if (due) schedule(*due);
  if (unserved) schedule(*unserved);
}

/// When the next of the lists that are to be executed has to be asked for.
std::optional<Instant> TxListFetcher::ask_for_due() {
  const Instant now = context_.reactor.now();
  std::optional<Instant> next;
  for (const auto& [number, list] : awaiting_.entries()) {
    if (in_flight_ >= kMaxTxListFetches || number - base_ > kTxListFetchAhead) break;
    Fetch& fetch = fetches_[list];
    if (fetch.request) continue;
    if (fetch.next_try <= now && !ask(list, fetch)) pause(fetch);
    if (!fetch.request && (!next || fetch.next_try < *next)) next = fetch.next_try;
  }
  return next;
}

/// The same of those that are only to be served; an answer to what is in flight looks again.
std::optional<Instant> TxListFetcher::ask_for_unserved() {
  for (const Hash256& list : unserved_.drop_up_to(context_.event_sync_tip)) forget(list);
  if (in_flight_ > 0 || unserved_.size() == 0) return std::nullopt;
  const Hash256 list = unserved_.entries().begin()->second;
  Fetch& fetch = fetches_[list];
  if (fetch.next_try > context_.reactor.now()) return fetch.next_try;
  if (ask(list, fetch)) return std::nullopt;
  if (!context_.network->connected_peers().empty()) {
    give_up(list);
    return std::nullopt;
  }
  pause(fetch);
  return fetch.next_try;
}

const p2p::PeerId* TxListFetcher::choose(const Fetch& fetch, const std::vector<p2p::PeerId>& peers) {
  // Begin elsewhere each time, so that a long catch-up spreads over the peers and their rate limits.
  for (std::size_t i = 0; i < peers.size(); ++i) {
    const p2p::PeerId& peer = peers[(rotation_ + i) % peers.size()];
    if (std::ranges::find(fetch.tried, peer) != fetch.tried.end()) continue;
    rotation_ = (rotation_ + i + 1) % peers.size();
    return &peer;
  }
  return nullptr;
}

bool TxListFetcher::ask(const Hash256& list, Fetch& fetch) {
  const auto peers = context_.network->connected_peers();
  const p2p::PeerId* const peer = choose(fetch, peers);
  if (peer == nullptr) return false;
  fetch.tried.push_back(*peer);
  ++context_.counters.tx_list_fetches;
  ++in_flight_;
  fetch.request = context_.network->request_raw_tx_list(
      *peer, list, [this, list](Result<p2p::RawTxList> answer) { on_answer(list, std::move(answer)); });
  return true;
}

/// All have been asked: the next round begins later.
void TxListFetcher::pause(Fetch& fetch) const {
  fetch.tried.clear();
  fetch.backoff = std::clamp(fetch.backoff * 2, kRetryFirst, kRetryLongest);
  fetch.next_try = context_.reactor.now() + fetch.backoff;
}

// By value: the callback that holds the hash goes with its request.
void TxListFetcher::on_answer(Hash256 list, Result<p2p::RawTxList> answer) {
  const auto found = fetches_.find(list);
  if (found == fetches_.end()) return;
  Fetch& fetch = found->second;
  fetch.request.reset();
  --in_flight_;
  fetch.next_try = context_.reactor.now();
  if (answer && answer->hash != list) {
    context_.reject(CommitmentFault::tx_list);
    answer = fail(ErrorCode::invalid,
                  "txlist hash mismatch: requested " + to_hex(list) + " got " + to_hex(answer->hash));
  }
  if (!answer) {
    ++context_.counters.tx_list_fetch_failures;
    log_debug(LogArea::preconf, "txlist {} not fetched: {}", to_hex(list), printable(answer.error().message));
  } else if (!on_list_(*answer)) {
    if (unserved_.waits(list)) return give_up(list);
    // No room: lower heights must be executed first.
    fetch.tried.clear();
    fetch.next_try = context_.reactor.now() + kRetryFirst;
  }
  schedule(context_.reactor.now());
}

}  // namespace libpreconf::preconf
