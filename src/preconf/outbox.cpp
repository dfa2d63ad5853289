#include "preconf/outbox.h"

#include "base/log.h"
#include "preconf/limits.h"

namespace libpreconf::preconf {

void Outbox::stop() {
  waiting_.clear();
  retry_.reset();
}

void Outbox::push(Message message) {
  if (waiting_.size() >= kMaxOutbox) {
    ++context_.counters.outbox_dropped;
    waiting_.pop_front();
  }
  waiting_.push_back({std::move(message), context_.reactor.now()});
  if (!retry_) flush();
}

/// True if the message needs no other attempt.
bool Outbox::publish(const Message& message) {
  if (context_.network == nullptr) return false;
  const auto* list = std::get_if<p2p::RawTxList>(&message);
  const auto result = list != nullptr
                          ? context_.network->publish_raw_tx_list(*list)
                          : context_.network->publish_commitment(std::get<p2p::SignedCommitment>(message));
  if (result || result.error().code == ErrorCode::conflict) return true;
  if (result.error().code == ErrorCode::unavailable) return false;
  log_warn(LogArea::preconf, "own message was not published: {}", result.error().message);
  return true;
}

void Outbox::flush() {
  const Instant now = context_.reactor.now();
  while (!waiting_.empty()) {
    const Waiting& first = waiting_.front();
    if (!publish(first.message)) {
      if (now - first.since < kOutboxAge) break;
      ++context_.counters.outbox_dropped;
    }
    waiting_.pop_front();
  }
  if (waiting_.empty()) return;
  retry_ = context_.reactor.after(kOutboxRetry, [this] {
    retry_.reset();
    flush();
  });
}

}  // namespace libpreconf::preconf
