#include "l2/account_trie.h"

#include <algorithm>
#include <limits>
#include <ranges>

#include "codec/trie.h"
#include "crypto/hash.h"

namespace libpreconf::l2 {

namespace {

constexpr unsigned kNibbles = 64;
constexpr unsigned kNotHashed = std::numeric_limits<unsigned>::max();

unsigned nibble(const Hash256& key, unsigned index) noexcept {
  const std::uint8_t byte = key[index / 2];
  return index % 2 == 0 ? byte >> 4U : byte & 0x0fU;
}

/// Where two keys part; kNibbles if they are equal.
unsigned first_difference(const Hash256& a, const Hash256& b) noexcept {
  const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin());
  if (in_a == a.end()) return kNibbles;
  const auto index = static_cast<unsigned>(in_a - a.begin());
  return 2 * index + ((*in_a >> 4U) == (*in_b >> 4U) ? 1 : 0);
}

/// RLP for nodes, written backwards into a buffer on the stack: the payload is there before its header is
/// needed. The largest node is a branch with sixteen children, 532 bytes.
class NodeWriter {
 public:
  void byte(std::uint8_t value) noexcept { buffer_[--begin_] = value; }
  void bytes(ByteView value) noexcept {
    begin_ -= value.size();
    std::copy(value.begin(), value.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(begin_));
  }
  void string(ByteView value) noexcept {
    bytes(value);
    if (value.size() != 1 || value[0] > 0x7f) header(value.size(), 0x80);
  }
  void integer(const U256& value) noexcept {
    const FixedBytes<32> digits = value.to_big_endian();
    const auto first =
        std::find_if(digits.begin(), digits.end(), [](std::uint8_t digit) { return digit != 0; });
    string(ByteView(first, digits.end()));
  }
  void header(std::size_t size, std::uint8_t base) noexcept {
    if (size < 56) return byte(static_cast<std::uint8_t>(base + size));
    std::uint8_t count = 0;
    for (; size != 0; size >>= 8U, ++count) byte(static_cast<std::uint8_t>(size));
    byte(static_cast<std::uint8_t>(base + 55 + count));
  }
  [[nodiscard]] std::size_t mark() const noexcept { return begin_; }
  void close_list(std::size_t mark) noexcept { header(mark - begin_, 0xc0); }
  void close_string(std::size_t mark) noexcept { header(mark - begin_, 0x80); }
  /// The hex-prefix encoding of nibbles [from, to) of a key.
  void path(const Hash256& key, unsigned from, unsigned to, bool leaf) noexcept {
    std::array<std::uint8_t, 33> out{};
    const bool odd = (to - from) % 2 == 1;
    out[0] = static_cast<std::uint8_t>((leaf ? 0x20 : 0) + (odd ? 0x10 + nibble(key, from) : 0));
    std::size_t size = 1;
    for (unsigned i = from + (odd ? 1 : 0); i < to; i += 2) {
      out[size++] = static_cast<std::uint8_t>(nibble(key, i) << 4U | nibble(key, i + 1));
    }
    string(ByteView(out).first(size));
  }
  [[nodiscard]] ByteView written() const noexcept { return ByteView(buffer_).subspan(begin_); }

 private:
  std::array<std::uint8_t, 640> buffer_;
  std::size_t begin_ = buffer_.size();
};

}  // namespace

/// `key` is the whole key of a leaf, and any key below a branch. The hash of a node depends on the nibble
/// that its path starts at; it is kept with that.
struct AccountTrie::Node {
  Node(bool leaf, const Hash256& some_key) : is_leaf(leaf), key(some_key) {}
  bool is_leaf;
  Hash256 key;
  mutable unsigned hashed_from = kNotHashed;
  mutable Hash256 hash{};
};

struct AccountTrie::Leaf : Node {
  Leaf(const Hash256& whole_key, const Account& held) : Node(true, whole_key), account(held) {}
  Account account;
};

/// Parts the keys below it at nibble `depth`; the nibbles before, if its parent stands further up, are an
/// extension.
struct AccountTrie::Branch : Node {
  Branch(const Hash256& some_key, unsigned at) : Node(false, some_key), depth(at) {}
  unsigned depth;
  std::array<NodePointer, 16> children;
  mutable bool body_hashed = false;
  mutable Hash256 body_hash{};
};

