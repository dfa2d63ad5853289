#pragma once
// A list of callbacks, each behind a handle. Re-entrancy: a callback may destroy its own handle or any other,
// may subscribe, and may destroy the list; whoever was subscribed when a call began and is still subscribed
// at its turn is called.

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

#include "libpreconf/reactor/reactor.h"

namespace libpreconf::preconf {

template <class... Args>
class Subscribers {
 public:
  using Callback = std::move_only_function<void(Args...)>;

  [[nodiscard]] Handle add(Callback callback) {
    auto slot = std::make_shared<Slot>();
    slot->callback = std::move(callback);
    list_->slots.push_back(slot);
    return Handle(std::make_unique<Subscription>(list_, std::move(slot)));
  }

  void call(Args... args) {
    const std::shared_ptr<List> list = list_;
    ++list->depth;
    for (std::size_t i = 0, count = list->slots.size(); i < count; ++i) {
      const std::shared_ptr<Slot> slot = list->slots[i];
      if (slot->live) slot->callback(args...);
    }
    if (--list->depth == 0) {
      std::erase_if(list->slots, [](const auto& slot) { return !slot->live; });
    }
  }

  [[nodiscard]] bool empty() const {
    return std::ranges::none_of(list_->slots, [](const auto& slot) { return slot->live; });
  }

 private:
  struct Slot {
    Callback callback;
    bool live = true;
  };
  struct List {
    std::vector<std::shared_ptr<Slot>> slots;
    int depth = 0;
  };
  class Subscription final : public Registration {
   public:
    Subscription(std::weak_ptr<List> list, std::shared_ptr<Slot> slot)
        : list_(std::move(list)), slot_(std::move(slot)) {}
    ~Subscription() override {
      slot_->live = false;
      const auto list = list_.lock();
      // During a call the slot stays where it is: the indices are in use.
      if (list && list->depth == 0) std::erase(list->slots, slot_);
    }

   private:
    std::weak_ptr<List> list_;
    std::shared_ptr<Slot> slot_;
  };

  std::shared_ptr<List> list_ = std::make_shared<List>();
};

}  // namespace libpreconf::preconf
