#pragma once
// A yamux session (p2p-wire 3.3), sans-IO: takes the bytes of the channel, fills buffers with frames to send.
//
//   running -go_away()-> closing: what is queued goes out, then the go away frame
//   running -(fault of the remote, go away received)-> over: `receive` returned an error
//   end(): every stream hears on_reset, in order of id
//
// Streams open lazily: SYN or ACK ride on the first frame. Nothing is buffered on the receiving side: bodies
// go to the stream's observer as they come, in pieces. Sending is pulled: `fill` takes frames round robin
// from the streams that have bytes and window.
//
// Owned by a Connection, or by a test. Observers may call any member but `receive`, `fill` and `end`.
// Bounds: limits.h kYamux*. A remote that breaks them gets go away with code 1.

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "libp2p/token_bucket.h"
#include "libp2p/yamux_stream.h"
#include "libpreconf/base/result.h"

namespace libpreconf::libp2p {

class YamuxSessionObserver {
 public:
  virtual ~YamuxSessionObserver() = default;
  /// The remote opened a stream. Sets its observer, or leaves it without one, which resets it.
  virtual void on_inbound_stream(YamuxStream& stream) = 0;
  /// There is something to send where there was nothing.
  virtual void on_output() = 0;
};

struct YamuxCounters {
  std::uint64_t frames_received = 0;
  std::uint64_t frames_sent = 0;
  std::uint64_t streams_refused = 0;
  std::uint64_t resets_received = 0;
  std::uint64_t frames_ignored = 0;  ///< for streams that are not, or data behind a FIN
};

class YamuxSession {
 public:
  /// `direction` outbound: we dialed, and open odd ids.
  YamuxSession(Direction direction, YamuxSessionObserver& observer);
  ~YamuxSession();
  YamuxSession(const YamuxSession&) = delete;
  YamuxSession& operator=(const YamuxSession&) = delete;

  /// Takes plaintext in any split. An error (`closed` after a go away of the remote, `invalid` or `limit` for
  /// its faults) ends the session: flush, then close.
  [[nodiscard]] Result<> receive(ByteView bytes, Instant now);
  /// `limit` while 512 streams are open or 256 of ours are not acknowledged.
  [[nodiscard]] Result<YamuxStream*> open_stream();
  /// Ignores all further input; `receive` returns at once.
  void stop_receiving() noexcept { over_ = true; }
  /// The frame goes out after everything that can be sent.
  void go_away(YamuxGoAway code);
  /// All streams end.
  void end();

  [[nodiscard]] bool has_output() const noexcept;
  /// Bytes that `fill` could write now, counted up to `most`.
  [[nodiscard]] std::size_t output_size(std::size_t most) const;
  /// Writes whole frames; returns how many bytes.
  [[nodiscard]] std::size_t fill(MutableByteView out);
  /// The socket takes no more for now: streams with output hear `on_writable` when it is gone.
  void output_blocked();

  [[nodiscard]] std::size_t stream_count() const noexcept { return streams_.size(); }
  /// Bytes that wait in all streams.
  [[nodiscard]] std::size_t queued() const noexcept { return queued_; }
  [[nodiscard]] const YamuxCounters& counters() const noexcept { return counters_; }

 private:
  friend class YamuxStream;
  class Busy;

  // yamux_receive.cpp
  [[nodiscard]] Result<> on_header(const YamuxHeader& header, Instant now);
  [[nodiscard]] Result<> on_data_header(const YamuxHeader& header);
  [[nodiscard]] Result<> on_window_update(const YamuxHeader& header);
  [[nodiscard]] Result<> on_ping(const YamuxHeader& header, Instant now);
  [[nodiscard]] Result<> on_go_away(const YamuxHeader& header);
  /// The stream of a header: found, or opened by SYN; null if there is none (the frame is ignored).
  [[nodiscard]] Result<YamuxStream*> stream_of(const YamuxHeader& header, std::uint32_t extra_window);
  [[nodiscard]] Result<YamuxStream*> accept(std::uint32_t id, std::uint32_t send_window);
  void on_body(ByteView piece);
  void finish_body();
  void remote_closed(YamuxStream& stream);
  void remote_reset(YamuxStream& stream);
  [[nodiscard]] Result<> check_control_room();
  [[nodiscard]] std::unexpected<Error> protocol_error(std::string message);

  // yamux_session.cpp
  [[nodiscard]] YamuxStream* find(std::uint32_t id) const;
  YamuxStream& insert(std::unique_ptr<YamuxStream> stream);
  void remove(YamuxStream& stream);
  void mark_ready(YamuxStream& stream);
  void reset_stream(YamuxStream& stream);
  void push_control(const YamuxHeader& header);
  [[nodiscard]] std::size_t fill_control(MutableByteView out);
  [[nodiscard]] std::size_t fill_stream(YamuxStream& stream, MutableByteView out);
  [[nodiscard]] std::size_t fill_body(YamuxStream& stream, MutableByteView out);
  void tell_drained();

  YamuxSessionObserver& observer_;
  const Direction direction_;
  /// In order of id.
  std::vector<std::unique_ptr<YamuxStream>> streams_;
  std::vector<std::unique_ptr<YamuxStream>> graveyard_;
  std::vector<YamuxStream*> ready_;
  std::vector<YamuxStream*> drained_;
  std::vector<YamuxHeader> control_;
  std::optional<YamuxGoAway> go_away_;
  std::size_t queued_ = 0;
  std::size_t unacknowledged_ = 0;
  std::uint32_t next_id_;
  int busy_ = 0;
  bool over_ = false;

  std::array<std::uint8_t, YamuxHeader::kSize> header_{};
  std::size_t header_size_ = 0;
  std::uint32_t body_left_ = 0;
  YamuxStream* body_stream_ = nullptr;  ///< null: the body is ignored
  bool body_fin_ = false;

  TokenBucket glitches_;
  TokenBucket small_frames_;
  YamuxCounters counters_;
};

}  // namespace libpreconf::libp2p
