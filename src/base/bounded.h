#pragma once
// Containers that know their limit. What happens at the limit is in each one's name or return value.

#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/check.h"

namespace libpreconf {

/// First in, first out, at most `capacity` elements; `push` refuses beyond it.
template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  /// False (and `value` untouched) when full.
  [[nodiscard]] bool push(T&& value) {
    if (items_.size() >= capacity_) return false;
    items_.push_back(std::move(value));
    return true;
  }
  [[nodiscard]] std::optional<T> pop() {
    if (items_.empty()) return std::nullopt;
    std::optional<T> out(std::move(items_.front()));
    items_.pop_front();
    return out;
  }
  [[nodiscard]] const T& front() const { return items_.front(); }
  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
  [[nodiscard]] bool full() const noexcept { return items_.size() >= capacity_; }
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  void clear() noexcept { items_.clear(); }

 private:
  std::size_t capacity_;
  std::deque<T> items_;
};

/// A map that forgets its oldest entry when a new one would exceed `capacity`. Insertion order counts,
/// not use: an attacker cannot keep an entry alive by asking for it.
template <class Key, class Value, class Hash = std::hash<Key>>
class FifoMap {
 public:
  explicit FifoMap(std::size_t capacity) : capacity_(capacity) {}

  /// Inserts, or replaces the value of a key that is present (which keeps its age).
  /// Returns what was evicted, if anything.
  std::optional<std::pair<Key, Value>> put(Key key, Value value) {
    if (auto found = index_.find(key); found != index_.end()) {
      found->second->second = std::move(value);
      return std::nullopt;
    }
    std::optional<std::pair<Key, Value>> evicted;
    if (capacity_ == 0) return std::pair<Key, Value>(std::move(key), std::move(value));
    if (order_.size() >= capacity_) evicted = pop_oldest();
    order_.emplace_back(std::move(key), std::move(value));
    index_.emplace(order_.back().first, std::prev(order_.end()));
    return evicted;
  }
  [[nodiscard]] Value* find(const Key& key) {
    auto found = index_.find(key);
    return found == index_.end() ? nullptr : &found->second->second;
  }
  [[nodiscard]] const Value* find(const Key& key) const {
    auto found = index_.find(key);
    return found == index_.end() ? nullptr : &found->second->second;
  }
  bool erase(const Key& key) {
    auto found = index_.find(key);
    if (found == index_.end()) return false;
    order_.erase(found->second);
    index_.erase(found);
    return true;
  }
  [[nodiscard]] std::optional<std::pair<Key, Value>> pop_oldest() {
    if (order_.empty()) return std::nullopt;
    index_.erase(order_.front().first);
    std::optional<std::pair<Key, Value>> out(std::move(order_.front()));
    order_.pop_front();
    return out;
  }
  [[nodiscard]] const std::pair<Key, Value>* oldest() const {
    return order_.empty() ? nullptr : &order_.front();
  }
  [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }
  [[nodiscard]] bool empty() const noexcept { return order_.empty(); }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  void clear() {
    index_.clear();
    order_.clear();
  }
  /// Oldest first.
  [[nodiscard]] auto begin() const { return order_.begin(); }
  [[nodiscard]] auto end() const { return order_.end(); }

 private:
  using Order = std::list<std::pair<Key, Value>>;
  std::size_t capacity_;
  Order order_;
  std::unordered_map<Key, typename Order::iterator, Hash> index_;
};

}  // namespace libpreconf
