#pragma once
// Counts the requests of one peer on one protocol, for both sides (p2p-wire 13.3). Sans-IO.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>

#include "libpreconf/base/clock.h"

namespace libpreconf::p2p {

/// The requests that we make. A place is free again one window after its request has *ended*: only then is it
/// certain that the responder's window, which began when the request arrived, is over. Counting from the
/// sending would let 40 ms of jitter put two bursts into one window, and reference peers ban for that.
class PaceWindow {
 public:
  PaceWindow(std::uint32_t limit, Duration window) : limit_(std::max(limit, 1U)), window_(window) {}

  [[nodiscard]] bool may_start(Instant now) {
    while (!ended_.empty() && ended_.front() + window_ <= now) ended_.pop_front();
    return in_flight_ + ended_.size() < limit_;
  }
  void start() noexcept { ++in_flight_; }
  void end(Instant now) {
    --in_flight_;
    ended_.push_back(now);
  }
  /// When the next place becomes free by the passing of time alone.
  [[nodiscard]] std::optional<Instant> next_free() const {
    return ended_.empty() ? std::nullopt : std::optional(ended_.front() + window_);
  }
  [[nodiscard]] bool is_idle(Instant now) const noexcept {
    return in_flight_ == 0 && (ended_.empty() || ended_.back() + window_ <= now);
  }

 private:
  std::uint32_t limit_;
  Duration window_;
  std::uint32_t in_flight_ = 0;
  std::deque<Instant> ended_;  // at most `limit_`, ascending
};

/// The requests that we answer: each gets the next free moment, which may lie in the future. The window
/// slides, so no ten seconds anywhere see more answers than the limit.
class AnswerWindow {
 public:
  AnswerWindow(std::uint32_t limit, Duration window) : limit_(std::max(limit, 1U)), window_(window) {}

  [[nodiscard]] Instant next_free(Instant now) const noexcept {
    if (times_.size() < limit_) return now;
    return std::max(now, times_.front() + window_);
  }
  void take(Instant at) {
    times_.push_back(at);
    if (times_.size() > limit_) times_.pop_front();
  }
  [[nodiscard]] bool is_idle(Instant now) const noexcept {
    return times_.empty() || times_.back() + window_ <= now;
  }

 private:
  std::uint32_t limit_;
  Duration window_;
  std::deque<Instant> times_;  // at most `limit_`, ascending
};

}  // namespace libpreconf::p2p
