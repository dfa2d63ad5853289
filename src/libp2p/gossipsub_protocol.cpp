#include "libp2p/gossipsub_protocol.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "libp2p/limits.h"

namespace libpreconf::libp2p {

struct GossipsubProtocol::Peer {
  PeerId id;
  std::optional<GossipPeer> handle;      // once a stream was negotiated in either direction
  std::vector<Connection*> connections;  // oldest first; the first is the one we write on
  GossipSendQueue queue;
  bool announced = false;  // what the current outbound stream, or the queue for the next one, begins with
};

struct GossipsubProtocol::Connection {
  ConnectionInfo info;
  Peer* peer = nullptr;
  std::unique_ptr<Inbound> inbound;
  std::unique_ptr<Outbound> outbound;
  Handle opening;
  bool is_opening = false;
  bool unsupported = false;
  std::uint32_t inbound_attempts = 0;
  std::uint32_t outbound_attempts = 0;

  [[nodiscard]] bool may_open() const noexcept {
    return !unsupported && outbound_attempts < limits::kMaxGossipStreamAttempts;
  }
};

/// Reads RPC frames from one inbound stream.
class GossipsubProtocol::Inbound final : public StreamReceiver {
 public:
  Inbound(GossipsubProtocol& owner, Connection& connection, Stream& stream)
      : owner_(owner), connection_(connection), stream_(&stream), frames_(limits::kMaxRpcSize) {}

  void on_data(Stream&, ByteView bytes) override {
    frames_.feed(bytes);
    if (!paused_) pump();
    if (stream_ == nullptr) return;
    frames_.keep_rest();
    owner_.account(*this);
  }
  void on_remote_closed(Stream&) override {
    remote_closed_ = true;
    if (!paused_) finish();
  }
  void on_reset(Stream&) override {
    stream_ = nullptr;
    owner_.drop_inbound(connection_);
  }

  /// Goes on after a turn that was cut short.
  void resume() {
    paused_ = false;
    pump();
    if (stream_ == nullptr) return;
    owner_.account(*this);
    if (paused_) return;
    if (remote_closed_) return finish();
    stream_->set_reading(true);
  }
  void end() {
    if (Stream* stream = std::exchange(stream_, nullptr)) stream->reset();
    owner_.drop_inbound(connection_);
  }

  [[nodiscard]] bool paused() const noexcept { return paused_; }
  [[nodiscard]] Stream* stream() const noexcept { return stream_; }
  [[nodiscard]] std::size_t buffered() const noexcept { return frames_.buffered() + held_.size(); }
  [[nodiscard]] bool is_late(Instant now) const noexcept {
    return !paused_ && frames_.buffered() > 0 && progress_ + limits::kFrameDeadline <= now;
  }
  std::size_t accounted = 0;

 private:
  void finish() {
    if (Stream* stream = std::exchange(stream_, nullptr)) stream->close_write();
    owner_.drop_inbound(connection_);
  }
  void pump() {
    const Instant now = owner_.reactor_.now();
    owner_.renew_budget(now);
    if (frames_.buffered() == 0) progress_ = now;
    while (stream_ != nullptr && !paused_) {
      if (!held_.empty()) {
        if (handle(held_, now)) held_ = {};
        continue;
      }
      if (owner_.budget_.spent()) return stop();
      ByteView body;
      switch (frames_.next(body)) {
        case FrameStatus::need_more:
          return;
        case FrameStatus::too_large:
          ++owner_.counters_.frames_too_large;
          return end();
        case FrameStatus::malformed:
          ++owner_.counters_.frames_malformed;
          return end();
        case FrameStatus::frame:
          break;
      }
      progress_ = now;
      cursor_ = {};
      // A frame that takes several turns has to outlive the bytes that it came in.
      if (!handle(body, now)) held_.assign(body.begin(), body.end());
    }
  }
  /// False if the budget ended before the frame.
  bool handle(ByteView body, Instant now) {
    if (!connection_.peer->handle) return true;
    switch (owner_.router_.handle_rpc(*connection_.peer->handle, body, cursor_, owner_.budget_, now)) {
      case RpcOutcome::done:
        return true;
      case RpcOutcome::close_stream:
        end();
        return true;
      case RpcOutcome::more:
        break;
    }
    stop();
    return false;
  }
  void stop() {
    paused_ = true;
    stream_->set_reading(false);
    owner_.pause();
  }

  GossipsubProtocol& owner_;
  Connection& connection_;
  Stream* stream_;
  FrameAssembler frames_;
  RpcCursor cursor_;
  Bytes held_;  // the RPC that the last turn did not finish
  Instant progress_{};
  bool paused_ = false;
  bool remote_closed_ = false;
};

/// The stream that we write on; what comes back on it is ignored.
class GossipsubProtocol::Outbound final : public StreamReceiver {
 public:
  Outbound(GossipsubProtocol& owner, Connection& connection, Stream& stream)
      : owner_(owner), connection_(connection), stream_(&stream) {}

