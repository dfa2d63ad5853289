#include "libp2p/request_response.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "libp2p/request_response_exchange.h"

namespace libpreconf::libp2p {

/// What `request` returns: destroying it stops the callback, not the exchange.
class RequestResponse::RequestHandle final : public Registration {
 public:
  explicit RequestHandle(Asked& asked) : asked_(&asked) { asked.set_handle(this); }
  ~RequestHandle() override {
    if (Asked* asked = std::exchange(asked_, nullptr)) asked->abandon();
  }
  void unlink() noexcept { asked_ = nullptr; }

 private:
  Asked* asked_;
};

RequestResponse::RequestResponse(Reactor& reactor, RequestResponseConfig config, RequestResponseHooks hooks,
                                 StreamOpener open_stream)
    : reactor_(reactor),
      config_(std::move(config)),
      hooks_(std::move(hooks)),
      open_stream_(std::move(open_stream)) {
  PRECONF_ASSERT(config_.protocols.size() <= limits::kMaxRequestResponseProtocols);
}

RequestResponse::~RequestResponse() {
  // An exchange may be what destroys us, from its callback.
  for (auto& entry : asked_) {
    entry.second->detach();
    reactor_.destroy_later(std::move(entry.second));
  }
  for (auto& entry : served_) {
    entry.second->detach();
    reactor_.destroy_later(std::move(entry.second));
  }
}

std::vector<std::string> RequestResponse::protocol_ids() const {
  std::vector<std::string> ids;
  ids.reserve(config_.protocols.size());
  for (const RequestResponseProtocol& protocol : config_.protocols) ids.push_back(protocol.id);
  return ids;
}

Handle RequestResponse::request(const PeerId& peer, std::size_t protocol, ByteView body,
                                OnResponse on_response) {
  PRECONF_ASSERT(protocol < config_.protocols.size());
  const ExchangeId id = ++last_exchange_;
  auto& asked = asked_[id];
  asked = std::make_unique<Asked>(*this, id, protocol, std::move(on_response));
  Handle handle(std::make_unique<RequestHandle>(*asked));
  const auto connection = connection_of(peer);
  if (!connection) {
    asked->fail_later(Error{ErrorCode::unavailable, "the peer is not connected"});
  } else if (body.size() > config_.protocols[protocol].max_request) {
    asked->fail_later(Error{ErrorCode::too_large, "the request is over its protocol's limit"});
  } else if (!enter(*connection, protocol)) {
    asked->fail_later(Error{ErrorCode::limit, "too many exchanges with this peer at once"});
  } else {
    asked->open(*connection, body);
  }
  return handle;
}

StreamReceiver* RequestResponse::on_inbound_stream(Stream& stream) {
  const auto named = std::find_if(config_.protocols.begin(), config_.protocols.end(),
                                  [&](const auto& protocol) { return protocol.id == stream.protocol(); });
  if (named == config_.protocols.end()) return nullptr;
  const auto protocol = static_cast<std::size_t>(named - config_.protocols.begin());
  if (!enter(stream.connection().id, protocol)) {
    ++counters_.streams_refused;
    return nullptr;
  }
  const ExchangeId id = ++last_exchange_;
  auto& served = served_[id];
  served = std::make_unique<Served>(*this, id, protocol, stream);
  return served.get();
}

void RequestResponse::on_connected(const ConnectionInfo& info) {
  connections_[info.id].peer = info.peer;
  peers_[info.peer].push_back(info.id);
}

void RequestResponse::on_disconnected(const ConnectionInfo& info) {
  connections_.erase(info.id);
  const auto found = peers_.find(info.peer);
  if (found == peers_.end()) return;
  std::erase(found->second, info.id);
  if (found->second.empty()) peers_.erase(found);
}

std::optional<ConnectionId> RequestResponse::connection_of(const PeerId& peer) const {
  const auto found = peers_.find(peer);
  if (found == peers_.end()) return std::nullopt;
  return found->second.front();
}

bool RequestResponse::enter(ConnectionId connection, std::size_t protocol) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return false;
  std::size_t& count = found->second.exchanges[protocol];
  if (count >= config_.max_exchanges) return false;
  ++count;
  return true;
}

void RequestResponse::leave(ConnectionId connection, std::size_t protocol) {
  const auto found = connections_.find(connection);
  if (found != connections_.end()) --found->second.exchanges[protocol];
}

void RequestResponse::remove_asked(ExchangeId id) {
  const auto found = asked_.find(id);
  if (found == asked_.end()) return;
  reactor_.destroy_later(std::move(found->second));
  asked_.erase(found);
}

void RequestResponse::remove_served(ExchangeId id) {
  const auto found = served_.find(id);
  if (found == served_.end()) return;
  reactor_.destroy_later(std::move(found->second));
  served_.erase(found);
}

