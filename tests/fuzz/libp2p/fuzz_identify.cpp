// An identify message that decodes keeps its bounds, is encoded within the limit, and what fits is read back.
#include "fuzz/input.h"
#include "libp2p/identify_message.h"
#include "libp2p/limits.h"

using namespace libpreconf;
using fuzz::require;
using namespace libpreconf::libp2p;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = decode_identify(ByteView(data, size));
  if (!message) return 0;
  require(message->protocols.size() <= limits::kIdentifyProtocols);
  require(message->listen_addresses.size() <= limits::kIdentifyAddresses);
  require(message->agent_version.size() <= limits::kIdentifyText);
  const Bytes encoded = encode_identify(*message);
  require(encoded.size() <= limits::kIdentifyMessage);
  const auto again = decode_identify(encoded);
  require(again.has_value());
  require(again->agent_version == message->agent_version && again->public_key == message->public_key);
  require(encode_identify(*again) == encoded);
  IdentifyMessage merged = *message;
  merged.merge(*message);
  require(merged == *message);
  return 0;
}
