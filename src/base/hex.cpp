#include "libpreconf/base/hex.h"

#include <array>
#include <cstdint>

namespace libpreconf {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

constexpr std::int8_t digit_value_of(int c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<std::int8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::int8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::int8_t>(c - 'A' + 10);
  return -1;
}

/// A table, because the branches of random digits are guessed wrong every other time.
constexpr std::array<std::int8_t, 256> kDigitValues = [] {
  std::array<std::int8_t, 256> out{};
  for (int c = 0; c < 256; ++c) out[static_cast<std::size_t>(c)] = digit_value_of(c);
  return out;
}();

int digit_value(char c) noexcept {
  return kDigitValues[static_cast<unsigned char>(c)];
}

std::string_view without_prefix(std::string_view text) noexcept {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  return text;
}

}  // namespace

std::string to_hex_digits(ByteView bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

std::string to_hex(ByteView bytes) {
  return "0x" + to_hex_digits(bytes);
}

Result<> from_hex_into(std::string_view text, MutableByteView out) {
  const std::string_view digits = without_prefix(text);
  if (digits.size() != out.size() * 2) {
    return fail(ErrorCode::malformed, "expected " + std::to_string(out.size() * 2) + " hex digits, got " +
                                          std::to_string(digits.size()));
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = digit_value(digits[2 * i]);
    const int low = digit_value(digits[2 * i + 1]);
    if ((high | low) < 0) {
      return fail(ErrorCode::malformed,
                  "not a hex digit at position " + std::to_string(2 * i + (high < 0 ? 0 : 1)));
    }
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return {};
}

Result<Bytes> from_hex(std::string_view text, std::size_t max_bytes) {
  const std::string_view digits = without_prefix(text);
  if (digits.size() % 2 != 0) return fail(ErrorCode::malformed, "an odd number of hex digits");
  if (digits.size() / 2 > max_bytes) {
    return fail(ErrorCode::too_large, std::to_string(digits.size() / 2) + " bytes of hex, at most " +
                                          std::to_string(max_bytes) + " are allowed");
  }
  Bytes out(digits.size() / 2);
  PRECONF_CHECK_OK(from_hex_into(digits, out));
  return out;
}

}  // namespace libpreconf
