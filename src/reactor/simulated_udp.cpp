#include "reactor/simulated_sockets.h"

namespace libpreconf {
namespace {

/// Largest payload of a UDP datagram over IPv4.
constexpr std::size_t kMaxDatagram = 65507;

}  // namespace

SimulatedUdpSocket::SimulatedUdpSocket(SimulatedWorld& world, const HostIp& host, const SocketAddress& local,
                                       Reactor::OnDatagram on_datagram)
    : world_(world), host_(host), local_(local) {
  on_datagram_.set(std::move(on_datagram));
  world_.udp_sockets[{host_, local_.port()}] = this;
}

SimulatedUdpSocket::~SimulatedUdpSocket() {
  const auto found = world_.udp_sockets.find({host_, local_.port()});
  if (found != world_.udp_sockets.end() && found->second == this) world_.udp_sockets.erase(found);
}

bool SimulatedUdpSocket::send_to(const SocketAddress& to, ByteView datagram) {
  const auto self = world_.udp_sockets.find({host_, local_.port()});
  if (datagram.size() > kMaxDatagram || to.is_v6() || to.port() == 0) return false;
  if (self == world_.udp_sockets.end() || self->second != this) return false;
  const HostIp target = target_host(to, host_);
  // From the kernel's view it is sent; the network loses it.
  if (target != host_ && world_.draw(world_.profile.datagram_loss)) return true;
  const SocketAddress from =
      to.is_loopback() ? to.with_port(local_.port()) : SocketAddress::v4(host_, local_.port());
  world_.schedule(world_.draw_latency(host_, target),
                  [&world = world_, from, to, target, host = host_, bytes = to_bytes(datagram)] {
                    if (!world.connected(host, target)) return;
                    if (SimulatedUdpSocket* socket = world.find_udp(to, target)) socket->arrived(from, bytes);
                  });
  return true;
}

}  // namespace libpreconf
