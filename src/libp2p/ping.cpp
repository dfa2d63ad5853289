#include "libp2p/ping.h"

#include <algorithm>

namespace libpreconf::libp2p {
namespace {

constexpr std::string_view kId = "/ipfs/ping/1.0.0";
/// Echoes that a peer may leave unread before its stream is reset.
constexpr std::size_t kMaxQueued = 64 * limits::kPingSize;

}  // namespace

/// Answers on the newest inbound stream of one connection.
class Ping::Echo final : public StreamReceiver {
 public:
  explicit Echo(PingCounters& counters) : counters_(counters) {}

  void adopt(Stream& stream) {
    if (stream_ != nullptr) stream_->reset();
    stream_ = &stream;
    filled_ = 0;
  }
  void on_data(Stream& stream, ByteView bytes) override {
    while (!bytes.empty()) {
      const std::size_t taken = std::min(ping_.size() - filled_, bytes.size());
      std::copy_n(bytes.begin(), taken, ping_.begin() + static_cast<std::ptrdiff_t>(filled_));
      bytes = bytes.subspan(taken);
      filled_ += taken;
      if (filled_ < ping_.size()) return;
      filled_ = 0;
      if (stream.queued() > kMaxQueued) {
        stream_ = nullptr;
        stream.reset();
        return;
      }
      ++counters_.echoed;
      stream.write(ping_);
    }
  }
  void on_remote_closed(Stream& stream) override {
    stream_ = nullptr;
    stream.close_write();
  }
  void on_reset(Stream&) override { stream_ = nullptr; }

 private:
  PingCounters& counters_;
  Stream* stream_ = nullptr;
  FixedBytes<limits::kPingSize> ping_{};
  std::size_t filled_ = 0;
};

/// Asks on one connection.
class Ping::Pinger final : public StreamReceiver {
 public:
  Pinger(Ping& owner, ConnectionId connection) : owner_(owner), connection_(connection) { open(); }

  void on_data(Stream& stream, ByteView bytes) override {
    if (bytes.size() > ping_.size() - matched_ || !waiting_ ||
        !equal(bytes, ByteView(ping_).subspan(matched_, bytes.size()))) {
      return failed(stream);
    }
    matched_ += bytes.size();
    if (matched_ < ping_.size()) return;
    waiting_ = false;
    failures_ = 0;
    ++owner_.counters_.answered;
    round_trip_ = owner_.swarm_.reactor().now() - sent_;
    owner_.round_trips_.observe(*round_trip_);
    timer_ = owner_.swarm_.reactor().after(limits::kPingInterval, [this] { send(); });
  }
  void on_remote_closed(Stream& stream) override { failed(stream); }
  void on_reset(Stream&) override {
    stream_ = nullptr;
    failed_stream();
  }
  [[nodiscard]] std::optional<Duration> round_trip() const { return round_trip_; }

 private:
  void open() {
    request_ = owner_.swarm_.open_stream(connection_, {std::string(kId)},
                                         [this](Result<Stream*> stream) { opened(std::move(stream)); });
  }
  void opened(Result<Stream*> stream) {
    if (!stream) {
      // A peer that does not offer ping is not asked again, and not blamed.
      if (stream.error().code != ErrorCode::unsupported) failed_stream();
      return;
    }
    stream_ = *stream;
    stream_->set_receiver(this);
    send();
  }
  void send() {
    if (stream_ == nullptr) return open();
    owner_.swarm_.random().fill(ping_);
    matched_ = 0;
    waiting_ = true;
    sent_ = owner_.swarm_.reactor().now();
    ++owner_.counters_.sent;
    stream_->write(ByteView(ping_));
    timer_ = owner_.swarm_.reactor().after(limits::kPingTimeout, [this] { failed(*stream_); });
  }
  void failed(Stream& stream) {
    stream_ = nullptr;
    stream.reset();
    failed_stream();
  }
  void failed_stream() {
    waiting_ = false;
    ++owner_.counters_.failed;
    const auto heard = owner_.swarm_.last_received(connection_);
    if (heard != last_heard_) failures_ = 0;
    last_heard_ = heard;
    if (++failures_ > limits::kPingFailures) {
      ++owner_.counters_.connections_closed;
      timer_.reset();
      owner_.swarm_.close_connection(connection_, {ErrorCode::timed_out, "the peer answers no pings"});
      return;
    }
    timer_ = owner_.swarm_.reactor().after(limits::kPingInterval, [this] { send(); });
  }

  Ping& owner_;
  const ConnectionId connection_;
  Stream* stream_ = nullptr;
  Handle request_;
  TimerHandle timer_;
  FixedBytes<limits::kPingSize> ping_{};
  std::size_t matched_ = 0;
  std::uint32_t failures_ = 0;
  bool waiting_ = false;
  Instant sent_{};
  std::optional<Instant> last_heard_;  ///< at the last failure
  std::optional<Duration> round_trip_;
};

Ping::Peer::Peer() = default;
Ping::Peer::~Peer() = default;
Ping::Peer::Peer(Peer&&) noexcept = default;

Ping::Ping(Swarm& swarm) : swarm_(swarm) {}
Ping::~Ping() = default;

std::optional<Duration> Ping::round_trip(ConnectionId connection) const {
  const auto found = peers_.find(connection);
  if (found == peers_.end() || !found->second.pinger) return std::nullopt;
  return found->second.pinger->round_trip();
}

std::vector<std::string> Ping::protocol_ids() const {
  return {std::string(kId)};
}

StreamReceiver* Ping::on_inbound_stream(Stream& stream) {
  const auto found = peers_.find(stream.connection().id);
  if (found == peers_.end()) return nullptr;
  Peer& peer = found->second;
  if (!peer.echo) peer.echo = std::make_unique<Echo>(counters_);
  peer.echo->adopt(stream);
  return peer.echo.get();
}

void Ping::on_connected(const ConnectionInfo& connection) {
  peers_[connection.id].pinger = std::make_unique<Pinger>(*this, connection.id);
}

void Ping::on_disconnected(const ConnectionInfo& connection) {
  auto node = peers_.extract(connection.id);
  if (node.empty()) return;
  swarm_.reactor().destroy_later(std::make_unique<Peer>(std::move(node.mapped())));
}

}  // namespace libpreconf::libp2p
