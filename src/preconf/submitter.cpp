#include "preconf/submitter.h"

#include <algorithm>

#include "base/log.h"

namespace libpreconf::preconf {
namespace {

// What no repetition can mend: the block itself is wrong.
bool is_permanent(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
    case ErrorCode::malformed:
    case ErrorCode::out_of_range:
    case ErrorCode::too_large:
    case ErrorCode::bad_signature:
      return true;
    case ErrorCode::unsupported:
    case ErrorCode::not_found:
    case ErrorCode::unavailable:
    case ErrorCode::limit:
    case ErrorCode::refused:
    case ErrorCode::timed_out:
    case ErrorCode::closed:
    case ErrorCode::conflict:
    case ErrorCode::io:
    case ErrorCode::permission:
    case ErrorCode::internal:
      break;
  }
  return false;
}

}  // namespace

Submitter::Submitter(ClientContext& context, Hooks hooks) : context_(context), hooks_(std::move(hooks)) {}

void Submitter::start() {
  running_ = true;
  progress_ = context_.reactor.now();
  wake();
}

void Submitter::stop() {
  running_ = false;
  current_.reset();
  decoder_.reset();
  for (Handle* handle : {&slice_, &submission_, &deadline_, &retry_}) handle->reset();
  state_ = State::empty;
}

void Submitter::wake() {
  wanted_ = true;
  if (advancing_ || !running_) return;
  advancing_ = true;
  while (wanted_) {
    wanted_ = false;
    while (running_ && try_next()) {
    }
  }
  advancing_ = false;
}

void Submitter::on_tip_change() {
  retry_.reset();
  wake();
}

void Submitter::on_room() {
  if (state_ == State::no_room) state_ = State::empty;
  wake();
}

void Submitter::tick() {
  if (!running_) return;
  if (state_ == State::no_room) state_ = State::empty;
  const Instant now = context_.reactor.now();
  if (reached_ > context_.tip() && !current_ && now - progress_ >= kSubmitDeadline) {
    log_warn(LogArea::preconf, "block {} was queued, but the tip stays at {}: submitted again", reached_,
             context_.tip());
    ++context_.counters.resubmissions;
    progress_ = now;
    go_back_to(context_.tip());
  }
  wake();
}

// --- The next height ---------------------------------------------------------------------------------------

bool Submitter::refresh() {
  context_.refresh_tips();
  if (!context_.preconf_tip) return false;
  const std::uint64_t tip = context_.tip();
  if (seen_tip_ != tip) progress_ = context_.reactor.now();
  if (!seen_tip_ || tip >= reached_) {
    reached_ = tip;
  } else if (tip < *seen_tip_) {
    // The engine went back: an L1 reorg, or a promise that L1 contradicted.
    go_back_to(tip);
  }
  seen_tip_ = tip;
  return true;
}

void Submitter::go_back_to(std::uint64_t number) {
  reached_ = std::min(reached_, number);
  context_.executed.forget_above(reached_);
}

bool Submitter::try_next() {
  if (current_ || retry_ || state_ == State::no_room) return false;
  state_ = State::empty;
  if (!refresh()) {
    retry_later();
    return false;
  }
  const std::uint64_t next = reached_ + 1;
  if (take_marker(next)) return false;
  return take_block(next);
}

bool Submitter::follows(const StoredCommitment& commitment) {
  const ParentLink link = context_.parent_link(commitment);
  if (link == ParentLink::ok || link == ParentLink::unknown) return true;
  hooks_.on_unlinked(commitment, link);
  return false;
}

// A marker goes to the driver as well, which skips it: it never consumes a height (node book I-13).
bool Submitter::take_marker(std::uint64_t number) {
  for (auto& marker : context_.store.markers(number)) {
    if (markers_done_.find(marker.hash) != nullptr || !follows(marker)) continue;
    current_ = Current{.commitment = std::move(marker), .compressed = nullptr, .decoded = nullptr};
    submit();
    return true;
  }
  return false;
}

/// True if the height changed and is worth another look at once.
bool Submitter::take_block(std::uint64_t number) {
  for (auto& candidate : context_.store.candidates(number)) {
    if (!follows(candidate)) continue;
    const Hash256 list_hash = candidate.commitment.preconf().raw_tx_list_hash;
    auto list = context_.store.tx_list(list_hash);
    if (!list) {
      state_ = State::need_tx_list;
      // The first accepted one wins as long as its list may come.
      if (!hooks_.is_overdue(candidate)) return false;
      continue;
    }
    state_ = State::have_both;
    current_ = Current{.commitment = std::move(candidate), .compressed = list->tx_list, .decoded = nullptr};
    if (offered_ && offered_->first == list_hash) {
      current_->decoded = offered_->second;
      submit();
      return false;
    }
    decoder_.emplace(current_->compressed);
    return decode_slice();
  }
  return false;
}

