// One frame, whole or in pieces: the same verdict and body; what we frame is read back.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "fuzz/input.h"
#include "libp2p/request_response_frame.h"

using namespace libpreconf;
using fuzz::require;
using namespace libpreconf::libp2p;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  using Status = LengthPrefixedReader::Status;
  const std::size_t cap = std::size_t{data[0]} * 4;
  const std::size_t piece = std::size_t{data[1]} % 17 + 1;
  const ByteView input(data + 2, size - 2);

  LengthPrefixedReader whole(cap), split(cap);
  const Status expected = whole.feed(input);
  for (ByteView rest = input; !rest.empty(); rest = rest.subspan(std::min(piece, rest.size()))) {
    (void)split.feed(rest.first(std::min(piece, rest.size())));
  }
  require(split.status() == expected);
  const Bytes body = whole.take_body();
  require(split.take_body() == body && body.size() <= cap);
  if (expected == Status::complete) {
    const SharedBytes frame = encode_length_prefixed(body);
    require(frame->size() <= input.size() && equal(*frame, input.first(frame->size())));
  }

  LengthPrefixedReader again(input.size());
  require(again.feed(*encode_length_prefixed(input)) == Status::complete);
  require(equal(again.take_body(), input));
  return 0;
}
