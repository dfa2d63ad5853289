#pragma once
// Our P2P stack alone, as the foreign peers are P2P alone: swarm, identify, ping, gossipsub on both topics,
// and a sink for bulk streams. It accepts every well-formed message without looking further, as they do, and
// no score is held against a sender, as they run without scores.

#include <memory>

#include "libp2p/gossipsub_protocol.h"
#include "libp2p/identify.h"
#include "libp2p/ping.h"
#include "libp2p/swarm.h"
#include "server/sink.h"

namespace libpreconf::bench {

struct ServerConfig {
  std::uint16_t port = 0;
  /// Answers each message on the commitments topic with one on the other topic.
  bool echo = false;
};

class P2pServer {
 public:
  /// `reactor` and `random` must outlive the server.
  P2pServer(Reactor& reactor, Random& random, const ServerConfig& config);

  /// Listens on loopback; the multiaddr.
  [[nodiscard]] Result<std::string> start();
  [[nodiscard]] Result<> dial(const std::string& multiaddr);
  [[nodiscard]] std::uint64_t gossip_received() const noexcept { return received_; }

 private:
  [[nodiscard]] libp2p::GossipsubConfig gossip_config(const libp2p::PeerId& self) const;
  [[nodiscard]] libp2p::GossipsubHooks gossip_hooks();
  [[nodiscard]] libp2p::StreamOpener stream_opener();
  void answer(ByteView data);

  Random& random_;
  ServerConfig config_;
  std::uint64_t received_ = 0;
  std::unique_ptr<libp2p::GossipsubProtocol> gossip_;
  Sink sink_;
  // Protocols outlive the swarm, which some of them are made with.
  std::unique_ptr<libp2p::Identify> identify_;
  std::unique_ptr<libp2p::Ping> ping_;
  std::unique_ptr<libp2p::Swarm> swarm_;
};

}  // namespace libpreconf::bench
