#pragma once
// A Merkle-Patricia trie that grows by one insertion at a time, with its own RLP: the oracle for
// codec/trie.h, which builds from all keys at once.

#include <array>
#include <memory>

#include "crypto/hash.h"
#include "libpreconf/base/bytes.h"

namespace libpreconf::test {

class NaiveTrie {
 public:
  void insert(ByteView key, ByteView value) {
    Bytes path;
    for (const std::uint8_t byte : key) {
      path.push_back(byte >> 4);
      path.push_back(byte & 15);
    }
    insert_at(root_, path, value);
  }

  [[nodiscard]] Hash256 root() const { return crypto::keccak256(root_ ? encode(*root_) : string_of({})); }

 private:
  // One nibble a node: paths are shortened to extensions and leaves only when they are encoded.
  struct Node {
    std::array<std::unique_ptr<Node>, 16> children;
    Bytes value;
  };

  static void insert_at(std::unique_ptr<Node>& place, ByteView path, ByteView value) {
    if (!place) place = std::make_unique<Node>();
    if (path.empty()) {
      place->value = to_bytes(value);
    } else {
      insert_at(place->children[path[0]], path.subspan(1), value);
    }
  }

  static Bytes header(std::size_t size, std::uint8_t base) {
    if (size < 56) return {static_cast<std::uint8_t>(base + size)};
    Bytes digits;
    for (; size > 0; size /= 256) digits.insert(digits.begin(), static_cast<std::uint8_t>(size % 256));
    digits.insert(digits.begin(), static_cast<std::uint8_t>(base + 55 + digits.size()));
    return digits;
  }
  static Bytes joined(Bytes a, ByteView b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }
  static Bytes string_of(ByteView value) {
    return value.size() == 1 && value[0] < 0x80 ? to_bytes(value) : joined(header(value.size(), 0x80), value);
  }
  static Bytes list_of(ByteView payload) { return joined(header(payload.size(), 0xc0), payload); }

  static std::size_t child_count(const Node& node) {
    std::size_t count = 0;
    for (const auto& child : node.children) count += child ? 1 : 0;
    return count;
  }

  static Bytes compact(const Bytes& path, bool leaf) {
    Bytes nibbles = {static_cast<std::uint8_t>((leaf ? 2 : 0) + path.size() % 2)};
    if (path.size() % 2 == 0) nibbles.push_back(0);
    nibbles.insert(nibbles.end(), path.begin(), path.end());
    Bytes out;
    for (std::size_t i = 0; i < nibbles.size(); i += 2) {
      out.push_back(static_cast<std::uint8_t>(nibbles[i] * 16 + nibbles[i + 1]));
    }
    return out;
  }

  static Bytes reference(const Bytes& encoded) {
    return encoded.size() < 32 ? encoded : string_of(crypto::keccak256(encoded));
  }

  static Bytes encode(const Node& top) {
    Bytes path;
    const Node* node = &top;
    while (node->value.empty() && child_count(*node) == 1) {
      std::uint8_t nibble = 0;
      while (!node->children[nibble]) ++nibble;
      path.push_back(nibble);
      node = node->children[nibble].get();
    }
    if (child_count(*node) == 0)
      return list_of(joined(string_of(compact(path, true)), string_of(node->value)));
    const Bytes branch = encode_branch(*node);
    if (path.empty()) return branch;
    return list_of(joined(string_of(compact(path, false)), reference(branch)));
  }

  static Bytes encode_branch(const Node& node) {
    Bytes payload;
    for (const auto& child : node.children) {
      payload = joined(payload, child ? reference(encode(*child)) : string_of({}));
    }
    return list_of(joined(payload, string_of(node.value)));
  }

  std::unique_ptr<Node> root_;
};

}  // namespace libpreconf::test
