#include "preconfer/transaction_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <queue>

#include "preconfer/limits.h"

namespace libpreconf::preconfer {

namespace {

/// `value` raised by the bump, or the maximum.
U256 bumped(const U256& value) {
  const auto [hundredth, rest] = value.divide(100);
  const U256 share = hundredth.checked_multiply(kReplacementBumpPercent).value_or(U256::max());
  return value.saturating_add(share).saturating_add(rest * kReplacementBumpPercent / 100);
}

}  // namespace

TransactionPool::TransactionPool(std::uint64_t chain_id, AccountAtHead account_at_head)
    : chain_id_(chain_id), account_at_head_(std::move(account_at_head)) {}

Result<> TransactionPool::check(const l2::Transaction& transaction) const {
  if (transaction.chain_id && *transaction.chain_id != U256(chain_id_)) {
    return fail(ErrorCode::invalid, fmt::format("transaction is for chain {}, this is {}",
                                                transaction.chain_id->to_decimal(), chain_id_));
  }
  if (!transaction.to) return fail(ErrorCode::invalid, "contract creation is not offered by this engine");
  if (transaction.max_priority_fee_per_gas > transaction.max_fee_per_gas) {
    return fail(ErrorCode::invalid, "max priority fee per gas higher than max fee per gas");
  }
  if (transaction.gas_limit < transaction.intrinsic_gas()) {
    return fail(ErrorCode::invalid, fmt::format("intrinsic gas too low: {} needed, {} given",
                                                transaction.intrinsic_gas(), transaction.gas_limit));
  }
  return {};
}

Result<> TransactionPool::check_sender(const l2::Transaction& transaction, const Address& sender) const {
  const l2::Account account = account_at_head_(sender);
  if (transaction.nonce < account.nonce) {
    return fail(ErrorCode::invalid,
                fmt::format("nonce too low: next is {}, given {}", account.nonce, transaction.nonce));
  }
  if (transaction.nonce - account.nonce >= kMaxTransactionsPerAccount) {
    return fail(ErrorCode::limit,
                fmt::format("nonce too far ahead: next is {}, given {}", account.nonce, transaction.nonce));
  }
  const auto fee = transaction.max_fee_per_gas.checked_multiply(transaction.gas_limit);
  const auto cost = fee ? fee->checked_add(transaction.value) : std::nullopt;
  if (!cost || account.balance < *cost) {
    return fail(ErrorCode::invalid, "insufficient funds for gas * price + value");
  }
  return {};
}

Result<> TransactionPool::make_room(const l2::Transaction& transaction, const Hash256& hash,
                                    const Address& sender) {
  auto account = accounts_.find(sender);
  if (account != accounts_.end()) {
    if (auto held = account->second.find(transaction.nonce); held != account->second.end()) {
      const Entry& entry = held->second;
      if (entry.hash == hash) return fail(ErrorCode::conflict, "already known");
      if (transaction.max_fee_per_gas < bumped(entry.max_fee) ||
          transaction.max_priority_fee_per_gas < bumped(entry.max_priority_fee)) {
        return fail(ErrorCode::conflict, "replacement transaction underpriced");
      }
      ++counters_.replaced;
      erase(account->second, held);
      return {};
    }
  }
  if (size_ >= kMaxPoolTransactions || bytes_ + transaction.raw.size() > kMaxPoolBytes) {
    return fail(ErrorCode::limit, "transaction pool is full");
  }
  return {};
}

Result<Hash256> TransactionPool::add(ByteView raw) {
  const auto refused = [this](Error error) -> Result<Hash256> {
    ++counters_.refused;
    return std::unexpected(std::move(error));
  };
  if (raw.size() > kMaxPoolTransactionBytes) {
    return refused({ErrorCode::too_large, fmt::format("transaction of {} bytes, {} are allowed", raw.size(),
                                                      kMaxPoolTransactionBytes)});
  }
  const auto transaction = l2::decode_transaction(raw);
  if (!transaction) return refused(transaction.error());
  if (auto checked = check(*transaction); !checked) return refused(checked.error());
  const auto sender = transaction->sender();
  if (!sender) return refused({ErrorCode::bad_signature, "invalid sender: the signature does not recover"});
  if (auto checked = check_sender(*transaction, *sender); !checked) return refused(checked.error());
  const Hash256 hash = transaction->hash();
  if (auto room = make_room(*transaction, hash, *sender); !room) return refused(room.error());
  accounts_[*sender].emplace(
      transaction->nonce, Entry{to_bytes(raw), hash, transaction->max_fee_per_gas,
                                transaction->max_priority_fee_per_gas, transaction->gas_limit, arrivals_++});
  ++size_;
  bytes_ += raw.size();
  ++counters_.accepted;
  return hash;
}

void TransactionPool::erase(Queue& queue, Queue::iterator position) {
  --size_;
  bytes_ -= position->second.raw.size();
  queue.erase(position);
}

void TransactionPool::head_changed() {
  for (auto account = accounts_.begin(); account != accounts_.end();) {
    Queue& queue = account->second;
    const std::uint64_t nonce = account_at_head_(account->first).nonce;
    while (!queue.empty() && queue.begin()->first < nonce) {
      erase(queue, queue.begin());
      ++counters_.left;
    }
    account = queue.empty() ? accounts_.erase(account) : std::next(account);
  }
}

/// The next transaction of one account, and what it pays the coinbase beyond the base fee.
struct TransactionPool::Candidate {
  const Queue* queue;
  Queue::const_iterator position;
  U256 tip;

  [[nodiscard]] bool operator<(const Candidate& other) const {
    if (tip != other.tip) return tip < other.tip;
    return position->second.arrival > other.position->second.arrival;
  }
};

std::vector<Bytes> TransactionPool::pick(std::uint64_t base_fee, std::uint64_t gas_limit,
                                         std::size_t max_bytes, std::size_t max_count) const {
  std::priority_queue<Candidate> candidates;
  const auto offer = [&](const Queue& queue, Queue::const_iterator position) {
    const auto above = position->second.max_fee.checked_subtract(base_fee);
    if (above) candidates.push({&queue, position, std::min(*above, position->second.max_priority_fee)});
  };
  for (const auto& [address, queue] : accounts_) {
    const auto first = queue.find(account_at_head_(address).nonce);
    if (first != queue.end()) offer(queue, first);
  }
  std::vector<Bytes> picked;
  while (!candidates.empty() && picked.size() < max_count) {
    const Candidate best = candidates.top();
    candidates.pop();
    const Entry& entry = best.position->second;
    // What does not fit is passed over, and with it the account's later ones; smaller ones of others may
    // still fit.
    const std::size_t weight = entry.raw.size() + kTransactionHeaderBytes;
    if (entry.gas_limit > gas_limit || weight > max_bytes) continue;
    gas_limit -= entry.gas_limit;
    max_bytes -= weight;
    picked.push_back(entry.raw);
    const auto next = std::next(best.position);
    if (next != best.queue->end() && next->first == best.position->first + 1) offer(*best.queue, next);
  }
  return picked;
}

std::uint64_t TransactionPool::next_nonce(const Address& address) const {
  std::uint64_t nonce = account_at_head_(address).nonce;
  const auto account = accounts_.find(address);
  if (account == accounts_.end()) return nonce;
  while (account->second.contains(nonce)) ++nonce;
  return nonce;
}

}  // namespace libpreconf::preconfer
