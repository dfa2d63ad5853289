#include "preconf/awaiting_tx_lists.h"

namespace libpreconf::preconf {

std::vector<AwaitingTxLists::Entry> AwaitingTxLists::add(const Hash256& list, std::uint64_t block_number) {
  std::vector<Entry> evicted;
  if (order_.contains({block_number, list})) return evicted;
  while (!order_.empty() && order_.size() >= cap_) {
    const Entry lowest = *order_.begin();
    erase(lowest);
    evicted.push_back(lowest);
  }
  order_.emplace(block_number, list);
  heights_[list].insert(block_number);
  return evicted;
}

std::vector<std::uint64_t> AwaitingTxLists::take(const Hash256& list) {
  const auto found = heights_.find(list);
  if (found == heights_.end()) return {};
  std::vector<std::uint64_t> taken(found->second.begin(), found->second.end());
  for (const std::uint64_t number : taken) order_.erase({number, list});
  heights_.erase(found);
  return taken;
}

std::vector<Hash256> AwaitingTxLists::drop_up_to(std::uint64_t block_number) {
  std::vector<Hash256> forgotten;
  while (!order_.empty() && order_.begin()->first <= block_number) {
    const Entry lowest = *order_.begin();
    if (erase(lowest)) forgotten.push_back(lowest.second);
  }
  return forgotten;
}

void AwaitingTxLists::clear() {
  order_.clear();
  heights_.clear();
}

/// True if nobody waits for its list any more.
bool AwaitingTxLists::erase(const Entry& entry) {
  order_.erase(entry);
  const auto found = heights_.find(entry.second);
  if (found == heights_.end()) return false;
  found->second.erase(entry.first);
  if (!found->second.empty()) return false;
  heights_.erase(found);
  return true;
}

}  // namespace libpreconf::preconf
