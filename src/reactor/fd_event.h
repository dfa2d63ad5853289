#pragma once
// One libevent event, owned. The callback is a plain function, because events are on the hot path.

struct event;
struct event_base;

namespace libpreconf {

class FdEvent {
 public:
  enum class Kind { readable, writable, edge_readable, signal };
  using Function = void (*)(void* owner);

  FdEvent() = default;
  FdEvent(const FdEvent&) = delete;
  FdEvent& operator=(const FdEvent&) = delete;
  ~FdEvent();

  /// Prepares the event without adding it. `descriptor` is a signal number for Kind::signal.
  [[nodiscard]] bool assign(event_base* base, int descriptor, Kind kind, Function function, void* owner);
  /// Adding what is added, and removing what is not, does nothing.
  bool add();
  void remove();
  /// Makes the callback run in this turn or the next, whatever the descriptor says.
  void activate();
  /// Gives the event back; it must be assigned again.
  void release();
  [[nodiscard]] bool added() const noexcept { return added_; }

 private:
  static void trampoline(int, short, void* self);

  event* event_ = nullptr;
  Function function_ = nullptr;
  void* owner_ = nullptr;
  bool added_ = false;
};

}  // namespace libpreconf
