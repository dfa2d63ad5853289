#include "libpreconf/base/u256.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace libpreconf {
namespace {

using Wide = unsigned __int128;

Result<U256> parse_digits(std::string_view digits, std::uint64_t base, std::string_view whole) {
  if (digits.empty()) return fail(ErrorCode::malformed, "no digits in number");
  // 256 bits have 64 hex or 78 decimal digits; more can only be leading zeros, which nobody needs.
  if (digits.size() > 80) return fail(ErrorCode::out_of_range, "number of more than 80 digits");
  U256 value;
  for (const char c : digits) {
    int digit = -1;
    if (c >= '0' && c <= '9') digit = c - '0';
    if (base == 16 && c >= 'a' && c <= 'f') digit = c - 'a' + 10;
    if (base == 16 && c >= 'A' && c <= 'F') digit = c - 'A' + 10;
    if (digit < 0) return fail(ErrorCode::malformed, "not a number: \"" + std::string(whole) + "\"");
    const auto scaled = value.checked_multiply(base);
    const auto next = scaled ? scaled->checked_add(U256(static_cast<std::uint64_t>(digit))) : std::nullopt;
    if (!next) return fail(ErrorCode::out_of_range, "number over 256 bits: \"" + std::string(whole) + "\"");
    value = *next;
  }
  return value;
}

}  // namespace

U256 U256::from_little_endian(std::span<const std::uint8_t, 32> bytes) noexcept {
  U256 out;
  for (std::size_t limb = 0; limb < 4; ++limb) {
    std::uint64_t value = 0;
    for (std::size_t i = 8; i-- > 0;) value = value << 8 | bytes[limb * 8 + i];
    out.limbs_[limb] = value;
  }
  return out;
}

Result<U256> U256::from_big_endian(ByteView bytes) {
  if (bytes.size() > 32) return fail(ErrorCode::out_of_range, "an integer of more than 32 bytes");
  FixedBytes<32> little{};
  std::copy(bytes.rbegin(), bytes.rend(), little.begin());
  return from_little_endian(little);
}

Result<U256> U256::parse(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) return parse_digits(text.substr(2), 16, text);
  return parse_digits(text, 10, text);
}

void U256::to_little_endian(std::span<std::uint8_t, 32> out) const noexcept {
  for (std::size_t i = 0; i < 32; ++i) {
    out[i] = static_cast<std::uint8_t>(limbs_[i / 8] >> (8 * (i % 8)));
  }
}

FixedBytes<32> U256::to_big_endian() const noexcept {
  FixedBytes<32> out;
  to_little_endian(out);
  std::reverse(out.begin(), out.end());
  return out;
}

Bytes U256::to_big_endian_trimmed() const {
  const FixedBytes<32> full = to_big_endian();
  const auto first = std::find_if(full.begin(), full.end(), [](std::uint8_t b) { return b != 0; });
  return {first, full.end()};
}

std::string U256::to_hex() const {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "0x";
  for (int nibble = 63; nibble >= 0; --nibble) {
    const auto at = static_cast<std::size_t>(nibble);
    const auto value = (limbs_[at / 16] >> (4 * (at % 16))) & 15;
    if (value != 0 || out.size() > 2 || nibble == 0) out.push_back(digits[value]);
  }
  return out;
}

std::string U256::to_decimal() const {
  std::string out;
  U256 rest = *this;
  do {
    const auto [quotient, digit] = rest.divide(10);
    out.push_back(static_cast<char>('0' + digit));
    rest = quotient;
  } while (!rest.is_zero());
  std::reverse(out.begin(), out.end());
  return out;
}

std::optional<U256> U256::checked_add(const U256& other) const noexcept {
  U256 out;
  Wide carry = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    carry += static_cast<Wide>(limbs_[i]) + other.limbs_[i];
    out.limbs_[i] = static_cast<std::uint64_t>(carry);
    carry >>= 64;
  }
  if (carry != 0) return std::nullopt;
  return out;
}

std::optional<U256> U256::checked_subtract(const U256& other) const noexcept {
  if (*this < other) return std::nullopt;
  U256 out;
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const Wide taken = static_cast<Wide>(other.limbs_[i]) + borrow;
    borrow = limbs_[i] < taken ? 1 : 0;
    out.limbs_[i] = static_cast<std::uint64_t>(static_cast<Wide>(limbs_[i]) - taken);
  }
  return out;
}

std::optional<U256> U256::checked_multiply(std::uint64_t factor) const noexcept {
  U256 out;
  Wide carry = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    carry += static_cast<Wide>(limbs_[i]) * factor;
    out.limbs_[i] = static_cast<std::uint64_t>(carry);
    carry >>= 64;
  }
  if (carry != 0) return std::nullopt;
  return out;
}

U256 U256::saturating_add(const U256& other) const noexcept {
  return checked_add(other).value_or(max());
}

std::pair<U256, std::uint64_t> U256::divide(std::uint64_t divisor) const noexcept {
  PRECONF_ASSERT(divisor != 0);
  U256 out;
  Wide rest = 0;
  for (std::size_t i = 4; i-- > 0;) {
    rest = rest << 64 | limbs_[i];
    out.limbs_[i] = static_cast<std::uint64_t>(rest / divisor);
    rest %= divisor;
  }
  return {out, static_cast<std::uint64_t>(rest)};
}

}  // namespace libpreconf
