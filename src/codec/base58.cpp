#include "codec/base58.h"

#include <array>

namespace libpreconf::codec {
namespace {

constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::uint8_t kNoDigit = 0xff;
constexpr std::size_t kMaxBytes = 128;
constexpr std::size_t kMaxText = 180;

constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

// number = number * factor + carry, over digits of `base`, least significant first.
void multiply_add(Bytes& number, unsigned factor, unsigned carry, unsigned base) {
  for (std::uint8_t& digit : number) {
    carry += digit * factor;
    digit = static_cast<std::uint8_t>(carry % base);
    carry /= base;
  }
  for (; carry > 0; carry /= base) number.push_back(static_cast<std::uint8_t>(carry % base));
}

}  // namespace

std::string base58_encode(ByteView bytes) {
  if (bytes.size() > kMaxBytes) return {};
  std::size_t zeros = 0;
  while (zeros < bytes.size() && bytes[zeros] == 0) ++zeros;
  Bytes digits;
  for (const std::uint8_t byte : bytes.subspan(zeros)) multiply_add(digits, 256, byte, 58);
  std::string text(zeros + digits.size(), kAlphabet[0]);
  for (std::size_t i = 0; i < digits.size(); ++i) text[text.size() - 1 - i] = kAlphabet[digits[i]];
  return text;
}

Result<Bytes> base58_decode(std::string_view text) {
  if (text.size() > kMaxText) {
    return fail(ErrorCode::too_large, "base58 text of " + std::to_string(text.size()) +
                                          " characters, at most " + std::to_string(kMaxText) +
                                          " are allowed");
  }
  std::size_t zeros = 0;
  while (zeros < text.size() && text[zeros] == kAlphabet[0]) ++zeros;
  Bytes number;
  for (std::size_t i = zeros; i < text.size(); ++i) {
    const std::uint8_t value = kValues[static_cast<std::uint8_t>(text[i])];
    if (value == kNoDigit) {
      return fail(ErrorCode::malformed, "not a base58 character at position " + std::to_string(i));
    }
    multiply_add(number, 58, value, 256);
  }
  if (zeros + number.size() > kMaxBytes) {
    return fail(ErrorCode::too_large, "base58 text of more than " + std::to_string(kMaxBytes) + " bytes");
  }
  Bytes out(zeros);
  out.insert(out.end(), number.rbegin(), number.rend());
  return out;
}

}  // namespace libpreconf::codec
