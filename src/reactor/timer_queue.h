#pragma once
// The timers of a loop: a 4-ary heap ordered by (deadline, order of arrival). Adding, cancelling and firing
// cost O(log n) and one allocation a timer; the heap itself holds 24 bytes for each.
//
// Shared by both reactors: the libevent one asks for `next()` and calls `run_due`, the simulation steps from
// one entry to the next.

#include <cstdint>
#include <optional>
#include <vector>

#include "libpreconf/reactor/reactor.h"

namespace libpreconf {

class TimerQueue {
 public:
  using Callback = std::move_only_function<void()>;

  TimerQueue() = default;
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;
  /// Handles that are still alive become inert.
  ~TimerQueue();

  /// Whose timer it is, for who wants to know; 0: nobody's.
  using Owner = std::uint32_t;

  /// Fires once at `deadline`, unless the handle goes first.
  [[nodiscard]] Handle add(Instant deadline, Callback callback, Owner owner = 0);
  /// Fires at `first` and then each `interval`, ticks that were missed left out.
  [[nodiscard]] Handle add_repeating(Instant first, Duration interval, Callback callback, Owner owner = 0);
  /// Fires once; owned by the queue and not to be cancelled.
  void post(Instant deadline, Callback callback);

  [[nodiscard]] std::optional<Instant> next() const;
  /// Of the earliest entry. The queue must not be empty.
  [[nodiscard]] Owner next_owner() const;
  /// Fires what is due at `now`; what is added meanwhile waits for the next call.
  std::size_t run_due(Instant now);
  /// Fires the earliest entry, at its own deadline. The queue must not be empty.
  void run_first();
  [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }

 private:
  class Timer;
  struct Entry {
    Instant deadline;
    std::uint64_t sequence;
    Timer* timer;
    [[nodiscard]] bool before(const Entry& other) const noexcept {
      return deadline != other.deadline ? deadline < other.deadline : sequence < other.sequence;
    }
  };

  void push(Instant deadline, Timer& timer);
  void remove(std::size_t at);
  void sift_up(std::size_t at);
  void sift_down(std::size_t at);
  void place(std::size_t at, const Entry& entry);
  void fire(Instant now);

  std::vector<Entry> heap_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace libpreconf
