#include "libp2p/connection.h"

#include "libp2p/limits.h"
#include "libp2p/multiaddr.h"

namespace libpreconf::libp2p {
namespace {

class Turn {
 public:
  explicit Turn(ConnectionHost& host) : host_(host) { host_.turn_begins(); }
  ~Turn() { host_.turn_ends(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  ConnectionHost& host_;
};

}  // namespace

Connection::Connection(ConnectionHost& host, ConnectionId id, Direction direction,
                       std::unique_ptr<TcpConnection> tcp, const NoiseIdentity& local,
                       const crypto::X25519KeyPair& ephemeral, const PeerId& expected)
    : host_(host),
      counters_(host.connection_counters()),
      info_{id,
            {},
            direction,
            Multiaddr::of(tcp->remote_address()).to_string(),
            Multiaddr::of(tcp->local_address()).to_string()},
      tcp_(std::move(tcp)),
      upgrade_(std::make_unique<ConnectionUpgrade>(direction, local, ephemeral, expected)),
      started_(host.now()),
      last_received_(started_),
      idle_since_(started_),
      session_(direction, *this) {}

Connection::~Connection() {
  if (noise_) noise_->release(host_.noise_buffers());
}

void Connection::start() {
  tcp_->start({.on_data = [this](ByteView in) { on_tcp_data(in); },
               .on_drained = [this] { host_.needs_flush(*this); },
               .on_closed = [this](const Error& cause) { on_tcp_closed(cause); }});
  Bytes out;
  upgrade_->start(out);
  send(out);
}

std::optional<Instant> Connection::idle_since() const noexcept {
  if (keeping_alive_ > 0) return std::nullopt;
  return idle_since_;
}

Result<Handle> Connection::open_stream(std::vector<std::string> protocols, OnStream& on_stream) {
  if (!is_open() || close_requested_) return fail(ErrorCode::closed, "the connection is closed");
  if (protocols.empty()) return fail(ErrorCode::invalid, "a stream needs a protocol");
  PRECONF_TRY(YamuxStream* const stream, session_.open_stream());
  auto observer = std::make_unique<ConnectionStream>(*this, *stream);
  ConnectionStream& out = *observer;
  stream->set_observer(std::move(observer));
  return out.propose(std::move(protocols), std::move(on_stream));
}

void Connection::request_close(Error cause) {
  if (closed_ || close_requested_) return;
  close_requested_ = std::move(cause);
  session_.stop_receiving();
  host_.needs_flush(*this);
}

void Connection::close(const Error& cause) {
  if (closed_) return;
  if (open_) {
    session_.go_away(YamuxGoAway::normal);
    write_frames(TcpConnection::kOutputHighWater);
  }
  end(cause);
}

void Connection::end(const Error& cause) {
  if (closed_) return;
  closed_ = true;
  session_.end();
  host_.on_closed(*this, cause);
}

void Connection::flush() {
  if (closed_) return;
  if (open_) write_frames(limits::kSealedPerTurn);
  if (session_.queued() > limits::kConnectionQueued) {
    close({ErrorCode::limit, "the peer reads too slowly: too much is waiting for it"});
  } else if (close_requested_) {
    close(*close_requested_);
  }
}

void Connection::expire_negotiations(Instant then) {
  while (!negotiating_.empty() && negotiating_.front()->negotiating_since(then)) {
    negotiating_.front()->fail_negotiation(
        {ErrorCode::timed_out, "the peer did not agree on a protocol in time"});
  }
}

void Connection::on_inbound_stream(YamuxStream& stream) {
  if (negotiating_.size() >= limits::kNegotiatingStreams) {
    ++counters_.negotiations_refused;
    return;
  }
  auto observer = std::make_unique<ConnectionStream>(*this, stream);
  observer->listen();
  stream.set_observer(std::move(observer));
}

void Connection::on_output() {
  host_.needs_flush(*this);
}

void Connection::on_tcp_data(ByteView in) {
  if (closed_) return;
  const Turn turn(host_);
  last_received_ = host_.now();
  counters_.bytes_received += in.size();
  const auto handle = [&]() -> Result<> {
    if (!noise_) PRECONF_CHECK_OK(on_clear_text(in));
    while (noise_ && !closed_ && !close_requested_) {
      PRECONF_TRY(const auto plaintext, noise_->next(in, host_.noise_buffers()));
      if (!plaintext) break;
      PRECONF_CHECK_OK(on_plaintext(*plaintext));
    }
    return {};
  };
  if (const auto handled = handle(); !handled) close(handled.error());
}

void Connection::on_tcp_closed(const Error& cause) {
  const Turn turn(host_);
  end(cause);
}

Result<> Connection::on_clear_text(ByteView& in) {
  Bytes out;
  const std::size_t steps = upgrade_->steps();
  const auto used = upgrade_->receive(in, out);
  if (used && upgrade_->secured()) secure(out);
  send(out);
  PRECONF_CHECK_OK(used);
  in = in.subspan(*used);
  if (upgrade_->steps() != steps) host_.on_upgrade_progress(*this);
  // A dialer has proof of the peer and proposed the only muxer: it need not wait for the echo.
  if (noise_ && info_.direction == Direction::outbound) return become_open();
  return {};
}

void Connection::secure(Bytes& out) {
  noise_.emplace(upgrade_->transport());
  info_.peer = upgrade_->remote_peer();
  Bytes proposal;
  upgrade_->start_muxer(proposal);
  if (!proposal.empty()) noise_->append_sealed(proposal, out);
}

Result<> Connection::on_plaintext(ByteView plaintext) {
  if (upgrade_) PRECONF_CHECK_OK(negotiate_muxer(plaintext));
  if (plaintext.empty()) return {};
  return session_.receive(plaintext, last_received_);
}

Result<> Connection::negotiate_muxer(ByteView& plaintext) {
  Bytes out;
  PRECONF_TRY(const std::size_t used, upgrade_->receive_muxer(plaintext, out));
  plaintext = plaintext.subspan(used);
  if (!out.empty()) {
    Bytes sealed;
    noise_->append_sealed(out, sealed);
    send(sealed);
  }
  host_.on_upgrade_progress(*this);
  if (!upgrade_->muxer_agreed()) return {};
  upgrade_.reset();
  if (info_.direction == Direction::inbound) return become_open();
  return {};
}

Result<> Connection::become_open() {
  open_ = true;
  idle_since_ = host_.now();
  return host_.on_upgraded(*this);
}

void Connection::send(ByteView bytes) {
  if (bytes.empty()) return;
  counters_.bytes_sent += bytes.size();
  tcp_->send(bytes);
}

void Connection::write_frames(std::size_t most) {
  std::size_t sealed = 0;
  while (session_.has_output()) {
    if (tcp_->pending() > TcpConnection::kOutputHighWater) return session_.output_blocked();
    if (sealed >= most) {
      session_.output_blocked();
      return host_.needs_flush(*this);
    }
    const std::size_t size = session_.output_size(limits::kNoiseFrameSent - NoiseTransport::kOverhead);
    const MutableByteView room = tcp_->prepare(size + NoiseTransport::kOverhead);
    const std::size_t filled = session_.fill(room.subspan(NoiseTransport::kLengthSize, size));
    if (filled == 0) return;
    const MutableByteView frame = room.first(filled + NoiseTransport::kOverhead);
    noise_->seal(frame);
    tcp_->commit(frame.size());
    sealed += frame.size();
    counters_.bytes_sent += frame.size();
  }
}

}  // namespace libpreconf::libp2p
