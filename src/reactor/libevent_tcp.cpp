#include "reactor/libevent_tcp.h"

#include <array>
#include <cerrno>

#include "base/check.h"
#include "base/log.h"
#include "reactor/limits.h"

namespace libpreconf {
namespace {

bool try_again(std::ptrdiff_t result) noexcept {
  return result == -EAGAIN || result == -EWOULDBLOCK || result == -EINTR;
}

}  // namespace

LibeventTcpConnection::LibeventTcpConnection(EventLoop& loop, FileDescriptor socket,
                                             const SocketAddress& remote)
    : loop_(loop),
      socket_(std::move(socket)),
      output_(loop.chunks()),
      local_(local_address_of(socket_.get())),
      remote_(remote) {}

void LibeventTcpConnection::start(Callbacks callbacks) {
  if (PRECONF_BUG(state_ != State::idle)) return;
  on_data_.set(std::move(callbacks.on_data));
  on_drained_.set(std::move(callbacks.on_drained));
  on_closed_ = std::move(callbacks.on_closed);
  state_ = State::open;
  const auto readable = [](void* self) { static_cast<LibeventTcpConnection*>(self)->handle_readable(); };
  const auto writable = [](void* self) { static_cast<LibeventTcpConnection*>(self)->handle_writable(); };
  const bool watched =
      read_event_.assign(loop_.base(), socket_.get(), FdEvent::Kind::readable, readable, this) &&
      write_event_.assign(loop_.base(), socket_.get(), FdEvent::Kind::writable, writable, this) &&
      (!reading_ || read_event_.add());
  if (!watched) output_error_ = ENOMEM;
  if (!watched || !output_.empty()) loop_.turn_end().flush_later(*this);
}

MutableByteView LibeventTcpConnection::prepare(std::size_t size) {
  return output_.prepare(size);
}

void LibeventTcpConnection::commit(std::size_t size) {
  output_.commit(size);
  if (state_ == State::closed || output_error_ != 0) return output_.clear();
  if (output_.size() > kOutputHighWater) over_high_water_ = true;
  // While the kernel takes no more, the write event does it.
  if (size > 0 && state_ != State::idle && !write_event_.added()) loop_.turn_end().flush_later(*this);
}

void LibeventTcpConnection::set_reading(bool reading) {
  reading_ = reading;
  if (state_ != State::open || input_over_) return;
  if (reading) {
    if (read_event_.add()) return;
    output_error_ = ENOMEM;
    loop_.turn_end().flush_later(*this);
  } else {
    read_event_.remove();
  }
}

bool LibeventTcpConnection::finish(std::move_only_function<void()> done) {
  if (state_ == State::closed) return false;
  if (state_ == State::idle) start({});
  on_data_.set([](ByteView) {});
  on_drained_.set(nullptr);
  on_closed_ = [done = std::move(done)](const Error&) mutable { done(); };
  set_reading(true);
  state_ = State::finishing;
  loop_.turn_end().flush_later(*this);
  return true;
}

void LibeventTcpConnection::flush() {
  if (state_ != State::open && state_ != State::finishing) return;
  write_out();
}

void LibeventTcpConnection::handle_writable() {
  loop_.enter();
  write_out();
}

void LibeventTcpConnection::write_out() {
  if (output_error_ != 0) return output_failed(output_error_);
  if (!output_.empty()) {
    std::array<ByteView, reactor_limits::kGatherPieces> pieces;
    const std::size_t count = output_.gather(pieces);
    const std::ptrdiff_t written = send_gathered(socket_.get(), std::span(pieces).first(count));
    if (written < 0 && !try_again(written)) return output_failed(static_cast<int>(-written));
    if (written > 0) {
      loop_.counters().bytes_written += static_cast<Counter>(written);
      output_.consume(static_cast<std::size_t>(written));
    }
  }
  after_write();
}

void LibeventTcpConnection::after_write() {
  if (!output_.empty()) {
    if (!write_event_.add()) return output_failed(ENOMEM);
  } else {
    write_event_.remove();
    if (state_ == State::finishing) {
      if (input_over_) return close(Error{ErrorCode::closed, "finished"});
      shut_down_writing(socket_.get());
    }
  }
  if (over_high_water_ && output_.size() < kOutputLowWater) {
    over_high_water_ = false;
    on_drained_.call();
  }
}

void LibeventTcpConnection::output_failed(int error) {
  // Input that came before the failure (an answer, then a reset) is still delivered: reading decides the end.
  output_error_ = error;
  output_.clear();
  write_event_.remove();
  if (read_event_.added()) return read_event_.activate();
  close(socket_error(error, remote_.to_string()));
}

void LibeventTcpConnection::handle_readable() {
  loop_.enter();
  const MutableByteView buffer = loop_.read_buffer();
  const std::ptrdiff_t received = receive(socket_.get(), buffer);
  if (received > 0) {
    loop_.counters().bytes_read += static_cast<Counter>(received);
    if (!on_data_.call(buffer.first(static_cast<std::size_t>(received)))) return;
    if (output_error_ != 0 && state_ != State::closed) read_event_.activate();
    return;
  }
  if (received == 0) return input_ended();
  if (!try_again(received)) return close(socket_error(static_cast<int>(-received), remote_.to_string()));
  if (output_error_ != 0) close(socket_error(output_error_, remote_.to_string()));
}

void LibeventTcpConnection::input_ended() {
  if (state_ == State::finishing && !output_.empty()) {
    // The other side has ended its half only; what waits is still written.
    input_over_ = true;
    read_event_.remove();
    return;
  }
  close(Error{ErrorCode::closed, remote_.to_string() + ": closed by the other side"});
}

void LibeventTcpConnection::close(const Error& reason) {
  if (state_ == State::closed) return;
  state_ = State::closed;
  read_event_.release();
  write_event_.release();
  socket_.reset();
  output_.clear();
  if (!on_closed_) return;
  auto on_closed = std::exchange(on_closed_, nullptr);
  on_closed(reason);
}

LibeventTcpListener::LibeventTcpListener(EventLoop& loop, FileDescriptor socket, Reactor::OnAccept on_accept)
    : loop_(loop), socket_(std::move(socket)), local_(local_address_of(socket_.get())) {
  on_accept_.set(std::move(on_accept));
  const auto readable = [](void* self) { static_cast<LibeventTcpListener*>(self)->handle_readable(); };
  if (!event_.assign(loop_.base(), socket_.get(), FdEvent::Kind::readable, readable, this) || !event_.add())
    rest();
}

void LibeventTcpListener::handle_readable() {
  loop_.enter();
  for (int i = 0; i < reactor_limits::kAcceptsPerTurn; ++i) {
    Accepted accepted = accept_tcp(socket_.get());
    if (!accepted.socket) {
      if (accepted.error == EMFILE || accepted.error == ENFILE || accepted.error == ENOBUFS ||
          accepted.error == ENOMEM) {
        rest();
      }
      // Anything else is an empty queue, or one connection that died while it waited.
      if (accepted.error == ECONNABORTED || accepted.error == EINTR) continue;
      return;
    }
    ++loop_.counters().connections_accepted;
    auto connection =
        std::make_unique<LibeventTcpConnection>(loop_, std::move(accepted.socket), accepted.remote);
    if (!on_accept_.call(std::move(connection))) return;
  }
}

void LibeventTcpListener::rest() {
  ++loop_.counters().accept_pauses;
  log_warn(LogArea::reactor, "{}: out of descriptors or memory, accepting again in {} ms", local_.to_string(),
           reactor_limits::kAcceptPause.count() / 1000);
  event_.remove();
  resume_ = loop_.timers().add(loop_.clock().now() + reactor_limits::kAcceptPause, [this] {
    if (!event_.add()) rest();
  });
}

LibeventConnectAttempt::LibeventConnectAttempt(EventLoop& loop, const SocketAddress& address,
                                               Reactor::OnConnect on_connect)
    : loop_(loop), address_(address), on_connect_(std::move(on_connect)) {
  Result<FileDescriptor> socket = begin_tcp_connect(address);
  Error failure{ErrorCode::limit, "libevent cannot watch a socket"};
  if (socket) {
    socket_ = std::move(*socket);
    const auto writable = [](void* self) { static_cast<LibeventConnectAttempt*>(self)->decided(); };
    if (event_.assign(loop_.base(), socket_.get(), FdEvent::Kind::writable, writable, this) && event_.add())
      return;
  } else {
    failure = std::move(socket).error();
  }
  failed_at_once_ = loop_.timers().add(loop_.clock().now(), [this, failure = std::move(failure)]() mutable {
    answer(std::unexpected(std::move(failure)));
  });
}

void LibeventConnectAttempt::decided() {
  loop_.enter();
  event_.release();
  if (const int error = pending_socket_error(socket_.get()); error != 0) {
    return answer(std::unexpected(socket_error(error, "cannot connect to " + address_.to_string())));
  }
  answer(std::make_unique<LibeventTcpConnection>(loop_, std::move(socket_), address_));
}

void LibeventConnectAttempt::answer(Result<std::unique_ptr<TcpConnection>> result) {
  socket_.reset();
  auto on_connect = std::exchange(on_connect_, nullptr);
  on_connect(std::move(result));
}

}  // namespace libpreconf
