#include "p2p/static_peers.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/log.h"
#include "p2p/limits.h"

namespace libpreconf::p2p {

Result<StaticPeers> StaticPeers::parse(const std::vector<std::string>& texts, const PeerId& self) {
  StaticPeers out;
  for (const std::string& text : texts) {
    const auto address = Multiaddr::parse(text);
    if (!address) {
      log_warn(LogArea::p2p, "static peer {} is skipped: {}", printable(text), address.error().message);
    } else if (address->peer() == self) {
      log_warn(LogArea::p2p, "static peer {} is skipped: it is this node", printable(text));
    } else if (out.entries_.size() >= limits::kStaticPeers) {
      log_warn(LogArea::p2p, "static peer {} is skipped: only {} are allowed", printable(text),
               limits::kStaticPeers);
    } else if (std::ranges::none_of(out.entries_,
                                    [&](const Entry& known) { return known.address == *address; })) {
      Entry entry;
      entry.address = *address;
      out.entries_.push_back(std::move(entry));
    }
  }
  if (!texts.empty() && out.entries_.empty()) {
    return fail(ErrorCode::invalid,
                fmt::format("none of the {} static peers is usable; expected something like "
                            "/ip4/192.0.2.1/tcp/9000/p2p/16Uiu2H...",
                            texts.size()));
  }
  return out;
}

std::vector<StaticPeers::Multiaddr> StaticPeers::due(Instant now) {
  std::vector<Multiaddr> out;
  for (Entry& entry : entries_) {
    if (entry.state != State::waiting || entry.dial_at > now) continue;
    entry.state = State::dialling;
    out.push_back(entry.address);
  }
  return out;
}

std::optional<Instant> StaticPeers::next_due() const {
  std::optional<Instant> next;
  for (const Entry& entry : entries_) {
    if (entry.state == State::waiting && (!next || entry.dial_at < *next)) next = entry.dial_at;
  }
  return next;
}

void StaticPeers::wait(Entry& entry, Instant now, Random& random) {
  const std::uint32_t doublings = std::min(entry.failures, 4U);
  const Duration full = std::min(limits::kRedialFirst * (1 << doublings), limits::kRedialMax);
  // Downwards, so that the longest wait is the one that is promised; never below the shortest.
  const auto jitter =
      static_cast<Duration::rep>(random.below(static_cast<std::uint64_t>(full.count()) / 4 + 1));
  entry.state = State::waiting;
  entry.dial_at = now + std::max(full - Duration(jitter), limits::kRedialFirst);
  ++entry.failures;
}

void StaticPeers::on_dial_failed(const Multiaddr& address, Instant now, Random& random) {
  for (Entry& entry : entries_) {
    if (entry.state == State::dialling && entry.address == address) wait(entry, now, random);
  }
}

bool StaticPeers::leads_to(const Entry& entry, const libp2p::ConnectionInfo& connection) {
  if (!entry.address.peer().empty()) return entry.address.peer() == connection.peer;
  if (entry.state != State::dialling || connection.direction != libp2p::Direction::outbound) return false;
  const auto remote = Multiaddr::parse(connection.remote_address);
  if (!remote) return false;
  if (const auto socket = entry.address.socket_address()) return socket == remote->socket_address();
  // A name without a peer id: what answered is known by its port alone.
  return entry.address.port() == remote->port();
}

void StaticPeers::on_connected(const libp2p::ConnectionInfo& connection, Instant now) {
  for (Entry& entry : entries_) {
    if (entry.state == State::connected || !leads_to(entry, connection)) continue;
    entry.state = State::connected;
    entry.peer = connection.peer;
    entry.since = now;
  }
}

void StaticPeers::on_peer_gone(const PeerId& peer, Instant now, Random& random) {
  for (Entry& entry : entries_) {
    if (entry.state != State::connected || entry.peer != peer) continue;
    // Who hangs up at once is not a success, or we would knock every second.
    if (now - entry.since >= limits::kRedialMax) entry.failures = 0;
    wait(entry, now, random);
  }
}

std::size_t StaticPeers::connected_count() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(entries_, [](const Entry& entry) { return entry.state == State::connected; }));
}

}  // namespace libpreconf::p2p
