#pragma once
// An unsigned 256-bit integer: SSZ's uint256, balances, tips. Checked where it narrows, checked where it
// adds; no operator wraps silently.

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"

namespace libpreconf {

class U256 {
 public:
  constexpr U256() = default;
  constexpr U256(std::uint64_t value) : limbs_{value, 0, 0, 0} {}  // NOLINT(google-explicit-constructor)

  /// 32 bytes, least significant first (SSZ).
  [[nodiscard]] static U256 from_little_endian(std::span<const std::uint8_t, 32> bytes) noexcept;
  /// At most 32 bytes, most significant first (RLP, ABI). Longer input: out_of_range.
  [[nodiscard]] static Result<U256> from_big_endian(ByteView bytes);
  /// "0x1f" (any case, leading zeros allowed) or "31". Anything else: malformed or out_of_range.
  [[nodiscard]] static Result<U256> parse(std::string_view text);
  [[nodiscard]] static constexpr U256 max() noexcept {
    U256 out;
    out.limbs_ = {~0ULL, ~0ULL, ~0ULL, ~0ULL};
    return out;
  }

  void to_little_endian(std::span<std::uint8_t, 32> out) const noexcept;
  [[nodiscard]] FixedBytes<32> to_big_endian() const noexcept;
  /// Big-endian without leading zero bytes; empty for zero (RLP integers).
  [[nodiscard]] Bytes to_big_endian_trimmed() const;
  /// Minimal hex quantity: "0x0", "0x1f".
  [[nodiscard]] std::string to_hex() const;
  [[nodiscard]] std::string to_decimal() const;

  [[nodiscard]] constexpr bool fits_u64() const noexcept { return (limbs_[1] | limbs_[2] | limbs_[3]) == 0; }
  /// The value if it fits 64 bits.
  [[nodiscard]] constexpr std::optional<std::uint64_t> to_u64() const noexcept {
    return fits_u64() ? std::optional(limbs_[0]) : std::nullopt;
  }
  [[nodiscard]] constexpr bool is_zero() const noexcept { return fits_u64() && limbs_[0] == 0; }

  /// Sum, difference and product, or nothing where the result leaves the range.
  [[nodiscard]] std::optional<U256> checked_add(const U256& other) const noexcept;
  [[nodiscard]] std::optional<U256> checked_subtract(const U256& other) const noexcept;
  [[nodiscard]] std::optional<U256> checked_multiply(std::uint64_t factor) const noexcept;
  /// Sum that stays at the maximum.
  [[nodiscard]] U256 saturating_add(const U256& other) const noexcept;
  /// Quotient and remainder by a 64-bit divisor, which must not be zero.
  [[nodiscard]] std::pair<U256, std::uint64_t> divide(std::uint64_t divisor) const noexcept;

  friend constexpr bool operator==(const U256&, const U256&) = default;
  friend constexpr std::strong_ordering operator<=>(const U256& a, const U256& b) noexcept {
    for (int i = 3; i >= 0; --i) {
      const auto limb = static_cast<std::size_t>(i);
      if (a.limbs_[limb] != b.limbs_[limb]) return a.limbs_[limb] <=> b.limbs_[limb];
    }
    return std::strong_ordering::equal;
  }

  /// Limbs, least significant first.
  [[nodiscard]] constexpr const std::array<std::uint64_t, 4>& limbs() const noexcept { return limbs_; }

 private:
  std::array<std::uint64_t, 4> limbs_{};
};

}  // namespace libpreconf
