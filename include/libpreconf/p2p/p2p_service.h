#pragma once
// Taiko's preconfirmation network as one object: gossip, validation gate, request-response and peers.
//
// Commands are member functions; events are callbacks (p2p-wire 16). Everything runs on the reactor's thread.
// Owned by PreconfirmationDriverNode, or by the program that embeds it. States: created -start-> running
// -stop-> stopped. Destroying it stops at once.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libpreconf/base/random.h"
#include "libpreconf/base/result.h"
#include "libpreconf/libp2p/peer_id.h"
#include "libpreconf/p2p/commitment_source.h"
#include "libpreconf/p2p/messages.h"
#include "libpreconf/p2p/signer_schedule.h"
#include "libpreconf/reactor/reactor.h"

namespace libpreconf::p2p {

using PeerId = libp2p::PeerId;

struct P2pConfig {
  std::uint64_t chain_id = 167000;
  /// One per address; port 0 picks a free one. Empty: no listening.
  std::vector<SocketAddress> listen;
  /// Multiaddr texts, redialled for ever with 1 to 12 s between attempts.
  std::vector<std::string> static_peers;
  /// The libp2p PrivateKey protobuf (program.md "Identity file"). Moved in, wiped with the service.
  Bytes identity;
  /// Commitments must name it; absent: not checked.
  std::optional<Address> expected_slasher;
  Hash256 signing_domain = placeholder_domain();
  std::string agent_version = "preconfd";
  Duration request_timeout{std::chrono::seconds(10)};
  Duration heartbeat_interval{std::chrono::milliseconds(500)};
  /// Requests that one peer may make on one protocol in ten seconds before it is answered late or refused.
  /// 0: no limit.
  std::uint32_t served_requests_per_window = 8;
  /// Requests that we make of one peer on one protocol in ten seconds; more wait their turn. Reference peers
  /// ban at the ninth. 0: not paced (benchmarks among our own).
  std::uint32_t requests_per_window = 7;
  std::size_t max_inbound_connections = 110;
  std::size_t max_outbound_connections = 110;
  std::size_t max_connections_per_peer = 4;
  std::size_t max_pending_inbound = 40;
};

/// Why the network layer complains; the names of p2p-wire 16.4.
struct P2pFault {
  std::string kind;    ///< "gossip_decode", "dial_failed", "disconnect", ...
  std::string detail;  ///< for a person
};

/// Answer to the three gossip events: the heart's own verdict, which becomes gossip's.
enum class GossipDecision : std::uint8_t { accept, ignore };

/// Each may be absent. They may call any member of the service except its destructor.
struct NetworkEvents {
  /// Inside `start`, once per address, with the port that was bound.
  std::move_only_function<void(const std::string& multiaddr)> on_listening;
  /// Per peer, not per connection: the first one opened, the last one ended.
  std::move_only_function<void(const PeerId&)> on_peer_connected;
  std::move_only_function<void(const PeerId&)> on_peer_disconnected;
  /// A commitment that passed every check of the gate (signature, elected signer, window).
  std::move_only_function<GossipDecision(const PeerId& from, const SignedCommitment&, const RecoveredSigner&)>
      on_commitment;
  /// A list whose bytes hash to its name.
  std::move_only_function<GossipDecision(const PeerId& from, const RawTxList&)> on_raw_tx_list;
  std::move_only_function<void(const P2pFault&)> on_fault;
};

/// A peer as `peer_info` shows it.
struct PeerInfo {
  PeerId id;
  std::vector<std::string> remote_addresses;
  std::string agent_version;
  double score = 0;
};

/// What a peer served of its commitments, checked; who signed each, in the same order.
struct CommitmentPage {
  std::vector<SignedCommitment> commitments;
  std::vector<RecoveredSigner> signers;
};

struct P2pCounters;

class P2pService {
 public:
  /// `reactor`, `random`, `schedule` and `source` must outlive the service. Errors: invalid identity, bad
  /// static peers only (unparsable ones are named in the log and skipped; none usable: invalid).
  [[nodiscard]] static Result<std::unique_ptr<P2pService>> create(Reactor& reactor, Random& random,
                                                                  P2pConfig config,
                                                                  const SignerSchedule& schedule,
                                                                  const CommitmentSource& source,
                                                                  NetworkEvents events);
  ~P2pService();

  /// Binds the listeners and begins to dial. Errors name the address.
  [[nodiscard]] Result<> start();
  /// Says good-bye (yamux go away) to every peer, then `on_done`, within `limit`.
  void stop(Duration limit, std::move_only_function<void()> on_done);

  // Commands. Publishing hands the message to gossip; the caller has stored it before, so that peers can
  // fetch it. An id that was seen already is `conflict`; no subscribed peer is `unavailable` (try again).
  Result<> publish_commitment(const SignedCommitment& commitment);
  Result<> publish_raw_tx_list(const RawTxList& list);

  using OnHead = std::move_only_function<void(Result<PreconfHead>)>;
  using OnCommitments = std::move_only_function<void(Result<CommitmentPage>)>;
  using OnRawTxList = std::move_only_function<void(Result<RawTxList>)>;
  /// Requests go to one peer. Each callback runs exactly once, unless its handle is destroyed first: the
  /// exchange then ends by itself (a reset would get us banned by Rust peers) and its answer is dropped.
  /// Answers are validated as p2p-wire 9.6 asks a requester to. A list that the peer does not have is
  /// `not_found`. Requests that would exceed the pace (7 per 10 s, protocol and peer) wait their turn.
  [[nodiscard]] Handle request_head(const PeerId& peer, OnHead on_head);
  [[nodiscard]] Handle request_commitments(const PeerId& peer, const U256& start, std::uint32_t max_count,
                                           OnCommitments on_commitments);
  [[nodiscard]] Handle request_raw_tx_list(const PeerId& peer, const Hash256& hash, OnRawTxList on_list);

  /// Dials once; the result is an event or a fault.
  Result<> dial(const std::string& multiaddr);
  /// The schedule changed or time passed: judges again what is held because its signer was unknown.
  void schedule_changed();

  [[nodiscard]] const PeerId& local_peer_id() const;
  /// With /p2p/ suffix.
  [[nodiscard]] std::vector<std::string> listen_addresses() const;
  /// Distinct connected peers, in order of id.
  [[nodiscard]] std::vector<PeerId> connected_peers() const;
  [[nodiscard]] std::size_t peer_count() const;
  [[nodiscard]] std::vector<PeerInfo> peer_info() const;
  [[nodiscard]] const P2pCounters& counters() const;

 private:
  struct Impl;
  explicit P2pService(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace libpreconf::p2p
