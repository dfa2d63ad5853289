#pragma once
// gossipsub 1.0, 1.1 and 1.2 (specs.libp2p.io, pubsub/gossipsub), sans-IO: takes frames, ticks and `now`,
// says which frames to send to whom. One router for all topics.
//
// Order of checks for a received message (design.md "Smaller rules", p2p-wire 12.1): frame size, sender
// graylisted, topic size, id seen?, precheck (synchronous, cheap), libp2p signature, id entered, validate
// (asynchronous). An id is looked up before, and entered only after the signature verified, so that a
// mis-signed copy cannot shadow the honest message. Copies that arrive while an id is being validated are
// parked: their senders share the verdict, nothing is verified twice. An accepted message is sent on when the
// adapter has read its sockets once more (`forward_soon`): a mesh delivers its copies at about the same time.
//
// Owned by GossipsubProtocol (the swarm adapter), or by a test. A hook may call any member except
// `handle_rpc` and the destructor; it may publish, report, and remove peers.
//
// Files: gossipsub.cpp peers, subscriptions, publishing; gossipsub_receive.cpp messages;
// gossipsub_control.cpp GRAFT, PRUNE, IHAVE, IWANT, IDONTWANT; gossipsub_heartbeat.cpp the tick.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bounded.h"
#include "base/counters.h"
#include "libp2p/gossipsub_id_ring.h"
#include "libp2p/gossipsub_message_cache.h"
#include "libp2p/gossipsub_peer_set.h"
#include "libp2p/gossipsub_rpc.h"
#include "libp2p/gossipsub_score.h"
#include "libp2p/pubsub_message.h"
#include "libp2p/stream.h"
#include "libpreconf/base/clock.h"
#include "libpreconf/base/random.h"

namespace libpreconf::libp2p {

/// The id of a message's data.
[[nodiscard]] MessageId op_stack_message_id(ByteView data);

/// The answer of a validator. `ignore` drops without blame; `reject` costs every sender.
enum class Verdict : std::uint8_t { accept, ignore, reject };

/// A message under validation; references and views are valid only during the call that hands it out.
struct GossipMessage {
  const MessageId& id;
  const PeerId& from;  ///< the peer that handed it to us (propagation source)
  const PeerId& author;
  std::string_view topic;    ///< the router's own text: equal pointers for equal topics, as long as it lives
  ByteView data;             ///< inside `frame`
  const SharedBytes& frame;  ///< keeps `data` alive for whoever copies the pointer
};

/// A peer of the router. Stale after remove_peer: every member then does nothing.
struct GossipPeer {
  PeerSlot slot = 0;
  std::uint32_t generation = 0;
  friend bool operator==(const GossipPeer&, const GossipPeer&) = default;
};

/// Why a frame is sent, which decides what its send queue may do with it.
enum class FrameKind : std::uint8_t {
  control,  ///< subscriptions, GRAFT, PRUNE: state that the peer must learn
  gossip,   ///< IHAVE, IWANT, IDONTWANT: may be lost
  forward,  ///< a message of somebody else
  publish,  ///< a message of ours
};

struct GossipsubHooks {
  /// Synchronous, before the signature: the cheap checks of the application. Must not allocate for good
  /// messages. Absent: accept.
  std::move_only_function<Verdict(const PeerId& from, std::string_view topic, ByteView data)> precheck;
  /// After the signature. The application answers with `report`, now or later. Absent: accept.
  std::move_only_function<void(const GossipMessage&)> validate;
  /// Puts a frame (varint length and RPC) on the peer's outbound stream, or on its bounded queue.
  /// False if the frame was dropped, which is counted.
  std::move_only_function<bool(GossipPeer to, const SharedBytes& frame, FrameKind kind)> send;
  /// Asks for one call of `forward_accepted`, once the other peers' sockets were read: whoever has the
  /// message is not sent it. Absent: accepted messages are forwarded at once.
  std::move_only_function<void()> forward_soon;
  /// Subscriptions of a peer changed (topic, now subscribed?). May be absent.
  std::move_only_function<void(const PeerId&, std::string_view topic, bool subscribed)> on_subscription;
  /// Checks the signature of a message; must be present.
  MessageVerifier verify;
  /// Signs what we publish; must be present if `publish` is called.
  MessageSigner sign;
};

struct PublishOutcome {
  MessageId id{};
  std::size_t recipients = 0;
};

/// What the negotiated protocol id says a peer can do.
enum class PeerKind : std::uint8_t { floodsub, gossipsub_1_0, gossipsub_1_1, gossipsub_1_2 };

/// The protocol ids, most preferred first (7.1).
inline constexpr std::string_view kGossipProtocolIds[] = {"/meshsub/1.2.0", "/meshsub/1.1.0",
                                                          "/meshsub/1.0.0", "/floodsub/1.0.0"};
[[nodiscard]] PeerKind peer_kind_of(std::string_view protocol_id) noexcept;

struct TopicConfig {
  std::string name;
  /// Of the message's data; compared before anything else is done with it.
  std::size_t max_data_size = limits::kMaxRpcSize;
  bool subscribe = true;  ///< from the start
};

struct GossipsubConfig {
  /// Every topic that can ever matter: subscriptions of peers to other topics are counted, not stored
  /// (attacks.md C3). At most limits::kMaxTopics.
  std::vector<TopicConfig> topics;
  PeerId self;
  /// Field 6 of our messages; empty when `self` contains the key (Ed25519, secp256k1).
  Bytes public_key_protobuf;
  /// The first sequence number: Unix time in nanoseconds at start.
  std::uint64_t first_seqno = 0;

