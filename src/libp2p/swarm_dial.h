#pragma once
// An attempt to reach one multiaddr: resolve, connect to each address in turn, upgrade.

#include "libp2p/swarm.h"

namespace libpreconf::libp2p {

/// Lives from Swarm::dial until the connection is established or the attempt has failed.
struct Swarm::Dial {
  Multiaddr target;
  std::vector<SocketAddress> addresses;
  std::size_t next = 0;
  Handle operation;  ///< resolving or connecting; empty while upgrading
  Instant operation_started{};
};

struct Swarm::Listener {
  Multiaddr address;
  std::unique_ptr<TcpListener> socket;
};

}  // namespace libpreconf::libp2p
