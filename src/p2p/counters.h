#pragma once
// Everything that the network layer counts, as one snapshot (p2p-wire 17 names what the reference counts;
// here each number says what it measures). rpc/ turns it into metrics through a function that node/ injects.

#include "libp2p/gossipsub_protocol.h"
#include "libp2p/identify.h"
#include "libp2p/ping.h"
#include "libp2p/request_response.h"
#include "libp2p/swarm.h"
#include "p2p/reputation.h"
#include "p2p/request_client.h"
#include "p2p/request_server.h"
#include "p2p/validation_gate.h"

namespace libpreconf::p2p {

/// p2p_conn_error: a connection or dial that ended for another reason than an orderly close. Inbound ones
/// that were refused or did not get through the upgrade are in `swarm` and `admission`.
struct ConnectionErrors {
  Counter inbound_other = 0;
  Counter outbound_limit = 0;
  Counter outbound_other = 0;
};

struct P2pCounters {
  GateCounters gate;              ///< p2p_gossip_valid{kind}, p2p_gossip_invalid{kind,reason}
  ReputationCounters reputation;  ///< p2p_reputation_ban, p2p_reputation_greylist
  RequestServerCounters server;   ///< p2p_reqresp_*{direction="inbound"}, p2p_reqresp_rate_limited
  RequestClientCounters client;   ///< p2p_reqresp_*{direction="outbound"}, p2p_reqresp_rtt_seconds
  ConnectionErrors connection_errors;
  std::array<Counter, kTopicCount> published{};
  std::array<Counter, kTopicCount> publish_errors{};  ///< p2p_gossip_publish_error{kind}
  Counter dials_blocked = 0;    ///< p2p_dial_blocked{source="reputation"}: to a banned peer
  Counter dials_throttled = 0;  ///< p2p_dial_throttled_total: as many dials as may be were pending
  Counter faults = 0;
  Counter faults_suppressed = 0;  ///< not reported, because too many came in one second

  // Now, not ever:
  std::size_t connected_peers = 0;  ///< p2p_connected_peers: peers, not connections
  std::size_t connections = 0;
  std::size_t banned_peers = 0;
  std::size_t static_peers = 0;
  std::size_t static_peers_connected = 0;
  std::size_t held_commitments = 0;
  std::size_t waiting_requests = 0;
  std::array<std::size_t, kTopicCount> mesh_peers{};
  std::array<std::size_t, kTopicCount> topic_peers{};

  libp2p::SwarmCounters swarm;
  libp2p::AdmissionCounters admission;
  libp2p::Gossipsub::Counters gossipsub;
  libp2p::GossipsubProtocol::Counters gossipsub_streams;
  libp2p::RequestResponse::Counters request_response;
  libp2p::IdentifyCounters identify;
  libp2p::PingCounters ping;
  Histogram ping_round_trips;
};

}  // namespace libpreconf::p2p
