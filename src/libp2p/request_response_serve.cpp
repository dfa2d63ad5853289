// The responder's role, and the handle with which the application answers.

#include <utility>

#include "libp2p/request_response_exchange.h"

namespace libpreconf::libp2p {

// ---- Responder ----

Responder::Link::~Link() {
  if (exchange != nullptr) exchange->unlink();
}

Responder::Responder(std::unique_ptr<Link> link) : link_(std::move(link)) {}
Responder::Responder(Responder&& other) noexcept = default;

Responder& Responder::operator=(Responder&& other) noexcept {
  if (this != &other) {
    refuse();
    link_ = std::move(other.link_);
  }
  return *this;
}

Responder::~Responder() {
  refuse();
}

bool Responder::is_open() const noexcept {
  return link_ != nullptr && link_->exchange != nullptr;
}

Result<> Responder::respond(ByteView head, SharedBytes tail) {
  if (!is_open()) return fail(ErrorCode::closed, "the request has ended without waiting for its answer");
  const std::size_t tail_size = tail ? tail->size() : 0;
  if (head.size() + tail_size > link_->exchange->max_response()) {
    refuse();
    return fail(ErrorCode::too_large, "the answer is over its protocol's limit");
  }
  ++link_->exchange->counters().responses_sent;
  const auto link = std::move(link_);
  link->exchange->answer(encode_length_prefixed(head, tail_size), std::move(tail));
  return {};
}

void Responder::refuse() {
  const auto link = std::move(link_);
  if (!link || link->exchange == nullptr) return;
  ++link->exchange->counters().responses_refused;
  link->exchange->finish();
}

// ---- Served ----

RequestResponse::Served::Served(RequestResponse& owner, ExchangeId id, std::size_t protocol, Stream& stream)
    : owner_(owner),
      id_(id),
      protocol_(protocol),
      connection_(stream.connection().id),
      peer_(stream.connection().peer),
      reader_(owner.config_.protocols[protocol].max_request),
      stream_(&stream) {
  deadline_ = owner_.reactor_.after(owner_.config_.timeout, [this] { on_deadline(); });
}

RequestResponse::Served::~Served() {
  detach();
}

void RequestResponse::Served::detach() {
  deadline_.reset();
  if (link_ != nullptr) std::exchange(link_, nullptr)->exchange = nullptr;
}

std::size_t RequestResponse::Served::max_response() const noexcept {
  return owner_.config_.protocols[protocol_].max_response;
}

void RequestResponse::Served::on_data(Stream&, ByteView bytes) {
  if (reader_.status() != LengthPrefixedReader::Status::need_more) return;  // behind a whole frame
  switch (reader_.feed(bytes)) {
    case LengthPrefixedReader::Status::need_more:
      return;
    case LengthPrefixedReader::Status::complete:
      on_request();
      return;
    case LengthPrefixedReader::Status::too_large:
    case LengthPrefixedReader::Status::malformed:
      ++owner_.counters_.requests_malformed;
      reset();
      return;
  }
}

void RequestResponse::Served::on_request() {
  ++owner_.counters_.requests_received;
  if (owner_.hooks_.admit && !owner_.hooks_.admit(peer_, protocol_)) {
    ++owner_.counters_.requests_not_admitted;
    finish();
    return;
  }
  auto link = std::make_unique<Responder::Link>();
  link->exchange = this;
  link_ = link.get();
  Responder responder(std::move(link));
  // The last statement: the application may answer, and may destroy anything.
  if (owner_.hooks_.on_request) {
    owner_.hooks_.on_request(peer_, protocol_, reader_.take_body(), std::move(responder));
  }
}

void RequestResponse::Served::answer(SharedBytes head, SharedBytes tail) {
  if (stream_ != nullptr) {
    stream_->write(std::move(head));
    if (tail) stream_->write(std::move(tail));
  }
  finish();
}

void RequestResponse::Served::finish() {
  answered_ = true;
  if (stream_ == nullptr) return;
  stream_->close_write();
  if (remote_closed_) {
    stream_ = nullptr;
    remove();
  }
}

void RequestResponse::Served::on_remote_closed(Stream& stream) {
  remote_closed_ = true;
  if (reader_.status() == LengthPrefixedReader::Status::need_more) {
    ++owner_.counters_.requests_malformed;
    stream.close_write();
    stream_ = nullptr;
    remove();
    return;
  }
  // A half-closed request is the rule, not a cancellation.
  if (answered_) {
    stream_ = nullptr;
    remove();
  }
}

void RequestResponse::Served::on_reset(Stream&) {
  stream_ = nullptr;
  remove();
}

void RequestResponse::Served::on_deadline() {
  if (answered_) {
    // An answer that was taken needs no FIN from a requester that has what it wanted.
    if (stream_ != nullptr && stream_->queued() > 0) ++owner_.counters_.responses_unread;
  } else if (reader_.status() == LengthPrefixedReader::Status::need_more) {
    ++owner_.counters_.requests_unfinished;
  } else {
    ++owner_.counters_.responses_late;
  }
  reset();
}

void RequestResponse::Served::reset() {
  if (Stream* stream = std::exchange(stream_, nullptr)) stream->reset();
  remove();
}

void RequestResponse::Served::remove() {
  detach();
  owner_.leave(connection_, protocol_);
  owner_.remove_served(id_);
}

}  // namespace libpreconf::libp2p
