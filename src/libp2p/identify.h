#pragma once
// The identify protocol (p2p-wire 5): tells peers who we are, asks each new connection who is there, and
// pushes changes both ways.
//
//   /ipfs/id/1.0.0:      the listener of the stream writes one message and half-closes
//   /ipfs/id/push/1.0.0: the opener does
//
// Received messages may come in several frames (go's signed ones); they are merged. A message with another
// public key than the connection's is dropped. What a peer said is kept while it is connected. Owned by
// whoever owns the swarm, and outlives it. Bounds: limits.h kIdentify*.

#include <functional>
#include <map>
#include <memory>

#include "libp2p/identify_message.h"
#include "libp2p/swarm.h"

namespace libpreconf::libp2p {

struct IdentifyConfig {
  std::string protocol_version;
  std::string agent_version;
};

struct IdentifyCounters {
  std::uint64_t answered = 0;
  std::uint64_t received = 0;
  std::uint64_t pushes_received = 0;
  std::uint64_t pushes_sent = 0;
  std::uint64_t refused = 0;  ///< malformed, too large, another key, too many streams
  std::uint64_t failed = 0;   ///< the peer does not offer it, or did not answer
};

class Identify final : public Protocol {
 public:
  /// A peer has told, or told again, who it is.
  using OnIdentified = std::move_only_function<void(const PeerId&, const IdentifyMessage&)>;

  Identify(Swarm& swarm, IdentifyConfig config, OnIdentified on_identified = {});
  ~Identify() override;

  /// Tells every connection again, after listen addresses have changed.
  void push();
  /// What the peer last said; null if nothing yet.
  [[nodiscard]] const IdentifyMessage* find(const PeerId& peer) const;
  [[nodiscard]] const IdentifyCounters& counters() const noexcept { return counters_; }

  // Protocol
  [[nodiscard]] std::vector<std::string> protocol_ids() const override;
  StreamReceiver* on_inbound_stream(Stream& stream) override;
  [[nodiscard]] bool keeps_connection_alive() const override { return false; }
  void on_connected(const ConnectionInfo& connection) override;
  void on_disconnected(const ConnectionInfo& connection) override;

 private:
  class Exchange;
  enum class Purpose : std::uint8_t { ask, take_push, push };
  /// Hears streams on which the other side has nothing to say.
  class Silence final : public StreamReceiver {
   public:
    void on_data(Stream& stream, ByteView) override { stream.reset(); }
    void on_remote_closed(Stream&) override {}
    void on_reset(Stream&) override {}
  };

  [[nodiscard]] Bytes message_for(const ConnectionInfo& connection) const;
  [[nodiscard]] std::vector<Bytes> addresses_for(const ConnectionInfo& connection) const;
  void tell(Stream& stream);
  /// A new exchange; null when the connection has too many.
  [[nodiscard]] Exchange* begin(ConnectionId connection, Purpose purpose);
  void open(ConnectionId connection, Purpose purpose);
  void on_opened(std::uint64_t id, Result<Stream*> stream);
  void on_deadline(std::uint64_t id);
  void received(const ConnectionInfo& connection, const IdentifyMessage& message, Purpose purpose);
  void finish(Exchange& exchange);

  Swarm& swarm_;
  IdentifyConfig config_;
  OnIdentified on_identified_;
  std::map<PeerId, IdentifyMessage> peers_;
  std::map<std::uint64_t, std::unique_ptr<Exchange>> exchanges_;
  std::uint64_t next_exchange_ = 1;
  Silence silence_;
  IdentifyCounters counters_;
};

}  // namespace libpreconf::libp2p
