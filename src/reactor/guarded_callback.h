#pragma once
// A repeating callback that may destroy its own holder, or replace itself, while it runs.

#include <functional>
#include <utility>

namespace libpreconf {

template <class Signature>
class GuardedCallback;

/// The function lives on the stack of `call` while it runs, so that its captures outlive a holder that is
/// destroyed from inside.
template <class... Args>
class GuardedCallback<void(Args...)> {
 public:
  GuardedCallback() = default;
  explicit GuardedCallback(std::move_only_function<void(Args...)> function)
      : function_(std::move(function)) {}
  GuardedCallback(const GuardedCallback&) = delete;
  GuardedCallback& operator=(const GuardedCallback&) = delete;
  ~GuardedCallback() {
    if (destroyed_ != nullptr) *destroyed_ = true;
  }

  void set(std::move_only_function<void(Args...)> function) {
    replaced_ = true;
    function_ = std::move(function);
  }

  /// Gives the function away, for the last call of a callback that runs once.
  [[nodiscard]] std::move_only_function<void(Args...)> take() { return std::exchange(function_, nullptr); }

  /// False if this object was destroyed inside the call: then nothing of the holder may be touched.
  bool call(Args... args) {
    if (!function_) return true;
    std::move_only_function<void(Args...)> running = std::exchange(function_, nullptr);
    bool destroyed = false;
    replaced_ = false;
    destroyed_ = &destroyed;
    running(std::forward<Args>(args)...);
    if (destroyed) return false;
    destroyed_ = nullptr;
    if (!replaced_) function_ = std::move(running);
    return true;
  }

 private:
  std::move_only_function<void(Args...)> function_;
  bool* destroyed_ = nullptr;
  bool replaced_ = false;
};

}  // namespace libpreconf
