#pragma once
// One connection to a peer: TCP, its upgrade, the noise channel and the yamux session.
//
//   upgrading -(secured and muxer agreed; a dialer: secured)-> open -(close, error, remote)-> closed
//
// Input runs straight through: a TCP read is opened frame by frame into the shared block and its pieces go to
// the streams' receivers as views. Output is pulled: streams queue, and `flush` fills noise messages from
// them in the socket's own queue. Address-stable; owned by the swarm, which destroys it after the turn.
//
// Nothing that a protocol calls closes the connection at once: `request_close` marks it, `flush` does it.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libp2p/connection_stream.h"
#include "libp2p/connection_upgrade.h"
#include "libp2p/stream.h"
#include "libp2p/yamux_session.h"
#include "libpreconf/reactor/reactor.h"

namespace libpreconf::libp2p {

class Connection;

/// Summed over all connections of an owner.
struct ConnectionCounters {
  std::uint64_t streams_inbound = 0;
  std::uint64_t streams_outbound = 0;
  std::uint64_t negotiations_failed = 0;
  std::uint64_t negotiations_refused = 0;  ///< too many at once
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
};

/// What a connection asks of its owner.
class ConnectionHost {
 public:
  virtual ~ConnectionHost() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  [[nodiscard]] virtual NoiseBuffers& noise_buffers() = 0;
  /// Ids accepted on inbound streams; unchanged while connections exist.
  [[nodiscard]] virtual const std::vector<std::string>& served_protocols() const = 0;
  [[nodiscard]] virtual bool keeps_alive(std::string_view protocol) const = 0;
  /// Who receives an agreed inbound stream; null resets it.
  [[nodiscard]] virtual StreamReceiver* on_inbound_stream(Stream& stream) = 0;
  /// Another step of the upgrade is done.
  virtual void on_upgrade_progress(Connection& connection) = 0;
  /// Ready for streams. An error refuses the connection, which closes with it.
  [[nodiscard]] virtual Result<> on_upgraded(Connection& connection) = 0;
  /// The end; the owner takes the socket (`take_tcp`) and destroys the connection later.
  virtual void on_closed(Connection& connection, const Error& cause) = 0;
  /// There is output, or a close that was asked for: call `flush` soon.
  virtual void needs_flush(Connection& connection) = 0;
  /// Around everything that the socket sets off; at the end all that need it are flushed.
  virtual void turn_begins() = 0;
  virtual void turn_ends() = 0;
  /// What connections add to.
  [[nodiscard]] virtual ConnectionCounters& connection_counters() = 0;
};

class Connection final : private YamuxSessionObserver {
 public:
  /// `host` and `local` must outlive the connection. With `expected`, another peer fails the upgrade.
  Connection(ConnectionHost& host, ConnectionId id, Direction direction, std::unique_ptr<TcpConnection> tcp,
             const NoiseIdentity& local, const crypto::X25519KeyPair& ephemeral, const PeerId& expected);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Begins to read, and to dial.
  void start();
  [[nodiscard]] const ConnectionInfo& info() const noexcept { return info_; }
  [[nodiscard]] bool is_open() const noexcept { return open_ && !closed_; }
  /// The remote has not confirmed everything yet: the deadline still runs.
  [[nodiscard]] bool is_upgrading() const noexcept { return upgrade_ != nullptr; }
  [[nodiscard]] Instant started() const noexcept { return started_; }
  [[nodiscard]] Instant last_received() const noexcept { return last_received_; }
  /// Since when no stream that keeps the connection alive is open; nothing while one is.
  [[nodiscard]] std::optional<Instant> idle_since() const noexcept;
  [[nodiscard]] std::size_t stream_count() const noexcept { return session_.stream_count(); }
  [[nodiscard]] const YamuxCounters& yamux_counters() const noexcept { return session_.counters(); }

  /// As Swarm::open_stream, except that an error is returned at once; `on_stream` is then left as it was.
  [[nodiscard]] Result<Handle> open_stream(std::vector<std::string> protocols, OnStream& on_stream);
  /// Closes after the turn, with go away.
  void request_close(Error cause);
  /// Closes now: streams hear on_reset, the host hears on_closed. Not from inside a callback of a protocol.
  void close(const Error& cause);
  /// Sends what there is and what the socket takes.
  void flush();
  /// Ends the negotiations that began at or before `then`.
  void expire_negotiations(Instant then);
  [[nodiscard]] std::unique_ptr<TcpConnection> take_tcp() { return std::move(tcp_); }
  /// Whether the host has it on its list of those to flush.
  bool flush_pending = false;

 private:
  friend class ConnectionStream;

  // YamuxSessionObserver
  void on_inbound_stream(YamuxStream& stream) override;
  void on_output() override;

  void on_tcp_data(ByteView in);
  void on_tcp_closed(const Error& cause);
  [[nodiscard]] Result<> on_clear_text(ByteView& in);
  void secure(Bytes& out);
  [[nodiscard]] Result<> on_plaintext(ByteView plaintext);
  [[nodiscard]] Result<> negotiate_muxer(ByteView& plaintext);
  [[nodiscard]] Result<> become_open();
  void send(ByteView bytes);
  /// Seals about `most` bytes of output; what is left asks for another flush.
  void write_frames(std::size_t most);
  void end(const Error& cause);

  ConnectionHost& host_;
  ConnectionCounters& counters_;
  ConnectionInfo info_;
  std::unique_ptr<TcpConnection> tcp_;
  std::unique_ptr<ConnectionUpgrade> upgrade_;
  std::optional<NoiseTransport> noise_;
  std::optional<Error> close_requested_;
  std::vector<ConnectionStream*> negotiating_;  ///< in order of start
  std::size_t keeping_alive_ = 0;
  Instant started_;
  Instant last_received_;
  Instant idle_since_;
  bool open_ = false;
  bool closed_ = false;
  /// Last, so that streams unlink themselves while the rest still stands.
  YamuxSession session_;
};

}  // namespace libpreconf::libp2p
