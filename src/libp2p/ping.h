#pragma once
// The ping protocol (p2p-wire 6): echoes 32 bytes for ever on the newest inbound stream of a connection, and
// pings each peer every 15 s on a stream of our own.
//
//   outbound: opening -> waiting for the echo -(32 bytes)-> resting 15 s -> waiting ...
//             -(wrong echo, 20 s, reset)-> a new stream after 15 s; peers without ping are not asked again
//
// A connection whose pings fail three times in a row, and that brought no other byte either, is closed: the
// other end is gone. Owned by whoever owns the swarm, and outlives it.

#include <map>
#include <memory>

#include "base/counters.h"
#include "libp2p/swarm.h"

namespace libpreconf::libp2p {

struct PingCounters {
  std::uint64_t echoed = 0;
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;
  std::uint64_t connections_closed = 0;
};

class Ping final : public Protocol {
 public:
  explicit Ping(Swarm& swarm);
  ~Ping() override;

  [[nodiscard]] const PingCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] const Histogram& round_trips() const noexcept { return round_trips_; }
  /// The last measured round trip to a connection's peer.
  [[nodiscard]] std::optional<Duration> round_trip(ConnectionId connection) const;

  // Protocol
  [[nodiscard]] std::vector<std::string> protocol_ids() const override;
  StreamReceiver* on_inbound_stream(Stream& stream) override;
  [[nodiscard]] bool keeps_connection_alive() const override { return false; }
  void on_connected(const ConnectionInfo& connection) override;
  void on_disconnected(const ConnectionInfo& connection) override;

 private:
  class Echo;
  class Pinger;
  struct Peer {
    Peer();
    ~Peer();
    Peer(Peer&&) noexcept;
    std::unique_ptr<Echo> echo;
    std::unique_ptr<Pinger> pinger;
  };

  Swarm& swarm_;
  std::map<ConnectionId, Peer> peers_;
  PingCounters counters_;
  Histogram round_trips_;
};

}  // namespace libpreconf::libp2p
