#include "libpreconf/p2p/p2p_service.h"

#include <fmt/core.h>

#include "base/log.h"
#include "p2p/service_impl.h"

namespace libpreconf::p2p {
namespace {

constexpr std::string_view kProtocolVersion = "preconf-p2p/0.1";

libp2p::SwarmConfig swarm_config(const P2pConfig& config) {
  libp2p::SwarmConfig out;
  out.admission.max_pending = config.max_pending_inbound;
  out.max_established_inbound = config.max_inbound_connections;
  out.max_established_outbound = config.max_outbound_connections;
  out.max_established = config.max_inbound_connections + config.max_outbound_connections;
  out.max_established_per_peer = config.max_connections_per_peer;
  return out;
}

libp2p::RequestResponseConfig exchange_config(const P2pConfig& config, const NetworkNames& names) {
  libp2p::RequestResponseConfig out;
  out.timeout = config.request_timeout;
  // In the order of RequestKind: the index names the kind.
  out.protocols = {
      {names.protocol(RequestKind::commitments), limits::kCommitmentsRequestBytes,
       limits::kCommitmentsResponseBytes},
      {names.protocol(RequestKind::raw_tx_list), limits::kRawTxListRequestBytes,
       limits::kRawTxListResponseBytes},
      {names.protocol(RequestKind::head), limits::kHeadRequestBytes, limits::kHeadResponseBytes}};
  return out;
}

}  // namespace

P2pService::Impl::Impl(Reactor& reactor_in, Random& random_in, P2pConfig config_in,
                       const SignerSchedule& schedule, const CommitmentSource& source,
                       NetworkEvents events_in, libp2p::Identity identity, StaticPeers static_peers_in)
    : reactor(reactor_in),
      random(random_in),
      config(std::move(config_in)),
      events(std::move(events_in)),
      names(config.chain_id),
      static_peers(std::move(static_peers_in)),
      gate({config.signing_domain, config.expected_slasher}, names, schedule, gate_hooks()),
      client({config.signing_domain, config.expected_slasher, config.requests_per_window}, client_hooks()),
      server(source, config.served_requests_per_window, server_hooks()) {
  gossip = std::make_unique<libp2p::GossipsubProtocol>(reactor, random, gossip_config(identity),
                                                       gossip_hooks(), stream_opener());
  request_response = std::make_unique<libp2p::RequestResponse>(reactor, exchange_config(config, names),
                                                               exchange_hooks(), stream_opener());
  swarm = std::make_unique<libp2p::Swarm>(reactor, random, std::move(identity), swarm_config(config),
                                          swarm_events());
  identify = std::make_unique<libp2p::Identify>(
      *swarm, libp2p::IdentifyConfig{std::string(kProtocolVersion), config.agent_version});
  ping = std::make_unique<libp2p::Ping>(*swarm);
  swarm->add_protocol(*identify);
  swarm->add_protocol(*ping);
  swarm->add_protocol(*gossip);
  swarm->add_protocol(*request_response);
}

Result<> P2pService::Impl::start() {
  if (state != State::created) return fail(ErrorCode::invalid, "the network was started before");
  for (const SocketAddress& address : config.listen) {
    const auto bound = swarm->listen(libp2p::Multiaddr::of(address));
    if (!bound) return fail_with_context(bound.error(), "listen on " + address.to_string());
    log_info(LogArea::p2p, "listening on {}", bound->to_string());
    if (events.on_listening) events.on_listening(bound->to_string());
  }
  state = State::running;
  tick_timer = reactor.every(limits::kTick, [this] { on_tick(); });
  arm();
  return {};
}

// --- Stopping ----------------------------------------------------------------------------------------------

void P2pService::Impl::stop(Duration limit, std::move_only_function<void()> on_done) {
  on_stopped.push_back(std::move(on_done));
  if (state == State::stopping) return;
  if (state == State::stopped) {
    stop_timer = reactor.after(Duration(0), [this] { finish_stop(); });
    return;
  }
  state = State::stopping;
  stop_until = reactor.now() + limit;
  stop_drain_until = reactor.now() + limit / limits::kStopDrainDivisor;
  client.close();
  arm();
  // Not here: a callback of the swarm may be what stops us.
  stop_timer = reactor.after(Duration(0), [this] { drain(); });
}

/// Waits for exchanges that are under way, within reason.
void P2pService::Impl::drain() {
  const Instant now = reactor.now();
  if (request_response->exchanges() > 0 && now < stop_drain_until) {
    stop_timer = reactor.after(limits::kStopPoll, [this] { drain(); });
    return;
  }
  swarm->shutdown(std::max(stop_until - now, Duration(0)));
  // The good-byes leave at the end of a turn; one look later they are gone.
  stop_timer = reactor.after(std::min<Duration>(limits::kStopPoll, std::max(stop_until - now, Duration(0))),
                             [this] { finish_stop(); });
}

void P2pService::Impl::finish_stop() {
  state = State::stopped;
  tick_timer.reset();
  work_timer.reset();
  due_timer.reset();
  responders.clear();
  exchanges.clear();
  // Whoever hears it may destroy us.
  auto listeners = std::exchange(on_stopped, {});
  for (auto& on_done : listeners) {
    if (on_done) on_done();
  }
}

// --- What can be seen --------------------------------------------------------------------------------------

void P2pService::Impl::refresh(P2pCounters& out) const {
  out = own;
  out.gate = gate.counters();
  out.reputation = reputation.counters();
  out.server = server.counters();
  out.client = client.counters();
  out.connected_peers = swarm->peer_count();
  out.connections = swarm->connections().size();
  out.banned_peers = reputation.banned_count();
  out.static_peers = static_peers.size();
  out.static_peers_connected = static_peers.connected_count();
  out.held_commitments = gate.held_count();
  out.waiting_requests = client.waiting_count();
  for (const Topic topic : {Topic::commitments, Topic::raw_tx_lists}) {
    out.mesh_peers[index_of(topic)] = gossip->router().mesh_size(names.topic(topic));
    out.topic_peers[index_of(topic)] = gossip->router().subscribed_peers(names.topic(topic));
  }
  out.swarm = swarm->counters();
  out.admission = swarm->admission_counters();
  out.gossipsub = gossip->router().counters();
  out.gossipsub_streams = gossip->counters();
  out.request_response = request_response->counters();
  out.identify = identify->counters();
  out.ping = ping->counters();
  out.ping_round_trips = ping->round_trips();
}

// --- The public class --------------------------------------------------------------------------------------

P2pService::P2pService(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
P2pService::~P2pService() = default;

Result<std::unique_ptr<P2pService>> P2pService::create(Reactor& reactor, Random& random, P2pConfig config,
                                                       const SignerSchedule& schedule,
                                                       const CommitmentSource& source, NetworkEvents events) {
  auto identity = libp2p::Identity::from_private_key_protobuf(config.identity);
  crypto::wipe(config.identity);
  config.identity.clear();
  if (!identity) return fail_with_context(identity.error(), "identity of this node");
  PRECONF_TRY(StaticPeers static_peers, StaticPeers::parse(config.static_peers, identity->peer_id()));
  auto impl = std::make_unique<Impl>(reactor, random, std::move(config), schedule, source, std::move(events),
                                     *std::move(identity), std::move(static_peers));
  return std::unique_ptr<P2pService>(new P2pService(std::move(impl)));
}

Result<> P2pService::start() {
  return impl_->start();
}

void P2pService::stop(Duration limit, std::move_only_function<void()> on_done) {
  impl_->stop(limit, std::move(on_done));
}

Result<> P2pService::publish_commitment(const SignedCommitment& commitment) {
  PRECONF_CHECK_OK(impl_->publish(Topic::commitments, encode(commitment)));
  impl_->gate.note_published(commitment);
  return {};
}

Result<> P2pService::publish_raw_tx_list(const RawTxList& list) {
  return impl_->publish(Topic::raw_tx_lists, encode(list));
}

Handle P2pService::request_head(const PeerId& peer, OnHead on_head) {
  Handle handle = impl_->client.request_head(peer, std::move(on_head), impl_->reactor.now());
  impl_->arm();
  return handle;
}

Handle P2pService::request_commitments(const PeerId& peer, const U256& start, std::uint32_t max_count,
                                       OnCommitments on_commitments) {
  Handle handle = impl_->client.request_commitments(peer, start, max_count, std::move(on_commitments),
                                                    impl_->reactor.now());
  impl_->arm();
  return handle;
}

Handle P2pService::request_raw_tx_list(const PeerId& peer, const Hash256& hash, OnRawTxList on_list) {
  Handle handle = impl_->client.request_raw_tx_list(peer, hash, std::move(on_list), impl_->reactor.now());
  impl_->arm();
  return handle;
}

Result<> P2pService::dial(const std::string& multiaddr) {
  const auto address = libp2p::Multiaddr::parse(multiaddr);
  if (!address) return fail_with_context(address.error(), "dial " + printable(multiaddr));
  return impl_->dial(*address);
}

void P2pService::schedule_changed() {
  impl_->gate.schedule_changed();
  impl_->arm();
}

const PeerId& P2pService::local_peer_id() const {
  return impl_->swarm->local_peer();
}

std::vector<std::string> P2pService::listen_addresses() const {
  std::vector<std::string> out;
  for (const libp2p::Multiaddr& address : impl_->swarm->listen_addresses())
    out.push_back(address.to_string());
  return out;
}

std::vector<PeerId> P2pService::connected_peers() const {
  return impl_->swarm->peers();
}

std::size_t P2pService::peer_count() const {
  return impl_->swarm->peer_count();
}

std::vector<PeerInfo> P2pService::peer_info() const {
  std::vector<PeerInfo> out;
  for (const PeerId& peer : impl_->swarm->peers()) {
    PeerInfo info;
    info.id = peer;
    for (const libp2p::ConnectionInfo* connection : impl_->swarm->connections_of(peer)) {
      info.remote_addresses.push_back(connection->remote_address);
    }
    if (const auto* identified = impl_->identify->find(peer)) info.agent_version = identified->agent_version;
    info.score = impl_->gossip->router().score(peer);
    out.push_back(std::move(info));
  }
  return out;
}

const P2pCounters& P2pService::counters() const {
  impl_->refresh(impl_->snapshot);
  return impl_->snapshot;
}

}  // namespace libpreconf::p2p
