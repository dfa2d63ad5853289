#include "reactor/timer_queue.h"

#include <algorithm>
#include <memory>

#include "base/check.h"
#include "reactor/guarded_callback.h"

namespace libpreconf {
namespace {

constexpr std::size_t kArity = 4;
constexpr std::size_t kNowhere = ~std::size_t{0};

}  // namespace

class TimerQueue::Timer final : public Registration {
 public:
  Timer(TimerQueue& queue, Callback callback, Duration interval)
      : queue_(&queue), callback_(std::move(callback)), interval_(interval) {}
  ~Timer() override {
    if (queue_ != nullptr && place_ != kNowhere) queue_->remove(place_);
  }

  TimerQueue* queue_;
  std::size_t place_ = kNowhere;
  GuardedCallback<void()> callback_;
  Duration interval_;
  bool owned_by_queue_ = false;
  Owner owner_ = 0;
};

TimerQueue::~TimerQueue() {
  // Destroying a posted callback may destroy handles, whose timers look at this heap.
  std::vector<Entry> entries = std::exchange(heap_, {});
  for (const Entry& entry : entries) {
    entry.timer->queue_ = nullptr;
    entry.timer->place_ = kNowhere;
  }
  std::vector<std::unique_ptr<Timer>> owned;
  for (const Entry& entry : entries) {
    if (entry.timer->owned_by_queue_) owned.emplace_back(entry.timer);
  }
}

Handle TimerQueue::add(Instant deadline, Callback callback, Owner owner) {
  auto timer = std::make_unique<Timer>(*this, std::move(callback), Duration::zero());
  timer->owner_ = owner;
  push(deadline, *timer);
  return Handle(std::move(timer));
}

Handle TimerQueue::add_repeating(Instant first, Duration interval, Callback callback, Owner owner) {
  PRECONF_ASSERT(interval > Duration::zero());
  auto timer = std::make_unique<Timer>(*this, std::move(callback), interval);
  timer->owner_ = owner;
  push(first, *timer);
  return Handle(std::move(timer));
}

void TimerQueue::post(Instant deadline, Callback callback) {
  auto timer = std::make_unique<Timer>(*this, std::move(callback), Duration::zero());
  timer->owned_by_queue_ = true;
  push(deadline, *timer.release());
}

std::optional<Instant> TimerQueue::next() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().deadline;
}

TimerQueue::Owner TimerQueue::next_owner() const {
  PRECONF_ASSERT(!heap_.empty());
  return heap_.front().timer->owner_;
}

std::size_t TimerQueue::run_due(Instant now) {
  const std::uint64_t limit = next_sequence_;
  std::size_t fired = 0;
  while (!heap_.empty() && heap_.front().deadline <= now && heap_.front().sequence < limit) {
    fire(now);
    ++fired;
  }
  return fired;
}

void TimerQueue::run_first() {
  PRECONF_ASSERT(!heap_.empty());
  fire(heap_.front().deadline);
}

void TimerQueue::fire(Instant now) {
  Timer& timer = *heap_.front().timer;
  const Instant deadline = heap_.front().deadline;
  remove(0);
  std::unique_ptr<Timer> owned(timer.owned_by_queue_ ? &timer : nullptr);
  if (timer.interval_ > Duration::zero()) {
    const auto missed = (now - deadline) / timer.interval_;
    push(deadline + (missed + 1) * timer.interval_, timer);
    timer.callback_.call();
    return;
  }
  Callback callback = timer.callback_.take();
  callback();
}

void TimerQueue::push(Instant deadline, Timer& timer) {
  heap_.push_back(Entry{deadline, next_sequence_++, &timer});
  timer.place_ = heap_.size() - 1;
  sift_up(timer.place_);
}

void TimerQueue::remove(std::size_t at) {
  heap_[at].timer->place_ = kNowhere;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (at < heap_.size()) {
    place(at, last);
    sift_up(at);
    sift_down(last.timer->place_);
  }
  // A burst of timers must not be held for ever.
  if (heap_.capacity() > 1024 && heap_.size() < heap_.capacity() / 4) heap_.shrink_to_fit();
}

void TimerQueue::sift_up(std::size_t at) {
  const Entry entry = heap_[at];
  while (at > 0) {
    const std::size_t parent = (at - 1) / kArity;
    if (!entry.before(heap_[parent])) break;
    place(at, heap_[parent]);
    at = parent;
  }
  place(at, entry);
}

void TimerQueue::sift_down(std::size_t at) {
  const Entry entry = heap_[at];
  for (;;) {
    const std::size_t first = at * kArity + 1;
    if (first >= heap_.size()) break;
    std::size_t least = first;
    const std::size_t end = std::min(first + kArity, heap_.size());
    for (std::size_t child = first + 1; child < end; ++child) {
      if (heap_[child].before(heap_[least])) least = child;
    }
    if (!heap_[least].before(entry)) break;
    place(at, heap_[least]);
    at = least;
  }
  place(at, entry);
}

void TimerQueue::place(std::size_t at, const Entry& entry) {
  heap_[at] = entry;
  entry.timer->place_ = at;
}

}  // namespace libpreconf
