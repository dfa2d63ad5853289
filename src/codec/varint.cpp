#include "codec/varint.h"

#include "base/check.h"

namespace libpreconf::codec {
namespace {

constexpr std::size_t kMaxBytes = 10;

// Bits that a varint of `max_bytes` may fill: five bytes stand for 32 bits, ten for 64.
unsigned allowed_bits(std::size_t max_bytes) noexcept {
  if (max_bytes >= kMaxBytes) return 64;
  return max_bytes == 5 ? 32 : static_cast<unsigned>(7 * max_bytes);
}

bool fits(std::uint8_t last, unsigned shift, unsigned bits) noexcept {
  return bits >= shift + 7 || (last >> (bits - shift)) == 0;
}

}  // namespace

VarintRead read_varint(ByteView in, std::size_t max_bytes, bool minimal) noexcept {
  // Nearly every length, tag and small number is one byte.
  if (!in.empty() && in[0] < 0x80 && max_bytes > 0) return {VarintStatus::ok, in[0], 1};
  const unsigned bits = allowed_bits(max_bytes);
  const std::size_t limit = max_bytes < kMaxBytes ? max_bytes : kMaxBytes;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < limit; ++i) {
    if (i == in.size()) return {VarintStatus::incomplete, 0, 0};
    const unsigned shift = static_cast<unsigned>(7 * i);
    const std::uint8_t low = in[i] & 0x7f;
    value |= static_cast<std::uint64_t>(low) << shift;
    if (in[i] >= 0x80) continue;
    if (!fits(low, shift, bits) || (minimal && i > 0 && low == 0)) return {VarintStatus::malformed, 0, 0};
    return {VarintStatus::ok, value, i + 1};
  }
  return {VarintStatus::malformed, 0, 0};
}

std::size_t varint_size(std::uint64_t value) noexcept {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

std::size_t write_varint(std::uint64_t value, MutableByteView out) noexcept {
  std::size_t size = 0;
  for (; value >= 0x80; value >>= 7) {
    PRECONF_ASSERT(size < out.size());
    out[size++] = static_cast<std::uint8_t>(value | 0x80);
  }
  PRECONF_ASSERT(size < out.size());
  out[size++] = static_cast<std::uint8_t>(value);
  return size;
}

void append_varint(Bytes& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
  out.push_back(static_cast<std::uint8_t>(value));
}

}  // namespace libpreconf::codec
