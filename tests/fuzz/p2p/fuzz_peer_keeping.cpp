// Reputation and static peers under any sequence of events: scores and penalties keep their bounds, bans
// begin and end in turn, a static peer is never dialled while it is connected, and waits 1 to 12 seconds in
// between.
#include <map>
#include <set>

#include "fuzz/input.h"
#include "p2p/reputation.h"
#include "p2p/static_peers.h"

using namespace libpreconf;
using namespace libpreconf::p2p;
using fuzz::require;
using libp2p::PeerId;

namespace {

PeerId peer_named(std::uint8_t number) {
  return PeerId::from_bytes(Bytes{0, 3, 8, 1, number}).value();
}

void judge(fuzz::Input input) {
  Reputation reputation;
  std::set<PeerId> banned;
  Instant now{};
  while (!input.empty()) {
    now += std::chrono::milliseconds(input.byte() * 20);
    const PeerId peer = peer_named(input.byte() % 3);
    const double before = reputation.score(peer, now);
    reputation.apply(peer, static_cast<Blame>(input.byte() % 4), now);
    const double after = reputation.score(peer, now);
    require(after >= limits::kScoreMin && after <= limits::kScoreMax);
    require(after >= before - limits::kPenalty - 1e-9);
    const auto changes = reputation.tick(now);
    for (const PeerId& one : changes.unbanned) require(banned.erase(one) == 1);
    for (const PeerId& one : changes.banned) require(banned.insert(one).second);
    require(reputation.is_banned(peer) == banned.contains(peer));
  }
}

void keep(fuzz::Input input) {
  std::vector<std::string> texts;
  for (std::uint8_t i = 0; i < 3; ++i) {
    texts.push_back("/ip4/10.0.0." + std::to_string(i) + "/tcp/9/p2p/" + peer_named(i).to_string());
  }
  auto peers = StaticPeers::parse(texts, PeerId()).value();
  SeededRandom random(1);
  std::map<PeerId, Instant> not_before;
  std::set<PeerId> connected;
  Instant now{};
  while (!input.empty()) {
    now += std::chrono::milliseconds(input.byte() * 20);
    for (const auto& address : peers.due(now)) {
      require(!connected.contains(address.peer()));
      require(!not_before.contains(address.peer()) || not_before[address.peer()] <= now);
      peers.on_dial_failed(address, now, random);
      not_before[address.peer()] = now + limits::kRedialFirst;
    }
    const PeerId peer = peer_named(input.byte() % 3);
    if (connected.erase(peer) > 0) {
      peers.on_peer_gone(peer, now, random);
      not_before[peer] = now + limits::kRedialFirst;
    } else {
      connected.insert(peer);
      peers.on_connected({1, peer, libp2p::Direction::inbound, "/ip4/1.2.3.4/tcp/5", ""}, now);
    }
    const auto next = peers.next_due();
    require(connected.size() == 3 || (next && *next <= now + limits::kRedialMax));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  judge({data, size});
  keep({data, size});
  return 0;
}
