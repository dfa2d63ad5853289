#pragma once
// The server under test as the kernel sees it: processor time of the whole process to the nanosecond, and
// when it fell silent. Works for a server in any language.

#include <ctime>
#include <string>

#include "libpreconf/base/clock.h"
#include "libpreconf/reactor/libevent_reactor.h"

namespace libpreconf::bench {

/// Nanoseconds of the monotonic clock, finer than a turn of the loop.
[[nodiscard]] std::int64_t now_ns();

class ServerWatch {
 public:
  /// Dies if there is no such process.
  explicit ServerWatch(int pid);

  /// User and system time of all its threads, those that ended included.
  [[nodiscard]] std::int64_t cpu_ns() const;
  /// A line of /proc/PID/status in bytes, for example "VmRSS".
  [[nodiscard]] std::int64_t memory(const std::string& name) const;
  /// Runs the loop until the server has used nearly no processor for `calm`; at most `limit`. Returns when
  /// it was last busy, on the scale of `now_ns`.
  [[nodiscard]] std::int64_t wait_idle(LibeventReactor& reactor,
                                       Duration calm = std::chrono::milliseconds(60),
                                       Duration limit = std::chrono::seconds(60)) const;

 private:
  int pid_;
  clockid_t clock_ = 0;
};

}  // namespace libpreconf::bench
