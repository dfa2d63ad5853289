// The loop itself: timers, and a turn.

#include <benchmark/benchmark.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <queue>

#include "libpreconf/base/random.h"
#include "libpreconf/reactor/libevent_reactor.h"
#include "reactor/timer_queue.h"

namespace libpreconf::bench {
namespace {

using benchmark::DoNotOptimize;

/// As many as a node with two hundred peers has.
constexpr std::size_t kTimers = 1000;

/// A timer that is set and taken back, as most are.
void timer_cancelled(benchmark::State& state) {
  TimerQueue queue;
  SeededRandom random(1);
  std::vector<Handle> held;
  for (std::size_t i = 0; i < kTimers; ++i) {
    held.push_back(queue.add(Instant(Duration(static_cast<std::int64_t>(random.below(10'000'000)))), [] {}));
  }
  for (auto _ : state) {
    const Handle timer = queue.add(Instant(Duration(5'000'000)), [] {});
    DoNotOptimize(&timer);
  }
}
/// A timer that fires and is set again.
void timer_fired(benchmark::State& state) {
  TimerQueue queue;
  SeededRandom random(1);
  Duration now{0};
  for (std::size_t i = 0; i < kTimers; ++i) {
    queue.post(Instant(Duration(static_cast<std::int64_t>(random.below(10'000'000)))), [] {});
  }
  for (auto _ : state) {
    now = queue.next()->time_since_epoch();
    queue.run_first();
    queue.post(Instant(now + Duration(static_cast<std::int64_t>(random.below(10'000'000)))), [] {});
  }
}
void timer_floor(benchmark::State& state) {
  std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>> queue;
  SeededRandom random(1);
  for (std::size_t i = 0; i < kTimers; ++i) queue.push(static_cast<std::int64_t>(random.below(10'000'000)));
  for (auto _ : state) {
    const std::int64_t now = queue.top();
    queue.pop();
    queue.push(now + static_cast<std::int64_t>(random.below(10'000'000)));
  }
}
BENCHMARK(timer_cancelled)->Name("loop/timer_cancelled");
BENCHMARK(timer_fired)->Name("loop/timer_fired");
BENCHMARK(timer_floor)->Name("loop/timer_fired/floor");

void turn(benchmark::State& state) {
  SystemClock clock;
  const auto reactor = LibeventReactor::create(clock).value();
  const int ready = ::eventfd(1, EFD_CLOEXEC);
  std::size_t calls = 0;
  {
    const Handle watch = reactor->on_readable(ready, [&] { ++calls; });
    (void)reactor->run_until([&] { return !state.KeepRunning(); }, std::chrono::hours(1));
  }
  ::close(ready);
  if (calls == 0) state.SkipWithError("the loop did not turn");
}
void turn_floor(benchmark::State& state) {
  const int ready = ::eventfd(1, EFD_CLOEXEC);
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{.events = EPOLLIN, .data = {.fd = ready}};
  ::epoll_ctl(poll, EPOLL_CTL_ADD, ready, &event);
  for (auto _ : state) {
    epoll_event out[8];
    DoNotOptimize(::epoll_wait(poll, out, 8, -1));
  }
  ::close(poll);
  ::close(ready);
}
BENCHMARK(turn)->Name("loop/turn");
BENCHMARK(turn_floor)->Name("loop/turn/floor");

}  // namespace
}  // namespace libpreconf::bench
