#pragma once
// The peers of this node: listens, dials, upgrades, limits, and carries streams for the protocols.
//
//   Swarm swarm(reactor, random, std::move(identity), config, events);
//   swarm.add_protocol(identify); ...           // before the first listen or dial
//   swarm.listen(address); swarm.dial(address);
//
// A protocol adapter implements `Protocol` (inbound streams, connect and disconnect) and calls `open_stream`
// for outbound ones. Every callback comes from the loop, never from inside a call that the adapter makes:
// closing a connection, for one, happens after the turn that asked for it. Bytes that protocols write in one
// turn leave together, in as few noise messages as hold them.
//
// Owns all connections and their streams; protocols must outlive it or never be called again after it is
// gone. Bounds: limits.h, "Transport"; what is refused is counted.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bounded.h"
#include "libp2p/admission.h"
#include "libp2p/connection.h"
#include "libp2p/identity.h"
#include "libp2p/limits.h"
#include "libp2p/multiaddr.h"
#include "libp2p/noise_handshake.h"
#include "libp2p/stream.h"
#include "libpreconf/reactor/reactor.h"

namespace libpreconf::libp2p {

struct SwarmConfig {
  AdmissionLimits admission;
  std::size_t max_pending_outbound = limits::kPendingOutbound;
  std::size_t max_established_inbound = limits::kEstablishedInbound;
  std::size_t max_established_outbound = limits::kEstablishedOutbound;
  std::size_t max_established = limits::kEstablished;
  std::size_t max_established_per_peer = limits::kEstablishedPerPeer;
  /// A connection without a stream that matters (`Protocol::keeps_connection_alive`) ends after this.
  Duration idle_timeout{std::chrono::seconds(30)};
};

struct SwarmEvents {
  /// After every protocol's on_connected. For a dialed connection the remote may still refuse us: then
  /// on_disconnected follows.
  std::move_only_function<void(const ConnectionInfo&)> on_connected;
  /// After every protocol's on_disconnected.
  std::move_only_function<void(const ConnectionInfo&, const Error& cause)> on_disconnected;
  std::move_only_function<void(const Multiaddr&, const Error& cause)> on_dial_failed;
};

struct SwarmCounters {
  std::uint64_t connected_inbound = 0;
  std::uint64_t connected_outbound = 0;
  std::uint64_t disconnected = 0;
  std::uint64_t dials = 0;
  std::uint64_t dials_failed = 0;
  std::uint64_t upgrades_failed_inbound = 0;
  std::uint64_t upgrades_timed_out = 0;
  std::uint64_t refused_by_limit = 0;  ///< after the upgrade: established limits
  std::uint64_t refused_blocked = 0;
  std::uint64_t refused_self = 0;
  std::uint64_t closed_idle = 0;
  std::uint64_t closed_protocol_error = 0;
  ConnectionCounters connections;
};

class Swarm final : private ConnectionHost {
 public:
  using OnStream = libp2p::OnStream;

  /// `reactor` and `random` must outlive the swarm.
  Swarm(Reactor& reactor, Random& random, Identity identity, SwarmConfig config, SwarmEvents events);
  /// Ends every connection at once; protocols and events hear nothing.
  ~Swarm() override;
  Swarm(const Swarm&) = delete;
  Swarm& operator=(const Swarm&) = delete;

  /// Not owned. Ids that another protocol has already are a bug.
  void add_protocol(Protocol& protocol);

  /// Binds; port 0 picks a free one. Returns the bound address with /p2p/. Names are `unsupported`.
  [[nodiscard]] Result<Multiaddr> listen(const Multiaddr& address);
  /// Ok means that the attempt has started; its end is on_connected or on_dial_failed.
  /// Errors: `limit` (pending dials), `refused` (blocked peer, our own id).
  [[nodiscard]] Result<> dial(const Multiaddr& address);

  /// Opens a stream and negotiates the first of `protocols` that the remote has. Calls back exactly once,
  /// never inside this call, unless the handle is destroyed first. Sets the receiver in the callback. Errors:
  /// `closed` (no such connection, or it ended), `unsupported`, `timed_out`, `limit`.
  [[nodiscard]] Handle open_stream(ConnectionId connection, std::vector<std::string> protocols,
                                   OnStream on_stream);
  /// Ends a connection with go away, after this turn. Unknown ids are ignored.
  void close_connection(ConnectionId connection, Error cause);
  void close_peer(const PeerId& peer, const Error& cause);
  /// Closes the peer's connections and refuses new ones, either way, until `duration` has passed.
  void block_peer(const PeerId& peer, Duration duration);
  void unblock_peer(const PeerId& peer);
  [[nodiscard]] bool is_blocked(const PeerId& peer) const;
  /// Stops listening and dialing, says go away to everybody; the reactor writes that out within `linger`. Not
  /// from inside a callback of a protocol: streams end here.
  void shutdown(Duration linger);

