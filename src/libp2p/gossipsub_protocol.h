#pragma once
// Ties the gossipsub router to the swarm's streams: one outbound stream per peer, opened as soon as the peer
// connects; the newest inbound stream of each connection; a bounded send queue; the heartbeat.
//
//   connected -> opening -(negotiated)-> open -(reset)-> opening again at the next heartbeat, a few times
//
// Each side writes only on the stream that it opened (p2p-wire 7.1). A peer with several connections is
// written to on the oldest one, and heard on all. A frame that is too large or does not decode ends its
// stream, not the connection. The signatures that one turn of the loop may check are limited; what is left
// waits in the receive buffer, with reading stopped, for the next turn.
//
// Owned by whoever owns the swarm, which it must outlive. The router's hooks run inside swarm callbacks.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libp2p/gossipsub.h"
#include "libp2p/gossipsub_frames.h"
#include "libp2p/gossipsub_send_queue.h"
#include "libp2p/stream.h"
#include "libp2p/stream_opener.h"
#include "libpreconf/reactor/reactor.h"

namespace libpreconf::libp2p {

class GossipsubProtocol final : public Protocol {
 public:
  struct Counters {
    Counter streams_inbound = 0;
    Counter streams_replaced = 0;  ///< by a newer inbound stream of the same connection
    Counter streams_refused = 0;   ///< too many attempts on one connection
    Counter streams_outbound = 0;
    Counter streams_failed = 0;  ///< outbound negotiations without a stream
    Counter frames_too_large = 0;
    Counter frames_malformed = 0;    ///< length prefix
    Counter frames_late = 0;         ///< never finished
    Counter frames_over_budget = 0;  ///< partial frames of all peers together
    Counter turns_cut = 0;           ///< signature budget of a turn spent
    GossipSendQueue::Counters queue;
  };

  /// `hooks.send` and `hooks.forward_soon` are set here. `reactor` and `random` must outlive the object.
  GossipsubProtocol(Reactor& reactor, Random& random, GossipsubConfig config, GossipsubHooks hooks,
                    StreamOpener open_stream);
  ~GossipsubProtocol() override;
  GossipsubProtocol(const GossipsubProtocol&) = delete;
  GossipsubProtocol& operator=(const GossipsubProtocol&) = delete;

  // ---- for the application; see Gossipsub ----
  [[nodiscard]] Result<PublishOutcome> publish(std::string_view topic, ByteView data) {
    return router_.publish(topic, data, reactor_.now());
  }
  void report(const MessageId& id, Verdict verdict) { router_.report(id, verdict, reactor_.now()); }
  void subscribe(std::string_view topic) { router_.subscribe(topic, reactor_.now()); }
  void unsubscribe(std::string_view topic) { router_.unsubscribe(topic, reactor_.now()); }
  [[nodiscard]] Gossipsub& router() noexcept { return router_; }
  [[nodiscard]] const Gossipsub& router() const noexcept { return router_; }
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }

  // ---- Protocol ----
  [[nodiscard]] std::vector<std::string> protocol_ids() const override;
  StreamReceiver* on_inbound_stream(Stream& stream) override;
  void on_connected(const ConnectionInfo& info) override;
  void on_disconnected(const ConnectionInfo& info) override;

 private:
  class Inbound;
  class Outbound;
  struct Peer;
  struct Connection;

  [[nodiscard]] Connection* find(ConnectionId id);
  void join(Peer& peer, const Stream& stream);
  void announce(Peer& peer);
  void open(Connection& connection);
  void on_opened(ConnectionId id, Result<Stream*> opened);
  [[nodiscard]] bool send(GossipPeer to, const SharedBytes& frame, FrameKind kind);
  void drain(Peer& peer);
  void drop_inbound(Connection& connection);
  void drop_outbound(Connection& connection);
  void account(Inbound& inbound);
  void renew_budget(Instant now);
  void pause();
  void resume();
  void on_heartbeat();

  Reactor& reactor_;
  StreamOpener open_stream_;
  Gossipsub router_;
  std::map<ConnectionId, std::unique_ptr<Connection>> connections_;
  std::map<PeerId, std::unique_ptr<Peer>> peers_;
  std::vector<Peer*> by_slot_;
  WorkBudget budget_;
  Instant budget_since_{};
  ConnectionId last_resumed_ = 0;
  std::size_t buffered_ = 0;
  Counters counters_;
  TimerHandle heartbeat_;
  TimerHandle resume_;
  TimerHandle forwarding_;
};

}  // namespace libpreconf::libp2p
