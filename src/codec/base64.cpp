#include "codec/base64.h"

#include <array>

namespace libpreconf::codec {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNoDigit = 0xff;

using Values = std::array<std::uint8_t, 256>;

constexpr Values values_of(std::string_view alphabet) {
  Values values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

constexpr Values kStandardValues = values_of(kStandard);
constexpr Values kUrlValues = values_of(kUrl);

std::string encode(ByteView bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const std::uint8_t byte : bytes) {
    pending = pending << 8 | byte;
    for (bits += 8; bits >= 6; bits -= 6) out.push_back(alphabet[(pending >> (bits - 6)) & 63]);
  }
  if (bits > 0) out.push_back(alphabet[(pending << (6 - bits)) & 63]);
  return out;
}

Result<Bytes> decode(std::string_view digits, const Values& values, std::size_t max_bytes) {
  if (digits.size() % 4 == 1) return fail(ErrorCode::malformed, "base64 text of a length that cannot be");
  const std::size_t size = digits.size() / 4 * 3 + digits.size() % 4 * 3 / 4;
  if (size > max_bytes) {
    return fail(ErrorCode::too_large, std::to_string(size) + " bytes of base64, at most " +
                                          std::to_string(max_bytes) + " are allowed");
  }
  Bytes out;
  out.reserve(size);
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const std::uint8_t value = values[static_cast<std::uint8_t>(digits[i])];
    if (value == kNoDigit) {
      return fail(ErrorCode::malformed, "not a base64 character at position " + std::to_string(i));
    }
    pending = pending << 6 | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out.push_back(static_cast<std::uint8_t>(pending >> bits));
  }
  if ((pending & ((1U << bits) - 1)) != 0) {
    return fail(ErrorCode::malformed, "base64 text whose unused last bits are not zero");
  }
  return out;
}

}  // namespace

std::string base64_encode(ByteView bytes) {
  std::string out = encode(bytes, kStandard);
  while (out.size() % 4 != 0) out.push_back('=');
  return out;
}

Result<Bytes> base64_decode(std::string_view text, std::size_t max_bytes) {
  if (text.size() % 4 != 0) return fail(ErrorCode::malformed, "base64 text without its padding");
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return decode(text, kStandardValues, max_bytes);
}

std::string base64url_encode(ByteView bytes) {
  return encode(bytes, kUrl);
}

Result<Bytes> base64url_decode(std::string_view text, std::size_t max_bytes) {
  return decode(text, kUrlValues, max_bytes);
}

}  // namespace libpreconf::codec
