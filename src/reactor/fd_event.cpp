#include "reactor/fd_event.h"

#include <event2/event.h>

namespace libpreconf {

FdEvent::~FdEvent() {
  release();
}

bool FdEvent::assign(event_base* base, int descriptor, Kind kind, Function function, void* owner) {
  release();
  short what = EV_PERSIST;
  switch (kind) {
    case Kind::readable:
      what |= EV_READ;
      break;
    case Kind::writable:
      what |= EV_WRITE;
      break;
    case Kind::edge_readable:
      what |= EV_READ | EV_ET;
      break;
    case Kind::signal:
      what |= EV_SIGNAL;
      break;
  }
  function_ = function;
  owner_ = owner;
  event_ = event_new(base, descriptor, what, &FdEvent::trampoline, this);
  return event_ != nullptr;
}

bool FdEvent::add() {
  if (added_) return true;
  added_ = event_ != nullptr && event_add(event_, nullptr) == 0;
  return added_;
}

void FdEvent::remove() {
  if (!added_) return;
  event_del(event_);
  added_ = false;
}

void FdEvent::activate() {
  if (event_ != nullptr) event_active(event_, EV_TIMEOUT, 0);
}

void FdEvent::release() {
  if (event_ == nullptr) return;
  event_free(event_);
  event_ = nullptr;
  added_ = false;
}

void FdEvent::trampoline(int, short, void* self) {
  auto* event = static_cast<FdEvent*>(self);
  event->function_(event->owner_);
}

}  // namespace libpreconf
