#pragma once
// The account state of the in-memory engine: a Merkle-Patricia trie over keccak(address), as Ethereum's state
// trie, whose versions share what they have in common.
//
//   version 7   root ─┬─ branch ─┬─ leaf      copying a trie copies one pointer; `set` copies the nodes on
//                     │          └─ leaf      the way down that another version holds too, and changes the
//   version 8   root'─┴─ branch' ── leaf'     others in place
//
// So a block costs what it touches, in memory and in hashing, and an older state is only another root.
// Accounts are never removed: an account that exists has a balance or has sent something, and a transfer
// takes neither back below that.

#include <array>
#include <cstdint>
#include <memory>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/u256.h"

namespace libpreconf::l2 {

struct Account {
  std::uint64_t nonce = 0;
  U256 balance;
  friend bool operator==(const Account&, const Account&) = default;
};

/// One version of the state. Copies are cheap and independent.
class AccountTrie {
 public:
  AccountTrie() = default;

  /// Null if there is no such account. Valid until this version is changed or destroyed.
  [[nodiscard]] const Account* find(const Hash256& key) const noexcept;
  void set(const Hash256& key, const Account& account);
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Computes at most `budget` of the hashes that are missing; true when none is.
  [[nodiscard]] bool hash_some(std::size_t budget) const;
  /// The root hash, computing what is missing.
  [[nodiscard]] Hash256 root() const;

 private:
  struct Node;
  struct Leaf;
  struct Branch;
  using NodePointer = std::shared_ptr<Node>;

  static bool set_below(NodePointer& node, const Hash256& key, const Account& account);
  static bool hash_below(const Node& node, unsigned start, std::size_t& budget);
  static bool hash_children(const Branch& branch, std::size_t& budget);

  NodePointer root_;
  std::size_t size_ = 0;
};

}  // namespace libpreconf::l2
