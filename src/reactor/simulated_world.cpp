#include "reactor/simulated_world.h"

#include <algorithm>
#include <bit>

#include "reactor/simulated_sockets.h"

namespace libpreconf {
namespace {

/// Within a host: quick, but never at once.
constexpr Duration kLoopbackLatency{10};
constexpr std::uint16_t kFirstEphemeralPort = 49152;

std::pair<HostIp, HostIp> link(const HostIp& a, const HostIp& b) {
  return std::minmax(a, b);
}

/// The same for the same seed and pair of hosts, whatever else was drawn.
Duration own_share(std::uint64_t seed, const std::pair<HostIp, HostIp>& pair, Duration most) {
  std::uint64_t mixed = seed ^ 0x9e3779b97f4a7c15ULL;
  for (const HostIp& host : {pair.first, pair.second}) {
    for (const std::uint8_t byte : host) mixed = (mixed ^ byte) * 0x100000001b3ULL;
    mixed ^= mixed >> 29;
  }
  return Duration(static_cast<Duration::rep>(mixed % (static_cast<std::uint64_t>(most.count()) + 1)));
}

}  // namespace

HostIp host_ip(const SocketAddress& address) {
  return take_fixed<4>(address.ip());
}

HostIp target_host(const SocketAddress& address, const HostIp& local) {
  return address.is_loopback() || address.is_unspecified() ? local : host_ip(address);
}

SimulatedWorld::SimulatedWorld(std::uint64_t seed, const LinkProfile& link_profile, WallTime start)
    : link_random(seed),
      user_random(seed ^ 0x7573657264726177ULL),
      profile(link_profile),
      link_seed_(seed),
      start_(start) {}

SimulatedWorld::~SimulatedWorld() {
  closing = true;
  turn_end.sweep();
}

bool SimulatedWorld::step(Instant end) {
  finish_turn();
  const auto next = timers.next();
  if (!next || *next > end) return false;
  now_ = std::max(now_, *next);
  if (const TimerQueue::Owner owner = timers.next_owner(); owner != 0) touch(std::bit_cast<HostIp>(owner));
  timers.run_first();
  finish_turn();
  ++events_handled;
  if (on_event) on_event(touched_);
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
  if (profile.spread > Duration::zero()) latency += own_share(link_seed_, link(from, to), profile.spread);
  if (profile.jitter > Duration::zero()) {
    latency += Duration(link_random.below(static_cast<std::uint64_t>(profile.jitter.count()) + 1));
  }
  return latency;
}

bool SimulatedWorld::draw(double share) {
  return share > 0 && link_random.unit() < share;
}

bool SimulatedWorld::connected(const HostIp& a, const HostIp& b) const {
  if (!cuts_.empty() && cuts_.contains(link(a, b))) return false;
  if (parts_.empty() || a == b) return true;
  const auto part = [this](const HostIp& host) {
    const auto found = parts_.find(host);
    return found == parts_.end() ? 0U : found->second;
  };
  return part(a) == part(b);
}

void SimulatedWorld::set_connected(const HostIp& a, const HostIp& b, bool connected) {
  if (!connected) {
    cuts_.insert(link(a, b));
    return;
  }
  if (cuts_.erase(link(a, b)) == 0) return;
  resend([&](const SimulatedPipe& pipe) { return link(pipe.from, pipe.to) == link(a, b); });
}

void SimulatedWorld::set_part(const HostIp& host, std::uint32_t part) {
  if (part == 0) {
    parts_.erase(host);
  } else {
    parts_[host] = part;
  }
  resend([&](const SimulatedPipe& pipe) {
    return (pipe.from == host || pipe.to == host) && connected(pipe.from, pipe.to);
  });
}

template <class Predicate>
void SimulatedWorld::resend(Predicate wanted) {
  for (ConnectionId id = 0; id < ends.size(); ++id) {
    if (!ends[id].pipe || ends[id].pipe->in_flight.empty() || !wanted(*ends[id].pipe)) continue;
    SimulatedPipe& pipe = *ends[id].pipe;
    Instant arrival = now_ + draw_latency(pipe.from, pipe.to);
    for (SimulatedPipe::Segment& segment : pipe.in_flight) {
      segment.arrival = arrival = std::max(arrival, segment.arrival);
      timers.post(arrival, [this, id] { deliver(id); });
    }
    pipe.last_arrival = arrival;
  }
}

void SimulatedWorld::drop_sockets(const HostIp& ip) {
  std::erase_if(listeners, [&](const auto& entry) { return entry.first.first == ip; });
  std::erase_if(udp_sockets, [&](const auto& entry) { return entry.first.first == ip; });
  std::vector<ConnectionId> ended;
  for (ConnectionId id = 0; id < ends.size(); ++id) {
    if (ends[id].socket != nullptr && ends[id].socket->host() == ip) ended.push_back(id);
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
  auto opened = std::make_unique<SimulatedPipe>();
  opened->from = from;
  opened->to = to;
  ends.push_back({std::move(opened), nullptr});
  return ends.size() - 1;
}

void SimulatedWorld::send(ConnectionId sender, SimulatedPipe::Kind kind, Bytes bytes) {
  if (closing || !ends[sender].pipe) return;
  SimulatedPipe& pipe = *ends[sender].pipe;
  pipe.last_arrival = std::max(pipe.last_arrival, arrival_of(pipe, bytes.size()));
  pipe.in_flight.push_back({kind, std::move(bytes), pipe.last_arrival});
  timers.post(pipe.last_arrival, [this, sender] { deliver(sender); });
}

Instant SimulatedWorld::arrival_of(SimulatedPipe& pipe, std::size_t size) {
  pipe.sent_until = std::max(pipe.sent_until, now_);
  if (profile.bandwidth > 0 && pipe.from != pipe.to) {
    pipe.sent_until += Duration(static_cast<Duration::rep>(size * 1'000'000 / profile.bandwidth));
  }
  const Duration lost = draw(profile.segment_loss) ? profile.retransmission : Duration::zero();
  return pipe.sent_until + draw_latency(pipe.from, pipe.to) + lost;
}

void SimulatedWorld::deliver(ConnectionId pipe_id) {
  if (!ends[pipe_id].pipe) return;
  SimulatedPipe& pipe = *ends[pipe_id].pipe;
  // Across a cut the segment stays; set_connected sends it again.
  if (pipe.in_flight.empty() || pipe.in_flight.front().arrival > now_ || !connected(pipe.from, pipe.to))
    return;
  SimulatedPipe::Segment segment = std::move(pipe.in_flight.front());
  pipe.in_flight.pop_front();
  const ConnectionId receiver = pipe.receiver;
  touch(pipe.to);
  if (segment.kind != SimulatedPipe::Kind::data) ends[pipe_id].pipe.reset();
  if (SimulatedTcpConnection* connection = find(receiver)) {
    connection->arrived(segment.kind, std::move(segment.bytes));
  }
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
