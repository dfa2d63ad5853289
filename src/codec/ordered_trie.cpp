#include "codec/ordered_trie.h"

#include <algorithm>

#include "base/check.h"
#include "codec/trie.h"
#include "crypto/hash.h"

namespace libpreconf::codec {
namespace {

/// The first index whose RLP is longer than itself; index 0 is written as 0x80 and stands right before it.
constexpr std::size_t kFirstLongIndex = 128;
/// Seven branches are as deep as a block of two bytes of index gets.
constexpr std::size_t kUsualDepth = 8;

template <class Key>
std::size_t shared_nibbles(const Key& a, const Key& b) noexcept {
  std::size_t shared = 0;
  // No key is the beginning of another: RLP says where it ends.
  while (a.nibble(shared) == b.nibble(shared)) ++shared;
  return shared;
}

}  // namespace

OrderedTrieRoot::OrderedTrieRoot(std::span<const ByteView> values) : values_(values) {
  open_.reserve(kUsualDepth);
  place_ = next_place(0);
  if (place_ < values_.size()) {
    key_ = key_of(index_at(place_));
  } else {
    root_ = empty_trie_root();
  }
}

bool OrderedTrieRoot::step(std::size_t budget) {
  for (; budget > 0 && place_ < values_.size(); --budget) {
    const ByteView value = values_[index_at(place_)];
    const Key key = key_;
    place_ = next_place(place_ + 1);
    if (place_ == values_.size()) {
      take(key, value, std::nullopt);
    } else {
      key_ = key_of(index_at(place_));
      take(key, value, shared_nibbles(key, key_));
    }
  }
  return place_ == values_.size();
}

OrderedTrieRoot::Key OrderedTrieRoot::key_of(std::size_t index) {
  Key key;
  if (index > 0 && index < kFirstLongIndex) {
    key.bytes[key.size++] = static_cast<std::uint8_t>(index);
    return key;
  }
  std::uint8_t digits = 0;
  for (std::size_t rest = index; rest > 0; rest >>= 8) ++digits;
  key.bytes[key.size++] = static_cast<std::uint8_t>(0x80 + digits);
  while (digits-- > 0) key.bytes[key.size++] = static_cast<std::uint8_t>(index >> (8 * digits));
  return key;
}

// 1, 2, ..., 127, 0, 128, 129, ...
std::size_t OrderedTrieRoot::index_at(std::size_t place) const noexcept {
  const std::size_t place_of_zero = std::min(values_.size(), kFirstLongIndex) - 1;
  if (place < place_of_zero) return place + 1;
  return place == place_of_zero ? 0 : place;
}

std::size_t OrderedTrieRoot::next_place(std::size_t place) const noexcept {
  while (place < values_.size() && values_[index_at(place)].empty()) ++place;
  return place;
}

// The branch that the key shares with the one before it is open, and the deepest one.
void OrderedTrieRoot::take(const Key& key, ByteView value, Shared with_next) {
  const bool alone = open_.empty() && !with_next;
  const std::size_t depth = std::max(open_.empty() ? 0 : open_.back().depth, with_next.value_or(0));
  write_path(key, alone ? 0 : depth + 1, key.nibbles(), true);
  node_.string(value);
  const Reference leaf = finish_node(alone);
  if (alone) return;
  attach(key, depth, leaf);
  close_branches(key, with_next);
}

// No later key leads below what this one and the next share.
void OrderedTrieRoot::close_branches(const Key& key, Shared with_next) {
  while (!open_.empty() && (!with_next || open_.back().depth > *with_next)) {
    for (const Reference& child : open_.back().children) {
      if (child.size == 0) {
        node_.string({});
      } else {
        node_.raw(child.view());
      }
    }
    node_.string({});  // no key ends here
    const std::size_t depth = open_.back().depth;
    open_.pop_back();
    const bool last = open_.empty() && !with_next;
    const std::size_t parent = std::max(open_.empty() ? 0 : open_.back().depth, with_next.value_or(0));
    const std::size_t from = last ? 0 : parent + 1;
    Reference closed = finish_node(last && depth == from);
    if (depth > from) {
      write_path(key, from, depth, false);
      node_.raw(closed.view());
      closed = finish_node(last);
    }
    if (!last) attach(key, parent, closed);
  }
}

void OrderedTrieRoot::attach(const Key& key, std::size_t depth, const Reference& child) {
  if (open_.empty() || open_.back().depth != depth) open_.push_back(Branch{depth, {}});
  open_.back().children[key.nibble(depth)] = child;
}

OrderedTrieRoot::Reference OrderedTrieRoot::finish_node(bool is_root) {
  std::array<std::uint8_t, kMaxRlpHeader> header;
  const ByteView payload = node_.payload();
  const std::size_t header_size = write_rlp_list_header(payload.size(), header);
  const ByteView head = ByteView(header).first(header_size);
  Reference out;
  if (is_root) {
    root_ = crypto::keccak256({head, payload});
  } else if (head.size() + payload.size() < 32) {
    std::ranges::copy(payload, std::ranges::copy(head, out.rlp.begin()).out);
    out.size = static_cast<std::uint8_t>(head.size() + payload.size());
  } else {
    out.rlp[0] = 0x80 + 32;
    std::ranges::copy(crypto::keccak256({head, payload}), out.rlp.begin() + 1);
    out.size = 33;
  }
  node_.clear();
  return out;
}

// Yellow paper, appendix C: two nibbles a byte behind a flag nibble (2: leaf, 1: odd length).
void OrderedTrieRoot::write_path(const Key& key, std::size_t from, std::size_t to, bool leaf) {
  std::array<std::uint8_t, 1 + sizeof(Key::bytes)> path;
  const bool odd = (to - from) % 2 != 0;
  path[0] = static_cast<std::uint8_t>(((leaf ? 2 : 0) + (odd ? 1 : 0)) << 4);
  if (odd) path[0] |= key.nibble(from++);
  std::size_t size = 1;
  for (; from < to; from += 2) {
    path[size++] = static_cast<std::uint8_t>(key.nibble(from) << 4 | key.nibble(from + 1));
  }
  node_.string(ByteView(path).first(size));
}

}  // namespace libpreconf::codec
