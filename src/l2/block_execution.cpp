#include "l2/block_execution.h"

#include <algorithm>
#include <array>

#include "codec/rlp.h"
#include "codec/trie.h"
#include "crypto/hash.h"
#include "l2/limits.h"

namespace libpreconf::l2 {

namespace {

using codec::RlpBuilder;
using codec::RlpItem;
using codec::RlpReader;

constexpr std::uint64_t kTransferGas = 21'000;
/// Hashes of the state trie in one slice; about 1.5 us each.
constexpr std::size_t kHashesPerSlice = 512;
/// Transactions or receipts that a root takes in in one slice; about 1.5 us each.
constexpr std::size_t kValuesPerSlice = 512;

/// Signs the anchor transaction of real Taiko blocks.
constexpr Address kGoldenTouch = {0x00, 0x00, 0x77, 0x77, 0x73, 0x53, 0x67, 0xb3, 0x6b, 0xc9,
                                  0xb6, 0x1c, 0x50, 0x02, 0x2d, 0x9d, 0x07, 0x00, 0xdb, 0x4e};

/// The bloom filter of a block without logs.
constexpr std::array<std::uint8_t, 256> kNoLogs{};

/// Taiko's anchor contract: the decimal chain id as the leading hex digits, then zeros, then 10001.
Address anchor_contract(std::uint64_t chain_id) {
  std::string digits = std::to_string(chain_id);
  digits.resize(35, '0');
  digits += "10001";
  Address out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::uint8_t>((digits[2 * i] - '0') << 4 | (digits[2 * i + 1] - '0'));
  }
  return out;
}

/// Addresses at which code would run: Shanghai's precompiles 1 to 9 and the anchor contract.
bool has_code(const Address& address, const Address& anchor) {
  const bool low =
      std::all_of(address.begin(), address.end() - 1, [](std::uint8_t byte) { return byte == 0; });
  if (low) return address[19] >= 1 && address[19] <= 9;
  return address == anchor;
}

/// The content of a list element: what a string holds if it is a typed transaction, the whole of a list.
/// Empty for anything else, such as a legacy transaction that was wrapped as a string.
ByteView element_of(const RlpItem& item) {
  if (item.is_list) return item.whole;
  return !item.payload.empty() && item.payload[0] < 0x80 ? item.payload : ByteView();
}

}  // namespace

Hash256 account_key(const Address& address) noexcept {
  return crypto::keccak256(address);
}

Hash256 header_hash(const BlockHeader& header, const Hash256& mix_hash, ByteView extra_data) {
  static const Hash256 kNoUncles = crypto::keccak256(std::array<std::uint8_t, 1>{0xc0});
  static constexpr std::array<std::uint8_t, 8> kNonce{};
  RlpBuilder out;
  out.string(header.parent_hash);
  out.string(kNoUncles);
  out.string(header.coinbase);
  out.string(header.state_root);
  out.string(header.transactions_root);
  out.string(header.receipts_root);
  out.string(kNoLogs);
  out.integer(header.difficulty);
  out.integer(header.number);
  out.integer(header.gas_limit);
  out.integer(header.gas_used);
  out.integer(header.timestamp);
  out.string(extra_data);
  out.string(mix_hash);
  out.string(kNonce);
  out.integer(header.base_fee);
  out.string(codec::empty_trie_root());  // withdrawals
  return crypto::keccak256(out.finish_list());
}

BlockExecution::BlockExecution(std::uint64_t chain_id, BlockAttributes attributes,
                               const AccountTrie& parent_state)
    : chain_id_(chain_id),
      anchor_(anchor_contract(chain_id)),
      attributes_(std::move(attributes)),
      state_(parent_state) {
  header_.number = attributes_.number;
  header_.parent_hash = attributes_.parent_hash;
  header_.timestamp = attributes_.timestamp;
  header_.gas_limit = attributes_.gas_limit;
  header_.base_fee = attributes_.base_fee;
  header_.coinbase = attributes_.coinbase;
  if (!attributes_.tx_list_rlp) return;
  RlpReader outer(*attributes_.tx_list_rlp);
  const auto list = outer.item();
  if (list && list->is_list && outer.at_end()) {
    rest_ = list->payload;
  } else {
    undecodable_ = true;
  }
}

bool BlockExecution::step() {
  switch (phase_) {
    case Phase::checking:
      check_some();
      return false;
    case Phase::transactions:
      execute_some();
      return false;
    case Phase::hashing:
      if (!state_.hash_some(kHashesPerSlice)) return false;
      header_.state_root = state_.root();
      begin_root(included_, Phase::transaction_root);
      return false;
    case Phase::transaction_root:
      if (!root_->step(kValuesPerSlice)) return false;
      header_.transactions_root = root_->root();
      receipt_views_.assign(receipts_.begin(), receipts_.end());
      begin_root(receipt_views_, Phase::receipt_root);
      return false;
    case Phase::receipt_root:
      if (!root_->step(kValuesPerSlice)) return false;
      header_.receipts_root = root_->root();
      header_.transaction_count = included_.size();
      header_.hash = header_hash(header_, attributes_.mix_hash, attributes_.extra_data);
      return true;
  }
  return true;
}