  // Parameters of the network (7.5).
  std::size_t mesh_n = 8;
  std::size_t mesh_n_low = 6;
  std::size_t mesh_n_high = 12;
  std::size_t mesh_outbound_min = 2;
  std::size_t gossip_lazy = 6;
  std::size_t retain_scores = 4;
  double gossip_factor = 0.25;
  std::size_t history_length = 12;
  std::size_t history_gossip = 3;
  std::size_t max_ihave_length = 5000;
  std::uint32_t max_ihave_messages = 10;
  std::uint32_t gossip_retransmission = 3;
  std::size_t idontwant_threshold = 1000;
  std::uint32_t opportunistic_graft_ticks = 60;
  std::size_t opportunistic_graft_peers = 2;
  Duration heartbeat_interval = std::chrono::milliseconds(500);
  Duration fanout_ttl = std::chrono::seconds(60);
  Duration duplicate_cache_time = std::chrono::seconds(120);
  Duration prune_backoff = std::chrono::seconds(60);
  Duration unsubscribe_backoff = std::chrono::seconds(10);
  Duration graft_flood_threshold = std::chrono::seconds(10);
  Duration iwant_followup_time = std::chrono::seconds(3);
  Duration idontwant_lifetime = std::chrono::seconds(3);
  Duration retain_score = std::chrono::seconds(3600);
  ScoreParameters score;
  ScoreThresholds thresholds;
};

/// Signature checks allowed in this turn of the loop, so that one RPC full of messages does not hold it.
struct WorkBudget {
  int units = limits::kWorkPerTurn;
  [[nodiscard]] bool spent() const noexcept { return units <= 0; }
};

/// Where the handling of one RPC stands; starts empty, belongs to that RPC.
struct RpcCursor {
  bool scanned = false;
  RpcSummary summary;
  std::size_t next_message = 0;  ///< offset of the rest of the RPC in which messages are still to be handled
};

enum class RpcOutcome : std::uint8_t {
  done,
  more,          ///< the budget is spent: call again with the same RPC and cursor
  close_stream,  ///< undecodable or over a limit (7.1)
};

class Gossipsub {
 public:
  struct Counters {
    Counter rpcs_received = 0;
    Counter rpcs_undecodable = 0;        ///< stream closed
    Counter rpcs_over_limit = 0;         ///< too many subscriptions or control bytes: stream closed
    Counter rpcs_graylisted = 0;         ///< ignored but for subscriptions
    Counter messages_received = 0;       ///< all copies
    Counter messages_duplicate = 0;      ///< id seen before
    Counter messages_parked = 0;         ///< copies that arrived during validation
    Counter forwards_spared = 0;         ///< to senders of copies that arrived after it
    Counter messages_unknown_topic = 0;  ///< or not subscribed
    Counter messages_oversized = 0;
    Counter messages_unsigned = 0;  ///< no author, key, sequence number or signature that could count
    Counter messages_bad_signature = 0;
    Counter messages_self_origin = 0;
    Counter messages_precheck_rejected = 0;
    Counter messages_precheck_ignored = 0;
    Counter messages_dropped_pending_full = 0;
    Counter messages_verified = 0;  ///< handed to validation
    Counter messages_accepted = 0;
    Counter messages_ignored = 0;
    Counter messages_rejected = 0;
    Counter reports_unknown = 0;     ///< verdicts for ids that no longer wait
    Counter messages_forwarded = 0;  ///< copies sent on
    Counter messages_published = 0;
    Counter publish_copies = 0;
    Counter publish_without_peers = 0;
    Counter publish_duplicates = 0;
    Counter sends_refused = 0;  ///< the peer's queue was full
    Counter subscriptions_unknown_topic = 0;
    Counter peers_refused = 0;
    Counter grafts_received = 0;
    Counter grafts_refused = 0;
    Counter grafts_during_backoff = 0;
    Counter grafts_sent = 0;
    Counter prunes_received = 0;
    Counter prunes_sent = 0;
    Counter ihaves_received = 0;
    Counter ihaves_ignored = 0;
    Counter ihaves_sent = 0;
    Counter iwants_received = 0;
    Counter iwants_ignored = 0;
    Counter iwant_ids_asked = 0;
    Counter iwant_messages_served = 0;
    Counter promises_broken = 0;
    Counter idontwants_received = 0;
    Counter idontwants_ignored = 0;
    Counter idontwants_sent = 0;
    Counter forwards_unwanted = 0;  ///< copies saved by IDONTWANT
  };

