#pragma once
// Who may knock: limits on inbound connections before any cryptography is paid for (A1, A2, A3).
//
// A connection is pending from `admit` to `upgraded`, and counted for its address until `ended`. When as many
// as may be are pending, the one that has stood still longest makes room, not the newcomer: silent
// connections cannot keep strangers out. Owned by the swarm. Loopback addresses count as pending only.

#include <map>
#include <optional>
#include <vector>

#include "libp2p/limits.h"
#include "libp2p/stream.h"
#include "libp2p/token_bucket.h"
#include "libpreconf/reactor/reactor.h"

namespace libpreconf::libp2p {

struct AdmissionLimits {
  std::size_t max_pending = limits::kPendingInbound;
  std::size_t max_per_ip = limits::kInboundPerIp;
  std::size_t max_per_subnet = limits::kInboundPerSubnet;
  std::uint32_t handshake_burst = limits::kHandshakeBurst;
  std::uint32_t handshakes_per_second = limits::kHandshakeRate;
};

struct AdmissionCounters {
  std::uint64_t admitted = 0;
  std::uint64_t refused_rate = 0;
  std::uint64_t refused_ip = 0;
  std::uint64_t refused_subnet = 0;
  std::uint64_t evicted = 0;
};

class Admission {
 public:
  explicit Admission(const AdmissionLimits& limits);

  struct Decision {
    bool admitted = false;
    /// A pending connection that must be closed to make room; the caller reports its end.
    std::optional<ConnectionId> evict;
  };
  [[nodiscard]] Decision admit(ConnectionId id, const SocketAddress& from, Instant now);
  /// The upgrade took a step.
  void progress(ConnectionId id);
  void upgraded(ConnectionId id);
  /// Unknown ids (outbound ones) are ignored.
  void ended(ConnectionId id);

  [[nodiscard]] std::size_t pending() const noexcept { return pending_.size(); }
  [[nodiscard]] const AdmissionCounters& counters() const noexcept { return counters_; }

 private:
  /// Version, then as many leading bytes of the address as count.
  using Key = FixedBytes<9>;
  struct Source {
    Key ip{};
    Key subnet{};
    bool counted = false;
  };
  [[nodiscard]] static Key key_of(const SocketAddress& from, std::size_t v4_bytes, std::size_t v6_bytes);
  void forget(const Key& key);

  AdmissionLimits limits_;
  TokenBucket handshakes_;
  std::vector<ConnectionId> pending_;  ///< the one that stood still longest first
  std::map<ConnectionId, Source> sources_;
  std::map<Key, std::size_t> counts_;
  AdmissionCounters counters_;
};

}  // namespace libpreconf::libp2p
