#pragma once
// One block of transfers, executed in slices on a version of the state. Knows no loop and no clock.
//
//   checking --all decode--> transactions --list or gas at its end--> hashing --> roots --> done
//        \--one does not--> (as an empty list)
//
// A list of which one element does not decode is an empty list, as the real engines read it. A transaction
// that cannot run (program.md "The in-memory execution engine") is left out, and leaves no trace. Owned by
// the engine.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "codec/ordered_trie.h"
#include "codec/rlp.h"
#include "l2/account_trie.h"
#include "l2/execution_engine.h"
#include "l2/transaction.h"

namespace libpreconf::l2 {

/// Key of an account in the state trie.
[[nodiscard]] Hash256 account_key(const Address& address) noexcept;

/// The hash of Ethereum's header with Shanghai's fields, and no uncles, withdrawals or logs.
[[nodiscard]] Hash256 header_hash(const BlockHeader& header, const Hash256& mix_hash, ByteView extra_data);

class BlockExecution {
 public:
  /// `parent_state` is copied; `attributes` were checked against the parent.
  BlockExecution(std::uint64_t chain_id, BlockAttributes attributes, const AccountTrie& parent_state);
  BlockExecution(BlockExecution&&) = default;
  BlockExecution& operator=(BlockExecution&&) = delete;

  /// Does one slice of the work; true when the block is done. Not to be called again after that.
  [[nodiscard]] bool step();

  // Of a block that is done.
  [[nodiscard]] const BlockHeader& header() const noexcept { return header_; }
  [[nodiscard]] const AccountTrie& state() const noexcept { return state_; }
  /// Raw, in order; views of the list in the attributes.
  [[nodiscard]] const std::vector<ByteView>& included() const noexcept { return included_; }
  [[nodiscard]] std::size_t left_out() const noexcept { return elements_.size() - included_.size(); }
  [[nodiscard]] bool list_was_undecodable() const noexcept { return undecodable_; }

 private:
  enum class Phase : std::uint8_t { checking, transactions, hashing, transaction_root, receipt_root };

  void check_some();
  void check_failed();
  void execute_some();
  void execute(const Transaction& transaction);
  [[nodiscard]] bool may_run(const Transaction& transaction) const;
  [[nodiscard]] bool apply(const Transaction& transaction, const Address& sender, const U256& gas_price);
  void credit(const Address& address, const U256& amount);
  void append_receipt(const Transaction& transaction);
  void begin_root(const std::vector<ByteView>& values, Phase phase);

  std::uint64_t chain_id_;
  Address anchor_;
  BlockAttributes attributes_;
  AccountTrie state_;
  BlockHeader header_;
  Phase phase_ = Phase::checking;
  bool undecodable_ = false;
  ByteView rest_;                   ///< of the list, not looked at yet
  std::vector<ByteView> elements_;  ///< into the list
  std::size_t next_ = 0;
  std::size_t recoveries_ = 0;  ///< in this slice
  std::vector<ByteView> included_;
  codec::RlpBuilder receipt_builder_;  // keeps its memory from one receipt to the next
  std::vector<Bytes> receipts_;
  std::vector<ByteView> receipt_views_;
  std::optional<codec::OrderedTrieRoot> root_;  ///< of the phase
};

}  // namespace libpreconf::l2
