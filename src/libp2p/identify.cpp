#include "libp2p/identify.h"

#include <algorithm>

#include "base/log.h"
#include "codec/varint.h"

namespace libpreconf::libp2p {
namespace {

constexpr std::string_view kId = "/ipfs/id/1.0.0";
constexpr std::string_view kPush = "/ipfs/id/push/1.0.0";
/// The length in front of a message of at most 8 KiB.
constexpr std::size_t kLengthBytes = 2;

}  // namespace

/// One stream under way: our question, the peer's push, or ours.
class Identify::Exchange final : public StreamReceiver {
 public:
  Exchange(Identify& identify, std::uint64_t number, ConnectionId on, Purpose why)
      : id(number), connection(on), purpose(why), owner_(identify) {}

  void on_data(Stream& from, ByteView bytes) override {
    while (!bytes.empty()) {
      const auto length = codec::read_varint(buffer_, kLengthBytes);
      std::size_t missing = 1;
      if (length.status == codec::VarintStatus::ok) {
        missing = length.size + static_cast<std::size_t>(length.value) - buffer_.size();
      }
      const std::size_t taken = std::min(missing, bytes.size());
      buffer_.insert(buffer_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(taken));
      bytes = bytes.subspan(taken);
      if (!advance()) return refuse(from);
    }
  }
  void on_remote_closed(Stream& from) override {
    if (parts_ == 0 || !buffer_.empty()) return refuse(from);
    from.close_write();
    owner_.finish(*this);
    owner_.received(from.connection(), message_, purpose);
  }
  void on_reset(Stream&) override {
    ++owner_.counters_.failed;
    owner_.finish(*this);
  }

  const std::uint64_t id;
  const ConnectionId connection;
  const Purpose purpose;
  Handle request;
  TimerHandle deadline;
  Stream* stream = nullptr;

 private:
  /// Takes a message that is complete. False if the stream breaks a rule.
  [[nodiscard]] bool advance() {
    const auto length = codec::read_varint(buffer_, kLengthBytes);
    if (length.status == codec::VarintStatus::malformed) return false;
    if (length.status == codec::VarintStatus::incomplete) return true;
    if (length.value > limits::kIdentifyReceived) return false;
    if (buffer_.size() < length.size + length.value) return true;
    if (++parts_ > limits::kIdentifyParts) return false;
    const auto part = decode_identify(ByteView(buffer_).subspan(length.size));
    if (!part) return false;
    message_.merge(*part);
    buffer_.clear();
    return true;
  }
  void refuse(Stream& from) {
    ++owner_.counters_.refused;
    from.reset();
    owner_.finish(*this);
  }

