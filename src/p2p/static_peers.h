#pragma once
// The peers that the operator named: dialled at start and redialled for ever.
//
//   waiting -(due)-> dialling -(connected)-> connected -(last connection ended)-> waiting
//      ^                |
//      +--- failed -----+      1 s, doubling to 12 s, with jitter
//
// Sans-IO: says whom to dial, and is told what came of it. A peer that is connected, either way, is not
// dialled. Owned by P2pService, or by a test.

#include <optional>
#include <string>
#include <vector>

#include "libp2p/multiaddr.h"
#include "libp2p/stream.h"
#include "libpreconf/base/clock.h"
#include "libpreconf/base/random.h"

namespace libpreconf::p2p {

class StaticPeers {
 public:
  using Multiaddr = libp2p::Multiaddr;
  using PeerId = libp2p::PeerId;

  /// Addresses that do not parse, and those of `self`, are named in the log and skipped; the same address
  /// twice counts once. Errors: `invalid` if texts were given and none is usable.
  [[nodiscard]] static Result<StaticPeers> parse(const std::vector<std::string>& texts, const PeerId& self);

  /// The addresses to dial now; each is then taken to be dialled until one of the calls below says otherwise.
  [[nodiscard]] std::vector<Multiaddr> due(Instant now);
  /// When `due` is worth calling again.
  [[nodiscard]] std::optional<Instant> next_due() const;

  void on_dial_failed(const Multiaddr& address, Instant now, Random& random);
  void on_connected(const libp2p::ConnectionInfo& connection, Instant now);
  /// The peer's last connection ended.
  void on_peer_gone(const PeerId& peer, Instant now, Random& random);

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] std::size_t connected_count() const;

 private:
  enum class State : std::uint8_t { waiting, dialling, connected };
  struct Entry {
    Multiaddr address;
    State state = State::waiting;
    PeerId peer;  ///< who is connected there
    Instant since{};
    Instant dial_at{};
    std::uint32_t failures = 0;
  };

  [[nodiscard]] static bool leads_to(const Entry& entry, const libp2p::ConnectionInfo& connection);
  static void wait(Entry& entry, Instant now, Random& random);

  std::vector<Entry> entries_;
};

}  // namespace libpreconf::p2p
