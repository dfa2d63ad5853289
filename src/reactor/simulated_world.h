#pragma once
// The inside of a simulated network: virtual time, the one event queue, and the registers of what is bound
// where. Kernel-like rules (ports, windows, in-order delivery) live here and in simulated_tcp; hosts are
// SimulatedReactors.

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "reactor/output_queue.h"
#include "reactor/simulated.h"
#include "reactor/timer_queue.h"
#include "reactor/turn_end.h"

namespace libpreconf {

class SimulatedTcpConnection;
class SimulatedTcpListener;
class SimulatedUdpSocket;

using HostIp = FixedBytes<4>;
using ConnectionId = std::uint64_t;

/// What travels in one direction of a connection, in order. It outlives its sender: what the kernel took
/// arrives.
struct SimulatedPipe {
  enum class Kind : std::uint8_t { data, end, reset };
  struct Segment {
    Kind kind;
    Bytes bytes;
    Instant arrival;
  };
  HostIp from{};
  HostIp to{};
  ConnectionId receiver = 0;
  Instant last_arrival{};
  Instant sent_until{};  ///< when the link is free for the next piece
  std::deque<Segment> in_flight;
};

class SimulatedWorld {
 public:
  SimulatedWorld(std::uint64_t seed, const LinkProfile& link_profile, WallTime start);
  ~SimulatedWorld();
  SimulatedWorld(const SimulatedWorld&) = delete;
  SimulatedWorld& operator=(const SimulatedWorld&) = delete;

  [[nodiscard]] Instant now() const noexcept { return now_; }
  [[nodiscard]] WallTime wall_now() const noexcept { return start_ + now_.time_since_epoch(); }
  /// The host that the event under way happens to.
  void touch(const HostIp& host) noexcept { touched_ = host; }
  /// Handles the earliest event if it lies at or before `end`.
  bool step(Instant end);
  void advance_to(Instant time) noexcept { now_ = std::max(now_, time); }
  void finish_turn();

  void schedule(Duration delay, TimerQueue::Callback callback);
  [[nodiscard]] Duration draw_latency(const HostIp& from, const HostIp& to);
  [[nodiscard]] bool draw(double share);
  [[nodiscard]] bool connected(const HostIp& a, const HostIp& b) const;
  void set_connected(const HostIp& a, const HostIp& b, bool connected);
  void set_part(const HostIp& host, std::uint32_t part);
  void drop_sockets(const HostIp& ip);

  /// A port of the host that nobody uses; 0 if there is none.
  [[nodiscard]] std::uint16_t free_port(const HostIp& ip);

  [[nodiscard]] ConnectionId open_pipe(const HostIp& from, const HostIp& to);
  void send(ConnectionId sender, SimulatedPipe::Kind kind, Bytes bytes);
  [[nodiscard]] SimulatedPipe& pipe(ConnectionId id) { return *ends[id].pipe; }
  [[nodiscard]] SimulatedTcpConnection* find(ConnectionId id) const { return ends[id].socket; }
  [[nodiscard]] SimulatedTcpListener* find_listener(const SocketAddress& at, const HostIp& host,
                                                    const HostIp& from);
  [[nodiscard]] SimulatedUdpSocket* find_udp(const SocketAddress& at, const HostIp& host);

  using Endpoint = std::pair<HostIp, std::uint16_t>;
  TimerQueue timers;
  TurnEnd turn_end;
  ChunkPool chunks;
  SeededRandom link_random;
  SeededRandom user_random;
  LinkProfile profile;
  std::map<std::string, std::vector<SocketAddress>, std::less<>> names;
  std::map<Endpoint, SimulatedTcpListener*> listeners;
  std::map<Endpoint, SimulatedUdpSocket*> udp_sockets;
  /// One end of a TCP connection: what it sends, and the socket while there is one.
  struct End {
    std::unique_ptr<SimulatedPipe> pipe;
    SimulatedTcpConnection* socket = nullptr;
  };
  /// By id, which is never used again.
  std::vector<End> ends{1};
  SimulatedNetwork::OnEvent on_event;
  std::uint64_t events_handled = 0;
  /// Set while everything goes: destructors then leave the queue alone.
  bool closing = false;

 private:
  void deliver(ConnectionId pipe_id);
  /// What stalled is sent again, and all behind it stays behind it.
  template <class Predicate>
  void resend(Predicate wanted);
  [[nodiscard]] Instant arrival_of(SimulatedPipe& pipe, std::size_t size);

  std::uint64_t link_seed_;
  WallTime start_;
  Instant now_{};
  HostIp touched_{};
  std::set<std::pair<HostIp, HostIp>> cuts_;
  std::map<HostIp, std::uint32_t> parts_;  ///< where it is not 0
  std::map<HostIp, std::uint16_t> next_port_;
};

[[nodiscard]] HostIp host_ip(const SocketAddress& address);
/// The host that an address means when `local` names it: loopback and unspecified are the host itself.
[[nodiscard]] HostIp target_host(const SocketAddress& address, const HostIp& local);

}  // namespace libpreconf