void RequestResponse::count_failure(ErrorCode code) {
  switch (code) {
    case ErrorCode::unsupported:
      ++counters_.requests_unsupported;
      break;
    case ErrorCode::timed_out:
      ++counters_.requests_timed_out;
      break;
    case ErrorCode::malformed:
    case ErrorCode::too_large:
      ++counters_.responses_malformed;
      break;
    default:
      ++counters_.requests_failed;
      break;
  }
}

// ---- requester ----

RequestResponse::Asked::Asked(RequestResponse& owner, ExchangeId id, std::size_t protocol,
                              OnResponse on_response)
    : owner_(owner),
      id_(id),
      protocol_(protocol),
      on_response_(std::move(on_response)),
      reader_(owner.config_.protocols[protocol].max_response) {}

RequestResponse::Asked::~Asked() {
  detach();
}

void RequestResponse::Asked::detach() {
  if (RequestHandle* handle = std::exchange(handle_, nullptr)) handle->unlink();
  on_response_ = nullptr;
  opening_.reset();
  deadline_.reset();
}

void RequestResponse::Asked::open(ConnectionId connection, ByteView body) {
  connection_ = connection;
  frame_ = encode_length_prefixed(body);
  opening_ = owner_.open_stream_(connection, {owner_.config_.protocols[protocol_].id},
                                 [this](Result<Stream*> opened) { on_opened(std::move(opened)); });
}

void RequestResponse::Asked::fail_later(Error error) {
  deadline_ = owner_.reactor_.after(Duration{0}, [this, error = std::move(error)]() mutable {
    remove();
    settle(std::unexpected(std::move(error)));
  });
}

void RequestResponse::Asked::on_opened(Result<Stream*> opened) {
  if (!opened) {
    remove();
    settle(std::unexpected(std::move(opened).error()));
    return;
  }
  stream_ = *opened;
  stream_->set_receiver(this);
  ++owner_.counters_.requests_sent;
  deadline_ = owner_.reactor_.after(owner_.config_.timeout, [this] { on_deadline(); });
  stream_->write(std::move(frame_));
  stream_->close_write();
}

void RequestResponse::Asked::on_data(Stream&, ByteView bytes) {
  if (draining_) return;
  switch (reader_.feed(bytes)) {
    case LengthPrefixedReader::Status::need_more:
      return;
    case LengthPrefixedReader::Status::complete:
      ++owner_.counters_.responses_received;
      drain();
      settle(reader_.take_body());
      return;
    case LengthPrefixedReader::Status::too_large:
      reset();
      settle(fail(ErrorCode::too_large, "the answer is over its protocol's limit"));
      return;
    case LengthPrefixedReader::Status::malformed:
      reset();
      settle(fail(ErrorCode::malformed, "the answer's length prefix is malformed"));
      return;
  }
}

void RequestResponse::Asked::on_remote_closed(Stream&) {
  // Our side was closed with the request, so the stream is gone.
  stream_ = nullptr;
  remove();
  if (!draining_) settle(fail(ErrorCode::closed, "the peer closed the stream without a whole answer"));
}

void RequestResponse::Asked::on_reset(Stream&) {
  stream_ = nullptr;
  remove();
  if (!draining_) settle(fail(ErrorCode::closed, "the stream was reset before a whole answer came"));
}

void RequestResponse::Asked::on_deadline() {
  if (draining_) {
    reset();
    return;
  }
  drain();
  settle(fail(ErrorCode::timed_out, "no answer within the deadline"));
}

void RequestResponse::Asked::abandon() {
  handle_ = nullptr;
  on_response_ = nullptr;
  if (draining_) return;
  ++owner_.counters_.requests_abandoned;
  if (stream_ == nullptr) {
    opening_.reset();
    remove();
  }
}

void RequestResponse::Asked::drain() {
  draining_ = true;
  deadline_ = owner_.reactor_.after(owner_.config_.linger, [this] { on_deadline(); });
}

void RequestResponse::Asked::reset() {
  if (Stream* stream = std::exchange(stream_, nullptr)) stream->reset();
  remove();
}

void RequestResponse::Asked::remove() {
  deadline_.reset();
  if (connection_) owner_.leave(*std::exchange(connection_, std::nullopt), protocol_);
  owner_.remove_asked(id_);
}

void RequestResponse::Asked::settle(Result<Bytes> result) {
  draining_ = true;
  if (!result) owner_.count_failure(result.error().code);
  if (RequestHandle* handle = std::exchange(handle_, nullptr)) handle->unlink();
  if (OnResponse on_response = std::exchange(on_response_, nullptr)) on_response(std::move(result));
}

}  // namespace libpreconf::libp2p
