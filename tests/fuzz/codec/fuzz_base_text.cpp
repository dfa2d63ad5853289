// base58btc and base64: decoding and encoding undo each other, in either order.
#include "codec/base58.h"
#include "codec/base64.h"
#include "fuzz/input.h"

using namespace libpreconf;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const std::string_view text = as_text(bytes);
  if (const auto decoded = codec::base58_decode(text)) require(codec::base58_encode(*decoded) == text);
  if (const auto decoded = codec::base64_decode(text, size)) require(codec::base64_encode(*decoded) == text);
  if (const auto decoded = codec::base64url_decode(text, size))
    require(codec::base64url_encode(*decoded) == text);

  const Bytes expected = to_bytes(bytes);
  require(codec::base64_decode(codec::base64_encode(bytes), size).value() == expected);
  require(codec::base64url_decode(codec::base64url_encode(bytes), size).value() == expected);
  const std::string base58 = codec::base58_encode(bytes);
  require(size <= 128 ? codec::base58_decode(base58).value() == expected : base58.empty());
  return 0;
}
