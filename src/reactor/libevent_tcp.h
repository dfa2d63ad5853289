#pragma once
// TCP on the libevent loop: connections, listeners, and connection attempts.
//
// A connection: idle -start-> open -(end, error)-> closed; `finish` turns open into finishing, which ends by
// itself. The read event is persistent and level-triggered, one bounded read a turn; the write event is added
// only while the kernel takes no more. Each object is owned by its user and may be destroyed in any of its
// callbacks.

#include <memory>

#include "libpreconf/reactor/reactor.h"
#include "reactor/event_loop.h"
#include "reactor/guarded_callback.h"

namespace libpreconf {

class LibeventTcpConnection final : public TcpConnection, private Flushable {
 public:
  LibeventTcpConnection(EventLoop& loop, FileDescriptor socket, const SocketAddress& remote);
  ~LibeventTcpConnection() override = default;

  void start(Callbacks callbacks) override;
  [[nodiscard]] MutableByteView prepare(std::size_t size) override;
  void commit(std::size_t size) override;
  [[nodiscard]] std::size_t pending() const override { return output_.size(); }
  void set_reading(bool reading) override;
  [[nodiscard]] SocketAddress local_address() const override { return local_; }
  [[nodiscard]] SocketAddress remote_address() const override { return remote_; }

  /// Gives up the callbacks, writes out the queue, closes the writing side and throws input away until the
  /// other side ends too; then, or on an error, calls `done`. False, and no call, if the connection is closed
  /// already.
  [[nodiscard]] bool finish(std::move_only_function<void()> done);

 private:
  enum class State : std::uint8_t { idle, open, finishing, closed };

  void flush() override;
  void handle_readable();
  void handle_writable();
  void write_out();
  void after_write();
  void output_failed(int error);
  void input_ended();
  void close(const Error& reason);

  EventLoop& loop_;
  FileDescriptor socket_;
  FdEvent read_event_;
  FdEvent write_event_;
  OutputQueue output_;
  GuardedCallback<void(ByteView)> on_data_;
  GuardedCallback<void()> on_drained_;
  std::move_only_function<void(const Error&)> on_closed_;
  SocketAddress local_;
  SocketAddress remote_;
  int output_error_ = 0;
  State state_ = State::idle;
  bool reading_ = true;
  bool over_high_water_ = false;
  bool input_over_ = false;
};

class LibeventTcpListener final : public TcpListener {
 public:
  LibeventTcpListener(EventLoop& loop, FileDescriptor socket, Reactor::OnAccept on_accept);
  [[nodiscard]] SocketAddress local_address() const override { return local_; }

 private:
  void handle_readable();
  void rest();

  EventLoop& loop_;
  FileDescriptor socket_;
  FdEvent event_;
  SocketAddress local_;
  Handle resume_;
  GuardedCallback<void(std::unique_ptr<TcpConnection>)> on_accept_;
};

class LibeventConnectAttempt final : public Registration {
 public:
  LibeventConnectAttempt(EventLoop& loop, const SocketAddress& address, Reactor::OnConnect on_connect);

 private:
  void decided();
  void answer(Result<std::unique_ptr<TcpConnection>> result);

  EventLoop& loop_;
  SocketAddress address_;
  FileDescriptor socket_;
  FdEvent event_;
  Handle failed_at_once_;
  Reactor::OnConnect on_connect_;
};

}  // namespace libpreconf
