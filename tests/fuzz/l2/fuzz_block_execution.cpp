// Blocks of transfers that the input chooses, garbage among them: value is neither made nor lost, gas stays
// within the limit, and the transactions that were included make the same block when they are all there is.
//
// Input: first byte the gas limit in units of 21,000, second the coinbase; then operations of four bytes:
// sender and recipient, nonce, value and fee, gas and kind.

#include <array>
#include <cstdlib>

#include "codec/rlp.h"
#include "l2/block_execution.h"
#include "l2/payload_attributes.h"

namespace {

using namespace libpreconf;

constexpr std::uint64_t kChainId = 167001;
constexpr std::uint64_t kBaseFee = 10;
constexpr std::size_t kAccounts = 4;
constexpr std::size_t kMaxOperations = 48;
constexpr std::uint64_t kFunds = 4'000'000;

const std::array<crypto::Secp256k1Key, kAccounts>& keys() {
  static const std::array<crypto::Secp256k1Key, kAccounts> kKeys = {
      *crypto::Secp256k1Key::from_bytes(Bytes(32, 1)), *crypto::Secp256k1Key::from_bytes(Bytes(32, 2)),
      *crypto::Secp256k1Key::from_bytes(Bytes(32, 3)), *crypto::Secp256k1Key::from_bytes(Bytes(32, 4))};
  return kKeys;
}

/// The last account has nothing at first.
l2::AccountTrie funded() {
  l2::AccountTrie state;
  for (std::size_t i = 0; i + 1 < kAccounts; ++i) {
    state.set(l2::account_key(keys()[i].address()), l2::Account{0, U256(kFunds)});
  }
  return state;
}

Bytes transaction_from(const std::uint8_t* operation) {
  l2::Transfer transfer;
  transfer.chain_id = (operation[3] & 0xc0) == 0xc0 ? 1 : kChainId;
  transfer.nonce = operation[1] & 15U;
  transfer.value = std::uint64_t{operation[2]} * 5'000;
  transfer.max_fee_per_gas = kBaseFee - 1 + (operation[2] & 7U);
  transfer.max_priority_fee_per_gas = operation[1] >> 4;
  transfer.gas_limit = 20'999 + 1'000 * std::uint64_t{operation[3] & 0x3fU};
  transfer.to = keys()[(operation[0] >> 2) % kAccounts].address();
  Bytes raw = l2::sign_transfer(transfer, keys()[operation[0] % kAccounts]);
  if ((operation[3] & 0xc0) == 0x80) raw[0] = 3;
  if (operation[0] == 0xff) raw.resize(operation[1]);
  return raw;
}

template <class Transactions>
std::shared_ptr<const Bytes> list_of(const Transactions& transactions) {
  codec::RlpBuilder builder;
  for (const ByteView transaction : transactions) builder.string(transaction);
  return std::make_shared<const Bytes>(builder.finish_list());
}

l2::BlockExecution run(std::uint64_t gas_limit, const Address& coinbase, std::shared_ptr<const Bytes> list) {
  l2::BlockAttributes attributes;
  attributes.number = 1;
  attributes.timestamp = 1;
  attributes.gas_limit = gas_limit;
  attributes.base_fee = kBaseFee;
  attributes.coinbase = coinbase;
  attributes.tx_list_rlp = std::move(list);
  l2::BlockExecution execution(kChainId, attributes, funded());
  while (!execution.step()) {
  }
  return execution;
}

U256 total(const l2::AccountTrie& state, const Address& coinbase) {
  U256 sum;
  bool counted = false;
  for (const crypto::Secp256k1Key& key : keys()) {
    counted = counted || key.address() == coinbase;
    if (const l2::Account* account = state.find(l2::account_key(key.address()))) {
      sum = sum.checked_add(account->balance).value();
    }
  }
  const l2::Account* account = counted ? nullptr : state.find(l2::account_key(coinbase));
  return account != nullptr ? sum.checked_add(account->balance).value() : sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::uint64_t gas_limit = 21'000 * (std::uint64_t{data[0]} + 1);
  const Address coinbase = data[1] < 128 ? Address{0xc0, data[1]} : keys()[data[1] % kAccounts].address();
  std::vector<Bytes> transactions;
  for (std::size_t i = 2; i + 4 <= size && transactions.size() < kMaxOperations; i += 4) {
    transactions.push_back(transaction_from(data + i));
  }
  const l2::BlockExecution first = run(gas_limit, coinbase, list_of(transactions));
  if (first.header().gas_used > gas_limit) std::abort();
  if (total(first.state(), coinbase) != U256(kFunds * (kAccounts - 1))) std::abort();
  if (first.list_was_undecodable() && first.header().transaction_count != 0) std::abort();
  const l2::BlockExecution second = run(gas_limit, coinbase, list_of(first.included()));
  if (second.left_out() != 0 || second.header().hash != first.header().hash) std::abort();
  // Whatever else the bytes are, as a list they make a block too.
  const l2::BlockExecution raw =
      run(gas_limit, coinbase, std::make_shared<const Bytes>(Bytes(data, data + size)));
  if (raw.header().gas_used > gas_limit) std::abort();
  return 0;
}
