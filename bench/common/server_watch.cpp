#include "common/server_watch.h"

#include <fmt/core.h>

#include <fstream>

#include "common/arguments.h"

namespace libpreconf::bench {
namespace {

std::int64_t read_clock(clockid_t clock) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) die("the server under test has ended");
  return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

/// How often the server is looked at, and which share of that time counts as busy.
constexpr Duration kLook{std::chrono::milliseconds(2)};
constexpr double kBusyShare = 0.2;

}  // namespace

std::int64_t now_ns() {
  return read_clock(CLOCK_MONOTONIC);
}

ServerWatch::ServerWatch(int pid) : pid_(pid) {
  if (clock_getcpuclockid(pid, &clock_) != 0) die(fmt::format("there is no process {}", pid));
}

std::int64_t ServerWatch::cpu_ns() const {
  return read_clock(clock_);
}

std::int64_t ServerWatch::memory(const std::string& name) const {
  std::ifstream file(fmt::format("/proc/{}/status", pid_));
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + ":")) return std::strtoll(line.c_str() + name.size() + 1, nullptr, 10) * 1024;
  }
  die(fmt::format("no {} in the status of process {}", name, pid_));
}

std::int64_t ServerWatch::wait_idle(LibeventReactor& reactor, Duration calm, Duration limit) const {
  const std::int64_t calm_ns = std::chrono::nanoseconds(calm).count();
  std::int64_t seen_at = now_ns();
  std::int64_t seen_cpu = cpu_ns();
  std::int64_t busy_at = seen_at;
  bool idle = false;
  const TimerHandle look = reactor.every(kLook, [&] {
    const std::int64_t now = now_ns();
    const std::int64_t cpu = cpu_ns();
    if (static_cast<double>(cpu - seen_cpu) > kBusyShare * static_cast<double>(now - seen_at)) busy_at = now;
    seen_at = now;
    seen_cpu = cpu;
    idle = now - busy_at >= calm_ns;
  });
  (void)reactor.run_until([&] { return idle; }, limit);
  return busy_at;
}

}  // namespace libpreconf::bench
