#include "preconf/catch_up_runner.h"

#include <algorithm>

#include "base/log.h"
#include "preconf/limits.h"

namespace libpreconf::preconf {

CatchUpRunner::CatchUpRunner(ClientContext& context, Hooks hooks)
    : context_(context), hooks_(std::move(hooks)) {}

bool CatchUpRunner::start() {
  running_ = true;
  if (context_.network->connected_peers().empty()) return false;
  begin_round();
  return true;
}

void CatchUpRunner::stop() {
  running_ = false;
  request_.reset();
  timer_.reset();
  attempt_.reset();
  replay_.clear();
}

void CatchUpRunner::tick() {
  if (!running_ || !succeeded_ || !idle() || context_.reactor.now() < probe_at_) return;
  probing_ = true;
  missing_ = false;
  begin_round();
}

void CatchUpRunner::on_peer_connected() {
  if (!running_) return;
  // A round that waits for its pause has a new peer to ask. A first peer, also after a time without any,
  // may know of what was gossiped meanwhile.
  const bool alone = context_.network->connected_peers().size() <= 1;
  if (alone) probe_pause_ = Duration(0);
  if (attempt_ || !replay_.empty()) return;
  if (!timer_) {
    if (succeeded_ && !alone) return;
    missing_ = false;
  }
  probing_ = false;
  begin_round();
}

void CatchUpRunner::request() {
  if (!running_ || !idle()) return;
  const Instant now = context_.reactor.now();
  if (last_request_ && now - *last_request_ < kGapCooldown) return;
  last_request_ = now;
  probing_ = false;
  missing_ = true;
  // Not from here: the caller is in the middle of accepting something.
  timer_ = context_.reactor.after(Duration(0), [this] { begin_round(); });
}

// The first catch-up fetches all that L1 has not confirmed, so that this node can serve it; later ones repair
// gaps above what the engine holds. A first one that would be longer than peers retain begins at the engine.
std::uint64_t CatchUpRunner::boundary() const {
  const bool long_way = context_.tip() - context_.event_sync_tip >= kMaxCatchUpSpan;
  return succeeded_ || long_way ? context_.tip() : context_.event_sync_tip;
}

void CatchUpRunner::begin_round() {
  timer_.reset();
  tried_.clear();
  peers_without_ = 0;
  began_ = context_.reactor.now();
  next_peer();
}

void CatchUpRunner::next_peer() {
  const auto peers = context_.network->connected_peers();
  const auto is_new = [this](const p2p::PeerId& peer) {
    return std::ranges::find(tried_, peer) == tried_.end();
  };
  for (std::size_t i = 0; i < peers.size(); ++i) {
    const p2p::PeerId& peer = peers[(rotation_ + i) % peers.size()];
    if (!is_new(peer)) continue;
    rotation_ = (rotation_ + i + 1) % peers.size();
    peer_ = peer;
    tried_.push_back(peer);
    context_.refresh_tips();
    attempt_.emplace(boundary(), context_.config.catch_up_page,
                     [this](const p2p::SignedCommitment& commitment, const TipCatchUp::Signer& signer) {
                       return validate_commitment(context_.rules, commitment, signer);
                     });
    return advance();
  }
  // All that answered agree: there is nothing to be had now.
  if (peers_without_ > 0) return finish();
  // Without any peer, the next one that connects begins a round.
  if (peers.empty()) return;
  ++context_.counters.catch_up_retries;
  backoff_ = std::clamp(backoff_ * 2, kRetryFirst, kRetryLongest);
  timer_ = context_.reactor.after(backoff_, [this] { begin_round(); });
}

void CatchUpRunner::advance() {
  // A copy: a step may end the attempt that it stands in.
  const TipCatchUp::Step step = attempt_->step();
  std::visit([this](const auto& what) { run_step(what); }, step);
}

void CatchUpRunner::run_step(const TipCatchUp::AskHead&) {
  request_ = context_.network->request_head(peer_, [this](Result<p2p::PreconfHead> head) {
    if (head) {
      attempt_->on_head(*head);
    } else {
      attempt_->on_failure(head.error());
    }
    advance();
  });
}

void CatchUpRunner::run_step(const TipCatchUp::AskCommitments& ask) {
  request_ = context_.network->request_commitments(
      peer_, U256(ask.start), ask.max_count, [this](Result<p2p::CommitmentPage> page) {
        if (page) {
          ++context_.counters.catch_up_batches;
          attempt_->on_commitments(std::move(page->commitments), std::move(page->signers));
        } else {
          attempt_->on_failure(page.error());
        }
        advance();
      });
}

void CatchUpRunner::run_step(const TipCatchUp::Validate&) {
  request_ = context_.reactor.after(Duration(0), [this] {
    attempt_->validate_slice();
    advance();
  });
}

void CatchUpRunner::run_step(const TipCatchUp::Failed& failed) {
  ++context_.counters.catch_up_errors;
  log_info(LogArea::preconf, "catch-up from {} failed: {}", peer_.to_string(), printable(failed.why));
  attempt_.reset();
  next_peer();
}

void CatchUpRunner::run_step(const TipCatchUp::Done&) {
  replay_ = attempt_->take_chain();
  replayed_ = 0;
  has_hole_ = !attempt_->reached_tip();
  log_info(LogArea::preconf, "catch-up from {}: {} commitments from block {}", peer_.to_string(),
           replay_.size(), attempt_->start());
  attempt_.reset();
  if (!replay_.empty()) {
    probing_ = false;
  } else if (++peers_without_ < kAgreeingPeers || missing_) {
    return next_peer();
  }
  replay_slice();
}

void CatchUpRunner::replay_slice() {
  const std::size_t end = std::min(replay_.size(), replayed_ + kReplayPerSlice);
  while (replayed_ < end) hooks_.on_commitment(replay_[replayed_++]);
  if (replayed_ < replay_.size()) {
    request_ = context_.reactor.after(Duration(0), [this] { replay_slice(); });
    return;
  }
  // What this peer lacks another one may have.
  if (has_hole_ && (++peers_without_ < kAgreeingPeers || missing_)) {
    replay_.clear();
    return next_peer();
  }
  finish();
}

void CatchUpRunner::finish() {
  replay_.clear();
  succeeded_ = true;
  backoff_ = Duration(0);
  probe_pause_ = std::clamp(probe_pause_ * 2, kProbeFirst, kProbeLongest);
  probe_at_ = context_.reactor.now() + probe_pause_;
  if (std::exchange(probing_, false)) return;
  context_.counters.catch_up_duration.observe(context_.reactor.now() - began_);
  hooks_.on_finished();
}

}  // namespace libpreconf::preconf
