#include <algorithm>
#include <array>

#include "base/check.h"
#include "reactor/limits.h"
#include "reactor/simulated_sockets.h"

namespace libpreconf {

using Kind = SimulatedPipe::Kind;

SimulatedTcpConnection::SimulatedTcpConnection(SimulatedWorld& world, ConnectionId id,
                                               const SocketAddress& local, const SocketAddress& remote)
    : world_(world),
      id_(id),
      host_(world.pipe(id).from),
      local_(local),
      remote_(remote),
      output_(world.chunks) {
  world_.ends[id_].socket = this;
}

SimulatedTcpConnection::~SimulatedTcpConnection() {
  // A kernel answers input that nobody will read with a reset.
  if (state_ != State::closed) leave(input_.empty() ? Kind::end : Kind::reset);
}

void SimulatedTcpConnection::start(Callbacks callbacks) {
  if (PRECONF_BUG(state_ != State::idle)) return;
  on_data_.set(std::move(callbacks.on_data));
  on_drained_.set(std::move(callbacks.on_drained));
  on_closed_ = std::move(callbacks.on_closed);
  state_ = State::open;
  if (!output_.empty()) world_.turn_end.flush_later(*this);
  read_later();
}

void SimulatedTcpConnection::commit(std::size_t size) {
  output_.commit(size);
  if (state_ == State::closed) return output_.clear();
  if (output_.size() > kOutputHighWater) over_high_water_ = true;
  if (size > 0 && state_ != State::idle) world_.turn_end.flush_later(*this);
}

void SimulatedTcpConnection::set_reading(bool reading) {
  reading_ = reading;
  if (reading) read_later();
}

void SimulatedTcpConnection::arrived(Kind kind, Bytes bytes) {
  if (state_ == State::closed) return;
  switch (kind) {
    case Kind::data:
      input_.push_back(std::move(bytes));
      break;
    case Kind::end:
      input_end_ = Error{ErrorCode::closed, remote_.to_string() + ": closed by the other side"};
      break;
    case Kind::reset:
      input_end_ = Error{ErrorCode::io, remote_.to_string() + ": Connection reset by peer"};
      output_.clear();
      break;
  }
  read();
}

void SimulatedTcpConnection::read_later() {
  if (input_.empty() && !input_end_) return;
  world_.schedule(Duration::zero(), [&world = world_, id = id_] {
    if (SimulatedTcpConnection* connection = world.find(id)) connection->read();
  });
}

void SimulatedTcpConnection::read() {
  if (!reading_ || (state_ != State::open && state_ != State::finishing)) return;
  world_.touch(host_);
  if (input_.empty()) {
    if (input_end_) input_ended(*input_end_);
    return;
  }
  // One segment a turn, as a kernel hands over one buffer.
  const Bytes segment = std::move(input_.front());
  input_.pop_front();
  acknowledge(segment.size());
  if (!on_data_.call(segment)) return;
  read_later();
}

// In quarters of the window: the sender waits for more than that before it stops.
void SimulatedTcpConnection::acknowledge(std::size_t size) {
  unacknowledged_ += size;
  if (unacknowledged_ < reactor_limits::kSimulatedWindowBytes / 4) return;
  world_.schedule(world_.draw_latency(host_, host_ip(remote_)),
                  [&world = world_, peer = peer_, read = std::exchange(unacknowledged_, 0)] {
                    if (SimulatedTcpConnection* sender = world.find(peer)) sender->acknowledged(read);
                  });
}

void SimulatedTcpConnection::acknowledged(std::size_t size) {
  world_.touch(host_);
  in_flight_ -= std::min(size, in_flight_);
  if (!output_.empty()) flush();
}

void SimulatedTcpConnection::flush() {
  if (state_ != State::open && state_ != State::finishing) return;
  while (!output_.empty() && in_flight_ < reactor_limits::kSimulatedWindowBytes) {
    std::array<ByteView, 1> piece;
    (void)output_.gather(piece);
    const std::size_t room = reactor_limits::kSimulatedWindowBytes - in_flight_;
    const std::size_t size =
        std::min({piece[0].size(), room, std::max<std::size_t>(world_.profile.segment, 1)});
    world_.send(id_, Kind::data, to_bytes(piece[0].first(size)));
    in_flight_ += size;
    output_.consume(size);
  }
  after_write();
}

void SimulatedTcpConnection::after_write() {
  if (state_ == State::finishing && output_.empty()) {
    if (!std::exchange(end_sent_, true)) world_.send(id_, Kind::end, {});
    if (input_end_) return close(Error{ErrorCode::closed, "finished"}, Kind::end);
  }
  if (over_high_water_ && output_.size() < kOutputLowWater) {
    over_high_water_ = false;
    (void)on_drained_.call();
  }
}

void SimulatedTcpConnection::input_ended(const Error& reason) {
  // The other side has ended its half only; what waits is still written.
  if (state_ == State::finishing && !output_.empty()) return;
  close(Error(reason), Kind::end);
}

void SimulatedTcpConnection::crash() {
  const Error reason{ErrorCode::io, "the host lost its sockets"};
  if (state_ != State::idle) return close(reason, Kind::reset);
  // Nobody listens yet: it learns when it starts.
  input_.clear();
  output_.clear();
  input_end_ = reason;
  if (!std::exchange(end_sent_, true)) world_.send(id_, Kind::reset, {});
}

bool SimulatedTcpConnection::finish(std::move_only_function<void()> done) {
  if (state_ == State::closed) return false;
  if (state_ == State::idle) start({});
  on_data_.set([](ByteView) {});
  on_drained_.set(nullptr);
  on_closed_ = [done = std::move(done)](const Error&) mutable { done(); };
  state_ = State::finishing;
  set_reading(true);
  world_.turn_end.flush_later(*this);
  return true;
}

void SimulatedTcpConnection::leave(Kind kind) {
  state_ = State::closed;
  if (world_.closing) return;
  world_.ends[id_].socket = nullptr;
  if (!std::exchange(end_sent_, true)) world_.send(id_, kind, {});
}

void SimulatedTcpConnection::close(const Error& reason, Kind kind) {
  if (state_ == State::closed) return;
  leave(kind);
  output_.clear();
  input_.clear();
  auto on_closed = std::exchange(on_closed_, nullptr);
  if (on_closed) on_closed(reason);
}

SimulatedTcpListener::SimulatedTcpListener(SimulatedWorld& world, const HostIp& host,
                                           const SocketAddress& local, Reactor::OnAccept on_accept)
    : world_(world), host_(host), local_(local) {
  on_accept_.set(std::move(on_accept));
  world_.listeners[{host_, local_.port()}] = this;
}

SimulatedTcpListener::~SimulatedTcpListener() {
  const auto found = world_.listeners.find({host_, local_.port()});
  if (found != world_.listeners.end() && found->second == this) world_.listeners.erase(found);
}

}  // namespace libpreconf
