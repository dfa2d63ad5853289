// zlib: slices give what one call gives, within the cap; what is compressed decompresses, also in slices.
#include "codec/zlib.h"
#include "fuzz/input.h"

using namespace libpreconf;
using fuzz::require;

namespace {

constexpr std::size_t kMaxOutput = 64 * 1024;

Result<Bytes> inflate_in_slices(ByteView compressed, std::size_t budget) {
  codec::Inflater inflater(compressed, kMaxOutput);
  Bytes out;
  for (bool ended = false; !ended;) {
    PRECONF_TRY(ended, inflater.step(budget));
  }
  return inflater.take_output();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t budget = 1 + input.byte();
  const ByteView stream = input.rest();
  const auto at_once = codec::zlib_decompress(stream, kMaxOutput);
  const auto sliced = inflate_in_slices(stream, budget);
  require(at_once.has_value() == sliced.has_value());
  if (at_once) {
    require(*at_once == *sliced && at_once->size() <= kMaxOutput);
    require(codec::zlib_decompress(stream, at_once->size()).has_value());
    if (!at_once->empty()) {
      require(codec::zlib_decompress(stream, at_once->size() - 1).error().code == ErrorCode::too_large);
    }
  } else {
    require(at_once.error().code == sliced.error().code);
  }
  const Bytes compressed = codec::zlib_compress(stream).value();
  codec::Deflater deflater(stream);
  while (!deflater.step(budget).value()) {
  }
  require(deflater.take_output() == compressed);
  require(codec::zlib_decompress(compressed, stream.size()).value() == to_bytes(stream));
  return 0;
}
