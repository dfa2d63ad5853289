// A trie over nibbles, built from the sorted keys by recursion: the entries that share a path form one slice.
//
//   one entry             leaf       [path with terminator, value]
//   a common path         extension  [path, child]
//   paths that part       branch     [child 0, ..., child 15, value of the key that ends here]
//
// A child is its own RLP where that has less than 32 bytes, else the Keccak of it.
#include "codec/trie.h"

#include <algorithm>

#include "codec/ordered_trie.h"
#include "codec/rlp.h"
#include "crypto/hash.h"

namespace libpreconf::codec {
namespace {

struct Entry {
  ByteView key;
  ByteView value;

  [[nodiscard]] std::size_t nibbles() const noexcept { return 2 * key.size(); }
  [[nodiscard]] std::uint8_t nibble(std::size_t index) const noexcept {
    return index % 2 == 0 ? key[index / 2] >> 4 : key[index / 2] & 15;
  }
};
using Entries = std::span<const Entry>;

// Yellow paper, appendix C: two nibbles a byte behind a flag nibble (2: leaf, 1: odd length).
Bytes compact_path(const Entry& entry, std::size_t from, std::size_t to, bool leaf) {
  Bytes out;
  out.reserve(1 + (to - from) / 2);
  const bool odd = (to - from) % 2 != 0;
  std::uint8_t first = static_cast<std::uint8_t>(((leaf ? 2 : 0) + (odd ? 1 : 0)) << 4);
  if (odd) first |= entry.nibble(from++);
  out.push_back(first);
  for (; from < to; from += 2) {
    out.push_back(static_cast<std::uint8_t>(entry.nibble(from) << 4 | entry.nibble(from + 1)));
  }
  return out;
}

// Sorted keys: what the first and the last share, all share.
std::size_t shared_nibbles(Entries entries, std::size_t depth) {
  const Entry& first = entries.front();
  const Entry& last = entries.back();
  const std::size_t end = std::min(first.nibbles(), last.nibbles());
  while (depth < end && first.nibble(depth) == last.nibble(depth)) ++depth;
  return depth;
}

void append_child(RlpBuilder& parent, ByteView node) {
  if (node.size() < 32) {
    parent.raw(node);
  } else {
    parent.string(crypto::keccak256(node));
  }
}

Bytes encode_node(Entries entries, std::size_t depth);

Bytes encode_branch(Entries entries, std::size_t depth) {
  RlpBuilder node;
  ByteView value;
  while (!entries.empty() && entries.front().nibbles() == depth) {
    value = entries.front().value;
    entries = entries.subspan(1);
  }
  for (std::uint8_t nibble = 0; nibble < 16; ++nibble) {
    const auto end = std::find_if(entries.begin(), entries.end(),
                                  [&](const Entry& entry) { return entry.nibble(depth) != nibble; });
    const auto count = static_cast<std::size_t>(end - entries.begin());
    if (count == 0) {
      node.string({});
    } else {
      append_child(node, encode_node(entries.first(count), depth + 1));
    }
    entries = entries.subspan(count);
  }
  node.string(value);
  return node.finish_list();
}

// Recursion goes as deep as paths part, at most once a nibble of the longest key.
Bytes encode_node(Entries entries, std::size_t depth) {
  const Entry& first = entries.front();
  RlpBuilder node;
  if (entries.size() == 1) {
    node.string(compact_path(first, depth, first.nibbles(), true));
    node.string(first.value);
    return node.finish_list();
  }
  const std::size_t shared = shared_nibbles(entries, depth);
  if (shared == depth) return encode_branch(entries, depth);
  node.string(compact_path(first, depth, shared, false));
  append_child(node, encode_branch(entries, shared));
  return node.finish_list();
}

Hash256 root_of(std::vector<Entry> entries) {
  std::erase_if(entries, [](const Entry& entry) { return entry.value.empty(); });
  if (entries.empty()) return empty_trie_root();
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::lexicographical_compare(a.key.begin(), a.key.end(), b.key.begin(), b.key.end());
  });
  return crypto::keccak256(encode_node(entries, 0));
}

}  // namespace

const Hash256& empty_trie_root() noexcept {
  static const Hash256 root = [] {
    const std::uint8_t empty_string = 0x80;
    return crypto::keccak256(ByteView(&empty_string, 1));
  }();
  return root;
}

Hash256 trie_root(const std::vector<std::pair<Bytes, Bytes>>& entries) {
  std::vector<Entry> views;
  views.reserve(entries.size());
  for (const auto& [key, value] : entries) views.push_back({key, value});
  return root_of(std::move(views));
}

Hash256 ordered_trie_root(const std::vector<Bytes>& values) {
  const std::vector<ByteView> views(values.begin(), values.end());
  OrderedTrieRoot trie(views);
  while (!trie.step(views.size() + 1)) {
  }
  return trie.root();
}

}  // namespace libpreconf::codec
