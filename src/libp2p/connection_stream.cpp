#include "libp2p/connection_stream.h"

#include <algorithm>

#include "libp2p/connection.h"

namespace libpreconf::libp2p {

/// The handle of an outbound stream under negotiation.
class OpenStreamRequest final : public Registration {
 public:
  explicit OpenStreamRequest(ConnectionStream& stream) : stream_(&stream) {}
  ~OpenStreamRequest() override {
    if (stream_ != nullptr) stream_->reset();
  }
  void unlink() { stream_ = nullptr; }

 private:
  ConnectionStream* stream_;
};

ConnectionStream::ConnectionStream(Connection& connection, YamuxStream& stream)
    : connection_(connection), stream_(stream) {
  ++connection_.keeping_alive_;
}

ConnectionStream::~ConnectionStream() {
  if (negotiation_) static_cast<void>(finish_negotiation());
  if (keeps_alive_ && --connection_.keeping_alive_ == 0) connection_.idle_since_ = connection_.host_.now();
}

Handle ConnectionStream::propose(std::vector<std::string> protocols, OnStream on_stream) {
  auto request = std::make_unique<OpenStreamRequest>(*this);
  MultistreamDialer dialer(std::move(protocols));
  Bytes out;
  dialer.start(out);
  negotiation_ = std::make_unique<Negotiation>(
      Negotiation{std::move(dialer), connection_.host_.now(), std::move(on_stream), request.get()});
  connection_.negotiating_.push_back(this);
  stream_.write(out);
  return Handle(std::move(request));
}

void ConnectionStream::listen() {
  negotiation_ = std::make_unique<Negotiation>(Negotiation{
      MultistreamListener(connection_.host_.served_protocols()), connection_.host_.now(), {}, nullptr});
  connection_.negotiating_.push_back(this);
}

bool ConnectionStream::negotiating_since(Instant then) const {
  return negotiation_ && negotiation_->started <= then;
}

void ConnectionStream::fail_negotiation(const Error& error) {
  OnStream on_stream = finish_negotiation();
  ++connection_.counters_.negotiations_failed;
  stream_.reset();
  if (on_stream) on_stream(std::unexpected(error));
}

const ConnectionInfo& ConnectionStream::connection() const {
  return connection_.info();
}

void ConnectionStream::close_write() {
  write_closed_ = true;
  stream_.close_write();
  if (remote_closed_) detach();
}

void ConnectionStream::close_write_once_read() {
  write_closed_ = true;
  stream_.close_write_once_read();
  if (remote_closed_) detach();
}

void ConnectionStream::reset() {
  detach();
  if (negotiation_) static_cast<void>(finish_negotiation());
  stream_.reset();
}

void ConnectionStream::on_data(ByteView bytes) {
  if (negotiation_) bytes = negotiate(bytes);
  if (!bytes.empty() && receiver_ != nullptr && !stream_.dead()) receiver_->on_data(*this, bytes);
}

void ConnectionStream::on_remote_closed() {
  if (negotiation_) {
    // A lazy dialer may close before it has read our agreement; here there is none yet.
    fail_negotiation({ErrorCode::closed, "the peer closed the stream during its negotiation"});
    return;
  }
  remote_closed_ = true;
  StreamReceiver* const receiver = receiver_;
  const bool last = write_closed_;
  if (last) detach();
  if (receiver != nullptr) receiver->on_remote_closed(*this);
}

void ConnectionStream::on_writable() {
  if (!negotiation_ && receiver_ != nullptr) receiver_->on_writable(*this);
}

void ConnectionStream::on_reset() {
  if (negotiation_) {
    fail_negotiation({ErrorCode::closed, "the stream was reset during its negotiation"});
    return;
  }
  StreamReceiver* const receiver = receiver_;
  detach();
  if (receiver != nullptr) receiver->on_reset(*this);
}

ByteView ConnectionStream::negotiate(ByteView bytes) {
  Bytes out;
  auto used = std::visit([&](auto& role) { return role.receive(bytes, out); }, negotiation_->role);
  if (!out.empty()) stream_.write(out);
  if (!used) {
    fail_negotiation(used.error());
    return {};
  }
  const auto agreed = std::visit(
      [](const auto& role) { return role.agreed() ? std::optional(role.protocol()) : std::nullopt; },
      negotiation_->role);
  if (agreed) agree(*agreed);
  return bytes.subspan(*used);
}

void ConnectionStream::agree(const std::string& protocol) {
  protocol_ = protocol;
  if (!connection_.host_.keeps_alive(protocol_)) {
    keeps_alive_ = false;
    if (--connection_.keeping_alive_ == 0) connection_.idle_since_ = connection_.host_.now();
  }
  OnStream on_stream = finish_negotiation();
  if (direction() == Direction::outbound) {
    ++connection_.counters_.streams_outbound;
    on_stream(this);
    return;
  }
  ++connection_.counters_.streams_inbound;
  receiver_ = connection_.host_.on_inbound_stream(*this);
  if (receiver_ == nullptr) reset();
}

OnStream ConnectionStream::finish_negotiation() {
  std::erase(connection_.negotiating_, this);
  if (negotiation_->request != nullptr) negotiation_->request->unlink();
  OnStream on_stream = std::move(negotiation_->on_stream);
  negotiation_.reset();
  return on_stream;
}

void ConnectionStream::detach() {
  receiver_ = nullptr;
}

}  // namespace libpreconf::libp2p