void BlockExecution::begin_root(const std::vector<ByteView>& values, Phase phase) {
  root_.emplace(values);
  phase_ = phase;
}

void BlockExecution::check_some() {
  RlpReader items(rest_);
  for (std::size_t i = 0; i < kTransactionsPerSlice && !items.at_end(); ++i) {
    const auto item = items.item();
    const ByteView element = item ? element_of(*item) : ByteView();
    const auto transaction = decode_transaction(element);
    if (!transaction && transaction.error().code != ErrorCode::unsupported) return check_failed();
    elements_.push_back(element);
  }
  rest_ = items.rest();
  if (rest_.empty()) phase_ = Phase::transactions;
}

void BlockExecution::check_failed() {
  undecodable_ = true;
  elements_.clear();
  phase_ = Phase::transactions;
}

void BlockExecution::execute_some() {
  recoveries_ = 0;
  const std::size_t end = std::min(next_ + kTransactionsPerSlice, elements_.size());
  while (next_ < end && recoveries_ < kRecoveriesPerSlice) {
    // Nothing fits any more: the rest is left out without a look.
    if (header_.gas_limit - header_.gas_used < kTransferGas) next_ = elements_.size();
    if (next_ >= end) break;
    if (const auto transaction = decode_transaction(elements_[next_++])) execute(*transaction);
  }
  if (next_ == elements_.size()) phase_ = Phase::hashing;
}

bool BlockExecution::may_run(const Transaction& transaction) const {
  if (transaction.chain_id && *transaction.chain_id != U256(chain_id_)) return false;
  if (!transaction.to || has_code(*transaction.to, anchor_)) return false;
  if (transaction.max_priority_fee_per_gas > transaction.max_fee_per_gas) return false;
  if (transaction.max_fee_per_gas < U256(header_.base_fee)) return false;
  if (transaction.intrinsic_gas() > transaction.gas_limit) return false;
  return transaction.gas_limit <= header_.gas_limit - header_.gas_used;
}

void BlockExecution::execute(const Transaction& transaction) {
  if (!may_run(transaction)) return;
  ++recoveries_;
  const auto sender = transaction.sender();
  if (!sender || *sender == kGoldenTouch) return;
  const U256 wanted = U256(header_.base_fee).saturating_add(transaction.max_priority_fee_per_gas);
  if (!apply(transaction, *sender, std::min(wanted, transaction.max_fee_per_gas))) return;
  header_.gas_used += transaction.intrinsic_gas();
  included_.push_back(transaction.raw);
  append_receipt(transaction);
}

bool BlockExecution::apply(const Transaction& transaction, const Address& sender, const U256& gas_price) {
  const Hash256 sender_key = account_key(sender);
  const Account* held = state_.find(sender_key);
  if (held == nullptr || held->nonce != transaction.nonce || held->nonce == ~std::uint64_t{0}) return false;
  // The balance has to cover the most that the transaction could cost, not what it does cost.
  const auto reserved = transaction.max_fee_per_gas.checked_multiply(transaction.gas_limit);
  const auto needed = reserved ? reserved->checked_add(transaction.value) : std::nullopt;
  if (!needed || held->balance < *needed) return false;
  // A recipient and the coinbase may both be new.
  if (state_.size() + 2 > kMaxAccounts) return false;

  const auto fee = gas_price.checked_multiply(transaction.intrinsic_gas());
  const auto spent = fee ? fee->checked_add(transaction.value) : std::nullopt;
  const auto left = spent ? held->balance.checked_subtract(*spent) : std::nullopt;
  if (!left) return false;
  state_.set(sender_key, Account{held->nonce + 1, *left});
  credit(*transaction.to, transaction.value);
  credit(header_.coinbase, *fee);
  return true;
}

void BlockExecution::credit(const Address& address, const U256& amount) {
  if (amount.is_zero()) return;  // EIP-161: no account comes into being for nothing
  const Hash256 key = account_key(address);
  const Account* held = state_.find(key);
  Account account = held != nullptr ? *held : Account{};
  // Genesis holds less than 2^256 in all and nothing is minted, so that no sum saturates.
  account.balance = account.balance.saturating_add(amount);
  state_.set(key, account);
}

void BlockExecution::append_receipt(const Transaction& transaction) {
  receipt_builder_.integer(std::uint64_t{1});  // status: a transfer that could be paid for succeeds
  receipt_builder_.integer(header_.gas_used);
  receipt_builder_.string(kNoLogs);
  receipt_builder_.raw(std::array<std::uint8_t, 1>{0xc0});
  Bytes receipt = receipt_builder_.finish_list();
  if (transaction.type != TransactionType::legacy) {
    receipt.insert(receipt.begin(), static_cast<std::uint8_t>(transaction.type));
  }
  receipts_.push_back(std::move(receipt));
}

}  // namespace libpreconf::l2
