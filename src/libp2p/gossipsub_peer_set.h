#pragma once
// A set of gossipsub peers, by slot number: who is in a mesh, who holds a message. A few machine words,
// copied freely; iteration is in slot order, so that a seed gives the same trace.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "libp2p/limits.h"

namespace libpreconf::libp2p {

/// Index of a peer in the router's table.
using PeerSlot = std::uint16_t;

class PeerSet {
 public:
  void insert(PeerSlot slot) noexcept { words_[slot / 64] |= bit(slot); }
  void erase(PeerSlot slot) noexcept { words_[slot / 64] &= ~bit(slot); }
  [[nodiscard]] bool contains(PeerSlot slot) const noexcept { return (words_[slot / 64] & bit(slot)) != 0; }
  [[nodiscard]] std::size_t size() const noexcept {
    std::size_t count = 0;
    for (const std::uint64_t word : words_) count += static_cast<std::size_t>(std::popcount(word));
    return count;
  }
  [[nodiscard]] bool empty() const noexcept { return *this == PeerSet{}; }

  PeerSet& operator|=(const PeerSet& other) noexcept {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }
  PeerSet& operator-=(const PeerSet& other) noexcept {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
    return *this;
  }
  friend bool operator==(const PeerSet&, const PeerSet&) = default;

  /// Calls `visit(slot)` for the members that the set had when the call began.
  template <class Visit>
  void for_each(Visit&& visit) const {
    const PeerSet fixed = *this;
    for (std::size_t i = 0; i < fixed.words_.size(); ++i) {
      for (std::uint64_t word = fixed.words_[i]; word != 0; word &= word - 1) {
        visit(static_cast<PeerSlot>(i * 64 + static_cast<std::size_t>(std::countr_zero(word))));
      }
    }
  }
  [[nodiscard]] std::vector<PeerSlot> members() const {
    std::vector<PeerSlot> out;
    out.reserve(size());
    for_each([&](PeerSlot slot) { out.push_back(slot); });
    return out;
  }

 private:
  static_assert(limits::kMaxGossipPeers % 64 == 0);
  [[nodiscard]] static std::uint64_t bit(PeerSlot slot) noexcept { return std::uint64_t{1} << (slot % 64); }
  std::array<std::uint64_t, limits::kMaxGossipPeers / 64> words_{};
};

}  // namespace libpreconf::libp2p