  [[nodiscard]] const Identity& identity() const noexcept { return identity_; }
  [[nodiscard]] const PeerId& local_peer() const noexcept { return identity_.peer_id(); }
  /// With /p2p/, in the order of the calls of `listen`.
  [[nodiscard]] std::vector<Multiaddr> listen_addresses() const;
  /// Every id that is served inbound, in order of registration.
  [[nodiscard]] const std::vector<std::string>& protocol_ids() const noexcept { return protocol_ids_; }
  /// Established connections in order of id. Pointers are valid until the connection's on_disconnected.
  [[nodiscard]] std::vector<const ConnectionInfo*> connections() const;
  [[nodiscard]] std::vector<const ConnectionInfo*> connections_of(const PeerId& peer) const;
  [[nodiscard]] const ConnectionInfo* find_connection(ConnectionId connection) const;
  /// Distinct connected peers in order of id.
  [[nodiscard]] std::vector<PeerId> peers() const;
  [[nodiscard]] std::size_t peer_count() const noexcept { return peers_.size(); }
  [[nodiscard]] bool is_connected(const PeerId& peer) const { return peers_.contains(peer); }
  /// When the last byte of a connection came; nothing for unknown ones.
  [[nodiscard]] std::optional<Instant> last_received(ConnectionId connection) const;

  [[nodiscard]] Reactor& reactor() noexcept { return reactor_; }
  [[nodiscard]] Random& random() noexcept { return random_; }
  [[nodiscard]] const SwarmCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] const AdmissionCounters& admission_counters() const noexcept { return admission_.counters(); }
  [[nodiscard]] std::size_t pending_inbound() const noexcept { return admission_.pending(); }
  [[nodiscard]] std::size_t pending_outbound() const noexcept { return dials_.size(); }

 private:
  struct Dial;
  struct Listener;
  struct Served {
    Protocol* protocol = nullptr;
    bool keeps_alive = true;
  };

  // ConnectionHost
  [[nodiscard]] Instant now() const override { return reactor_.now(); }
  [[nodiscard]] NoiseBuffers& noise_buffers() override { return noise_buffers_; }
  [[nodiscard]] const std::vector<std::string>& served_protocols() const override { return protocol_ids_; }
  [[nodiscard]] bool keeps_alive(std::string_view protocol) const override;
  [[nodiscard]] StreamReceiver* on_inbound_stream(Stream& stream) override;
  [[nodiscard]] ConnectionCounters& connection_counters() override { return counters_.connections; }
  void on_upgrade_progress(Connection& connection) override;
  [[nodiscard]] Result<> on_upgraded(Connection& connection) override;
  void on_closed(Connection& connection, const Error& cause) override;
  void needs_flush(Connection& connection) override;
  void turn_begins() override { ++turn_; }
  void turn_ends() override;

  // swarm_dial.cpp
  void accept(std::unique_ptr<TcpConnection> tcp);
  void adopt(ConnectionId id, std::unique_ptr<TcpConnection> tcp, Direction direction,
             const PeerId& expected);
  void connect_next(ConnectionId id);
  void on_resolved(ConnectionId id, Result<std::vector<SocketAddress>> addresses);
  void on_tcp_connected(ConnectionId id, Result<std::unique_ptr<TcpConnection>> tcp);
  void fail_dial(ConnectionId id, const Error& cause);
  [[nodiscard]] Result<> check_peer(const ConnectionInfo& info);

  void forget_established(Connection& connection, const Error& cause);
  void flush_dirty();
  void tick();
  void check_deadlines(Connection& connection);
  void check_dials();
  void sweep_later();
  [[nodiscard]] Connection* find(ConnectionId id) const;
  [[nodiscard]] const Served* served(std::string_view protocol) const;

  Reactor& reactor_;
  Random& random_;
  Identity identity_;
  NoiseIdentity noise_identity_;
  SwarmConfig config_;
  SwarmEvents events_;
  SwarmCounters counters_;
  NoiseBuffers noise_buffers_;

  std::vector<Protocol*> protocols_;
  std::vector<std::string> protocol_ids_;  ///< parallel to served_
  std::vector<Served> served_;

  std::vector<Listener> listeners_;
  Admission admission_;
  std::map<ConnectionId, std::unique_ptr<Dial>> dials_;
  /// Upgrading and established ones.
  std::map<ConnectionId, std::unique_ptr<Connection>> connections_;
  std::map<PeerId, std::vector<Connection*>> peers_;
  std::size_t established_inbound_ = 0;
  std::size_t established_outbound_ = 0;
  FifoMap<PeerId, Instant, PeerIdHash> blocked_;
  ConnectionId next_id_ = 1;

  std::vector<ConnectionId> dirty_;
  /// Ended ones, until no callback of theirs can be on the stack.
  std::vector<std::unique_ptr<Connection>> closed_;
  Duration close_linger_ = limits::kCloseLinger;
  int turn_ = 0;
  bool flushing_ = false;
  bool stopped_ = false;
  TimerHandle flush_timer_;
  TimerHandle sweep_timer_;
  TimerHandle tick_timer_;
};

}  // namespace libpreconf::libp2p
