#pragma once
// What a class counts. A Counters struct is plain numbers; names, help texts and units stand in the one
// table in rpc/, whose collector reads the numbers on scrape.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "libpreconf/base/clock.h"

namespace libpreconf {

using Counter = std::uint64_t;

/// Durations in fixed buckets. Upper bounds in seconds as the node book, chapter 15, lists them, with finer
/// ones below for what happens inside the process.
class Histogram {
 public:
  static constexpr std::array<double, 17> kUpperBoundsSeconds = {
      0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120};

  void observe(Duration value) noexcept;
  /// One number a bucket, not cumulative; the last is for all above the highest bound.
  [[nodiscard]] std::span<const std::uint64_t> buckets() const noexcept { return buckets_; }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] double sum_seconds() const noexcept { return sum_seconds_; }

 private:
  std::array<std::uint64_t, kUpperBoundsSeconds.size() + 1> buckets_{};
  std::uint64_t count_ = 0;
  double sum_seconds_ = 0;
};

}  // namespace libpreconf
