// Varints: the reader agrees with arithmetic on 128 bits, and what is written is read back.
#include "codec/varint.h"
#include "fuzz/input.h"

using namespace libpreconf;
using codec::VarintStatus;
using fuzz::require;

namespace {

// A decoder without shortcuts: collect the groups, then judge the number.
codec::VarintRead naive_read(ByteView in, std::size_t max_bytes, bool minimal) {
  std::size_t size = 0;
  while (size < in.size() && size < max_bytes && in[size] >= 0x80) ++size;
  if (size == max_bytes) return {VarintStatus::malformed, 0, 0};
  if (size == in.size()) return {VarintStatus::incomplete, 0, 0};
  unsigned __int128 value = 0;
  for (std::size_t i = size + 1; i-- > 0;) value = value << 7 | (in[i] & 0x7f);
  const unsigned bits = max_bytes == 10 ? 64 : max_bytes == 5 ? 32 : static_cast<unsigned>(7 * max_bytes);
  if (value >> bits != 0) return {VarintStatus::malformed, 0, 0};
  if (minimal && size > 0 && in[size] == 0) return {VarintStatus::malformed, 0, 0};
  return {VarintStatus::ok, static_cast<std::uint64_t>(value), size + 1};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView in(data, size);
  for (const std::size_t max_bytes : {1U, 2U, 3U, 5U, 9U, 10U}) {
    for (const bool minimal : {false, true}) {
      const auto expected = naive_read(in, max_bytes, minimal);
      const auto read = codec::read_varint(in, max_bytes, minimal);
      require(read.status == expected.status && read.value == expected.value && read.size == expected.size);
    }
  }
  const std::uint64_t number = fuzz::Input(data, size).number();
  Bytes written;
  codec::append_varint(written, number);
  require(written.size() == codec::varint_size(number));
  FixedBytes<10> room{};
  require(codec::write_varint(number, room) == written.size());
  require(equal(ByteView(room).first(written.size()), written));
  require(codec::read_varint(written).value == number);
  return 0;
}
