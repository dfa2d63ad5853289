#pragma once
// The root of the list trie of transactions or receipts (key i is RLP(i)), computed in slices.
//
// The keys are visited in ascending order, so that each node is final when the walk leaves it: what is kept
// are the branches on the way to the current key, at most one a nibble, and nothing is allocated per value.

#include <array>
#include <optional>
#include <vector>

#include "codec/rlp.h"
#include "libpreconf/base/bytes.h"

namespace libpreconf::codec {

class OrderedTrieRoot {
 public:
  /// `values` and what they view must outlive the object; empty ones are absent.
  explicit OrderedTrieRoot(std::span<const ByteView> values);

  /// Takes at most `budget` more values in; true when the root is known.
  [[nodiscard]] bool step(std::size_t budget);
  [[nodiscard]] const Hash256& root() const noexcept { return root_; }

 private:
  /// RLP of an index of at most 64 bits.
  struct Key {
    std::array<std::uint8_t, 9> bytes{};
    std::size_t size = 0;
    [[nodiscard]] std::uint8_t nibble(std::size_t at) const noexcept {
      return at % 2 == 0 ? bytes[at / 2] >> 4 : bytes[at / 2] & 15;
    }
    [[nodiscard]] std::size_t nibbles() const noexcept { return 2 * size; }
  };
  /// A child as its parent holds it: nothing, its own RLP, or the RLP of its hash.
  struct Reference {
    std::array<std::uint8_t, 33> rlp{};
    std::uint8_t size = 0;
    [[nodiscard]] ByteView view() const noexcept { return ByteView(rlp).first(size); }
  };
  struct Branch {
    std::size_t depth = 0;
    std::array<Reference, 16> children;
  };
  /// Nibbles that two keys share; nothing beyond the first and the last.
  using Shared = std::optional<std::size_t>;

  [[nodiscard]] static Key key_of(std::size_t index);
  [[nodiscard]] std::size_t index_at(std::size_t place) const noexcept;
  [[nodiscard]] std::size_t next_place(std::size_t place) const noexcept;
  void take(const Key& key, ByteView value, Shared with_next);
  void close_branches(const Key& key, Shared with_next);
  void attach(const Key& key, std::size_t depth, const Reference& child);
  /// Ends the node that was written to `node_`; the last one of all becomes the root.
  [[nodiscard]] Reference finish_node(bool is_root);
  void write_path(const Key& key, std::size_t from, std::size_t to, bool leaf);

  std::span<const ByteView> values_;
  std::size_t place_ = 0;  ///< in the order of keys
  Key key_;
  std::vector<Branch> open_;  ///< from the root down, each on the way to the current key
  RlpBuilder node_;
  Hash256 root_{};
};

}  // namespace libpreconf::codec
