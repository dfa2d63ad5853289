#include "codec/rlp.h"

#include <array>

namespace libpreconf::codec {
namespace {

// First bytes: below 0x80 the byte itself; then short string, long string, short list, long list.
constexpr std::uint8_t kShortString = 0x80;
constexpr std::uint8_t kLongString = 0xb7;
constexpr std::uint8_t kShortList = 0xc0;
constexpr std::uint8_t kLongList = 0xf7;
constexpr std::size_t kMaxShortPayload = 55;
// Nothing that is read here comes near 4 GiB, and the sum of header and payload then cannot wrap.
constexpr std::size_t kMaxLengthDigits = 4;

// The payload size that `digits`, big-endian, spell; they must be the only way to spell it.
Result<std::size_t> long_size(ByteView digits) {
  if (digits[0] == 0) return fail(ErrorCode::malformed, "RLP length with a leading zero byte");
  if (digits.size() > kMaxLengthDigits) return fail(ErrorCode::malformed, "RLP length of more than 32 bits");
  std::uint32_t size = 0;
  for (const std::uint8_t digit : digits) size = size << 8 | digit;
  if (size <= kMaxShortPayload) return fail(ErrorCode::malformed, "RLP length in the long form without need");
  return size;
}

std::size_t write_header(std::size_t size, std::uint8_t short_base, std::uint8_t long_base,
                         std::span<std::uint8_t, kMaxRlpHeader> out) noexcept {
  if (size <= kMaxShortPayload) {
    out[0] = static_cast<std::uint8_t>(short_base + size);
    return 1;
  }
  std::uint8_t digits = 0;
  for (std::size_t rest = size; rest > 0; rest >>= 8) ++digits;
  out[0] = static_cast<std::uint8_t>(long_base + digits);
  for (std::size_t i = 1; i <= digits; ++i) out[i] = static_cast<std::uint8_t>(size >> (8 * (digits - i)));
  return 1U + digits;
}

void append(Bytes& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_header(Bytes& out, std::size_t size, std::uint8_t short_base, std::uint8_t long_base) {
  std::array<std::uint8_t, kMaxRlpHeader> header;
  append(out, ByteView(header).first(write_header(size, short_base, long_base, header)));
}

void append_string(Bytes& out, ByteView value) {
  if (value.size() != 1 || value[0] >= kShortString)
    append_header(out, value.size(), kShortString, kLongString);
  append(out, value);
}

}  // namespace

Result<RlpHeader> read_rlp_header(ByteView input) {
  if (input.empty()) return fail(ErrorCode::malformed, "RLP item expected, nothing is left");
  const std::uint8_t first = input[0];
  if (first < kShortString) return RlpHeader{.is_list = false, .size = 0, .payload_size = 1};
  const bool is_list = first >= kShortList;
  const std::uint8_t long_base = is_list ? kLongList : kLongString;
  if (first <= long_base) {
    const std::size_t size = first - (is_list ? kShortList : kShortString);
    if (!is_list && size == 1 && input.size() > 1 && input[1] < kShortString) {
      return fail(ErrorCode::malformed, "RLP header before a single byte that needs none");
    }
    return RlpHeader{.is_list = is_list, .size = 1, .payload_size = size};
  }
  const std::size_t digits = first - long_base;
  if (input.size() - 1 < digits) return fail(ErrorCode::malformed, "RLP header that ends early");
  PRECONF_TRY(const std::size_t size, long_size(input.subspan(1, digits)));
  return RlpHeader{.is_list = is_list, .size = 1 + digits, .payload_size = size};
}

Result<RlpItem> RlpReader::item() {
  PRECONF_TRY(const RlpHeader header, read_rlp_header(rest_));
  if (header.payload_size > rest_.size() - header.size) {
    return fail(ErrorCode::malformed, "RLP item of " + std::to_string(header.payload_size) + " bytes where " +
                                          std::to_string(rest_.size() - header.size) + " are left");
  }
  const RlpItem out{.is_list = header.is_list,
                    .payload = rest_.subspan(header.size, header.payload_size),
                    .whole = rest_.first(header.size + header.payload_size)};
  rest_ = rest_.subspan(out.whole.size());
  return out;
}

Result<ByteView> RlpReader::string() {
  PRECONF_TRY(const RlpItem found, item());
  if (found.is_list) return fail(ErrorCode::malformed, "RLP list where a string is expected");
  return found.payload;
}

Result<RlpReader> RlpReader::list() {
  PRECONF_TRY(const RlpItem found, item());
  if (!found.is_list) return fail(ErrorCode::malformed, "RLP string where a list is expected");
  return RlpReader(found.payload);
}

Result<U256> RlpReader::integer() {
  PRECONF_TRY(const ByteView digits, string());
  if (!digits.empty() && digits[0] == 0) {
    return fail(ErrorCode::malformed, "RLP integer with a leading zero byte");
  }
  return U256::from_big_endian(digits);
}

Result<std::uint64_t> RlpReader::integer64() {
  PRECONF_TRY(const U256 value, integer());
  const std::optional<std::uint64_t> narrow = value.to_u64();
  if (!narrow) return fail(ErrorCode::out_of_range, "RLP integer of more than 64 bits");
  return *narrow;
}

std::size_t write_rlp_list_header(std::size_t payload_size,
                                  std::span<std::uint8_t, kMaxRlpHeader> out) noexcept {
  return write_header(payload_size, kShortList, kLongList, out);
}

void RlpBuilder::string(ByteView value) {
  append_string(payload_, value);
}

void RlpBuilder::integer(const U256& value) {
  const FixedBytes<32> digits = value.to_big_endian();
  std::size_t zeros = 0;
  while (zeros < digits.size() && digits[zeros] == 0) ++zeros;
  append_string(payload_, ByteView(digits).subspan(zeros));
}

void RlpBuilder::raw(ByteView encoded) {
  append(payload_, encoded);
}

Bytes RlpBuilder::finish_list() {
  Bytes out;
  out.reserve(payload_.size() + 9);
  append_header(out, payload_.size(), kShortList, kLongList);
  append(out, payload_);
  payload_.clear();
  return out;
}

Bytes RlpBuilder::finish_sequence() {
  return std::exchange(payload_, {});
}

Bytes rlp_string(ByteView value) {
  Bytes out;
  append_string(out, value);
  return out;
}

}  // namespace libpreconf::codec
