#include "p2p/reputation.h"

#include <algorithm>
#include <cmath>

namespace libpreconf::p2p {

double Reputation::decayed(const Entry& entry, Instant now) {
  if (now <= entry.as_of) return entry.score;
  const double half_lives =
      static_cast<double>((now - entry.as_of).count()) / static_cast<double>(limits::kScoreHalfLife.count());
  return entry.score * std::exp2(-half_lives);
}

Reputation::Entry& Reputation::entry_at(const PeerId& peer, Instant now) {
  Entry* entry = peers_.find(peer);
  if (entry == nullptr) {
    peers_.put(peer, Entry{0, now, std::nullopt, {}});
    return *peers_.find(peer);
  }
  entry->score = decayed(*entry, now);
  entry->as_of = std::max(entry->as_of, now);
  return *entry;
}

void Reputation::note_low(Entry& entry, Instant now) {
  if (entry.score > limits::kBanScore) {
    entry.low_since.reset();
  } else if (!entry.low_since) {
    entry.low_since = now;
    ++counters_.greylisted;
  }
}

void Reputation::apply(const PeerId& peer, Blame blame, Instant now) {
  switch (blame) {
    case Blame::none:
      return;
    case Blame::reward:
      return reward(peer, now);
    case Blame::relayed:
      return lower(peer, limits::kPenalty, limits::kRelayedPenaltyFloor, now);
    case Blame::full:
      return lower(peer, limits::kPenalty, limits::kScoreMin, now);
  }
}

void Reputation::reward(const PeerId& peer, Instant now) {
  if (is_banned(peer)) return;
  Entry& entry = entry_at(peer, now);
  entry.score = std::min(entry.score + limits::kReward, limits::kScoreMax);
  ++counters_.rewards;
  note_low(entry, now);
}

void Reputation::penalize(const PeerId& peer, double amount, Instant now) {
  lower(peer, amount, limits::kScoreMin, now);
}

void Reputation::lower(const PeerId& peer, double amount, double floor, Instant now) {
  if (is_banned(peer)) return;
  Entry& entry = entry_at(peer, now);
  std::erase_if(entry.recent, [&](const Penalty& old) { return old.at + limits::kPenaltyWindow <= now; });
  double spent = 0;
  for (const Penalty& old : entry.recent) spent += old.amount;

  const double room = std::min(limits::kPenaltyCapPerWindow - spent, entry.score - floor);
  const double taken = std::min(amount, room);
  // Crumbs would fill the list of recent penalties without meaning anything.
  if (taken < limits::kForgottenScore) {
    ++counters_.penalties_capped;
    return;
  }
  if (taken < amount) ++counters_.penalties_capped;
  ++counters_.penalties;
  entry.recent.push_back({now, taken});
  entry.score -= taken;
  note_low(entry, now);
}

double Reputation::score(const PeerId& peer, Instant now) const {
  const Entry* entry = peers_.find(peer);
  return entry == nullptr ? 0 : decayed(*entry, now);
}

Reputation::Changes Reputation::tick(Instant now) {
  Changes changes;
  while (!banned_.empty() && banned_.oldest()->second <= now) {
    changes.unbanned.push_back(banned_.pop_oldest()->first);
    ++counters_.bans_ended;
  }
  std::vector<PeerId> forgotten;
  for (const auto& [peer, stored] : peers_) {
    Entry& entry = entry_at(peer, now);
    note_low(entry, now);
    if (entry.low_since && now - *entry.low_since >= limits::kBanSustain) {
      changes.banned.push_back(peer);
    } else if (std::abs(entry.score) < limits::kForgottenScore) {
      forgotten.push_back(peer);
    }
  }
  for (const PeerId& peer : changes.banned) {
    // The ban is the punishment; whoever comes back afterwards starts anew.
    peers_.erase(peer);
    banned_.put(peer, now + limits::kBanTime);
    ++counters_.bans;
  }
  for (const PeerId& peer : forgotten) peers_.erase(peer);
  return changes;
}

}  // namespace libpreconf::p2p
