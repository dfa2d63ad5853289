#pragma once
// A rate with a burst: what attacks that cost us work are paid from. Time is an argument.

#include <algorithm>
#include <cstdint>

#include "libpreconf/base/clock.h"

namespace libpreconf::libp2p {

/// Starts full.
class TokenBucket {
 public:
  TokenBucket(std::uint32_t burst, std::uint32_t per_second)
      : burst_(static_cast<std::int64_t>(burst) * kScale), per_second_(per_second), tokens_(burst_) {}

  /// Takes one token; false if there is none.
  [[nodiscard]] bool take(Instant now) {
    refill(now);
    if (tokens_ < kScale) return false;
    tokens_ -= kScale;
    return true;
  }

 private:
  /// Microseconds times rate are millionths of a token.
  static constexpr std::int64_t kScale = 1'000'000;

  void refill(Instant now) {
    const std::int64_t elapsed = (now - last_).count();
    if (elapsed <= 0) return;
    last_ = now;
    // A bucket that is full after this long needs no multiplication that could overflow.
    if (per_second_ == 0 || elapsed >= burst_ / per_second_) {
      if (per_second_ != 0) tokens_ = burst_;
      return;
    }
    tokens_ = std::min(burst_, tokens_ + elapsed * per_second_);
  }

  std::int64_t burst_;
  std::int64_t per_second_;
  std::int64_t tokens_;
  Instant last_{};
};

}  // namespace libpreconf::libp2p
