#include "reactor/simulated.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "base/log.h"
#include "reactor/graceful_closer.h"
#include "reactor/literal_address.h"
#include "reactor/simulated_sockets.h"
#include "reactor/simulated_world.h"

namespace libpreconf {

/// One host's view of the network.
class SimulatedReactor final : public Reactor {
 public:
  SimulatedReactor(SimulatedWorld& world, const HostIp& ip)
      : world_(world), ip_(ip), owner_(std::bit_cast<TimerQueue::Owner>(ip)) {}

  [[nodiscard]] Instant now() const override { return world_.now(); }
  [[nodiscard]] WallTime wall_now() const override { return world_.wall_now() + clock_offset_; }
  void set_clock_offset(Duration offset) noexcept { clock_offset_ = offset; }
  TimerHandle after(Duration delay, Callback callback) override {
    return world_.timers.add(world_.now() + std::max(delay, Duration::zero()), std::move(callback), owner_);
  }
  TimerHandle every(Duration interval, Callback callback) override {
    return world_.timers.add_repeating(world_.now() + interval, interval, std::move(callback), owner_);
  }
  [[nodiscard]] Result<std::unique_ptr<TcpListener>> listen_tcp(const SocketAddress& address,
                                                                OnAccept on_accept) override {
    const bool taken = world_.listeners.contains({ip_, address.port()});
    PRECONF_TRY(const SocketAddress local, bindable(address, taken, "cannot listen on "));
    return std::make_unique<SimulatedTcpListener>(world_, ip_, local, std::move(on_accept));
  }
  [[nodiscard]] Handle connect_tcp(const SocketAddress& address, OnConnect on_connect) override {
    return Handle(std::make_unique<SimulatedConnectAttempt>(world_, ip_, address, std::move(on_connect)));
  }
  [[nodiscard]] Result<std::unique_ptr<UdpSocket>> bind_udp(const SocketAddress& address,
                                                            OnDatagram on_datagram) override {
    const bool taken = world_.udp_sockets.contains({ip_, address.port()});
    PRECONF_TRY(const SocketAddress local, bindable(address, taken, "cannot bind "));
    return std::make_unique<SimulatedUdpSocket>(world_, ip_, local, std::move(on_datagram));
  }
  [[nodiscard]] Handle resolve(std::string_view name, AddressFamily family, OnResolve on_resolve) override {
    auto literal = literal_address(name, family);
    const Duration delay = literal ? Duration::zero() : world_.profile.latency;
    auto answer = literal ? std::move(*literal) : look_up(name, family);
    return after(delay, [answer = std::move(answer), on_resolve = std::move(on_resolve)]() mutable {
      on_resolve(std::move(answer));
    });
  }
  void close_gracefully(std::unique_ptr<TcpConnection> connection, Duration linger) override {
    auto* ours = dynamic_cast<SimulatedTcpConnection*>(connection.get());
    if (ours == nullptr) return destroy_later(std::move(connection));
    (void)connection.release();
    closer_.close(*this, std::unique_ptr<SimulatedTcpConnection>(ours), linger);
  }

 protected:
  void sweep_later(Callback callback) override { world_.turn_end.sweep_later(std::move(callback)); }

 private:
  Result<SocketAddress> bindable(const SocketAddress& address, bool taken, std::string_view what) {
    const std::string where = std::string(what) + address.to_string() + ": ";
    if (address.is_v6() || target_host(address, ip_) != ip_) {
      return fail(ErrorCode::io, where + "Cannot assign requested address");
    }
    if (address.port() != 0 && taken) return fail(ErrorCode::io, where + "Address already in use");
    const std::uint16_t port = address.port() != 0 ? address.port() : world_.free_port(ip_);
    if (port == 0) return fail(ErrorCode::io, where + "no free port");
    return address.with_port(port);
  }
  Result<std::vector<SocketAddress>> look_up(std::string_view name, AddressFamily family) const {
    if (name.empty()) return fail(ErrorCode::malformed, "\"\" is no host name");
    const auto found = world_.names.find(name);
    if (found == world_.names.end() || found->second.empty() || family == AddressFamily::v6) {
      return fail(ErrorCode::not_found, "cannot resolve \"" + printable(name) + "\"");
    }
    return found->second;
  }

  SimulatedWorld& world_;
  HostIp ip_;
  TimerQueue::Owner owner_;  ///< of this host's timers
  Duration clock_offset_{0};
  GracefulCloser<SimulatedTcpConnection> closer_;
};

struct SimulatedNetwork::Impl {
  Impl(std::uint64_t seed, const LinkProfile& profile, WallTime start) : world(seed, profile, start) {}
  ~Impl() { world.closing = true; }

  // Hosts go first: what they close looks at the world.
  SimulatedWorld world;
  std::map<HostIp, std::unique_ptr<SimulatedReactor>> hosts;
};

namespace {

HostIp parse_host(std::string_view ip) {
  const auto address = SocketAddress::parse(std::string(ip) + ":0");
  // Addresses of a simulation are written in tests, never received.
  PRECONF_ASSERT(address && !address->is_v6());
  return host_ip(*address);
}

}  // namespace

SimulatedNetwork::SimulatedNetwork(std::uint64_t seed, LinkProfile profile, WallTime start)
    : impl_(std::make_unique<Impl>(seed, profile, start)) {}

SimulatedNetwork::~SimulatedNetwork() = default;

Reactor& SimulatedNetwork::host(std::string_view ip) {
  const HostIp key = parse_host(ip);
  auto& host = impl_->hosts[key];
  if (!host) host = std::make_unique<SimulatedReactor>(impl_->world, key);
  return *host;
}

void SimulatedNetwork::set_name(std::string_view name, const std::vector<std::string>& ips) {
  std::vector<SocketAddress> addresses;
  addresses.reserve(ips.size());
  for (const std::string& ip : ips) addresses.push_back(SocketAddress::v4(parse_host(ip), 0));
  impl_->world.names[std::string(name)] = std::move(addresses);
}

void SimulatedNetwork::set_connected(std::string_view a, std::string_view b, bool connected) {
  impl_->world.set_connected(parse_host(a), parse_host(b), connected);
}

void SimulatedNetwork::drop_sockets(std::string_view ip) {
  impl_->world.drop_sockets(parse_host(ip));
}

void SimulatedNetwork::set_profile(LinkProfile profile) {
  impl_->world.profile = profile;
}

void SimulatedNetwork::set_part(std::string_view ip, std::uint32_t part) {
  impl_->world.set_part(parse_host(ip), part);
}

void SimulatedNetwork::set_clock_offset(std::string_view ip, Duration offset) {
  (void)host(ip);
  impl_->hosts[parse_host(ip)]->set_clock_offset(offset);
}

void SimulatedNetwork::on_event(OnEvent callback) {
  impl_->world.on_event = std::move(callback);
}

std::uint64_t SimulatedNetwork::events_handled() const {
  return impl_->world.events_handled;
}

void SimulatedNetwork::run_for(Duration duration) {
  const Instant end = now() + duration;
  while (impl_->world.step(end)) {
  }
  impl_->world.advance_to(end);
}

bool SimulatedNetwork::run_until(std::move_only_function<bool()> done, Duration limit) {
  const Instant end = now() + limit;
  while (!done()) {
    if (impl_->world.step(end)) continue;
    impl_->world.advance_to(end);
    return done();
  }
  return true;
}

Instant SimulatedNetwork::now() const {
  return impl_->world.now();
}

Random& SimulatedNetwork::random() {
  return impl_->world.user_random;
}

}  // namespace libpreconf