  /// `random` must outlive the router.
  Gossipsub(GossipsubConfig config, GossipsubHooks hooks, Random& random);

  // ---- peers ----
  /// Nothing when the table is full or the peer is there already. `announce` is the caller's next call.
  [[nodiscard]] std::optional<GossipPeer> add_peer(const PeerId& id, Direction direction, PeerKind kind,
                                                   Instant now);
  /// The peer left. Its score and backoffs are kept for an hour if they speak against it.
  void remove_peer(GossipPeer peer, Instant now);
  /// Sends what a stream to the peer begins with: our subscriptions, and a GRAFT for each mesh it is in
  /// already (the stream that carried the first one was replaced).
  void announce(GossipPeer peer);

  // ---- received ----
  /// Handles one RPC (a frame's body).
  [[nodiscard]] RpcOutcome handle_rpc(GossipPeer from, ByteView rpc, RpcCursor& cursor, WorkBudget& budget,
                                      Instant now);
  /// The same in one go.
  [[nodiscard]] RpcOutcome handle_rpc(GossipPeer from, ByteView rpc, Instant now);
  /// The application's verdict on a message that `validate` handed out.
  void report(const MessageId& id, Verdict verdict, Instant now);
  /// Sends on what was accepted since the last call, to those who have not sent it meanwhile.
  void forward_accepted(Instant now);

  // ---- ours ----
  void subscribe(std::string_view topic, Instant now);
  void unsubscribe(std::string_view topic, Instant now);
  /// Errors: not_found (no such topic), too_large, conflict (id seen already), unavailable (no peer to send
  /// to; nothing is remembered, try again).
  [[nodiscard]] Result<PublishOutcome> publish(std::string_view topic, ByteView data, Instant now);
  /// Once each heartbeat_interval.
  void heartbeat(Instant now);
  /// P5: the application's judgement, clamped to [-10, +10].
  void set_application_score(const PeerId& peer, double score);

