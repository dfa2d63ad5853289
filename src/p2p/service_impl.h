#pragma once
// The parts of P2pService and the wires between them. Nothing is decided here: the gate judges gossip, the
// server and the client handle requests, StaticPeers says whom to dial; this ties them to the swarm, the
// router, the exchanges and the loop.
//
// Files: p2p_service.cpp making, starting, stopping, looking; service_gossip.cpp the gate's wires and
// publishing; service_requests.cpp both sides of requests; service_peers.cpp connections, dials, bans, time.

#include <map>

#include "p2p/counters.h"
#include "p2p/static_peers.h"

namespace libpreconf::p2p {

struct P2pService::Impl {
  Impl(Reactor& reactor_in, Random& random_in, P2pConfig config_in, const SignerSchedule& schedule,
       const CommitmentSource& source, NetworkEvents events_in, libp2p::Identity identity,
       StaticPeers static_peers_in);

  enum class State : std::uint8_t { created, running, stopping, stopped };

  // p2p_service.cpp
  Result<> start();
  void stop(Duration limit, std::move_only_function<void()> on_done);
  void drain();
  void finish_stop();
  void refresh(P2pCounters& out) const;

  // service_gossip.cpp
  [[nodiscard]] libp2p::GossipsubConfig gossip_config(const libp2p::Identity& identity) const;
  [[nodiscard]] libp2p::GossipsubHooks gossip_hooks();
  [[nodiscard]] GateHooks gate_hooks();
  void on_finding(const PeerId& peer, Topic topic, Finding finding, bool published_it);
  Result<> publish(Topic topic, ByteView ssz);

  // service_requests.cpp
  [[nodiscard]] RequestClient::Hooks client_hooks();
  [[nodiscard]] RequestServer::Hooks server_hooks();
  [[nodiscard]] libp2p::RequestResponseHooks exchange_hooks();
  void send_request(RequestClient::Ticket ticket, const PeerId& peer, RequestKind kind, ByteView body);
  void on_request(const PeerId& peer, RequestKind kind, ByteView body, libp2p::Responder responder);
  void on_request_outcome(const PeerId& peer, RequestKind kind, RequestOutcome outcome, const Error* cause);

  // service_peers.cpp
  [[nodiscard]] libp2p::SwarmEvents swarm_events();
  [[nodiscard]] libp2p::StreamOpener stream_opener();
  void on_connected(const libp2p::ConnectionInfo& connection);
  void on_disconnected(const libp2p::ConnectionInfo& connection, const Error& cause);
  void on_dial_failed(const libp2p::Multiaddr& address, const Error& cause);
  void dial_static_peers();
  Result<> dial(const libp2p::Multiaddr& address);
  void mirror_score(const PeerId& peer);
  void on_tick();
  /// Sees to it that slices of work and everything that is due get their turn.
  void arm();
  void on_work();
  void on_due();
  void fault(std::string_view kind, std::string detail);
  [[nodiscard]] bool may_report_fault();

  Reactor& reactor;
  Random& random;
  P2pConfig config;
  NetworkEvents events;
  NetworkNames names;
  State state = State::created;
  P2pCounters own;  ///< what is counted here; the rest is asked for
  mutable P2pCounters snapshot;

  Reputation reputation;
  StaticPeers static_peers;
  ValidationGate gate;
  RequestClient client;
  RequestServer server;

  // Protocols outlive the swarm, and the swarm is what some of them are made with.
  std::unique_ptr<libp2p::Identify> identify;
  std::unique_ptr<libp2p::Ping> ping;
  std::unique_ptr<libp2p::GossipsubProtocol> gossip;
  std::unique_ptr<libp2p::RequestResponse> request_response;
  std::unique_ptr<libp2p::Swarm> swarm;

  /// Requests that the server has not answered yet.
  std::map<RequestServer::Token, libp2p::Responder> responders;
  RequestServer::Token next_token = 1;
  /// Exchanges of ours, kept whatever their callers do: taking one back would be a reset.
  std::map<RequestClient::Ticket, Handle> exchanges;

  std::uint32_t faults_this_second = 0;
  Instant stop_drain_until{};
  Instant stop_until{};
  std::vector<std::move_only_function<void()>> on_stopped;
  TimerHandle tick_timer;
  TimerHandle work_timer;
  TimerHandle due_timer;
  std::optional<Instant> due_at;
  TimerHandle stop_timer;
};

}  // namespace libpreconf::p2p
