#include "preconfer/load_generator.h"

#include <algorithm>

#include "crypto/hash.h"
#include "l2/payload_attributes.h"
#include "l2/transaction.h"
#include "preconfer/limits.h"

namespace libpreconf::preconfer {

namespace {

constexpr std::uint64_t kOneEther = 1'000'000'000'000'000'000;
constexpr std::uint64_t kHighestTip = 10'000'000;
constexpr std::uint64_t kHighestValue = 1'000'000'000'000;

}  // namespace

crypto::Secp256k1Key load_account_key(std::size_t index) {
  Hash256 secret = crypto::keccak256({as_bytes("preconfd devnet account "), as_bytes(std::to_string(index))});
  // About one hash in 2^128 is no valid key; the next one then serves.
  for (;;) {
    if (auto key = crypto::Secp256k1Key::from_bytes(secret)) return *std::move(key);
    secret = crypto::keccak256(secret);
  }
}

std::vector<l2::GenesisAccount> funded_load_accounts(std::size_t count) {
  std::vector<l2::GenesisAccount> accounts;
  accounts.reserve(std::min(count, kMaxLoadAccounts));
  for (std::size_t i = 0; i < std::min(count, kMaxLoadAccounts); ++i) {
    accounts.push_back({load_account_key(i).address(), U256(kOneEther).checked_multiply(1000).value()});
  }
  return accounts;
}

LoadGenerator::LoadGenerator(std::uint64_t chain_id, std::size_t accounts, std::uint64_t seed)
    : chain_id_(chain_id), random_(seed) {
  for (std::size_t i = 0; i < std::clamp<std::size_t>(accounts, 2, kMaxLoadAccounts); ++i) {
    keys_.push_back(load_account_key(i));
    addresses_.push_back(keys_.back().address());
  }
}

Bytes LoadGenerator::next(const std::function<std::uint64_t(const Address&)>& next_nonce) {
  const std::size_t from = turn_;
  turn_ = (turn_ + 1) % keys_.size();
  const std::size_t to = (from + 1 + random_.below(keys_.size() - 1)) % keys_.size();
  l2::Transfer transfer;
  transfer.chain_id = chain_id_;
  transfer.nonce = next_nonce(addresses_[from]);
  transfer.max_priority_fee_per_gas = random_.below(kHighestTip);
  transfer.max_fee_per_gas = l2::kMaxBaseFee + kHighestTip;
  transfer.to = addresses_[to];
  transfer.value = 1 + random_.below(kHighestValue);
  return l2::sign_transfer(transfer, keys_[from]);
}

}  // namespace libpreconf::preconfer
