#include "libp2p/swarm.h"

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "libp2p/swarm_dial.h"

namespace libpreconf::libp2p {
namespace {

/// Peer ids are dear to print: nobody pays for a line that is not written.
bool debugging() {
  return log_enabled(LogLevel::debug, LogArea::libp2p);
}

/// How often deadlines and idle times are looked at.
constexpr Duration kTick{std::chrono::seconds(1)};

}  // namespace

Swarm::Swarm(Reactor& reactor, Random& random, Identity identity, SwarmConfig config, SwarmEvents events)
    : reactor_(reactor),
      random_(random),
      identity_(std::move(identity)),
      noise_identity_(identity_, random),
      config_(config),
      events_(std::move(events)),
      admission_(config.admission),
      blocked_(limits::kBlockedPeers),
      tick_timer_(reactor.every(kTick, [this] { tick(); })) {}

Swarm::~Swarm() {
  // While everything that their destructors look at still stands.
  dials_.clear();
  connections_.clear();
  closed_.clear();
}

void Swarm::add_protocol(Protocol& protocol) {
  if (PRECONF_BUG(!connections_.empty())) return;
  protocols_.push_back(&protocol);
  for (std::string& id : protocol.protocol_ids()) {
    if (PRECONF_BUG(served(id) != nullptr || protocol_ids_.size() >= limits::kProtocols)) continue;
    protocol_ids_.push_back(std::move(id));
    served_.push_back({&protocol, protocol.keeps_connection_alive()});
  }
}

Handle Swarm::open_stream(ConnectionId connection, std::vector<std::string> protocols, OnStream on_stream) {
  Error error{ErrorCode::closed, "the connection has ended"};
  if (Connection* const found = find(connection)) {
    auto opened = found->open_stream(std::move(protocols), on_stream);
    if (opened) return std::move(*opened);
    error = opened.error();
  }
  return reactor_.after(Duration(0), [error = std::move(error), callback = std::move(on_stream)]() mutable {
    callback(std::unexpected(std::move(error)));
  });
}

void Swarm::close_connection(ConnectionId connection, Error cause) {
  if (Connection* const found = find(connection)) found->request_close(std::move(cause));
}

void Swarm::close_peer(const PeerId& peer, const Error& cause) {
  const auto found = peers_.find(peer);
  if (found == peers_.end()) return;
  for (Connection* connection : found->second) connection->request_close(cause);
}

void Swarm::block_peer(const PeerId& peer, Duration duration) {
  blocked_.erase(peer);
  blocked_.put(peer, reactor_.now() + duration);
  close_peer(peer, {ErrorCode::refused, "the peer is blocked"});
}

void Swarm::unblock_peer(const PeerId& peer) {
  blocked_.erase(peer);
}

bool Swarm::is_blocked(const PeerId& peer) const {
  const Instant* const until = blocked_.find(peer);
  return until != nullptr && reactor_.now() < *until;
}

void Swarm::shutdown(Duration linger) {
  stopped_ = true;
  close_linger_ = linger;
  listeners_.clear();
  dials_.clear();
  std::vector<ConnectionId> ids;
  ids.reserve(connections_.size());
  for (const auto& [id, connection] : connections_) ids.push_back(id);
  for (const ConnectionId id : ids) {
    if (Connection* const connection = find(id))
      connection->close({ErrorCode::closed, "this node is stopping"});
  }
}

std::vector<const ConnectionInfo*> Swarm::connections() const {
  std::vector<const ConnectionInfo*> out;
  for (const auto& [id, connection] : connections_) {
    if (connection->is_open()) out.push_back(&connection->info());
  }
  return out;
}

std::vector<const ConnectionInfo*> Swarm::connections_of(const PeerId& peer) const {
  std::vector<const ConnectionInfo*> out;
  if (const auto found = peers_.find(peer); found != peers_.end()) {
    for (const Connection* connection : found->second) out.push_back(&connection->info());
  }
  return out;
}

const ConnectionInfo* Swarm::find_connection(ConnectionId connection) const {
  const Connection* const found = find(connection);
  return found != nullptr && found->is_open() ? &found->info() : nullptr;
}

std::vector<PeerId> Swarm::peers() const {
  std::vector<PeerId> out;
  out.reserve(peers_.size());
  for (const auto& [peer, connections] : peers_) out.push_back(peer);
  return out;
}

std::optional<Instant> Swarm::last_received(ConnectionId connection) const {
  const Connection* const found = find(connection);
  return found != nullptr ? std::optional(found->last_received()) : std::nullopt;
}

Connection* Swarm::find(ConnectionId id) const {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

const Swarm::Served* Swarm::served(std::string_view protocol) const {
  const auto found = std::ranges::find(protocol_ids_, protocol);
  if (found == protocol_ids_.end()) return nullptr;
  return &served_[static_cast<std::size_t>(found - protocol_ids_.begin())];
}

bool Swarm::keeps_alive(std::string_view protocol) const {
  const Served* const found = served(protocol);
  return found == nullptr || found->keeps_alive;
}

StreamReceiver* Swarm::on_inbound_stream(Stream& stream) {
  const Served* const found = served(stream.protocol());
  return found == nullptr ? nullptr : found->protocol->on_inbound_stream(stream);
}

void Swarm::on_upgrade_progress(Connection& connection) {
  admission_.progress(connection.info().id);
}

Result<> Swarm::on_upgraded(Connection& connection) {
  const ConnectionInfo& info = connection.info();
  PRECONF_CHECK_OK(check_peer(info));
  const bool inbound = info.direction == Direction::inbound;
  ++(inbound ? counters_.connected_inbound : counters_.connected_outbound);
  ++(inbound ? established_inbound_ : established_outbound_);
  peers_[info.peer].push_back(&connection);
  admission_.upgraded(info.id);
  dials_.erase(info.id);
  if (debugging()) {
    log_debug(LogArea::libp2p, "connected to {} at {}", info.peer.to_string(), info.remote_address);
  }
  for (Protocol* protocol : protocols_) protocol->on_connected(info);
  if (events_.on_connected) events_.on_connected(info);
  return {};
}

Result<> Swarm::check_peer(const ConnectionInfo& info) {
  if (info.peer == local_peer()) {
    ++counters_.refused_self;
    return fail(ErrorCode::refused, "the peer has our own id");
  }
  if (is_blocked(info.peer)) {
    ++counters_.refused_blocked;
    return fail(ErrorCode::refused, "the peer is blocked");
  }
  const auto found = peers_.find(info.peer);
  const bool inbound = info.direction == Direction::inbound;
  const bool full = established_inbound_ + established_outbound_ >= config_.max_established ||
                    (inbound && established_inbound_ >= config_.max_established_inbound) ||
                    (!inbound && established_outbound_ >= config_.max_established_outbound) ||
                    (found != peers_.end() && found->second.size() >= config_.max_established_per_peer);
  if (full) {
    ++counters_.refused_by_limit;
    return fail(ErrorCode::limit, "as many connections as may be are open");
  }
  return {};
}

void Swarm::on_closed(Connection& connection, const Error& cause) {
  const ConnectionId id = connection.info().id;
  auto node = connections_.extract(id);
  if (PRECONF_BUG(node.empty())) return;
  closed_.push_back(std::move(node.mapped()));
  sweep_later();
  admission_.ended(id);
  if (auto tcp = connection.take_tcp()) reactor_.close_gracefully(std::move(tcp), close_linger_);

  const auto found = peers_.find(connection.info().peer);
  if (found != peers_.end() && std::ranges::count(found->second, &connection) > 0) {
    forget_established(connection, cause);
  } else if (dials_.contains(id)) {
    fail_dial(id, cause);
  } else {
    ++counters_.upgrades_failed_inbound;
    log_debug(LogArea::libp2p, "refused {}: {}", connection.info().remote_address, cause.message);
  }
}

void Swarm::forget_established(Connection& connection, const Error& cause) {
  const ConnectionInfo& info = connection.info();
  const auto found = peers_.find(info.peer);
  std::erase(found->second, &connection);
  if (found->second.empty()) peers_.erase(found);
  --(info.direction == Direction::inbound ? established_inbound_ : established_outbound_);
  ++counters_.disconnected;
  if (cause.code == ErrorCode::invalid || cause.code == ErrorCode::bad_signature) {
    ++counters_.closed_protocol_error;
  }
  if (debugging()) {
    log_debug(LogArea::libp2p, "disconnected from {}: {}", info.peer.to_string(), cause.message);
  }
  for (Protocol* protocol : protocols_) protocol->on_disconnected(info);
  if (events_.on_disconnected) events_.on_disconnected(info, cause);
}

void Swarm::needs_flush(Connection& connection) {
  if (!connection.flush_pending) {
    connection.flush_pending = true;
    dirty_.push_back(connection.info().id);
  }
  if (turn_ == 0 && !flush_timer_) {
    flush_timer_ = reactor_.after(Duration(0), [this] { flush_dirty(); });
  }
}

void Swarm::turn_ends() {
  if (--turn_ == 0) flush_dirty();
}

void Swarm::flush_dirty() {
  if (flushing_) return;
  flushing_ = true;
  flush_timer_.reset();
  // What becomes dirty by flushing waits for the next turn: nobody can keep this loop busy.
  std::vector<ConnectionId> now_dirty;
  now_dirty.swap(dirty_);
  for (const ConnectionId id : now_dirty) {
    Connection* const connection = find(id);
    if (connection == nullptr) continue;
    connection->flush_pending = false;
    connection->flush();
  }
  flushing_ = false;
  if (dirty_.empty()) {
    now_dirty.clear();
    dirty_.swap(now_dirty);
  } else if (!flush_timer_) {
    flush_timer_ = reactor_.after(Duration(0), [this] { flush_dirty(); });
  }
}

void Swarm::tick() {
  std::vector<ConnectionId> ids;
  ids.reserve(connections_.size());
  for (const auto& [id, connection] : connections_) ids.push_back(id);
  for (const ConnectionId id : ids) {
    if (Connection* const connection = find(id)) check_deadlines(*connection);
  }
  check_dials();
}

void Swarm::check_deadlines(Connection& connection) {
  const Instant now = reactor_.now();
  if (connection.is_upgrading()) {
    if (now - connection.started() < limits::kUpgradeTimeout) return;
    ++counters_.upgrades_timed_out;
    connection.close({ErrorCode::timed_out, "the peer did not finish the upgrade in time"});
    return;
  }
  connection.expire_negotiations(now - limits::kNegotiationTimeout);
  const auto idle = connection.idle_since();
  if (idle && now - *idle >= config_.idle_timeout) {
    ++counters_.closed_idle;
    connection.close({ErrorCode::closed, "the connection was idle"});
  }
}

void Swarm::sweep_later() {
  if (!sweep_timer_) {
    sweep_timer_ = reactor_.after(Duration(0), [this] {
      sweep_timer_.reset();
      closed_.clear();
    });
  }
}

}  // namespace libpreconf::libp2p