void Submitter::offer_decoded(const Hash256& tx_list_hash,
                              std::shared_ptr<const DecodedTransactions> decoded) {
  offered_.emplace(tx_list_hash, std::move(decoded));
}

/// True if the list proved bad, so that the height is open again.
bool Submitter::decode_slice() {
  const auto finished = decoder_->step();
  if (!finished) {
    const StoredCommitment bad = std::exchange(current_, std::nullopt)->commitment;
    decoder_.reset();
    hooks_.on_bad(bad, finished.error());
    return true;
  }
  if (!*finished) {
    slice_ = context_.reactor.after(Duration(0), [this] {
      if (decode_slice()) wake();
    });
    return false;
  }
  current_->decoded = decoder_->take();
  decoder_.reset();
  if (!still_next()) {
    current_.reset();
    return true;
  }
  submit();
  return false;
}

// Slices take turns with the rest of the node: meanwhile L1 may have passed by, or the block been removed.
bool Submitter::still_next() const {
  return block_number_of(current_->commitment) == std::max(reached_, context_.tip()) + 1 &&
         context_.store.by_hash(current_->commitment.hash).has_value();
}

// --- The driver --------------------------------------------------------------------------------------------

void Submitter::submit() {
  state_ = State::submitting;
  submitted_at_ = context_.reactor.now();
  PreconfirmationInput input{.commitment = current_->commitment.commitment,
                             .transactions = current_->decoded,
                             .compressed = current_->compressed};
  deadline_ = context_.reactor.after(kSubmitDeadline, [this] {
    on_answer(fail(ErrorCode::timed_out, "the driver did not answer within 24 s"));
  });
  submission_ = context_.driver.submit_preconfirmation(
      std::move(input), [this](Result<SubmitStatus> answer) { on_answer(std::move(answer)); });
}

void Submitter::on_answer(Result<SubmitStatus> answer) {
  const StoredCommitment commitment = std::exchange(current_, std::nullopt)->commitment;
  submission_.reset();
  deadline_.reset();
  state_ = State::empty;
  context_.counters.driver_submit_duration.observe(context_.reactor.now() - submitted_at_);
  if (answer) {
    taken(commitment, *answer);
  } else {
    failed(commitment, answer.error());
  }
  wake();
}

void Submitter::taken(const StoredCommitment& commitment, SubmitStatus status) {
  const std::uint64_t number = block_number_of(commitment);
  ++context_.counters.driver_submit_success;
  backoff_ = Duration(0);
  progress_ = context_.reactor.now();
  if (commitment.commitment.preconf().is_eop_only()) {
    markers_done_.put(commitment.hash, true);
  } else if (number == reached_ + 1) {
    reached_ = number;
    if (status != SubmitStatus::stale) {
      context_.executed.record(number, commitment.hash);
      context_.store.prefer(commitment.hash);
    }
  }
  if (offered_ && offered_->first == commitment.commitment.preconf().raw_tx_list_hash) offered_.reset();
  hooks_.on_taken(commitment);
}

void Submitter::failed(const StoredCommitment& commitment, const Error& error) {
  if (error.code == ErrorCode::limit) {
    state_ = State::no_room;
    return;
  }
  ++context_.counters.driver_submit_failure;
  if (is_permanent(error.code)) {
    // A marker has nothing that could be executed in its place; it keeps its part in the parent links.
    if (commitment.commitment.preconf().is_eop_only()) markers_done_.put(commitment.hash, true);
    if (!commitment.commitment.preconf().is_eop_only()) hooks_.on_bad(commitment, error);
    return;
  }
  retry_later();
  hooks_.on_failure(commitment, error);
}

void Submitter::on_rejected(const Hash256& preconfirmation_hash, const Error& why) {
  const auto commitment = context_.store.by_hash(preconfirmation_hash);
  if (!commitment || !running_) return;
  ++context_.counters.driver_submit_failure;
  const std::uint64_t number = block_number_of(*commitment);
  if (number <= reached_) go_back_to(std::max(context_.tip(), number - 1));
  if (is_permanent(why.code)) {
    hooks_.on_bad(*commitment, why);
  } else {
    retry_later();
    hooks_.on_failure(*commitment, why);
  }
  wake();
}

void Submitter::retry_later() {
  if (retry_) return;
  backoff_ = std::clamp(backoff_ * 2, kRetryFirst, kRetryLongest);
  state_ = State::retry;
  retry_ = context_.reactor.after(backoff_, [this] {
    retry_.reset();
    wake();
  });
}

}  // namespace libpreconf::preconf
