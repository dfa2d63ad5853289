#pragma once
// What a loop does at the end of each turn: flush what wants to write, then destroy what was given up.

#include <functional>
#include <vector>

namespace libpreconf {

class TurnEnd;

/// Something that wants one call at the end of the turn. Leaves the list by itself when destroyed.
class Flushable {
 public:
  Flushable() = default;
  Flushable(const Flushable&) = delete;
  Flushable& operator=(const Flushable&) = delete;
  virtual ~Flushable();
  virtual void flush() = 0;

 private:
  friend class TurnEnd;
  std::vector<Flushable*>* list_ = nullptr;
  std::size_t place_ = 0;
};

class TurnEnd {
 public:
  using Callback = std::move_only_function<void()>;

  /// Once a turn, however often it is asked for. What a flush asks for waits for the next turn.
  void flush_later(Flushable& flushable);
  void sweep_later(Callback callback) { sweep_list_.push_back(std::move(callback)); }
  [[nodiscard]] bool waits() const noexcept { return !flush_list_.empty() || !sweep_list_.empty(); }
  void run();
  /// The second half alone.
  void sweep();

 private:
  void flush();

  std::vector<Flushable*> flush_list_;
  std::vector<Flushable*> flushing_;
  std::vector<Callback> sweep_list_;
};

}  // namespace libpreconf
