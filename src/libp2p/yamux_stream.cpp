#include "libp2p/yamux_stream.h"

#include "libp2p/yamux_session.h"

namespace libpreconf::libp2p {

void YamuxStream::write(ByteView bytes) {
  if (dead_ || write_closed()) return;
  queue_.push(bytes);
  queued_more(bytes.size());
}

void YamuxStream::write(SharedBytes bytes) {
  if (dead_ || write_closed() || !bytes) return;
  const std::size_t size = bytes->size();
  queue_.push(std::move(bytes));
  queued_more(size);
}

void YamuxStream::queued_more(std::size_t size) {
  session_.queued_ += size;
  if (send_window_ == 0) waited_ = true;
  session_.mark_ready(*this);
}

void YamuxStream::close_write() {
  if (dead_ || fin_wanted_) return;
  fin_wanted_ = true;
  fin_ping_ = FinPing::none;
  session_.mark_ready(*this);
}

void YamuxStream::close_write_once_read() {
  if (remote_closed_) return close_write();
  if (dead_ || write_closed()) return;
  fin_ping_ = FinPing::to_be_sent;
  session_.mark_ready(*this);
}

void YamuxStream::reset() {
  if (!dead_) session_.reset_stream(*this);
}

void YamuxStream::set_reading(bool reading) {
  reading_ = reading;
  grant_window();
}

std::uint16_t YamuxStream::take_opening_flag() noexcept {
  if (opened_) return 0;
  opened_ = true;
  return direction_ == Direction::outbound ? kYamuxSyn : kYamuxAck;
}

void YamuxStream::grant_window() {
  if (dead_ || !reading_ || remote_closed_) return;
  const std::uint32_t missing = window_size_ - receive_window_ - credit_;
  if (missing < window_size_ / 2) return;
  // The stream moves bulk data: a larger window costs nothing here and saves the remote from waiting.
  window_size_ = limits::kYamuxReceiveWindow;
  credit_ = window_size_ - receive_window_;
  session_.mark_ready(*this);
}

}  // namespace libpreconf::libp2p