  Identify& owner_;
  Bytes buffer_;
  IdentifyMessage message_;
  std::size_t parts_ = 0;
};

Identify::Identify(Swarm& swarm, IdentifyConfig config, OnIdentified on_identified)
    : swarm_(swarm), config_(std::move(config)), on_identified_(std::move(on_identified)) {}

Identify::~Identify() = default;

void Identify::push() {
  for (const ConnectionInfo* connection : swarm_.connections()) open(connection->id, Purpose::push);
}

const IdentifyMessage* Identify::find(const PeerId& peer) const {
  const auto found = peers_.find(peer);
  return found == peers_.end() ? nullptr : &found->second;
}

std::vector<std::string> Identify::protocol_ids() const {
  return {std::string(kId), std::string(kPush)};
}

StreamReceiver* Identify::on_inbound_stream(Stream& stream) {
  if (stream.protocol() == kId) {
    ++counters_.answered;
    tell(stream);
    return &silence_;
  }
  Exchange* const exchange = begin(stream.connection().id, Purpose::take_push);
  if (exchange == nullptr) {
    ++counters_.refused;
    return nullptr;
  }
  exchange->stream = &stream;
  return exchange;
}

void Identify::on_connected(const ConnectionInfo& connection) {
  open(connection.id, Purpose::ask);
}

void Identify::on_disconnected(const ConnectionInfo& connection) {
  std::vector<Exchange*> ended;
  for (const auto& [id, exchange] : exchanges_) {
    if (exchange->connection == connection.id) ended.push_back(exchange.get());
  }
  for (Exchange* exchange : ended) finish(*exchange);
  if (!swarm_.is_connected(connection.peer)) peers_.erase(connection.peer);
}

Bytes Identify::message_for(const ConnectionInfo& connection) const {
  IdentifyMessage message;
  message.public_key = to_bytes(swarm_.identity().public_key_protobuf());
  message.listen_addresses = addresses_for(connection);
  message.protocols = swarm_.protocol_ids();
  if (const auto observed = Multiaddr::parse(connection.remote_address)) {
    message.observed_address = observed->to_bytes();
  }
  message.protocol_version = config_.protocol_version;
  message.agent_version = config_.agent_version;
  return encode_identify(message);
}

std::vector<Bytes> Identify::addresses_for(const ConnectionInfo& connection) const {
  const auto local = Multiaddr::parse(connection.local_address);
  std::vector<Bytes> out;
  for (const Multiaddr& listening : swarm_.listen_addresses()) {
    Multiaddr address = listening.without_peer();
    const auto bound = address.socket_address();
    if (bound && bound->is_unspecified()) {
      // "Any address" tells a peer nothing; the one that this connection came by does.
      const auto reached = local ? local->socket_address() : std::nullopt;
      if (!reached || reached->is_v6() != bound->is_v6()) continue;
      address = Multiaddr::of(reached->with_port(bound->port()));
    }
    out.push_back(address.to_bytes());
  }
  return out;
}

void Identify::tell(Stream& stream) {
  const Bytes message = message_for(stream.connection());
  Bytes frame;
  codec::append_varint(frame, message.size());
  frame.insert(frame.end(), message.begin(), message.end());
  stream.write(frame);
  stream.close_write_once_read();
}

Identify::Exchange* Identify::begin(ConnectionId connection, Purpose purpose) {
  const auto open_already = std::ranges::count_if(
      exchanges_, [connection](const auto& entry) { return entry.second->connection == connection; });
  if (static_cast<std::size_t>(open_already) >= limits::kIdentifyStreams) return nullptr;
  const std::uint64_t id = next_exchange_++;
  auto exchange = std::make_unique<Exchange>(*this, id, connection, purpose);
  exchange->deadline = swarm_.reactor().after(limits::kIdentifyTimeout, [this, id] { on_deadline(id); });
  return exchanges_.emplace(id, std::move(exchange)).first->second.get();
}

void Identify::open(ConnectionId connection, Purpose purpose) {
  Exchange* const exchange = begin(connection, purpose);
  if (exchange == nullptr) return;
  exchange->request = swarm_.open_stream(
      connection, {std::string(purpose == Purpose::push ? kPush : kId)},
      [this, id = exchange->id](Result<Stream*> stream) { on_opened(id, std::move(stream)); });
}

void Identify::on_opened(std::uint64_t id, Result<Stream*> stream) {
  const auto found = exchanges_.find(id);
  if (found == exchanges_.end()) return;
  Exchange& exchange = *found->second;
  if (!stream) {
    ++counters_.failed;
    finish(exchange);
    return;
  }
  if (exchange.purpose == Purpose::ask) {
    exchange.stream = *stream;
    (*stream)->set_receiver(&exchange);
    return;
  }
  ++counters_.pushes_sent;
  (*stream)->set_receiver(&silence_);
  tell(**stream);
  finish(exchange);
}

void Identify::on_deadline(std::uint64_t id) {
  const auto found = exchanges_.find(id);
  if (found == exchanges_.end()) return;
  ++counters_.failed;
  Exchange& exchange = *found->second;
  if (exchange.stream != nullptr) exchange.stream->reset();
  finish(exchange);
}

void Identify::received(const ConnectionInfo& connection, const IdentifyMessage& message, Purpose purpose) {
  if (!message.public_key.empty() && PeerId::of_public_key(message.public_key) != connection.peer) {
    ++counters_.refused;
    return;
  }
  ++(purpose == Purpose::ask ? counters_.received : counters_.pushes_received);
  IdentifyMessage& known = peers_[connection.peer];
  known.merge(message);
  if (log_enabled(LogLevel::debug, LogArea::libp2p)) {
    log_debug(LogArea::libp2p, "{} is {}", connection.peer.to_string(), printable(known.agent_version));
  }
  if (on_identified_) on_identified_(connection.peer, known);
}

void Identify::finish(Exchange& exchange) {
  auto node = exchanges_.extract(exchange.id);
  if (node.empty()) return;
  exchange.stream = nullptr;
  exchange.request.reset();
  exchange.deadline.reset();
  swarm_.reactor().destroy_later(std::move(node.mapped()));
}

}  // namespace libpreconf::libp2p
