// Connections, dials, bans, and the passing of time.

#include <fmt/core.h>

#include <algorithm>

#include "base/log.h"
#include "p2p/service_impl.h"

namespace libpreconf::p2p {

libp2p::SwarmEvents P2pService::Impl::swarm_events() {
  libp2p::SwarmEvents out;
  out.on_connected = [this](const libp2p::ConnectionInfo& connection) { on_connected(connection); };
  out.on_disconnected = [this](const libp2p::ConnectionInfo& connection, const Error& cause) {
    on_disconnected(connection, cause);
  };
  out.on_dial_failed = [this](const libp2p::Multiaddr& address, const Error& cause) {
    on_dial_failed(address, cause);
  };
  return out;
}

libp2p::StreamOpener P2pService::Impl::stream_opener() {
  return [this](libp2p::ConnectionId connection, std::vector<std::string> protocols,
                std::move_only_function<void(Result<libp2p::Stream*>)> on_stream) {
    return swarm->open_stream(connection, std::move(protocols), std::move(on_stream));
  };
}

// --- Connections -------------------------------------------------------------------------------------------

void P2pService::Impl::on_connected(const libp2p::ConnectionInfo& connection) {
  static_peers.on_connected(connection, reactor.now());
  if (swarm->connections_of(connection.peer).size() != 1) return;
  mirror_score(connection.peer);
  log_info(LogArea::p2p, "peer {} connected at {}", connection.peer.to_string(), connection.remote_address);
  if (events.on_peer_connected) events.on_peer_connected(connection.peer);
}

void P2pService::Impl::on_disconnected(const libp2p::ConnectionInfo& connection, const Error& cause) {
  if (cause.code != ErrorCode::closed) {
    ++(connection.direction == libp2p::Direction::inbound ? own.connection_errors.inbound_other
                                                          : own.connection_errors.outbound_other);
  }
  if (swarm->is_connected(connection.peer)) return;
  const PeerId peer = connection.peer;
  static_peers.on_peer_gone(peer, reactor.now(), random);
  client.on_peer_gone(peer);
  log_info(LogArea::p2p, "peer {} disconnected: {}", peer.to_string(), cause.message);
  if (events.on_peer_disconnected) events.on_peer_disconnected(peer);
  if (may_report_fault()) fault("disconnect", fmt::format("{}: {}", peer.to_string(), cause.message));
  arm();
}

// --- Dials -------------------------------------------------------------------------------------------------

void P2pService::Impl::on_dial_failed(const libp2p::Multiaddr& address, const Error& cause) {
  ++(cause.code == ErrorCode::limit ? own.connection_errors.outbound_limit
                                    : own.connection_errors.outbound_other);
  static_peers.on_dial_failed(address, reactor.now(), random);
  if (may_report_fault()) fault("dial_failed", fmt::format("{}: {}", address.to_string(), cause.message));
  arm();
}

Result<> P2pService::Impl::dial(const libp2p::Multiaddr& address) {
  if (state != State::running) return fail(ErrorCode::unavailable, "the network is not running");
  auto started = swarm->dial(address);
  if (!started) {
    ++(started.error().code == ErrorCode::limit ? own.dials_throttled : own.dials_blocked);
    return fail_with_context(std::move(started).error(), "dial " + address.to_string());
  }
  return {};
}

void P2pService::Impl::dial_static_peers() {
  for (const libp2p::Multiaddr& address : static_peers.due(reactor.now())) {
    if (const auto started = dial(address); !started) {
      static_peers.on_dial_failed(address, reactor.now(), random);
      if (may_report_fault()) fault("gate_blocked", started.error().message);
    }
  }
}

// --- Reputation --------------------------------------------------------------------------------------------

void P2pService::Impl::mirror_score(const PeerId& peer) {
  gossip->router().set_application_score(peer, reputation.score(peer, reactor.now()));
}

void P2pService::Impl::on_tick() {
  const Instant now = reactor.now();
  faults_this_second = 0;
  gate.tick(now);
  const Reputation::Changes changes = reputation.tick(now);
  for (const PeerId& peer : changes.unbanned) swarm->unblock_peer(peer);
  for (const PeerId& peer : changes.banned) {
    log_warn(LogArea::p2p, "peer {} is banned for {} s", peer.to_string(),
             std::chrono::duration_cast<std::chrono::seconds>(limits::kBanTime).count());
    swarm->block_peer(peer, limits::kBanTime);
  }
  for (const PeerId& peer : swarm->peers()) mirror_score(peer);
  client.tick(now);
  arm();
}

// --- Work and time -----------------------------------------------------------------------------------------

void P2pService::Impl::arm() {
  if (state == State::created || state == State::stopped) return;
  if (!work_timer && (gate.has_work() || client.has_work())) {
    work_timer = reactor.after(Duration(0), [this] { on_work(); });
  }
  std::optional<Instant> next = server.next_due();
  if (state == State::running) {
    for (const auto due : {client.next_due(), static_peers.next_due()}) {
      if (due && (!next || *due < *next)) next = due;
    }
  }
  if (next == due_at) return;
  due_at = next;
  if (next) {
    due_timer = reactor.after(std::max(*next - reactor.now(), Duration(0)), [this] { on_due(); });
  } else {
    due_timer.reset();
  }
}

void P2pService::Impl::on_work() {
  work_timer.reset();
  if (client.has_work()) client.work();
  if (gate.has_work()) gate.work();
  arm();
}

void P2pService::Impl::on_due() {
  due_timer.reset();
  due_at.reset();
  server.tick(reactor.now());
  if (state == State::running) {
    client.tick(reactor.now());
    dial_static_peers();
  }
  arm();
}

// --- Faults ------------------------------------------------------------------------------------------------

bool P2pService::Impl::may_report_fault() {
  ++own.faults;
  if (!events.on_fault) return false;
  if (faults_this_second >= limits::kFaultsPerSecond) {
    ++own.faults_suppressed;
    return false;
  }
  ++faults_this_second;
  return true;
}

void P2pService::Impl::fault(std::string_view kind, std::string detail) {
  log_debug(LogArea::p2p, "{}: {}", kind, detail);
  events.on_fault(P2pFault{std::string(kind), std::move(detail)});
}

}  // namespace libpreconf::p2p
