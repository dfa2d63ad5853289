#pragma once
// UDP on the libevent loop. A bounded number of datagrams a turn; sending never waits.

#include "libpreconf/reactor/reactor.h"
#include "reactor/event_loop.h"
#include "reactor/guarded_callback.h"

namespace libpreconf {

class LibeventUdpSocket final : public UdpSocket {
 public:
  LibeventUdpSocket(EventLoop& loop, FileDescriptor socket, Reactor::OnDatagram on_datagram);

  bool send_to(const SocketAddress& to, ByteView datagram) override;
  [[nodiscard]] SocketAddress local_address() const override { return local_; }
  /// False if the loop cannot watch the socket.
  [[nodiscard]] bool watch();

 private:
  void handle_readable();

  EventLoop& loop_;
  FileDescriptor socket_;
  FdEvent event_;
  SocketAddress local_;
  GuardedCallback<void(const SocketAddress&, ByteView)> on_datagram_;
};

}  // namespace libpreconf
