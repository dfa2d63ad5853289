#pragma once
// Which heights wait for which transaction list. Bounded; at the cap the single entry with the lowest block
// number goes, because that height is the first to be decided by L1 anyway.

#include <cstdint>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "libpreconf/base/bytes.h"

namespace libpreconf::preconf {

class AwaitingTxLists {
 public:
  /// A list that is waited for, under the lowest height that waits.
  using Entry = std::pair<std::uint64_t, Hash256>;

  explicit AwaitingTxLists(std::size_t cap) : cap_(cap) {}

  /// What had to go to make room, if anything.
  std::vector<Entry> add(const Hash256& list, std::uint64_t block_number);
  /// Removes and returns all heights that wait for the list, ascending.
  std::vector<std::uint64_t> take(const Hash256& list);
  /// Removes the heights up to this one; returns the lists for which nobody waits any more.
  std::vector<Hash256> drop_up_to(std::uint64_t block_number);

  void clear();

  [[nodiscard]] bool waits(const Hash256& list) const { return heights_.contains(list); }
  [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }
  /// Ascending by height.
  [[nodiscard]] const std::set<Entry>& entries() const noexcept { return order_; }

 private:
  bool erase(const Entry& entry);

  std::size_t cap_;
  std::set<Entry> order_;
  std::unordered_map<Hash256, std::set<std::uint64_t>, FixedBytesHash> heights_;
};

}  // namespace libpreconf::preconf
