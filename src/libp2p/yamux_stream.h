#pragma once
// One stream of a yamux session. States, each direction on its own:
//
//   sending:   open -close_write-> draining -(FIN sent)-> closed
//   receiving: open -(FIN received)-> closed
//   either, by RST or the end of the session: dead
//
// Owned by the session, with its observer; address-stable. When both directions are closed, or it is dead,
// the session forgets it, and frees both once no callback of them can be on the stack.

#include <memory>

#include "libp2p/limits.h"
#include "libp2p/send_queue.h"
#include "libp2p/stream.h"
#include "libp2p/yamux_frame.h"

namespace libpreconf::libp2p {

class YamuxSession;

/// Hears what happens to one stream. May call any member of the stream.
class YamuxStreamObserver {
 public:
  virtual ~YamuxStreamObserver() = default;
  /// Valid only during the call.
  virtual void on_data(ByteView bytes) = 0;
  virtual void on_remote_closed() = 0;
  /// The queue is empty after bytes had to wait.
  virtual void on_writable() = 0;
  /// The remote reset the stream, or the session ended. The last call.
  virtual void on_reset() = 0;
};

class YamuxStream {
 public:
  YamuxStream(YamuxSession& session, std::uint32_t id, Direction direction, std::uint32_t send_window)
      : session_(session), id_(id), direction_(direction), send_window_(send_window) {}
  YamuxStream(const YamuxStream&) = delete;
  YamuxStream& operator=(const YamuxStream&) = delete;

  [[nodiscard]] std::uint32_t id() const noexcept { return id_; }
  [[nodiscard]] Direction direction() const noexcept { return direction_; }
  [[nodiscard]] bool dead() const noexcept { return dead_; }
  void set_observer(std::unique_ptr<YamuxStreamObserver> observer) { observer_ = std::move(observer); }

  /// Ignored once the sending side was closed or the stream is dead.
  void write(ByteView bytes);
  void write(SharedBytes bytes);
  [[nodiscard]] std::size_t queued() const noexcept { return queue_.size(); }
  void close_write();
  /// FIN goes out only when a ping sent behind the last byte has come back, or the remote has closed.
  void close_write_once_read();
  /// RST; drops what is queued. The observer hears nothing.
  void reset();
  /// False stops granting window; what is on the way still arrives.
  void set_reading(bool reading);

 private:
  friend class YamuxSession;
  /// What FIN still waits for.
  enum class FinPing : std::uint8_t { none, to_be_sent, sent };

  [[nodiscard]] bool can_send_fin_ping() const noexcept {
    return fin_ping_ == FinPing::to_be_sent && queue_.empty();
  }
  [[nodiscard]] bool can_send_body() const noexcept { return !queue_.empty() && send_window_ > 0; }
  [[nodiscard]] bool can_send_fin() const noexcept { return fin_wanted_ && !fin_sent_ && queue_.empty(); }
  [[nodiscard]] bool has_output() const noexcept {
    return !dead_ && (credit_ > 0 || can_send_body() || can_send_fin() || can_send_fin_ping());
  }
  [[nodiscard]] bool finished() const noexcept { return fin_sent_ && remote_closed_; }
  [[nodiscard]] bool write_closed() const noexcept { return fin_wanted_ || fin_ping_ != FinPing::none; }
  /// SYN or ACK, on the first frame.
  [[nodiscard]] std::uint16_t take_opening_flag() noexcept;
  /// Grants window again once half of it is used up.
  void grant_window();
  void queued_more(std::size_t size);

  YamuxSession& session_;
  std::unique_ptr<YamuxStreamObserver> observer_;
  SendQueue queue_;
  const std::uint32_t id_;
  const Direction direction_;
  std::uint32_t send_window_;
  std::uint32_t receive_window_ = limits::kYamuxInitialWindow;  ///< what the remote may still send
  std::uint32_t window_size_ = limits::kYamuxInitialWindow;     ///< what it is filled up to
  std::uint32_t credit_ = 0;                                    ///< to be announced
  bool opened_ = false;                                         ///< our first frame is out
  bool acknowledged_ = false;
  bool reading_ = true;
  bool fin_wanted_ = false;
  FinPing fin_ping_ = FinPing::none;
  bool fin_sent_ = false;
  bool remote_closed_ = false;
  bool dead_ = false;
  bool in_ready_ = false;
  bool waited_ = false;  ///< bytes had to wait; the observer wants to hear when they are gone
};

}  // namespace libpreconf::libp2p