  void on_data(Stream&, ByteView) override {}
  void on_remote_closed(Stream&) override {}
  void on_writable(Stream&) override { owner_.drain(*connection_.peer); }
  void on_reset(Stream&) override {
    stream_ = nullptr;
    owner_.drop_outbound(connection_);
  }
  [[nodiscard]] Stream* stream() const noexcept { return stream_; }

 private:
  GossipsubProtocol& owner_;
  Connection& connection_;
  Stream* stream_;
};

GossipsubProtocol::GossipsubProtocol(Reactor& reactor, Random& random, GossipsubConfig config,
                                     GossipsubHooks hooks, StreamOpener open_stream)
    : reactor_(reactor),
      open_stream_(std::move(open_stream)),
      router_(
          std::move(config),
          [&] {
            hooks.send = [this](GossipPeer to, const SharedBytes& frame, FrameKind kind) {
              return send(to, frame, kind);
            };
            hooks.forward_soon = [this] {
              forwarding_ =
                  reactor_.after(limits::kForwardPause, [this] { router_.forward_accepted(reactor_.now()); });
            };
            return std::move(hooks);
          }(),
          random) {
  heartbeat_ = reactor_.every(router_.config().heartbeat_interval, [this] { on_heartbeat(); });
}

GossipsubProtocol::~GossipsubProtocol() = default;

std::vector<std::string> GossipsubProtocol::protocol_ids() const {
  return {std::begin(kGossipProtocolIds), std::end(kGossipProtocolIds)};
}

GossipsubProtocol::Connection* GossipsubProtocol::find(ConnectionId id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

// ---- connections ----

void GossipsubProtocol::on_connected(const ConnectionInfo& info) {
  auto& peer = peers_[info.peer];
  if (!peer) {
    peer = std::make_unique<Peer>();
    peer->id = info.peer;
  }
  auto connection = std::make_unique<Connection>();
  connection->info = info;
  connection->peer = peer.get();
  peer->connections.push_back(connection.get());
  Connection& added = *connection;
  connections_[info.id] = std::move(connection);
  if (peer->connections.front() == &added) open(added);
}

void GossipsubProtocol::on_disconnected(const ConnectionInfo& info) {
  const auto found = connections_.find(info.id);
  if (found == connections_.end()) return;
  std::unique_ptr<Connection> connection = std::move(found->second);
  connections_.erase(found);
  connection->opening.reset();
  if (connection->inbound) buffered_ -= connection->inbound->accounted;
  Peer& peer = *connection->peer;
  const bool was_active = peer.connections.front() == connection.get();
  std::erase(peer.connections, connection.get());
  // A callback of one of its streams may still be on the stack.
  reactor_.destroy_later(std::move(connection));
  if (!peer.connections.empty()) {
    if (was_active) open(*peer.connections.front());
    return;
  }
  if (peer.handle) {
    by_slot_[peer.handle->slot] = nullptr;
    router_.remove_peer(*peer.handle, reactor_.now());
  }
  peers_.erase(info.peer);
}

void GossipsubProtocol::join(Peer& peer, const Stream& stream) {
  if (peer.handle) return;
  const Direction direction = peer.connections.front()->info.direction;
  peer.handle = router_.add_peer(peer.id, direction, peer_kind_of(stream.protocol()), reactor_.now());
  if (!peer.handle) {
    log_debug(LogArea::gossipsub, "no room for another peer");
    return;
  }
  if (by_slot_.size() <= peer.handle->slot) by_slot_.resize(peer.handle->slot + std::size_t{1});
  by_slot_[peer.handle->slot] = &peer;
  announce(peer);
}

void GossipsubProtocol::announce(Peer& peer) {
  if (!peer.handle || std::exchange(peer.announced, true)) return;
  router_.announce(*peer.handle);
}

// ---- streams ----

StreamReceiver* GossipsubProtocol::on_inbound_stream(Stream& stream) {
  Connection* connection = find(stream.connection().id);
  if (connection == nullptr) return nullptr;
  if (++connection->inbound_attempts > limits::kMaxGossipStreamAttempts) {
    ++counters_.streams_refused;
    return nullptr;
  }
  if (connection->inbound) {
    ++counters_.streams_replaced;
    connection->inbound->end();
  }
  ++counters_.streams_inbound;
  join(*connection->peer, stream);
  connection->inbound = std::make_unique<Inbound>(*this, *connection, stream);
  return connection->inbound.get();
}

void GossipsubProtocol::drop_inbound(Connection& connection) {
  if (!connection.inbound) return;
  buffered_ -= connection.inbound->accounted;
  reactor_.destroy_later(std::move(connection.inbound));
}

void GossipsubProtocol::open(Connection& connection) {
  if (connection.is_opening || connection.outbound || !connection.may_open()) return;
  ++connection.outbound_attempts;
  connection.is_opening = true;
  const ConnectionId id = connection.info.id;
  connection.opening = open_stream_(id, protocol_ids(),
                                    [this, id](Result<Stream*> opened) { on_opened(id, std::move(opened)); });
}

void GossipsubProtocol::on_opened(ConnectionId id, Result<Stream*> opened) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  connection->is_opening = false;
  if (!opened) {
    ++counters_.streams_failed;
    connection->unsupported = opened.error().code == ErrorCode::unsupported;
    return;  // else the next heartbeat tries again
  }
  ++counters_.streams_outbound;
  Stream& stream = **opened;
  connection->outbound = std::make_unique<Outbound>(*this, *connection, stream);
  stream.set_receiver(connection->outbound.get());
  join(*connection->peer, stream);
  announce(*connection->peer);
  drain(*connection->peer);
}

void GossipsubProtocol::drop_outbound(Connection& connection) {
  if (!connection.outbound) return;
  connection.peer->queue.clear();
  connection.peer->announced = false;
  reactor_.destroy_later(std::move(connection.outbound));
}

bool GossipsubProtocol::send(GossipPeer to, const SharedBytes& frame, FrameKind kind) {
  Peer* peer = to.slot < by_slot_.size() ? by_slot_[to.slot] : nullptr;
  if (peer == nullptr || peer->handle != to) return false;
  const Connection& connection = *peer->connections.front();
  Stream* stream = connection.outbound ? connection.outbound->stream() : nullptr;
  if (stream == nullptr && !connection.is_opening && !connection.may_open()) return false;
  if (stream != nullptr && peer->queue.empty() && stream->queued() < limits::kStreamHighWater) {
    stream->write(frame);
    return true;
  }
  return peer->queue.push(frame, kind, reactor_.now(), counters_.queue);
}

void GossipsubProtocol::drain(Peer& peer) {
  const auto& outbound = peer.connections.front()->outbound;
  Stream* stream = outbound ? outbound->stream() : nullptr;
  const Instant now = reactor_.now();
  while (stream != nullptr && !peer.queue.empty() && stream->queued() < limits::kStreamHighWater) {
    if (SharedBytes frame = peer.queue.pop(now, counters_.queue)) stream->write(std::move(frame));
  }
}

// ---- turns ----

void GossipsubProtocol::account(Inbound& inbound) {
  buffered_ += inbound.buffered() - inbound.accounted;
  inbound.accounted = inbound.buffered();
  // Over the budget for all, whoever still grows gives way; small remainders are everybody's right.
  if (buffered_ > limits::kMaxReassemblyBytes && inbound.accounted > limits::kKeptBufferBytes) {
    ++counters_.frames_over_budget;
    inbound.end();
  }
}

void GossipsubProtocol::renew_budget(Instant now) {
  // Time moves from turn to turn. Whoever waits for `resume` has the first claim on the new turn.
  if (resume_ || now == budget_since_) return;
  budget_ = WorkBudget{};
  budget_since_ = now;
}

void GossipsubProtocol::pause() {
  if (resume_) return;
  ++counters_.turns_cut;
  resume_ = reactor_.after(Duration{0}, [this] { resume(); });
}

void GossipsubProtocol::resume() {
  resume_.reset();
  budget_ = WorkBudget{};
  budget_since_ = reactor_.now();
  // Round robin, so that one busy peer does not keep the others waiting.
  std::vector<ConnectionId> waiting;
  for (const auto& [id, connection] : connections_) {
    if (connection->inbound && connection->inbound->paused()) waiting.push_back(id);
  }
  const auto next = std::upper_bound(waiting.begin(), waiting.end(), last_resumed_);
  std::rotate(waiting.begin(), next, waiting.end());
  for (const ConnectionId id : waiting) {
    if (budget_.spent()) return pause();
    Connection* connection = find(id);
    if (connection == nullptr || !connection->inbound) continue;
    last_resumed_ = id;
    connection->inbound->resume();
  }
}

void GossipsubProtocol::on_heartbeat() {
  const Instant now = reactor_.now();
  router_.heartbeat(now);
  std::vector<ConnectionId> ids;
  ids.reserve(connections_.size());
  for (const auto& entry : connections_) ids.push_back(entry.first);
  for (const ConnectionId id : ids) {
    Connection* connection = find(id);
    if (connection == nullptr) continue;
    if (connection->inbound && connection->inbound->is_late(now)) {
      ++counters_.frames_late;
      connection->inbound->end();
    }
    if (connection->peer->connections.front() == connection) {
      open(*connection);
      connection->peer->queue.expire(now, counters_.queue);
      drain(*connection->peer);
    }
  }
}

}  // namespace libpreconf::libp2p
