#include "sim/chronicle.h"

#include <algorithm>
#include <vector>

namespace libpreconf::sim {

void Chronicle::promised(const preconfer::Promise& promise) {
  PromisedBlock block;
  block.commitment = promise.commitment;
  block.hash = p2p::preconfirmation_hash(promise.preconf());
  block.tx_list = promise.tx_list;
  link_ = block.hash;
  if (!promise.preconf().is_eop_only()) {
    tip_ = block.number();
    chain_[tip_] = block.hash;
  }
  promises_.insert_or_assign(block.hash, std::move(block));
}

void Chronicle::promised_dishonestly(const p2p::SignedCommitment& commitment,
                                     std::shared_ptr<const Bytes> tx_list) {
  PromisedBlock block;
  block.commitment = commitment;
  block.hash = p2p::preconfirmation_hash(commitment.preconf());
  block.tx_list = std::move(tx_list);
  block.honest = false;
  promises_.emplace(block.hash, std::move(block));
}

const PromisedBlock* Chronicle::find(const Hash256& preconfirmation_hash) const {
  const auto found = promises_.find(preconfirmation_hash);
  return found == promises_.end() ? nullptr : &found->second;
}

PromisedBlock* Chronicle::find(const Hash256& preconfirmation_hash) {
  const auto found = promises_.find(preconfirmation_hash);
  return found == promises_.end() ? nullptr : &found->second;
}

const PromisedBlock* Chronicle::canonical(std::uint64_t number) const {
  const auto found = chain_.find(number);
  return found == chain_.end() ? nullptr : find(found->second);
}

void Chronicle::fall_back_to(std::uint64_t number, const Hash256& link) {
  tip_ = std::max(number, confirmed_);
  chain_.erase(chain_.upper_bound(tip_), chain_.end());
  const Hash256 block = tip_ > 0 ? chain_.at(tip_) : Hash256{};
  const PromisedBlock* end = block_of(link);
  link_ = (end != nullptr ? end->hash : Hash256{}) == block ? link : block;
}

bool Chronicle::resume_to(const Hash256& block_hash) {
  std::vector<const PromisedBlock*> found;
  const PromisedBlock* at = made(block_hash);
  for (; at != nullptr && at->number() > tip_;
       at = block_of(at->commitment.preconf().parent_preconfirmation_hash)) {
    found.push_back(at);
  }
  const bool from_the_tip = at == canonical(tip_);
  if (found.empty() || !from_the_tip) return false;
  for (const PromisedBlock* block : found) chain_[block->number()] = block->hash;
  tip_ = found.front()->number();
  link_ = found.front()->hash;
  return true;
}

bool Chronicle::side_with(const Hash256& block_hash) {
  const PromisedBlock* rival = made(block_hash);
  if (rival == nullptr) return false;
  const PromisedBlock* parent = block_of(rival->commitment.preconf().parent_preconfirmation_hash);
  if (rival->number() <= confirmed_ || parent != canonical(rival->number() - 1)) return false;
  tip_ = rival->number();
  chain_.erase(chain_.upper_bound(tip_), chain_.end());
  chain_[tip_] = rival->hash;
  link_ = rival->hash;
  return true;
}

const PromisedBlock* Chronicle::made(const Hash256& block_hash) const {
  const auto found = std::ranges::find_if(promises_, [&](const auto& entry) {
    return entry.second.header && entry.second.header->hash == block_hash;
  });
  return found == promises_.end() ? nullptr : &found->second;
}

const PromisedBlock* Chronicle::block_of(const Hash256& link) const {
  const PromisedBlock* at = find(link);
  while (at != nullptr && at->commitment.preconf().is_eop_only()) {
    at = find(at->commitment.preconf().parent_preconfirmation_hash);
  }
  return at;
}

void Chronicle::confirm_up_to(std::uint64_t number) {
  while (confirmed_ < number) {
    const PromisedBlock* next = canonical(confirmed_ + 1);
    if (next == nullptr || !next->header) return;
    ++confirmed_;
  }
}

}  // namespace libpreconf::sim
