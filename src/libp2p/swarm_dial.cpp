// How connections come to the swarm: listening, accepting, dialing.

#include "libp2p/swarm_dial.h"

#include "base/log.h"

namespace libpreconf::libp2p {

Result<Multiaddr> Swarm::listen(const Multiaddr& address) {
  const auto socket_address = address.socket_address();
  if (!socket_address) {
    return fail(ErrorCode::unsupported,
                address.to_string() + ": give an IP address to listen on, not a name");
  }
  if (listeners_.size() >= limits::kListeners) return fail(ErrorCode::limit, "too many listening addresses");
  PRECONF_TRY(auto socket, reactor_.listen_tcp(*socket_address, [this](std::unique_ptr<TcpConnection> tcp) {
    accept(std::move(tcp));
  }));
  Multiaddr bound = Multiaddr::of(socket->local_address(), local_peer());
  listeners_.push_back({bound, std::move(socket)});
  return bound;
}

std::vector<Multiaddr> Swarm::listen_addresses() const {
  std::vector<Multiaddr> out;
  out.reserve(listeners_.size());
  for (const Listener& listener : listeners_) out.push_back(listener.address);
  return out;
}

void Swarm::accept(std::unique_ptr<TcpConnection> tcp) {
  if (stopped_) return;
  if (established_inbound_ >= config_.max_established_inbound ||
      established_inbound_ + established_outbound_ >= config_.max_established) {
    ++counters_.refused_by_limit;
    return;
  }
  const ConnectionId id = next_id_++;
  const auto decision = admission_.admit(id, tcp->remote_address(), reactor_.now());
  if (!decision.admitted) return;
  if (decision.evict) {
    if (Connection* const stale = find(*decision.evict)) {
      stale->close({ErrorCode::limit, "its upgrade stood still while others wait"});
    }
  }
  adopt(id, std::move(tcp), Direction::inbound, {});
}

void Swarm::adopt(ConnectionId id, std::unique_ptr<TcpConnection> tcp, Direction direction,
                  const PeerId& expected) {
  ConnectionHost& host = *this;
  auto connection = std::make_unique<Connection>(host, id, direction, std::move(tcp), noise_identity_,
                                                 crypto::X25519KeyPair::generate(random_), expected);
  Connection& adopted = *connection;
  connections_.emplace(id, std::move(connection));
  adopted.start();
}

Result<> Swarm::dial(const Multiaddr& address) {
  if (stopped_) return fail(ErrorCode::closed, "this node is stopping");
  if (address.peer() == local_peer())
    return fail(ErrorCode::refused, address.to_string() + " is this node itself");
  if (!address.peer().empty() && is_blocked(address.peer())) {
    return fail(ErrorCode::refused, address.peer().to_string() + " is blocked");
  }
  if (dials_.size() >= config_.max_pending_outbound) {
    return fail(ErrorCode::limit, "too many dials are under way");
  }
  if (established_outbound_ + dials_.size() >= config_.max_established_outbound) {
    return fail(ErrorCode::limit, "too many outbound connections are open");
  }
  const ConnectionId id = next_id_++;
  ++counters_.dials;
  auto dial = std::make_unique<Dial>();
  dial->target = address;
  dial->operation_started = reactor_.now();
  Dial& started = *dial;
  dials_.emplace(id, std::move(dial));
  if (const auto socket_address = address.socket_address()) {
    started.addresses.push_back(*socket_address);
    connect_next(id);
    return {};
  }
  started.operation = reactor_.resolve(
      address.name(), address.family(),
      [this, id](Result<std::vector<SocketAddress>> addresses) { on_resolved(id, std::move(addresses)); });
  return {};
}

void Swarm::on_resolved(ConnectionId id, Result<std::vector<SocketAddress>> addresses) {
  const auto found = dials_.find(id);
  if (found == dials_.end()) return;
  if (!addresses) return fail_dial(id, addresses.error());
  Dial& dial = *found->second;
  for (const SocketAddress& address : *addresses) {
    if (dial.addresses.size() >= limits::kAddressesPerDial) break;
    dial.addresses.push_back(address.with_port(dial.target.port()));
  }
  connect_next(id);
}

void Swarm::connect_next(ConnectionId id) {
  Dial& dial = *dials_.at(id);
  if (dial.next >= dial.addresses.size()) {
    return fail_dial(id, {ErrorCode::unavailable, "no address to connect to"});
  }
  dial.operation_started = reactor_.now();
  dial.operation = reactor_.connect_tcp(
      dial.addresses[dial.next++],
      [this, id](Result<std::unique_ptr<TcpConnection>> tcp) { on_tcp_connected(id, std::move(tcp)); });
}

void Swarm::on_tcp_connected(ConnectionId id, Result<std::unique_ptr<TcpConnection>> tcp) {
  const auto found = dials_.find(id);
  if (found == dials_.end()) return;
  Dial& dial = *found->second;
  dial.operation.reset();
  if (tcp) return adopt(id, std::move(*tcp), Direction::outbound, dial.target.peer());
  if (dial.next < dial.addresses.size()) return connect_next(id);
  fail_dial(id, tcp.error());
}

void Swarm::check_dials() {
  const Instant now = reactor_.now();
  std::vector<ConnectionId> late;
  for (const auto& [id, dial] : dials_) {
    if (dial->operation && now - dial->operation_started >= limits::kConnectTimeout) late.push_back(id);
  }
  for (const ConnectionId id : late) {
    if (dials_.contains(id)) on_tcp_connected(id, fail(ErrorCode::timed_out, "no answer in time"));
  }
}

void Swarm::fail_dial(ConnectionId id, const Error& cause) {
  const auto node = dials_.extract(id);
  if (node.empty()) return;
  ++counters_.dials_failed;
  const Multiaddr target = node.mapped()->target;
  if (log_enabled(LogLevel::debug, LogArea::libp2p)) {
    log_debug(LogArea::libp2p, "dialing {} failed: {}", target.to_string(), cause.message);
  }
  if (events_.on_dial_failed) events_.on_dial_failed(target, cause);
}

}  // namespace libpreconf::libp2p
