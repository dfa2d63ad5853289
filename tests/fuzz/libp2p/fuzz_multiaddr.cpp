// A multiaddr that is read, as bytes or as text, comes back from its bytes and from its text.
#include "fuzz/input.h"
#include "libp2p/multiaddr.h"

using namespace libpreconf;
using fuzz::require;
using libp2p::Multiaddr;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  const auto from_bytes = Multiaddr::from_bytes(input);
  for (const auto& address : {from_bytes, Multiaddr::parse(as_text(input))}) {
    if (!address) continue;
    require(Multiaddr::from_bytes(address->to_bytes()).value() == *address);
    require(Multiaddr::parse(address->to_string()).value() == *address);
    require(address->socket_address().has_value() == address->name().empty());
  }
  // The binary form has one encoding only.
  if (from_bytes) require(equal(from_bytes->to_bytes(), input));
  return 0;
}
