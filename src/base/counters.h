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

using HistogramBounds = std::span<const Duration>;

/// Upper bounds as the node book, chapter 15, lists them, with finer ones below for what happens inside the
/// process.
inline constexpr std::array<Duration, 17> kWideBounds = {
    Duration(100),        Duration(500),        Duration(1'000),      Duration(2'000),
    Duration(5'000),      Duration(10'000),     Duration(50'000),     Duration(100'000),
    Duration(250'000),    Duration(500'000),    Duration(1'000'000),  Duration(2'500'000),
    Duration(5'000'000),  Duration(10'000'000), Duration(30'000'000), Duration(60'000'000),
    Duration(120'000'000)};
/// For the turns of the loop: 50 us to 1 s (conventions 24), finest around the millisecond that a slice of
/// work may take.
inline constexpr std::array<Duration, 15> kLoopBounds = {
    Duration(50),     Duration(100),     Duration(200),     Duration(500),     Duration(1'000),
    Duration(2'000),  Duration(3'000),   Duration(5'000),   Duration(10'000),  Duration(20'000),
    Duration(50'000), Duration(100'000), Duration(200'000), Duration(500'000), Duration(1'000'000)};

/// Durations in fixed buckets.
class Histogram {
 public:
  Histogram() = default;
  /// `upper_bounds` ascend and are constants of the program: the histogram only refers to them.
  explicit Histogram(HistogramBounds upper_bounds) noexcept;

  void observe(Duration value) noexcept;
  [[nodiscard]] HistogramBounds upper_bounds() const noexcept { return bounds_; }
  /// One number a bucket, not cumulative; the last is for all above the highest bound.
  [[nodiscard]] std::span<const std::uint64_t> buckets() const noexcept {
    return std::span(buckets_).first(bounds_.size() + 1);
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] double sum_seconds() const noexcept { return seconds(sum_); }
  [[nodiscard]] static double seconds(Duration value) noexcept {
    return std::chrono::duration<double>(value).count();
  }

 private:
  HistogramBounds bounds_ = kWideBounds;
  std::array<std::uint64_t, kWideBounds.size() + 1> buckets_{};
  std::uint64_t count_ = 0;
  Duration sum_{};
};

}  // namespace libpreconf
