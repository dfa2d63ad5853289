#pragma once
// Time is an argument. Timers and deadlines use the monotonic clock; only slot windows use wall time.

#include <chrono>
#include <cstdint>

namespace libpreconf {

using Duration = std::chrono::microseconds;

struct MonotonicClockTag {
  using duration = Duration;
  using rep = Duration::rep;
  using period = Duration::period;
  using time_point = std::chrono::time_point<MonotonicClockTag, Duration>;
  static constexpr bool is_steady = true;
};
struct WallClockTag {
  using duration = Duration;
  using rep = Duration::rep;
  using period = Duration::period;
  using time_point = std::chrono::time_point<WallClockTag, Duration>;
  static constexpr bool is_steady = false;
};

/// A point of the monotonic clock; only differences mean anything.
using Instant = MonotonicClockTag::time_point;
/// A point of Unix time.
using WallTime = WallClockTag::time_point;

/// Whole seconds of Unix time, as commitments carry them.
[[nodiscard]] inline std::uint64_t unix_seconds(WallTime time) noexcept {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

/// Where the time comes from. Two implementations: the system's, and the simulation's.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  [[nodiscard]] virtual WallTime wall_now() const = 0;
};

/// The system's clocks. Constructed in `node/` or by a test, nowhere else.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override;
  [[nodiscard]] WallTime wall_now() const override;
};

}  // namespace libpreconf