const Account* AccountTrie::find(const Hash256& key) const noexcept {
  const Node* node = root_.get();
  while (node != nullptr && !node->is_leaf) {
    const auto& branch = static_cast<const Branch&>(*node);
    node = branch.children[nibble(key, branch.depth)].get();
  }
  if (node == nullptr || node->key != key) return nullptr;
  return &static_cast<const Leaf&>(*node).account;
}

void AccountTrie::set(const Hash256& key, const Account& account) {
  if (set_below(root_, key, account)) ++size_;
}

bool AccountTrie::set_below(NodePointer& node, const Hash256& key, const Account& account) {
  if (!node) {
    node = std::make_shared<Leaf>(key, account);
    return true;
  }
  const unsigned parting = first_difference(node->key, key);
  const unsigned depth = node->is_leaf ? kNibbles : static_cast<const Branch&>(*node).depth;
  if (parting < depth) {
    auto branch = std::make_shared<Branch>(key, parting);
    branch->children[nibble(node->key, parting)] = std::move(node);
    branch->children[nibble(key, parting)] = std::make_shared<Leaf>(key, account);
    node = std::move(branch);
    return true;
  }
  if (node->is_leaf) {
    node = std::make_shared<Leaf>(key, account);
    return false;
  }
  // Only the holder of the single reference may change a node: every other one belongs to an older version
  // too.
  if (node.use_count() != 1) node = std::make_shared<Branch>(static_cast<const Branch&>(*node));
  auto& branch = static_cast<Branch&>(*node);
  branch.hashed_from = kNotHashed;
  branch.body_hashed = false;
  return set_below(branch.children[nibble(key, depth)], key, account);
}

bool AccountTrie::hash_some(std::size_t budget) const {
  return !root_ || hash_below(*root_, 0, budget);
}

Hash256 AccountTrie::root() const {
  if (!root_) return codec::empty_trie_root();
  std::size_t unlimited = std::numeric_limits<std::size_t>::max();
  static_cast<void>(hash_below(*root_, 0, unlimited));
  return root_->hash;
}

bool AccountTrie::hash_below(const Node& node, unsigned start, std::size_t& budget) {
  if (node.hashed_from == start) return true;
  if (!node.is_leaf && !hash_children(static_cast<const Branch&>(node), budget)) return false;
  if (budget == 0) return false;
  --budget;
  // Every node is at least 32 bytes long, so that each is referred to by its hash, never embedded.
  NodeWriter out;
  const std::size_t end = out.mark();
  if (node.is_leaf) {
    const Account& account = static_cast<const Leaf&>(node).account;
    static const Hash256 kNoCode = crypto::keccak256(ByteView());
    out.string(kNoCode);
    out.string(codec::empty_trie_root());
    out.integer(account.balance);
    out.integer(U256(account.nonce));
    out.close_list(end);
    out.close_string(end);
    out.path(node.key, start, kNibbles, /*leaf=*/true);
  } else {
    const auto& branch = static_cast<const Branch&>(node);
    if (start == branch.depth) {
      node.hash = branch.body_hash;
      node.hashed_from = start;
      return true;
    }
    out.string(branch.body_hash);
    out.path(node.key, start, branch.depth, /*leaf=*/false);
  }
  out.close_list(end);
  node.hash = crypto::keccak256(out.written());
  node.hashed_from = start;
  return true;
}

bool AccountTrie::hash_children(const Branch& branch, std::size_t& budget) {
  if (branch.body_hashed) return true;
  for (const NodePointer& child : branch.children) {
    if (child && !hash_below(*child, branch.depth + 1, budget)) return false;
  }
  if (budget == 0) return false;
  --budget;
  NodeWriter out;
  const std::size_t end = out.mark();
  out.byte(0x80);  // no value: all keys have the same length
  for (const NodePointer& child : std::views::reverse(branch.children)) {
    if (child) {
      out.string(child->hash);
    } else {
      out.byte(0x80);
    }
  }
  out.close_list(end);
  branch.body_hash = crypto::keccak256(out.written());
  branch.body_hashed = true;
  return true;
}

}  // namespace libpreconf::l2
