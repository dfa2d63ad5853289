#pragma once
// Signed EIP-1559 transfers between accounts whose keys come from fixed seeds, so that a devnet has something
// to do. The same seed gives the same transfers. Not for any chain where something is at stake: everybody has
// the keys.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "crypto/secp256k1.h"
#include "l2/in_memory_engine.h"
#include "libpreconf/base/random.h"

namespace libpreconf::preconfer {

/// The key of the n-th account: keccak of a fixed text and the number.
[[nodiscard]] crypto::Secp256k1Key load_account_key(std::size_t index);
/// Genesis entries that give `count` accounts (at most kMaxLoadAccounts) 1000 ether each.
[[nodiscard]] std::vector<l2::GenesisAccount> funded_load_accounts(std::size_t count);

class LoadGenerator {
 public:
  /// At most kMaxLoadAccounts accounts, at least two.
  LoadGenerator(std::uint64_t chain_id, std::size_t accounts, std::uint64_t seed);

  /// The next transfer, from the accounts in turn; `next_nonce` says which nonce an account is at.
  [[nodiscard]] Bytes next(const std::function<std::uint64_t(const Address&)>& next_nonce);

 private:
  std::uint64_t chain_id_;
  std::vector<crypto::Secp256k1Key> keys_;
  std::vector<Address> addresses_;
  std::size_t turn_ = 0;
  SeededRandom random_;
};

}  // namespace libpreconf::preconfer
