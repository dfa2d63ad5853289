#pragma once
// Hexadecimal text with the 0x prefix of Ethereum's JSON.

#include <string>
#include <string_view>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"

namespace libpreconf {

/// "0x" and two lower-case digits a byte; "0x" for nothing.
[[nodiscard]] std::string to_hex(ByteView bytes);
/// The digits alone.
[[nodiscard]] std::string to_hex_digits(ByteView bytes);
/// Digits in either case, with or without "0x", an even number of them. At most `max_bytes` bytes
/// (too_large before anything is allocated); anything else is malformed.
[[nodiscard]] Result<Bytes> from_hex(std::string_view text, std::size_t max_bytes);
/// Decodes exactly `out.size()` bytes.
[[nodiscard]] Result<> from_hex_into(std::string_view text, MutableByteView out);

/// `from_hex_fixed<32>(text)`: a hash; `<20>`: an address.
template <std::size_t N>
[[nodiscard]] Result<FixedBytes<N>> from_hex_fixed(std::string_view text) {
  FixedBytes<N> out{};
  if (auto decoded = from_hex_into(text, out); !decoded) return std::unexpected(decoded.error());
  return out;
}

}  // namespace libpreconf
