#pragma once
// Signed transactions that wait for a block. What can never run is refused at the door; the rest waits in
// nonce order per account, and leaves when the head has passed its nonce.
//
// Bounded by count, bytes and share per account; when full it refuses. A transaction replaces one of the same
// nonce if it pays kReplacementBumpPercent more. Owned by the devnet; knows no loop. The state is asked by a
// function.

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "l2/account_trie.h"
#include "l2/transaction.h"
#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"

namespace libpreconf::preconfer {

class TransactionPool {
 public:
  struct Counters {
    std::uint64_t accepted = 0;
    std::uint64_t replaced = 0;
    std::uint64_t refused = 0;
    std::uint64_t left = 0;  ///< the head passed their nonce
  };
  /// An account at the head. Called inside the pool's members.
  using AccountAtHead = std::function<l2::Account(const Address&)>;

  TransactionPool(std::uint64_t chain_id, AccountAtHead account_at_head);

  /// Takes one raw transaction and answers its hash. malformed, too_large, unsupported, bad_signature: not a
  /// transaction that can be read; invalid: it can never run (wrong chain, nonce too low, creation, fees,
  /// gas, funds); conflict: known already, or pays too little to replace; limit: no room, now or for this
  /// account.
  Result<Hash256> add(ByteView raw);
  /// Drops what the new head has made useless.
  void head_changed();

  /// Fills a block: per account in nonce order from the account's nonce on, among accounts the best payer
  /// first and then who came first. Stops where `gas_limit`, `max_bytes` (of the list) or `max_count` is
  /// reached.
  [[nodiscard]] std::vector<Bytes> pick(std::uint64_t base_fee, std::uint64_t gas_limit,
                                        std::size_t max_bytes, std::size_t max_count) const;

  /// The nonce that the account's next transaction should have.
  [[nodiscard]] std::uint64_t next_nonce(const Address& account) const;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }

 private:
  struct Entry {
    Bytes raw;
    Hash256 hash{};
    U256 max_fee;
    U256 max_priority_fee;
    std::uint64_t gas_limit = 0;
    std::uint64_t arrival = 0;
  };
  using Queue = std::map<std::uint64_t, Entry>;  ///< by nonce
  struct Candidate;

  [[nodiscard]] Result<> check(const l2::Transaction& transaction) const;
  [[nodiscard]] Result<> check_sender(const l2::Transaction& transaction, const Address& sender) const;
  [[nodiscard]] Result<> make_room(const l2::Transaction& transaction, const Hash256& hash,
                                   const Address& sender);
  void erase(Queue& queue, Queue::iterator position);

  std::uint64_t chain_id_;
  AccountAtHead account_at_head_;
  std::map<Address, Queue> accounts_;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t arrivals_ = 0;
  Counters counters_;
};

}  // namespace libpreconf::preconfer