  // ---- to look at ----
  [[nodiscard]] double score(const PeerId& peer) const;
  [[nodiscard]] bool is_subscribed(const PeerId& peer, std::string_view topic) const;
  [[nodiscard]] bool in_mesh(const PeerId& peer, std::string_view topic) const;
  [[nodiscard]] std::size_t mesh_size(std::string_view topic) const;
  [[nodiscard]] std::size_t subscribed_peers(std::string_view topic) const;
  [[nodiscard]] std::size_t peer_count() const noexcept { return slots_.size(); }
  [[nodiscard]] std::size_t pending_messages() const noexcept { return pending_count_; }
  [[nodiscard]] std::size_t seen_messages() const noexcept { return seen_.size(); }
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }
  [[nodiscard]] const GossipsubConfig& config() const noexcept { return config_; }

 private:
  using Backoffs = std::array<Instant, limits::kMaxTopics>;
  /// `accepted` waits to be forwarded, and like `pending` has an entry in `pending_`.
  enum class Seen : std::uint8_t { pending, accepted, settled, rejected };
  static constexpr std::uint16_t kNoPending = 0xffff;

  struct SeenValue {
    Instant at{};
    Seen state = Seen::settled;
    std::uint16_t pending = kNoPending;
  };
  struct Topic {
    std::string name;
    std::size_t max_data_size = 0;
    bool subscribed = false;
    PeerSet subscribers;
    PeerSet mesh;
    PeerSet fanout;
    Instant last_published{};
    SharedBytes subscribe_frame, unsubscribe_frame, graft_frame, prune_frame, prune_frame_1_0;
  };
  struct Peer {
    PeerId id;
    std::uint32_t generation = 0;
    bool live = false;
    Direction direction = Direction::inbound;
    PeerKind kind = PeerKind::floodsub;
    PeerScore score;
    Backoffs backoff_until{};
    // Since the last heartbeat:
    std::uint32_t ihave_messages = 0;
    std::size_t ihave_ids_asked = 0;
    std::uint32_t idontwant_entries = 0;
    std::uint32_t prune_answers = 0;
    std::size_t iwant_bytes = 0;
    /// What it does not want, with the time it said so; made on first use.
    std::unique_ptr<IdRing<Instant>> unwanted;
  };
  struct Pending {
    bool used = false;
    MessageId id{};
    TopicIndex topic = 0;
    GossipPeer source;
    PeerId from;
    PeerId author;
    PeerSet senders;
    SharedBytes frame;
    std::size_t message_size = 0;
  };
  struct Promise {
    GossipPeer peer;
    Instant deadline{};
    bool kept = false;
  };
  struct Retained {
    PeerScore score;
    Backoffs backoff_until{};
    Instant until{};
  };

  // gossipsub.cpp
  [[nodiscard]] Peer* peer_of(GossipPeer handle) noexcept;
  [[nodiscard]] const Peer* peer_of(const PeerId& id) const;
  [[nodiscard]] GossipPeer handle_of(PeerSlot slot) const noexcept { return {slot, peers_[slot].generation}; }
  [[nodiscard]] double score_of(PeerSlot slot) const noexcept {
    return peers_[slot].score.value(config_.score);
  }
  [[nodiscard]] bool speaks_mesh(PeerSlot slot) const noexcept {
    return peers_[slot].kind != PeerKind::floodsub;
  }
  [[nodiscard]] std::optional<TopicIndex> topic_index(std::string_view name) const noexcept;
  bool send(PeerSlot to, const SharedBytes& frame, FrameKind kind);
  void set_subscribed(PeerSlot slot, TopicIndex topic, bool subscribed);
  void handle_subscriptions(GossipPeer from, ByteView rpc, Instant now);
  [[nodiscard]] PeerSet publish_recipients(TopicIndex topic, Instant now);
  [[nodiscard]] PeerSet everyone() const;
  /// Up to `count` random members of `candidates`.
  [[nodiscard]] PeerSet pick(const PeerSet& candidates, std::size_t count);
  template <class Keep>
  [[nodiscard]] PeerSet filter(const PeerSet& set, Keep&& keep) const {
    PeerSet out;
    set.for_each([&](PeerSlot slot) {
      if (keep(slot)) out.insert(slot);
    });
    return out;
  }

