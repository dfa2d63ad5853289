#pragma once
// The application's own judgement of peers, by the profile of the specification's 7.1 (p2p-wire 7.9): small
// rewards, penalties with a cap per window, decay, and bans that need time to come and go away again. The
// score is gossipsub's P5.
//
// Sans-IO: `now` comes in; `tick` says whose ban began or ended. Owned by P2pService, or by a test.

#include <optional>
#include <vector>

#include "base/bounded.h"
#include "base/counters.h"
#include "libpreconf/base/clock.h"
#include "libpreconf/libp2p/peer_id.h"
#include "p2p/findings.h"
#include "p2p/limits.h"

namespace libpreconf::p2p {

struct ReputationCounters {
  Counter rewards = 0;
  Counter penalties = 0;
  Counter penalties_capped = 0;  ///< penalties that the cap per window or the floor for relayers cut off
  Counter greylisted = 0;        ///< scores that fell to -5
  Counter bans = 0;
  Counter bans_ended = 0;
};

class Reputation {
 public:
  using PeerId = libp2p::PeerId;

  /// What a finding of the gate does to the peer that handed the message over. While a peer is banned nothing
  /// counts: what it sent before does not ban it again.
  void apply(const PeerId& peer, Blame blame, Instant now);
  void reward(const PeerId& peer, Instant now);
  void penalize(const PeerId& peer, double amount, Instant now);

  /// In [-10, 10]; 0 for strangers.
  [[nodiscard]] double score(const PeerId& peer, Instant now) const;
  [[nodiscard]] bool is_banned(const PeerId& peer) const { return banned_.find(peer) != nullptr; }

  struct Changes {
    std::vector<PeerId> banned;
    std::vector<PeerId> unbanned;
  };
  /// Once a second: who has now been at or below -5 for thirty seconds, and whose ban is over.
  [[nodiscard]] Changes tick(Instant now);

  [[nodiscard]] std::size_t size() const noexcept { return peers_.size(); }
  [[nodiscard]] std::size_t banned_count() const noexcept { return banned_.size(); }
  [[nodiscard]] const ReputationCounters& counters() const noexcept { return counters_; }

 private:
  struct Penalty {
    Instant at{};
    double amount = 0;
  };
  struct Entry {
    double score = 0;
    Instant as_of{};
    std::optional<Instant> low_since;
    /// Of the last ten seconds, oldest first; at most 40, for the smallest penalty is 0.1.
    std::vector<Penalty> recent;
  };

  Entry& entry_at(const PeerId& peer, Instant now);
  void lower(const PeerId& peer, double amount, double floor, Instant now);
  void note_low(Entry& entry, Instant now);
  [[nodiscard]] static double decayed(const Entry& entry, Instant now);

  FifoMap<PeerId, Entry, libp2p::PeerIdHash> peers_{limits::kReputationPeers};
  FifoMap<PeerId, Instant, libp2p::PeerIdHash> banned_{limits::kBannedPeers};
  ReputationCounters counters_;
};

}  // namespace libpreconf::p2p
