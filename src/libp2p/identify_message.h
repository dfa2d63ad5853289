#pragma once
// The identify message (p2p-wire 5): what a peer says about itself.

#include <string>
#include <vector>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"

namespace libpreconf::libp2p {

/// Addresses are binary multiaddrs; texts are as they came. A field that is absent is empty.
struct IdentifyMessage {
  Bytes public_key;
  std::vector<Bytes> listen_addresses;
  std::vector<std::string> protocols;
  Bytes observed_address;
  std::string protocol_version;
  std::string agent_version;

  /// Takes over what `newer` has; what it lacks stays.
  void merge(const IdentifyMessage& newer);
  friend bool operator==(const IdentifyMessage&, const IdentifyMessage&) = default;
};

/// At most kIdentifyMessage bytes: listen addresses, then protocols, are left out from the end where it would
/// be more.
[[nodiscard]] Bytes encode_identify(const IdentifyMessage& message);

/// What is over the bounds of limits.h kIdentify* is left out; signed records and unknown fields are skipped.
[[nodiscard]] Result<IdentifyMessage> decode_identify(ByteView protobuf);

}  // namespace libpreconf::libp2p
