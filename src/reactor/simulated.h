#pragma once
// The reactor of the simulations: virtual time, and an in-memory network whose latency and loss come from a
// seed. The same seed and the same calls give the same order of events, byte for byte.
//
//   SimulatedNetwork network(seed);            // owns time and the event queue
//   SimulatedReactor& alice = network.host("10.0.0.1");
//   network.run_for(10s);

#include <memory>
#include <string_view>

#include "libpreconf/base/random.h"
#include "libpreconf/reactor/reactor.h"

namespace libpreconf {

/// What the links of a simulated network do to bytes.
struct LinkProfile {
  Duration latency{1000};            ///< one way
  Duration spread{0};                ///< addition that each pair of hosts has for good, at most this
  Duration jitter{0};                ///< uniform addition to each piece, at most this
  double datagram_loss = 0;          ///< share of UDP datagrams lost
  double segment_loss = 0;           ///< share of TCP pieces that are lost and sent again
  Duration retransmission{200'000};  ///< how much later such a piece arrives: TCP's least time-out
  double connect_failure = 0;        ///< share of TCP connects that are refused
  std::uint64_t bandwidth = 0;       ///< bytes a second, each direction of a connection; 0: no limit
  std::size_t segment = 65536;       ///< largest piece in which TCP bytes arrive
};

class SimulatedReactor;

class SimulatedNetwork {
 public:
  explicit SimulatedNetwork(std::uint64_t seed, LinkProfile profile = {}, WallTime start = WallTime{});
  ~SimulatedNetwork();
  SimulatedNetwork(const SimulatedNetwork&) = delete;
  SimulatedNetwork& operator=(const SimulatedNetwork&) = delete;

  /// The reactor of a host with this IPv4 address; made on first use. Addresses are literal.
  [[nodiscard]] Reactor& host(std::string_view ip);
  /// A name that `resolve` answers with these addresses.
  void set_name(std::string_view name, const std::vector<std::string>& ips);
  /// Cuts or restores all traffic between two hosts. TCP connections across a cut stall.
  void set_connected(std::string_view a, std::string_view b, bool connected);
  /// Puts the host into a part of the network: what is sent from one part to another stalls until both hosts
  /// are in the same one again. All begin in part 0.
  void set_part(std::string_view ip, std::uint32_t part);
  /// Ends every socket of the host, as a crash does. Timers of the host stay.
  void drop_sockets(std::string_view ip);
  void set_profile(LinkProfile profile);
  /// How far the host's wall clock is ahead of the true time; its monotonic clock is right.
  void set_clock_offset(std::string_view ip, Duration offset);

  /// Handles events in order of time until `duration` of virtual time has passed.
  void run_for(Duration duration);
  /// Handles events until `done` holds (looked at after each event) or `limit` has passed; true if it held.
  bool run_until(std::move_only_function<bool()> done, Duration limit);
  /// Called after each event with the host that it happened to. Must not destroy hosts' objects.
  using OnEvent = std::move_only_function<void(const FixedBytes<4>& host)>;
  void on_event(OnEvent callback);
  [[nodiscard]] std::uint64_t events_handled() const;
  [[nodiscard]] Instant now() const;
  [[nodiscard]] Random& random();

 private:
  friend class SimulatedReactor;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace libpreconf
