#pragma once
// What a protocol sees of a connection and its streams. The swarm owns both; protocols hold plain references
// that are valid until the matching "ended" or "disconnected" call.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"
#include "libpreconf/libp2p/peer_id.h"

namespace libpreconf::libp2p {

/// Numbers are never reused within a process.
using ConnectionId = std::uint64_t;

enum class Direction : std::uint8_t { inbound, outbound };

/// One payload shared by many send queues: the only shared ownership on the data path.
using SharedBytes = std::shared_ptr<const Bytes>;

struct ConnectionInfo {
  ConnectionId id = 0;
  PeerId peer;
  Direction direction = Direction::inbound;
  std::string remote_address;  ///< multiaddr text without the /p2p/ part
  std::string local_address;   ///< the same for our side of the connection
};

class Stream;

/// Receives what happens on one negotiated stream. Owned by the protocol. Any of these calls may write, reset
/// the stream, open others or ask for the connection to close (which then happens after the call).
/// A stream is dead, and must not be touched any more, after `Stream::reset`, after `on_reset`, and once both
/// `Stream::close_write` was called and `on_remote_closed` was delivered (what is still queued is sent).
class StreamReceiver {
 public:
  virtual ~StreamReceiver() = default;
  /// Bytes in order; the view is valid only during the call. All of it is taken: a protocol that cannot keep
  /// up calls `stream.set_reading(false)`, which stops granting window.
  virtual void on_data(Stream& stream, ByteView bytes) = 0;
  /// The remote has half-closed; no more data will come.
  virtual void on_remote_closed(Stream& stream) = 0;
  /// The send queue of this stream is empty again after bytes had to wait for window or for the socket.
  virtual void on_writable(Stream&) {}
  /// Reset by either side, or the connection ended. The last call; `stream` is dead afterwards.
  virtual void on_reset(Stream& stream) = 0;
};

/// One yamux stream after multistream-select. Address-stable until it ended.
class Stream {
 public:
  virtual ~Stream() = default;
  [[nodiscard]] virtual const ConnectionInfo& connection() const = 0;
  /// The agreed protocol id.
  [[nodiscard]] virtual std::string_view protocol() const = 0;
  [[nodiscard]] virtual Direction direction() const = 0;
  /// Queues bytes behind the peer's window. Not bounded here: look at `queued()` first.
  virtual void write(ByteView bytes) = 0;
  /// The same without a copy.
  virtual void write(SharedBytes bytes) = 0;
  /// Bytes that wait for window or for the connection's output queue.
  [[nodiscard]] virtual std::size_t queued() const = 0;
  /// Half-close: FIN after everything queued.
  virtual void close_write() = 0;
  /// The same, but FIN waits until a ping behind the last byte came back. For a listener who speaks first and
  /// is done: js-libp2p loses a stream whose FIN comes in one read with the end of its negotiation.
  virtual void close_write_once_read() { close_write(); }
  /// RST; the receiver's on_reset is not called. The stream is dead afterwards.
  virtual void reset() = 0;
  virtual void set_reading(bool reading) = 0;
  /// Whom to tell. Set before anything can arrive; replacing it is allowed. Not owned.
  virtual void set_receiver(StreamReceiver* receiver) = 0;
};

/// A protocol that the swarm serves: gossipsub's adapter, request-response, identify, ping.
class Protocol {
 public:
  virtual ~Protocol() = default;
  /// Ids it accepts inbound, preferred first. Asked once, at registration.
  [[nodiscard]] virtual std::vector<std::string> protocol_ids() const = 0;
  /// A remote opened a stream for one of the ids. Returns who receives, or nullptr to reset it.
  virtual StreamReceiver* on_inbound_stream(Stream& stream) = 0;
  /// Whether an open stream of this protocol, in either direction, keeps a connection from being idle.
  /// Asked once, at registration.
  [[nodiscard]] virtual bool keeps_connection_alive() const { return true; }
  virtual void on_connected(const ConnectionInfo&) {}
  /// After every stream's on_reset.
  virtual void on_disconnected(const ConnectionInfo&) {}
};

}  // namespace libpreconf::libp2p
