#include "reactor/libevent_udp.h"

#include <cerrno>

#include "reactor/limits.h"

namespace libpreconf {

LibeventUdpSocket::LibeventUdpSocket(EventLoop& loop, FileDescriptor socket, Reactor::OnDatagram on_datagram)
    : loop_(loop), socket_(std::move(socket)), local_(local_address_of(socket_.get())) {
  on_datagram_.set(std::move(on_datagram));
}

bool LibeventUdpSocket::watch() {
  const auto readable = [](void* self) { static_cast<LibeventUdpSocket*>(self)->handle_readable(); };
  return event_.assign(loop_.base(), socket_.get(), FdEvent::Kind::readable, readable, this) && event_.add();
}

bool LibeventUdpSocket::send_to(const SocketAddress& to, ByteView datagram) {
  if (send_datagram(socket_.get(), to, datagram) < 0) {
    ++loop_.counters().datagrams_dropped;
    return false;
  }
  ++loop_.counters().datagrams_written;
  return true;
}

void LibeventUdpSocket::handle_readable() {
  loop_.enter();
  const MutableByteView buffer = loop_.read_buffer();
  for (int i = 0; i < reactor_limits::kDatagramsPerTurn; ++i) {
    SocketAddress from;
    const std::ptrdiff_t received = receive_datagram(socket_.get(), buffer, from);
    // An error of one datagram (an ICMP answer to an earlier one) says nothing about the next.
    if (received == -ECONNREFUSED || received == -EINTR) continue;
    if (received < 0) return;
    ++loop_.counters().datagrams_read;
    if (!on_datagram_.call(from, buffer.first(static_cast<std::size_t>(received)))) return;
  }
}

}  // namespace libpreconf
