#include "reactor/turn_end.h"

#include <utility>

namespace libpreconf {

Flushable::~Flushable() {
  if (list_ != nullptr) (*list_)[place_] = nullptr;
}

void TurnEnd::flush_later(Flushable& flushable) {
  if (flushable.list_ != nullptr) return;
  flushable.list_ = &flush_list_;
  flushable.place_ = flush_list_.size();
  flush_list_.push_back(&flushable);
}

void TurnEnd::run() {
  flush();
  sweep();
}

void TurnEnd::flush() {
  flushing_.swap(flush_list_);
  for (Flushable* flushable : flushing_) {
    if (flushable != nullptr) flushable->list_ = &flushing_;
  }
  for (Flushable*& entry : flushing_) {
    Flushable* flushable = std::exchange(entry, nullptr);
    if (flushable == nullptr) continue;
    flushable->list_ = nullptr;
    flushable->flush();
  }
  flushing_.clear();
}

void TurnEnd::sweep() {
  // Destructors may give up more.
  while (!sweep_list_.empty()) {
    std::vector<Callback> batch = std::exchange(sweep_list_, {});
    for (Callback& callback : batch) callback();
  }
}

}  // namespace libpreconf
