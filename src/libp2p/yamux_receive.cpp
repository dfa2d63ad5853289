// The receiving half of YamuxSession.

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "libp2p/yamux_busy.h"
#include "libp2p/yamux_session.h"

namespace libpreconf::libp2p {

Result<> YamuxSession::receive(ByteView bytes, Instant now) {
  const Busy busy(*this);
  while (!bytes.empty() && !over_) {
    if (body_left_ > 0) {
      const ByteView piece = bytes.first(std::min<std::size_t>(body_left_, bytes.size()));
      bytes = bytes.subspan(piece.size());
      body_left_ -= static_cast<std::uint32_t>(piece.size());
      on_body(piece);
      if (body_left_ == 0) finish_body();
      continue;
    }
    YamuxHeader header;
    if (header_size_ == 0 && bytes.size() >= YamuxHeader::kSize) {
      header = YamuxHeader::decode(bytes.first<YamuxHeader::kSize>());
      bytes = bytes.subspan(YamuxHeader::kSize);
    } else {
      const std::size_t taken = std::min(YamuxHeader::kSize - header_size_, bytes.size());
      std::memcpy(header_.data() + header_size_, bytes.data(), taken);
      header_size_ += taken;
      bytes = bytes.subspan(taken);
      if (header_size_ < YamuxHeader::kSize) return {};
      header_size_ = 0;
      header = YamuxHeader::decode(header_);
    }
    PRECONF_CHECK_OK(on_header(header, now));
  }
  return {};
}

Result<> YamuxSession::on_header(const YamuxHeader& header, Instant now) {
  ++counters_.frames_received;
  if (header.version != 0) return protocol_error(fmt::format("yamux version {}", header.version));
  const bool data = header.type == static_cast<std::uint8_t>(YamuxType::data);
  if ((!data || header.length < limits::kYamuxSmallFrame) && !small_frames_.take(now)) {
    return protocol_error("a flood of small yamux frames");
  }
  if (header.has(kYamuxRst) && !glitches_.take(now)) return protocol_error("a flood of yamux resets");
  switch (header.type) {
    case static_cast<std::uint8_t>(YamuxType::data):
      return on_data_header(header);
    case static_cast<std::uint8_t>(YamuxType::window_update):
      return on_window_update(header);
    case static_cast<std::uint8_t>(YamuxType::ping):
      return on_ping(header, now);
    case static_cast<std::uint8_t>(YamuxType::go_away):
      return on_go_away(header);
    default:
      return protocol_error(fmt::format("yamux frame type {}", header.type));
  }
}

Result<> YamuxSession::on_data_header(const YamuxHeader& header) {
  if (header.length > limits::kYamuxFrameBody) return protocol_error("a yamux frame of more than 1 MiB");
  if (header.has(kYamuxSyn) && header.length > limits::kYamuxInitialWindow) {
    return protocol_error("a yamux stream that begins with more than its window");
  }
  PRECONF_TRY(YamuxStream* const stream, stream_of(header, 0));
  body_left_ = header.length;
  body_stream_ = nullptr;
  body_fin_ = false;
  if (stream == nullptr) return {};
  if (header.has(kYamuxRst)) {
    remote_reset(*stream);
    return {};
  }
  if (stream->remote_closed_) {
    ++counters_.frames_ignored;
    return {};
  }
  if (header.length > stream->receive_window_) return protocol_error("yamux data beyond the window");
  stream->receive_window_ -= header.length;
  body_stream_ = stream;
  body_fin_ = header.has(kYamuxFin);
  if (body_left_ == 0) finish_body();
  return {};
}

Result<> YamuxSession::on_window_update(const YamuxHeader& header) {
  const bool fresh = header.has(kYamuxSyn);
  if (fresh && header.length > UINT32_MAX - limits::kYamuxInitialWindow) {
    return protocol_error("a yamux window beyond 32 bits");
  }
  PRECONF_TRY(YamuxStream* const stream, stream_of(header, header.length));
  if (stream == nullptr) return {};
  if (header.has(kYamuxRst)) {
    remote_reset(*stream);
    return {};
  }
  if (!fresh) {
    if (header.length > UINT32_MAX - stream->send_window_) {
      return protocol_error("a yamux window beyond 32 bits");
    }
    stream->send_window_ += header.length;
    mark_ready(*stream);
  }
  if (header.has(kYamuxFin)) remote_closed(*stream);
  return {};
}

Result<> YamuxSession::on_ping(const YamuxHeader& header, Instant now) {
  if (header.has(kYamuxAck)) {
    // Our pings carry the id of the stream that waits for them.
    YamuxStream* const stream = find(header.length);
    if (stream != nullptr && stream->fin_ping_ == YamuxStream::FinPing::sent) {
      stream->fin_ping_ = YamuxStream::FinPing::none;
      stream->close_write();
      return {};
    }
    ++counters_.frames_ignored;
  }
  if (!glitches_.take(now)) return protocol_error("a flood of yamux pings");
  if (header.has(kYamuxAck)) return {};
  PRECONF_CHECK_OK(check_control_room());
  push_control({0, static_cast<std::uint8_t>(YamuxType::ping), kYamuxAck, 0, header.length});
  return {};
}

Result<> YamuxSession::on_go_away(const YamuxHeader& header) {
  over_ = true;
  ready_.clear();
  return fail(ErrorCode::closed, fmt::format("the peer said go away, code {}", header.length));
}

Result<YamuxStream*> YamuxSession::stream_of(const YamuxHeader& header, std::uint32_t extra_window) {
  if (header.stream == 0) return protocol_error("a yamux stream with id 0");
  if (header.has(kYamuxSyn)) {
    return accept(header.stream, limits::kYamuxInitialWindow + extra_window);
  }
  YamuxStream* const stream = find(header.stream);
  if (stream == nullptr) {
    ++counters_.frames_ignored;
    return nullptr;
  }
  if (header.has(kYamuxAck) && !stream->acknowledged_) {
    stream->acknowledged_ = true;
    if (stream->direction_ == Direction::outbound) --unacknowledged_;
  }
  return stream;
}

Result<YamuxStream*> YamuxSession::accept(std::uint32_t id, std::uint32_t send_window) {
  const bool odd = id % 2 == 1;
  if (odd == (direction_ == Direction::outbound))
    return protocol_error("a yamux stream id that is ours to give");
  if (find(id) != nullptr) return protocol_error("a yamux stream id that is open already");
  // Whatever refuses the stream will queue a reset.
  PRECONF_CHECK_OK(check_control_room());
  if (streams_.size() >= limits::kYamuxStreams) {
    ++counters_.streams_refused;
    push_control({0, static_cast<std::uint8_t>(YamuxType::data), kYamuxRst, id, 0});
    return nullptr;
  }
  YamuxStream& stream = insert(std::make_unique<YamuxStream>(*this, id, Direction::inbound, send_window));
  observer_.on_inbound_stream(stream);
  if (!stream.observer_ && !stream.dead_) stream.reset();
  return stream.dead_ ? nullptr : &stream;
}

void YamuxSession::on_body(ByteView piece) {
  if (body_stream_ == nullptr) return;
  YamuxStream& stream = *body_stream_;
  if (stream.observer_) stream.observer_->on_data(piece);
  stream.grant_window();
}

void YamuxSession::finish_body() {
  YamuxStream* const stream = body_stream_;
  body_stream_ = nullptr;
  if (stream != nullptr && body_fin_) remote_closed(*stream);
}

void YamuxSession::remote_closed(YamuxStream& stream) {
  if (stream.remote_closed_) return;
  stream.remote_closed_ = true;
  if (stream.fin_ping_ != YamuxStream::FinPing::none) {
    stream.fin_ping_ = YamuxStream::FinPing::none;
    stream.close_write();
  }
  if (stream.observer_) stream.observer_->on_remote_closed();
  if (stream.finished()) remove(stream);
}

void YamuxSession::remote_reset(YamuxStream& stream) {
  ++counters_.resets_received;
  remove(stream);
  if (stream.observer_) stream.observer_->on_reset();
}

Result<> YamuxSession::check_control_room() {
  if (control_.size() < limits::kYamuxControlQueue) return {};
  over_ = true;
  return fail(ErrorCode::limit, "the peer does not read the answers to its yamux frames");
}

std::unexpected<Error> YamuxSession::protocol_error(std::string message) {
  over_ = true;
  // What streams have queued is of no use to a remote that is told to go.
  for (YamuxStream* stream : ready_) stream->in_ready_ = false;
  ready_.clear();
  go_away(YamuxGoAway::protocol_error);
  return fail(ErrorCode::invalid, std::move(message));
}

}  // namespace libpreconf::libp2p
