// A peer id that is read, as bytes or as text, comes back from its bytes and from its text.
#include "fuzz/input.h"
#include "libpreconf/libp2p/peer_id.h"

using namespace libpreconf;
using fuzz::require;
using libp2p::PeerId;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  for (const auto& id : {PeerId::from_bytes(input), PeerId::parse(as_text(input))}) {
    if (!id) continue;
    require(id->bytes().size() >= 2 && id->bytes().size() <= PeerId::kMaxSize);
    require(PeerId::from_bytes(id->bytes()).value() == *id);
    require(PeerId::parse(id->to_string()).value() == *id);
    const ByteView key = id->inlined_public_key();
    require(key.empty() || PeerId::of_public_key(key) == *id);
  }
  require(PeerId::from_bytes(PeerId::of_public_key(input).bytes()).has_value());
  return 0;
}
