#pragma once
// One peer of the generator: a real connection (noise, yamux, identify, ping) with a gossip stream each way
// on which it says and hears raw frames. It keeps no mesh and forwards nothing, so that what is measured is
// the server.

#include <functional>
#include <memory>
#include <string>

#include "libp2p/identify.h"
#include "libp2p/ping.h"
#include "libp2p/swarm.h"
#include "libpreconf/reactor/libevent_reactor.h"

namespace libpreconf::bench {

class GossipClient {
 public:
  /// Runs inside the call that read the message.
  using OnMessage = std::move_only_function<void(std::string_view topic, ByteView data)>;

  /// `reactor` and `random` must outlive the client.
  GossipClient(LibeventReactor& reactor, Random& random);
  ~GossipClient();

  /// Connects, subscribes to both topics and joins both meshes; dies if that takes longer than `limit`.
  void connect(const std::string& multiaddr, Duration limit = std::chrono::seconds(20));
  /// Starts connecting; `ready` says when.
  void begin(const std::string& multiaddr);
  [[nodiscard]] bool ready() const noexcept;
  /// Leaves it to the server to graft us. Before the first connection.
  void stay_passive() noexcept;
  /// Listens on a free port of loopback, for servers that dial; the multiaddr.
  [[nodiscard]] std::string listen();
  /// The remote has grafted us into a mesh.
  [[nodiscard]] bool grafted() const noexcept;
  /// Of messages that the remote publishes or forwards. Without it they are not looked into.
  void on_message(OnMessage callback);
  /// Our gossip stream. Dies if it has ended.
  [[nodiscard]] libp2p::Stream& stream();
  /// Called when the stream's queue is empty again.
  void on_writable(std::move_only_function<void()> callback);
  [[nodiscard]] const libp2p::Identity& identity() const;
  [[nodiscard]] libp2p::Swarm& swarm();
  /// The connection that `connect` made.
  [[nodiscard]] libp2p::ConnectionId connection() const;
  [[nodiscard]] std::uint64_t bytes_heard() const noexcept;

 private:
  class Gossip;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace libpreconf::bench
