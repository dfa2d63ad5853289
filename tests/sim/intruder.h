#pragma once
// A hostile peer: speaks the network's protocols well enough to be let in, and then sends what it can think
// of. It has no preconfer's key. Owned by the simulation; ends when it is destroyed.

#include <memory>
#include <vector>

#include "libpreconf/p2p/p2p_service.h"
#include "reactor/simulated.h"
#include "sim/chronicle.h"

namespace libpreconf::sim {

class Intruder {
 public:
  /// `reactor` is its host's. It dials `victims` (multiaddrs) and, besides, their bare sockets.
  Intruder(Reactor& reactor, const p2p::SignerSchedule& schedule, const Chronicle& chronicle,
           std::size_t index, std::uint64_t seed, const std::vector<std::size_t>& victims);
  ~Intruder();

  [[nodiscard]] Result<> start();

 private:
  /// What it answers requests with.
  class LyingSource;

  void act();
  void gossip_commitment();
  void gossip_list();
  void knock();
  [[nodiscard]] p2p::SignedCommitment invent();

  Reactor& reactor_;
  const Chronicle& chronicle_;
  SeededRandom random_;
  std::vector<std::size_t> victims_;
  crypto::Secp256k1Key key_;
  std::unique_ptr<LyingSource> source_;
  std::unique_ptr<p2p::P2pService> service_;
  std::vector<Handle> knocks_;
  std::vector<std::unique_ptr<TcpConnection>> connections_;
  TimerHandle timer_;
};

}  // namespace libpreconf::sim
