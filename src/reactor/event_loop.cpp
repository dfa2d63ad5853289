#include "reactor/event_loop.h"

#include <event2/event.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "base/check.h"
#include "reactor/limits.h"

namespace libpreconf {
namespace {

void ignore_broken_pipes() {
  struct sigaction current{};
  if (sigaction(SIGPIPE, nullptr, &current) == 0 && current.sa_handler == SIG_DFL) {
    (void)std::signal(SIGPIPE, SIG_IGN);
  }
}

}  // namespace

Result<std::unique_ptr<EventLoop>> EventLoop::create(const Clock& clock) {
  ignore_broken_pipes();
  std::unique_ptr<EventLoop> loop(new EventLoop(clock));
  event_config* config = event_config_new();
  if (config != nullptr) {
    // One thread: the base needs no locks.
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    loop->base_ = event_base_new_with_config(config);
    event_config_free(config);
  }
  if (loop->base_ == nullptr) return fail(ErrorCode::io, "libevent cannot make an event base");
  loop->timer_fd_ = FileDescriptor(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!loop->timer_fd_) return std::unexpected(socket_error(errno, "timerfd_create"));
  const auto wake = [](void* self) {
    static_cast<EventLoop*>(self)->enter();
    static_cast<EventLoop*>(self)->armed_for_.reset();
  };
  // Edge-triggered: an expiry needs no read.
  if (!loop->timer_event_.assign(loop->base_, loop->timer_fd_.get(), FdEvent::Kind::edge_readable, wake,
                                 loop.get()) ||
      !loop->timer_event_.add()) {
    return fail(ErrorCode::io, "libevent cannot watch the timer descriptor");
  }
  return loop;
}

EventLoop::~EventLoop() {
  turn_end_.sweep();
  timer_event_.release();
  if (base_ != nullptr) event_base_free(base_);
}

void EventLoop::turn(bool block) {
  // What was queued or given up outside of a turn belongs to this one.
  int flags = EVLOOP_ONCE;
  if (!block || work_waits()) {
    flags |= EVLOOP_NONBLOCK;
  } else {
    arm_timer();
  }
  event_base_loop(base_, flags);
  enter();
  // A timer that came due while the last turn was busy has waited since; what a descriptor brings is known
  // from the wake-up on, and its wait before that is the last turn's duration at most.
  const Instant oldest_ready = std::min(timers_.next().value_or(turn_start_), turn_start_);
  timers_.run_due(turn_start_);
  end_turn(oldest_ready);
}

bool EventLoop::work_waits() const {
  if (turn_end_.waits()) return true;
  const auto next = timers_.next();
  return next && *next <= clock_.now();
}

bool EventLoop::busy() const {
  const int ours = timer_event_.added() ? 1 : 0;
  return turn_end_.waits() || timers_.size() > 0 ||
         event_base_get_num_events(base_, EVENT_BASE_COUNT_ADDED | EVENT_BASE_COUNT_ACTIVE) > ours;
}

void EventLoop::arm_timer() {
  const auto next = timers_.next();
  // An earlier setting stays when its deadline went away: one idle turn costs less than a call each time.
  if (!next || (armed_for_ && *armed_for_ <= *next)) return;
  const auto wait = std::max(*next - clock_.now(), Duration(1));
  itimerspec spec{};
  spec.it_value.tv_sec = static_cast<time_t>(wait.count() / 1'000'000);
  spec.it_value.tv_nsec = static_cast<long>(wait.count() % 1'000'000) * 1000;
  PRECONF_ASSERT(timerfd_settime(timer_fd_.get(), 0, &spec, nullptr) == 0);
  armed_for_ = *next;
}

MutableByteView EventLoop::read_buffer() {
  if (!read_buffer_) read_buffer_ = std::make_unique_for_overwrite<ReadBuffer>();
  return read_buffer_->bytes;
}

void EventLoop::end_turn(Instant oldest_ready) {
  turn_end_.run();
  ++counters_.turns;
  const Instant end = clock_.now();
  lag_.observe(end - oldest_ready);
  turn_duration_.observe(end - turn_start_);
  in_turn_ = false;
}

}  // namespace libpreconf
