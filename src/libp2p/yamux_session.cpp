#include "libp2p/yamux_session.h"

#include <algorithm>

#include "base/check.h"
#include "libp2p/yamux_busy.h"

namespace libpreconf::libp2p {
namespace {

/// A frame that must be cut is cut only if this much of its body fits.
constexpr std::size_t kSmallestPiece = 512;
/// Slots that an empty control queue keeps.
constexpr std::size_t kKeptControlSlots = 8;

void encode(const YamuxHeader& header, MutableByteView out) {
  header.encode(out.first<YamuxHeader::kSize>());
}

}  // namespace

YamuxSession::YamuxSession(Direction direction, YamuxSessionObserver& observer)
    : observer_(observer),
      direction_(direction),
      next_id_(direction == Direction::outbound ? 1 : 2),
      glitches_(limits::kYamuxGlitchBurst, limits::kYamuxGlitchRate),
      small_frames_(limits::kYamuxSmallFrameBurst, limits::kYamuxSmallFrameRate) {}

YamuxSession::~YamuxSession() = default;

Result<YamuxStream*> YamuxSession::open_stream() {
  if (over_ || go_away_) return fail(ErrorCode::closed, "the connection is closing");
  if (streams_.size() >= limits::kYamuxStreams || unacknowledged_ >= limits::kYamuxAckBacklog ||
      next_id_ > UINT32_MAX - 2) {
    return fail(ErrorCode::limit, "the connection has as many streams as it may");
  }
  const std::uint32_t id = next_id_;
  next_id_ += 2;
  ++unacknowledged_;
  return &insert(std::make_unique<YamuxStream>(*this, id, Direction::outbound, limits::kYamuxInitialWindow));
}

void YamuxSession::go_away(YamuxGoAway code) {
  if (go_away_) return;
  const bool had_output = has_output();
  go_away_ = code;
  if (!had_output) observer_.on_output();
}

void YamuxSession::end() {
  over_ = true;
  body_stream_ = nullptr;
  ready_.clear();
  drained_.clear();
  unacknowledged_ = 0;
  queued_ = 0;
  const std::size_t first = graveyard_.size();
  for (auto& stream : streams_) {
    stream->dead_ = true;
    stream->queue_.clear();
    graveyard_.push_back(std::move(stream));
  }
  streams_.clear();
  for (std::size_t i = first; i < graveyard_.size(); ++i) {
    if (graveyard_[i]->observer_) graveyard_[i]->observer_->on_reset();
  }
}

bool YamuxSession::has_output() const noexcept {
  return !control_.empty() || !ready_.empty() || go_away_.has_value();
}

std::size_t YamuxSession::output_size(std::size_t most) const {
  std::size_t size = control_.size() * YamuxHeader::kSize + (go_away_ ? YamuxHeader::kSize : 0);
  for (const YamuxStream* stream : ready_) {
    size += 3 * YamuxHeader::kSize + std::min<std::size_t>(stream->queue_.size(), stream->send_window_);
    if (size >= most) return most;
  }
  return size;
}

std::size_t YamuxSession::fill(MutableByteView out) {
  const Busy busy(*this);
  std::size_t used = fill_control(out);
  while (!ready_.empty()) {
    YamuxStream& stream = *ready_.front();
    const std::size_t written = fill_stream(stream, out.subspan(used));
    if (written == 0 && stream.has_output()) break;
    used += written;
    ready_.erase(ready_.begin());
    stream.in_ready_ = false;
    if (stream.finished()) {
      remove(stream);
    } else if (stream.has_output()) {
      mark_ready(stream);
    }
  }
  used += fill_control(out.subspan(used));
  if (go_away_ && ready_.empty() && control_.empty() && out.size() - used >= YamuxHeader::kSize) {
    const YamuxHeader header{0, static_cast<std::uint8_t>(YamuxType::go_away), 0, 0,
                             static_cast<std::uint32_t>(*go_away_)};
    encode(header, out.subspan(used));
    used += YamuxHeader::kSize;
    go_away_.reset();
    over_ = true;
    ++counters_.frames_sent;
  }
  tell_drained();
  return used;
}

std::size_t YamuxSession::fill_control(MutableByteView out) {
  const std::size_t count = std::min(control_.size(), out.size() / YamuxHeader::kSize);
  for (std::size_t i = 0; i < count; ++i) encode(control_[i], out.subspan(i * YamuxHeader::kSize));
  control_.erase(control_.begin(), control_.begin() + static_cast<std::ptrdiff_t>(count));
  if (control_.empty() && control_.capacity() > kKeptControlSlots) control_.shrink_to_fit();
  counters_.frames_sent += count;
  return count * YamuxHeader::kSize;
}

std::size_t YamuxSession::fill_stream(YamuxStream& stream, MutableByteView out) {
  std::size_t used = 0;
  if (stream.credit_ > 0) {
    if (out.size() < YamuxHeader::kSize) return 0;
    encode({0, static_cast<std::uint8_t>(YamuxType::window_update), stream.take_opening_flag(), stream.id_,
            stream.credit_},
           out);
    stream.receive_window_ += stream.credit_;
    stream.credit_ = 0;
    used = YamuxHeader::kSize;
    ++counters_.frames_sent;
  }
  if (stream.can_send_body() || stream.can_send_fin()) used += fill_body(stream, out.subspan(used));
  if (stream.can_send_fin_ping()) {
    stream.fin_ping_ = YamuxStream::FinPing::sent;
    push_control({0, static_cast<std::uint8_t>(YamuxType::ping), kYamuxSyn, 0, stream.id_});
  }
  return used;
}

std::size_t YamuxSession::fill_body(YamuxStream& stream, MutableByteView out) {
  if (out.size() < YamuxHeader::kSize) return 0;
  const std::size_t allowed = std::min<std::size_t>(stream.queue_.size(), stream.send_window_);
  // One stream alone fills whole noise messages; several share them.
  const std::size_t turn = ready_.size() > 1 ? limits::kYamuxTurn : allowed;
  const std::size_t body = std::min({allowed, turn, out.size() - YamuxHeader::kSize});
  if (body < std::min(allowed, kSmallestPiece)) return 0;

  std::uint16_t flags = stream.take_opening_flag();
  // FIN goes in a frame of its own, as everybody's does: js-libp2p drops data that comes with it once it has
  // closed its own side.
  if (stream.can_send_fin()) {
    flags |= kYamuxFin;
    stream.fin_sent_ = true;
  }
  encode({0, static_cast<std::uint8_t>(YamuxType::data), flags, stream.id_, static_cast<std::uint32_t>(body)},
         out);
  stream.queue_.pop_into(out.subspan(YamuxHeader::kSize, body));
  stream.send_window_ -= static_cast<std::uint32_t>(body);
  queued_ -= body;
  ++counters_.frames_sent;
  if (!stream.queue_.empty()) {
    stream.waited_ = true;
  } else if (stream.waited_) {
    stream.waited_ = false;
    drained_.push_back(&stream);
  }
  return YamuxHeader::kSize + body;
}

void YamuxSession::output_blocked() {
  for (YamuxStream* stream : ready_) stream->waited_ = !stream->queue_.empty();
}

void YamuxSession::tell_drained() {
  // Observers may write again, which adds nothing here, or reset streams, which stay in the graveyard.
  for (YamuxStream* stream : drained_) {
    if (!stream->dead_ && stream->observer_) stream->observer_->on_writable();
  }
  drained_.clear();
}

YamuxStream* YamuxSession::find(std::uint32_t id) const {
  const auto at = std::ranges::lower_bound(streams_, id, {}, [](const auto& stream) { return stream->id_; });
  return at != streams_.end() && (*at)->id_ == id ? at->get() : nullptr;
}

YamuxStream& YamuxSession::insert(std::unique_ptr<YamuxStream> stream) {
  const auto at =
      std::ranges::lower_bound(streams_, stream->id_, {}, [](const auto& other) { return other->id_; });
  return **streams_.insert(at, std::move(stream));
}

void YamuxSession::remove(YamuxStream& stream) {
  if (stream.dead_) return;
  stream.dead_ = true;
  if (body_stream_ == &stream) body_stream_ = nullptr;
  if (stream.in_ready_) std::erase(ready_, &stream);
  stream.in_ready_ = false;
  queued_ -= stream.queue_.size();
  stream.queue_.clear();
  if (stream.direction_ == Direction::outbound && !stream.acknowledged_) --unacknowledged_;
  const auto at =
      std::ranges::lower_bound(streams_, stream.id_, {}, [](const auto& other) { return other->id_; });
  if (PRECONF_BUG(at == streams_.end() || at->get() != &stream)) return;
  graveyard_.push_back(std::move(*at));
  streams_.erase(at);
}

void YamuxSession::mark_ready(YamuxStream& stream) {
  if (stream.in_ready_ || !stream.has_output()) return;
  const bool had_output = has_output();
  stream.in_ready_ = true;
  ready_.push_back(&stream);
  if (!had_output) observer_.on_output();
}

void YamuxSession::reset_stream(YamuxStream& stream) {
  // A stream that the remote never heard of ends in silence.
  const bool known = stream.opened_ || stream.direction_ == Direction::inbound;
  const std::uint32_t id = stream.id_;
  remove(stream);
  if (known && !over_) {
    push_control({0, static_cast<std::uint8_t>(YamuxType::data), kYamuxRst, id, 0});
  }
}

void YamuxSession::push_control(const YamuxHeader& header) {
  const bool had_output = has_output();
  control_.push_back(header);
  if (!had_output) observer_.on_output();
}

}  // namespace libpreconf::libp2p
