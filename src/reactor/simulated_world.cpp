#include "reactor/simulated_world.h"

#include <algorithm>

#include "reactor/simulated_sockets.h"

namespace libpreconf {
namespace {

/// Within a host: quick, but never at once.
constexpr Duration kLoopbackLatency{10};
constexpr std::uint16_t kFirstEphemeralPort = 49152;

std::pair<HostIp, HostIp> link(const HostIp& a, const HostIp& b) {
  return std::minmax(a, b);
}

}  // namespace

HostIp host_ip(const SocketAddress& address) {
  return take_fixed<4>(address.ip());
}

HostIp target_host(const SocketAddress& address, const HostIp& local) {
  return address.is_loopback() || address.is_unspecified() ? local : host_ip(address);
}

SimulatedWorld::SimulatedWorld(std::uint64_t seed, const LinkProfile& link_profile, WallTime start)
    : link_random(seed), user_random(seed ^ 0x7573657264726177ULL), profile(link_profile), start_(start) {}

SimulatedWorld::~SimulatedWorld() {
  closing = true;
  turn_end.sweep();
}

bool SimulatedWorld::step(Instant end) {
  finish_turn();
  const auto next = timers.next();
  if (!next || *next > end) return false;
  now_ = std::max(now_, *next);
  timers.run_first();
  finish_turn();
  return true;
}

void SimulatedWorld::finish_turn() {
  while (turn_end.waits()) turn_end.run();
}

void SimulatedWorld::schedule(Duration delay, TimerQueue::Callback callback) {
  timers.post(now_ + delay, std::move(callback));
}

Duration SimulatedWorld::draw_latency(const HostIp& from, const HostIp& to) {
  if (from == to) return kLoopbackLatency;
  Duration latency = profile.latency;
  if (profile.jitter > Duration::zero()) {
    latency += Duration(link_random.below(static_cast<std::uint64_t>(profile.jitter.count()) + 1));
  }
  return latency;
}

bool SimulatedWorld::draw(double share) {
  return share > 0 && link_random.unit() < share;
}

bool SimulatedWorld::connected(const HostIp& a, const HostIp& b) const {
  return !cuts_.contains(link(a, b));
}

void SimulatedWorld::set_connected(const HostIp& a, const HostIp& b, bool connected) {
  if (!connected) {
    cuts_.insert(link(a, b));
    return;
  }
  if (cuts_.erase(link(a, b)) == 0) return;
  // What stalled is sent again, and all behind it stays behind it.
  for (auto& [id, pipe] : pipes) {
    if (link(pipe.from, pipe.to) != link(a, b) || pipe.in_flight.empty()) continue;
    Instant arrival = now_ + draw_latency(pipe.from, pipe.to);
    for (SimulatedPipe::Segment& segment : pipe.in_flight) {
      segment.arrival = arrival = std::max(arrival, segment.arrival);
      timers.post(arrival, [this, pipe_id = id] { deliver(pipe_id); });
    }
    pipe.last_arrival = arrival;
  }
}

void SimulatedWorld::drop_sockets(const HostIp& ip) {
  std::erase_if(listeners, [&](const auto& entry) { return entry.first.first == ip; });
  std::erase_if(udp_sockets, [&](const auto& entry) { return entry.first.first == ip; });
  std::vector<ConnectionId> ended;
  for (const auto& [id, connection] : connections) {
    if (connection->host() == ip) ended.push_back(id);
  }
  for (const ConnectionId id : ended) {
    schedule(Duration::zero(), [this, id] {
      if (SimulatedTcpConnection* connection = find(id)) connection->crash();
    });
  }
}

std::uint16_t SimulatedWorld::free_port(const HostIp& ip) {
  std::uint16_t& next = next_port_.try_emplace(ip, kFirstEphemeralPort).first->second;
  for (int tries = 0; tries <= 65535 - kFirstEphemeralPort; ++tries) {
    const std::uint16_t port = next;
    next = next == 65535 ? kFirstEphemeralPort : static_cast<std::uint16_t>(next + 1);
    if (!listeners.contains({ip, port}) && !udp_sockets.contains({ip, port})) return port;
  }
  return 0;
}

ConnectionId SimulatedWorld::open_pipe(const HostIp& from, const HostIp& to) {
  const ConnectionId id = next_connection_++;
  SimulatedPipe& pipe = pipes[id];
  pipe.from = from;
  pipe.to = to;
  return id;
}

void SimulatedWorld::send(ConnectionId sender, SimulatedPipe::Kind kind, Bytes bytes) {
  const auto found = pipes.find(sender);
  if (closing || found == pipes.end()) return;
  SimulatedPipe& pipe = found->second;
  pipe.last_arrival = std::max(pipe.last_arrival, now_ + draw_latency(pipe.from, pipe.to));
  pipe.in_flight.push_back({kind, std::move(bytes), pipe.last_arrival});
  timers.post(pipe.last_arrival, [this, sender] { deliver(sender); });
}

void SimulatedWorld::deliver(ConnectionId pipe_id) {
  const auto found = pipes.find(pipe_id);
  if (found == pipes.end()) return;
  SimulatedPipe& pipe = found->second;
  // Across a cut the segment stays; set_connected sends it again.
  if (pipe.in_flight.empty() || pipe.in_flight.front().arrival > now_ || !connected(pipe.from, pipe.to))
    return;
  SimulatedPipe::Segment segment = std::move(pipe.in_flight.front());
  pipe.in_flight.pop_front();
  const ConnectionId receiver = pipe.receiver;
  if (segment.kind != SimulatedPipe::Kind::data) pipes.erase(found);
  if (SimulatedTcpConnection* connection = find(receiver)) {
    connection->arrived(segment.kind, std::move(segment.bytes));
  }
}

SimulatedTcpConnection* SimulatedWorld::find(ConnectionId id) const {
  const auto found = connections.find(id);
  return found == connections.end() ? nullptr : found->second;
}

SimulatedTcpListener* SimulatedWorld::find_listener(const SocketAddress& at, const HostIp& host,
                                                    const HostIp& from) {
  const auto found = listeners.find({host, at.port()});
  if (found == listeners.end()) return nullptr;
  if (found->second->local_address().is_loopback() && from != host) return nullptr;
  return found->second;
}

SimulatedUdpSocket* SimulatedWorld::find_udp(const SocketAddress& at, const HostIp& host) {
  const auto found = udp_sockets.find({host, at.port()});
  return found == udp_sockets.end() ? nullptr : found->second;
}

}  // namespace libpreconf
