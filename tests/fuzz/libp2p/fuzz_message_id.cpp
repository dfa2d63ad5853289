// The message id agrees with its own definition: which domain counts is decided by the decoder that also has
// to be able to decompress, and the id never depends on anything but the bytes.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "codec/snappy.h"
#include "crypto/hash.h"
#include "libp2p/gossipsub.h"

using namespace libpreconf;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  const libp2p::MessageId id = libp2p::op_stack_message_id(input);
  const auto content = codec::snappy_decompress(input, 10485760);
  const FixedBytes<4> domain = {static_cast<std::uint8_t>(content ? 1 : 0), 0, 0, 0};
  const Hash256 expected = crypto::sha256({ByteView(domain), content ? ByteView(*content) : input});
  if (std::memcmp(id.data(), expected.data(), id.size()) != 0) std::abort();
  const Bytes copy = to_bytes(input);
  if (libp2p::op_stack_message_id(copy) != id) std::abort();
  return 0;
}
