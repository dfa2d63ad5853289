#pragma once
// Sockets of the simulated network. The same rules towards the user as the libevent ones: silent until
// started, flushed at the end of a turn, destroyable in any callback.

#include <deque>
#include <optional>

#include "libpreconf/reactor/reactor.h"
#include "reactor/guarded_callback.h"
#include "reactor/simulated_world.h"

namespace libpreconf {

/// A connection: idle -start-> open -(end, reset)-> closed; `finish` turns open into finishing.
/// The sender may have kSimulatedWindowBytes in flight or unread; the rest waits in its queue.
class SimulatedTcpConnection final : public TcpConnection, private Flushable {
 public:
  SimulatedTcpConnection(SimulatedWorld& world, ConnectionId id, const SocketAddress& local,
                         const SocketAddress& remote);
  ~SimulatedTcpConnection() override;

  void start(Callbacks callbacks) override;
  [[nodiscard]] MutableByteView prepare(std::size_t size) override { return output_.prepare(size); }
  void commit(std::size_t size) override;
  [[nodiscard]] std::size_t pending() const override { return output_.size(); }
  void set_reading(bool reading) override;
  [[nodiscard]] SocketAddress local_address() const override { return local_; }
  [[nodiscard]] SocketAddress remote_address() const override { return remote_; }

  [[nodiscard]] ConnectionId id() const noexcept { return id_; }
  [[nodiscard]] const HostIp& host() const noexcept { return host_; }
  void set_peer(ConnectionId peer) noexcept { peer_ = peer; }
  /// From the network: a segment, room in the window, the death of the host.
  void arrived(SimulatedPipe::Kind kind, Bytes bytes);
  void acknowledged(std::size_t size);
  void crash();
  /// As LibeventTcpConnection::finish.
  [[nodiscard]] bool finish(std::move_only_function<void()> done);

 private:
  enum class State : std::uint8_t { idle, open, finishing, closed };

  void flush() override;
  void read_later();
  void read();
  void acknowledge(std::size_t size);
  void after_write();
  void input_ended(const Error& reason);
  void leave(SimulatedPipe::Kind kind);
  void close(const Error& reason, SimulatedPipe::Kind kind);

  SimulatedWorld& world_;
  ConnectionId id_;
  ConnectionId peer_ = 0;
  HostIp host_;
  SocketAddress local_;
  SocketAddress remote_;
  OutputQueue output_;
  std::deque<Bytes> input_;
  std::optional<Error> input_end_;
  GuardedCallback<void(ByteView)> on_data_;
  GuardedCallback<void()> on_drained_;
  std::move_only_function<void(const Error&)> on_closed_;
  std::size_t in_flight_ = 0;
  std::size_t unacknowledged_ = 0;  ///< read, and the other side does not know
  State state_ = State::idle;
  bool reading_ = true;
  bool over_high_water_ = false;
  bool end_sent_ = false;
};

class SimulatedTcpListener final : public TcpListener {
 public:
  SimulatedTcpListener(SimulatedWorld& world, const HostIp& host, const SocketAddress& local,
                       Reactor::OnAccept on_accept);
  ~SimulatedTcpListener() override;
  [[nodiscard]] SocketAddress local_address() const override { return local_; }
  void accept(std::unique_ptr<TcpConnection> connection) { (void)on_accept_.call(std::move(connection)); }

 private:
  SimulatedWorld& world_;
  HostIp host_;
  SocketAddress local_;
  GuardedCallback<void(std::unique_ptr<TcpConnection>)> on_accept_;
};

class SimulatedUdpSocket final : public UdpSocket {
 public:
  SimulatedUdpSocket(SimulatedWorld& world, const HostIp& host, const SocketAddress& local,
                     Reactor::OnDatagram on_datagram);
  ~SimulatedUdpSocket() override;
  bool send_to(const SocketAddress& to, ByteView datagram) override;
  [[nodiscard]] SocketAddress local_address() const override { return local_; }
  void arrived(const SocketAddress& from, ByteView datagram) { (void)on_datagram_.call(from, datagram); }

 private:
  SimulatedWorld& world_;
  HostIp host_;
  SocketAddress local_;
  GuardedCallback<void(const SocketAddress&, ByteView)> on_datagram_;
};

/// A connection attempt: the request travels, is repeated each second across a cut, and is answered.
class SimulatedConnectAttempt final : public Registration {
 public:
  SimulatedConnectAttempt(SimulatedWorld& world, const HostIp& host, const SocketAddress& address,
                          Reactor::OnConnect on_connect);

 private:
  void request_arrived();
  void answer_later(Result<std::unique_ptr<TcpConnection>> result);

  SimulatedWorld& world_;
  HostIp host_;
  HostIp target_;
  SocketAddress address_;
  Reactor::OnConnect on_connect_;
  Handle next_step_;
  int requests_ = 1;
};

}  // namespace libpreconf
