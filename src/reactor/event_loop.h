#pragma once
// The turn of the libevent loop. What happens in one:
//
//   wait -> callbacks of sockets, signals -> timers that are due -> flush (one gathered write a connection)
//        -> sweep (objects that were given up meanwhile)
//
// libevent waits and dispatches descriptors; timers are ours: a TimerQueue and one timerfd that is set only
// when the earliest deadline changes, so that a turn costs no system call for them and wakes to the
// microsecond.

#include <memory>
#include <optional>

#include "base/counters.h"
#include "libpreconf/reactor/reactor.h"
#include "reactor/fd_event.h"
#include "reactor/limits.h"
#include "reactor/output_queue.h"
#include "reactor/sockets.h"
#include "reactor/timer_queue.h"
#include "reactor/turn_end.h"

struct event_base;

namespace libpreconf {

/// What the sockets of a loop count.
struct LoopCounters {
  Counter turns = 0;
  Counter bytes_read = 0;
  Counter bytes_written = 0;
  Counter connections_accepted = 0;
  Counter accept_pauses = 0;  ///< listeners that rested because descriptors or memory ran out
  Counter datagrams_read = 0;
  Counter datagrams_written = 0;
  Counter datagrams_dropped = 0;  ///< not taken by the kernel
};

class EventLoop {
 public:
  [[nodiscard]] static Result<std::unique_ptr<EventLoop>> create(const Clock& clock);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  [[nodiscard]] event_base* base() noexcept { return base_; }
  [[nodiscard]] const Clock& clock() const noexcept { return clock_; }
  /// The time of the turn; outside of a turn, the clock's.
  [[nodiscard]] Instant now() const { return in_turn_ ? turn_start_ : clock_.now(); }
  /// Every callback from libevent says this first: the first one of a turn reads the clock.
  void enter() {
    if (in_turn_) return;
    turn_start_ = clock_.now();
    in_turn_ = true;
  }

  /// Waits for something to happen (or only looks, if `block` is false) and handles it.
  void turn(bool block);
  /// True while anything is registered that could call back.
  [[nodiscard]] bool busy() const;

  [[nodiscard]] TurnEnd& turn_end() noexcept { return turn_end_; }
  [[nodiscard]] TimerQueue& timers() noexcept { return timers_; }
  /// Shared by all sockets: valid until the next read of any of them.
  [[nodiscard]] MutableByteView read_buffer();
  [[nodiscard]] ChunkPool& chunks() noexcept { return chunks_; }
  [[nodiscard]] LoopCounters& counters() noexcept { return counters_; }
  [[nodiscard]] const Histogram& lag() const noexcept { return lag_; }
  [[nodiscard]] const Histogram& turn_duration() const noexcept { return turn_duration_; }

 private:
  /// On a page of its own: the kernel's copy into a buffer that begins within a cache line takes twice as
  /// long.
  struct alignas(4096) ReadBuffer {
    std::uint8_t bytes[reactor_limits::kReadBufferBytes];
  };

  explicit EventLoop(const Clock& clock) : clock_(clock) {}
  [[nodiscard]] bool work_waits() const;
  void arm_timer();
  void end_turn(Instant oldest_ready);

  const Clock& clock_;
  event_base* base_ = nullptr;
  FileDescriptor timer_fd_;
  FdEvent timer_event_;
  std::optional<Instant> armed_for_;
  TimerQueue timers_;
  ChunkPool chunks_;
  std::unique_ptr<ReadBuffer> read_buffer_;
  TurnEnd turn_end_;
  LoopCounters counters_;
  Histogram lag_{kLoopBounds};
  Histogram turn_duration_{kLoopBounds};
  Instant turn_start_;
  bool in_turn_ = false;
};

}  // namespace libpreconf
