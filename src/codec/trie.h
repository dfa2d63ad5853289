#pragma once
// Merkle-Patricia roots, computed from all keys at once; nothing is kept between calls.

#include <utility>
#include <vector>

#include "libpreconf/base/bytes.h"

namespace libpreconf::codec {

/// Keccak of RLP's empty string: the root of an empty trie.
[[nodiscard]] const Hash256& empty_trie_root() noexcept;

/// Root of a trie that maps keys to values. Keys are unique and need not be sorted; empty values are absent.
[[nodiscard]] Hash256 trie_root(const std::vector<std::pair<Bytes, Bytes>>& entries);
/// Root of the list trie of transactions or receipts: key i is RLP(i). In slices: codec/ordered_trie.h.
[[nodiscard]] Hash256 ordered_trie_root(const std::vector<Bytes>& values);

}  // namespace libpreconf::codec
