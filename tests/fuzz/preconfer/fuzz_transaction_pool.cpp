// The transaction pool under additions, replacements, new heads and picks: what is picked can run in that
// order, the sizes add up, and raw rubbish is refused.
//
// Input: operations of three bytes: kind and account, nonce, fees.

#include <array>
#include <cstdlib>
#include <map>

#include "preconfer/limits.h"
#include "preconfer/transaction_pool.h"

namespace {

using namespace libpreconf;

constexpr std::uint64_t kChainId = 167001;
constexpr std::size_t kAccounts = 4;
constexpr std::size_t kMaxOperations = 64;

const crypto::Secp256k1Key& key_of(std::size_t index) {
  static const std::array<crypto::Secp256k1Key, kAccounts> kKeys = {
      *crypto::Secp256k1Key::from_bytes(Bytes(32, 1)), *crypto::Secp256k1Key::from_bytes(Bytes(32, 2)),
      *crypto::Secp256k1Key::from_bytes(Bytes(32, 3)), *crypto::Secp256k1Key::from_bytes(Bytes(32, 4))};
  return kKeys[index % kAccounts];
}

class Harness {
 public:
  void operate(const std::uint8_t* operation) {
    const Address address = key_of(operation[0]).address();
    switch (operation[0] >> 6) {
      case 0:
      case 1:
        return add(operation);
      case 2:
        nonces_[address] += operation[1] & 3U;
        return pool_.head_changed();
      default:
        return pick(operation[1], operation[2]);
    }
  }
  void finish() {
    for (std::size_t i = 0; i < kAccounts; ++i) nonces_[key_of(i).address()] = 1'000;
    pool_.head_changed();
    if (pool_.size() != 0 || pool_.bytes() != 0) std::abort();
  }

 private:
  void add(const std::uint8_t* operation) {
    l2::Transfer transfer;
    transfer.chain_id = kChainId;
    transfer.nonce = operation[1] & 0x7fU;
    transfer.max_priority_fee_per_gas = operation[2] & 15U;
    transfer.max_fee_per_gas = operation[2];
    transfer.to = Address{1};
    const std::size_t before = pool_.size();
    const auto added = pool_.add(l2::sign_transfer(transfer, key_of(operation[0])));
    if (!added && pool_.size() != before) std::abort();
    if (added && pool_.size() != before && pool_.size() != before + 1) std::abort();
    if (pool_.size() > kAccounts * preconfer::kMaxTransactionsPerAccount) std::abort();
  }
  void pick(std::uint64_t base_fee, std::size_t room) {
    const auto picked = pool_.pick(base_fee, 21'000 * (room & 15U), 200 * room, room);
    if (picked.size() > (room & 15U)) std::abort();
    std::size_t bytes = 0;
    std::map<Address, std::uint64_t> next = nonces_;
    for (const Bytes& raw : picked) {
      const auto transaction = l2::decode_transaction(raw);
      if (!transaction || transaction->nonce != next[*transaction->sender()]++) std::abort();
      if (transaction->max_fee_per_gas < U256(base_fee)) std::abort();
      bytes += raw.size();
    }
    if (bytes > 200 * room) std::abort();
  }

  std::map<Address, std::uint64_t> nonces_;
  preconfer::TransactionPool pool_{kChainId, [this](const Address& address) {
                                     return l2::Account{nonces_[address], U256(1'000'000'000)};
                                   }};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Harness harness;
  for (std::size_t i = 0; i + 3 <= size && i < 3 * kMaxOperations; i += 3) harness.operate(data + i);
  preconfer::TransactionPool pool(kChainId, [](const Address&) { return l2::Account{0, U256::max()}; });
  const auto added = pool.add(ByteView(data, size));
  if (added && pool.size() != 1) std::abort();
  harness.finish();
  return 0;
}
