#pragma once
// Message ids in order of arrival with a value each: a ring buffer for the order, open addressing for the
// look-up. Nothing is allocated per entry; memory doubles up to the capacity and stays until `clear`.
//
// The look-up hash is seeded per process (C12: an id is a hash that a sender can grind), and nothing
// depends on the table's order.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/check.h"
#include "libpreconf/base/bytes.h"

namespace libpreconf::libp2p {

/// SHA-256 cut to 20 bytes (OP-stack rule, p2p-wire 7.4).
using MessageId = FixedBytes<20>;

template <class Value>
class IdRing {
 public:
  struct Entry {
    MessageId id{};
    std::uint32_t hash = 0;
    Value value{};
  };

  explicit IdRing(std::size_t capacity) : capacity_(capacity) {}

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] bool full() const noexcept { return size_ >= capacity_; }

  /// The value of `id`, or nullptr. Valid until the next push, pop or clear.
  [[nodiscard]] Value* find(const MessageId& id) noexcept {
    if (size_ == 0) return nullptr;
    const std::size_t place = find_place(id, hash_of(id));
    return table_[place] == 0 ? nullptr : &ring_[table_[place] - 1].value;
  }
  [[nodiscard]] bool contains(const MessageId& id) const noexcept {
    return size_ != 0 && table_[find_place(id, hash_of(id))] != 0;
  }
  /// Appends; `id` must be absent and the ring not full.
  Value& push(const MessageId& id, Value value) {
    PRECONF_ASSERT(size_ < capacity_);
    if (size_ == ring_.size()) grow();
    const std::uint32_t hash = hash_of(id);
    const std::size_t place = find_place(id, hash);
    PRECONF_DEBUG_ASSERT(table_[place] == 0);
    const std::size_t index = (head_ + size_) & (ring_.size() - 1);
    ring_[index] = Entry{id, hash, std::move(value)};
    table_[place] = static_cast<std::uint32_t>(index + 1);
    ++size_;
    return ring_[index].value;
  }
  /// The oldest entry; there must be one.
  [[nodiscard]] Entry& front() noexcept { return ring_[head_]; }
  void pop_front() noexcept {
    PRECONF_ASSERT(size_ > 0);
    erase_place(find_place(ring_[head_].id, ring_[head_].hash));
    ring_[head_].value = Value{};
    head_ = (head_ + 1) & (ring_.size() - 1);
    --size_;
  }
  /// The entry number `age` from the oldest (0) on.
  [[nodiscard]] Entry& at(std::size_t age) noexcept { return ring_[(head_ + age) & (ring_.size() - 1)]; }

  /// Forgets everything and gives the memory back.
  void clear() noexcept {
    std::vector<Entry>().swap(ring_);
    std::vector<std::uint32_t>().swap(table_);
    head_ = size_ = 0;
  }
  /// Memory in use, for budgets.
  [[nodiscard]] std::size_t memory() const noexcept {
    return ring_.capacity() * sizeof(Entry) + table_.capacity() * sizeof(std::uint32_t);
  }

 private:
  static constexpr std::size_t kFirstSize = 16;

  [[nodiscard]] static std::uint32_t hash_of(const MessageId& id) noexcept {
    return static_cast<std::uint32_t>(hash_bytes(id));
  }
  /// Where `id` stands in the table, or the empty place where it would.
  [[nodiscard]] std::size_t find_place(const MessageId& id, std::uint32_t hash) const noexcept {
    const std::size_t mask = table_.size() - 1;
    std::size_t place = hash & mask;
    while (table_[place] != 0) {
      const Entry& entry = ring_[table_[place] - 1];
      if (entry.hash == hash && entry.id == id) break;
      place = (place + 1) & mask;
    }
    return place;
  }
  /// Closes the gap that linear probing would stumble over.
  void erase_place(std::size_t gap) noexcept {
    const std::size_t mask = table_.size() - 1;
    for (std::size_t next = (gap + 1) & mask; table_[next] != 0; next = (next + 1) & mask) {
      const std::size_t home = ring_[table_[next] - 1].hash & mask;
      // An entry may fill the gap only if that is not before its home place.
      if (((next - home) & mask) >= ((next - gap) & mask)) {
        table_[gap] = table_[next];
        gap = next;
      }
    }
    table_[gap] = 0;
  }
  void grow() {
    const std::size_t larger = ring_.empty() ? kFirstSize : ring_.size() * 2;
    std::vector<Entry> ring(larger);
    for (std::size_t i = 0; i < size_; ++i) ring[i] = std::move(at(i));
    ring_ = std::move(ring);
    head_ = 0;
    // Half empty at most, so that a probe stays short.
    table_.assign(larger * 2, 0);
    for (std::size_t i = 0; i < size_; ++i) {
      table_[find_place(ring_[i].id, ring_[i].hash)] = static_cast<std::uint32_t>(i + 1);
    }
  }

  std::size_t capacity_;
  std::size_t head_ = 0;
  std::size_t size_ = 0;
  std::vector<Entry> ring_;           // a power of two, or empty
  std::vector<std::uint32_t> table_;  // ring index + 1, or 0
};

}  // namespace libpreconf::libp2p
