#pragma once
// Byte strings: an owner, views, and the two fixed sizes that Taiko's messages are made of.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace libpreconf {

/// An owned byte string.
using Bytes = std::vector<std::uint8_t>;
/// A borrowed, read-only byte string. Valid only as long as its owner says.
using ByteView = std::span<const std::uint8_t>;
/// A borrowed byte string that may be written.
using MutableByteView = std::span<std::uint8_t>;

template <std::size_t N>
using FixedBytes = std::array<std::uint8_t, N>;

/// A Keccak-256 or SHA-256 value, or any other 32-byte name.
using Hash256 = FixedBytes<32>;
/// An Ethereum account address.
using Address = FixedBytes<20>;

/// The bytes of a text, without a copy.
[[nodiscard]] inline ByteView as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The text that a byte string holds, without a copy and without any check of its encoding.
[[nodiscard]] inline std::string_view as_text(ByteView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

[[nodiscard]] inline Bytes to_bytes(ByteView view) {
  return {view.begin(), view.end()};
}

/// Byte-wise equality of two views (`std::span` has none).
[[nodiscard]] bool equal(ByteView a, ByteView b) noexcept;

/// The first N bytes of `view`, which must have at least N (aborts otherwise: it is never used on input
/// whose length was not compared before).
template <std::size_t N>
[[nodiscard]] FixedBytes<N> take_fixed(ByteView view);

/// A non-cryptographic hash (wyhash-like) of bytes from outside, seeded per process so that a peer
/// cannot choose collisions. Never used where the order of a container could be seen.
[[nodiscard]] std::uint64_t hash_bytes(ByteView view) noexcept;

/// Hasher for unordered containers keyed by FixedBytes.
struct FixedBytesHash {
  template <std::size_t N>
  std::size_t operator()(const FixedBytes<N>& value) const noexcept {
    return static_cast<std::size_t>(hash_bytes(value));
  }
};

namespace detail {
[[noreturn]] void take_fixed_failed() noexcept;
}

template <std::size_t N>
FixedBytes<N> take_fixed(ByteView view) {
  if (view.size() < N) detail::take_fixed_failed();
  FixedBytes<N> out;
  for (std::size_t i = 0; i < N; ++i) out[i] = view[i];
  return out;
}

}  // namespace libpreconf
