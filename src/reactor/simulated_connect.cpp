#include "reactor/simulated_sockets.h"

namespace libpreconf {
namespace {

constexpr std::chrono::seconds kRequestInterval{1};
/// Then a kernel gives up as well (about two minutes).
constexpr int kMaxRequests = 127;

}  // namespace

SimulatedConnectAttempt::SimulatedConnectAttempt(SimulatedWorld& world, const HostIp& host,
                                                 const SocketAddress& address, Reactor::OnConnect on_connect)
    : world_(world), host_(host), address_(address), on_connect_(std::move(on_connect)) {
  if (address.is_v6()) {
    answer_later(fail(ErrorCode::unavailable, "cannot connect to " + address.to_string() + ": no route"));
    return;
  }
  target_ = target_host(address, host);
  next_step_ =
      world_.timers.add(world_.now() + world_.draw_latency(host_, target_), [this] { request_arrived(); });
}

void SimulatedConnectAttempt::request_arrived() {
  world_.touch(target_);
  const std::string where = "cannot connect to " + address_.to_string();
  if (!world_.connected(host_, target_)) {
    if (++requests_ > kMaxRequests) return answer_later(fail(ErrorCode::timed_out, where + ": timed out"));
    next_step_ = world_.timers.add(world_.now() + kRequestInterval, [this] { request_arrived(); });
    return;
  }
  SimulatedTcpListener* listener = world_.find_listener(address_, target_, host_);
  if (listener == nullptr || world_.draw(world_.profile.connect_failure)) {
    return answer_later(fail(ErrorCode::refused, where + ": Connection refused"));
  }
  const bool loopback = address_.is_loopback();
  const SocketAddress server_address = (loopback ? address_ : SocketAddress::v4(target_, address_.port()));
  const SocketAddress client_address = loopback ? address_.with_port(world_.free_port(host_))
                                                : SocketAddress::v4(host_, world_.free_port(host_));
  const ConnectionId client_id = world_.open_pipe(host_, target_);
  const ConnectionId server_id = world_.open_pipe(target_, host_);
  world_.pipe(client_id).receiver = server_id;
  world_.pipe(server_id).receiver = client_id;
  auto client = std::make_unique<SimulatedTcpConnection>(world_, client_id, client_address, server_address);
  auto server = std::make_unique<SimulatedTcpConnection>(world_, server_id, server_address, client_address);
  client->set_peer(server_id);
  server->set_peer(client_id);
  // First the answer, then the callback: it may destroy this attempt.
  answer_later(std::move(client));
  listener->accept(std::move(server));
}

void SimulatedConnectAttempt::answer_later(Result<std::unique_ptr<TcpConnection>> result) {
  const Duration delay = address_.is_v6() ? Duration::zero() : world_.draw_latency(target_, host_);
  next_step_ = world_.timers.add(world_.now() + delay, [this, result = std::move(result)]() mutable {
    world_.touch(host_);
    auto on_connect = std::exchange(on_connect_, nullptr);
    on_connect(std::move(result));
  });
}

}  // namespace libpreconf