  // gossipsub_receive.cpp
  [[nodiscard]] bool handle_messages(GossipPeer from, ByteView rpc, RpcCursor& cursor, WorkBudget& budget,
                                     Instant now);
  void handle_message(GossipPeer from, ByteView message, WorkBudget& budget, Instant now);
  /// True if the id was seen; the copy is then dealt with.
  [[nodiscard]] bool handle_duplicate(PeerSlot slot, TopicIndex topic, const MessageId& id);
  [[nodiscard]] bool passes_checks(GossipPeer from, TopicIndex topic, const PubsubMessageView& message,
                                   PeerId& author, WorkBudget& budget);
  void begin_validation(GossipPeer from, TopicIndex topic, const MessageId& id, const PeerId& author,
                        const PubsubMessageView& message, Instant now);
  void enter_seen(const MessageId& id, SeenValue value);
  void drop_oldest_seen();
  /// Takes the entry out of `pending_`.
  [[nodiscard]] Pending settle(SeenValue& seen, Seen state);
  void release_pending(std::uint16_t index);
  void blame(PeerSlot slot, TopicIndex topic);
  void accept(SeenValue& seen, const MessageId& id, Instant now);
  [[nodiscard]] PeerSet forward_recipients(const Pending& pending) const;
  void forward(const Pending& pending, Instant now);
  [[nodiscard]] bool does_not_want(PeerSlot slot, const MessageId& id, Instant now);

  // gossipsub_control.cpp
  void handle_control(GossipPeer from, ByteView rpc, Instant now);
  void handle_graft(GossipPeer from, TopicIndex topic, Instant now);
  void refuse_graft(PeerSlot slot, TopicIndex topic, Instant now);
  void handle_prune(PeerSlot slot, const PruneView& prune, Instant now);
  void handle_ihave(PeerSlot slot, ByteView entry, std::vector<MessageId>& wanted);
  void ask_for(PeerSlot slot, std::vector<MessageId>& wanted, Instant now);
  void handle_iwant(PeerSlot slot, ByteView entry, Instant now);
  void handle_idontwant(PeerSlot slot, ByteView entry, Instant now);
  void send_idontwant(TopicIndex topic, const MessageId& id, PeerSlot source, const PeerId& author);
  void graft(PeerSlot slot, TopicIndex topic);
  /// Leaves the mesh with that peer, tells it, and remembers the backoff.
  void prune(PeerSlot slot, TopicIndex topic, Duration backoff, Instant now);
  void set_backoff(PeerSlot slot, TopicIndex topic, Duration backoff, Instant now);
  [[nodiscard]] bool may_graft(PeerSlot slot, TopicIndex topic, Instant now) const;

  // gossipsub_heartbeat.cpp
  void maintain_mesh(TopicIndex topic, Instant now);
  void shrink_mesh(TopicIndex topic, Instant now);
  void keep_outbound(TopicIndex topic, Instant now);
  void graft_opportunistically(TopicIndex topic, Instant now);
  void maintain_fanout(TopicIndex topic, Instant now);
  void emit_gossip(TopicIndex topic);
  void expire(Instant now);
  void decay_scores(Instant now);

  GossipsubConfig config_;
  GossipsubHooks hooks_;
  Random& random_;
  std::vector<Topic> topics_;
  std::deque<Peer> peers_;  // by slot; addresses stay while a hook adds a peer
  std::uint32_t last_generation_ = 0;
  std::unordered_map<PeerId, PeerSlot, PeerIdHash> slots_;
  FifoMap<PeerId, Retained, PeerIdHash> retained_;
  IdRing<SeenValue> seen_;
  std::vector<Pending> pending_;
  std::vector<std::uint16_t> free_pending_;
  std::size_t pending_count_ = 0;
  std::size_t pending_bytes_ = 0;
  std::vector<MessageId> accepted_;  // to be forwarded, oldest first
  GossipMessageCache cache_;
  IdRing<Promise> promises_;
  std::uint64_t next_seqno_;
  std::uint64_t ticks_ = 0;
  std::optional<Instant> last_decay_;
  Bytes scratch_;
  Counters counters_;
};

}  // namespace libpreconf::libp2p
