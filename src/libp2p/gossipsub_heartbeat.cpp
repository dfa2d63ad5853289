// The tick: mesh and fanout maintenance, gossip to peers outside the mesh, expiry, decay.

#include <algorithm>
#include <utility>

#include "libp2p/gossipsub.h"

namespace libpreconf::libp2p {

void Gossipsub::heartbeat(Instant now) {
  ++ticks_;
  for (Peer& peer : peers_) {
    peer.ihave_messages = 0;
    peer.ihave_ids_asked = 0;
    peer.idontwant_entries = 0;
    peer.prune_answers = 0;
    peer.iwant_bytes = 0;
  }
  expire(now);
  decay_scores(now);
  for (std::size_t i = 0; i < topics_.size(); ++i) {
    const auto topic = static_cast<TopicIndex>(i);
    if (topics_[i].subscribed) {
      maintain_mesh(topic, now);
    } else {
      maintain_fanout(topic, now);
    }
    emit_gossip(topic);
  }
  cache_.shift();
}

void Gossipsub::maintain_mesh(TopicIndex index, Instant now) {
  Topic& topic = topics_[index];
  topic.mesh.for_each([&](PeerSlot slot) {
    if (score_of(slot) < 0) prune(slot, index, config_.prune_backoff, now);
  });
  const std::size_t size = topic.mesh.size();
  if (size < config_.mesh_n_low) {
    PeerSet candidates = topic.subscribers;
    candidates -= topic.mesh;
    candidates = filter(candidates, [&](PeerSlot slot) { return may_graft(slot, index, now); });
    pick(candidates, config_.mesh_n - size).for_each([&](PeerSlot slot) { graft(slot, index); });
  } else if (size > config_.mesh_n_high) {
    shrink_mesh(index, now);
  }
  if (topic.mesh.size() >= config_.mesh_n_low) keep_outbound(index, now);
  if (ticks_ % config_.opportunistic_graft_ticks == 0) graft_opportunistically(index, now);
}

void Gossipsub::shrink_mesh(TopicIndex index, Instant now) {
  std::vector<PeerSlot> members = topics_[index].mesh.members();
  const auto shuffle_from = [&](std::size_t first) {
    for (std::size_t i = members.size(); i > first + 1; --i) {
      std::swap(members[i - 1], members[first + static_cast<std::size_t>(random_.below(i - first))]);
    }
  };
  // The best few stay, equals in random order; of the others chance decides.
  shuffle_from(0);
  std::vector<std::pair<double, std::size_t>> ranked;
  ranked.reserve(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) ranked.emplace_back(-score_of(members[i]), i);
  std::sort(ranked.begin(), ranked.end());
  std::vector<PeerSlot> sorted;
  sorted.reserve(ranked.size());
  for (const auto& entry : ranked) sorted.push_back(members[entry.second]);
  members = std::move(sorted);
  const std::size_t retained = std::min(config_.retain_scores, config_.mesh_n);
  shuffle_from(retained);

  const auto outbound = [&](PeerSlot slot) { return peers_[slot].direction == Direction::outbound; };
  const auto keep_end = members.begin() + static_cast<std::ptrdiff_t>(config_.mesh_n);
  auto have = static_cast<std::size_t>(std::count_if(members.begin(), keep_end, outbound));
  auto victim = keep_end;
  for (auto candidate = keep_end; candidate != members.end() && have < config_.mesh_outbound_min;
       ++candidate) {
    if (!outbound(*candidate)) continue;
    while (victim != members.begin() && outbound(*std::prev(victim))) --victim;
    if (victim == members.begin()) break;
    --victim;
    std::swap(*victim, *candidate);
    ++have;
  }
  for (auto slot = keep_end; slot != members.end(); ++slot) {
    prune(*slot, index, config_.prune_backoff, now);
  }
}

void Gossipsub::keep_outbound(TopicIndex index, Instant now) {
  Topic& topic = topics_[index];
  const auto outbound = [&](PeerSlot slot) { return peers_[slot].direction == Direction::outbound; };
  const std::size_t have = filter(topic.mesh, outbound).size();
  if (have >= config_.mesh_outbound_min) return;
  PeerSet candidates = topic.subscribers;
  candidates -= topic.mesh;
  candidates =
      filter(candidates, [&](PeerSlot slot) { return outbound(slot) && may_graft(slot, index, now); });
  pick(candidates, config_.mesh_outbound_min - have).for_each([&](PeerSlot slot) { graft(slot, index); });
}

void Gossipsub::graft_opportunistically(TopicIndex index, Instant now) {
  Topic& topic = topics_[index];
  std::vector<double> scores;
  topic.mesh.for_each([&](PeerSlot slot) { scores.push_back(score_of(slot)); });
  if (scores.size() < 2) return;
  std::sort(scores.begin(), scores.end());
  const double median = scores[scores.size() / 2];
  if (median >= config_.thresholds.opportunistic_graft) return;
  PeerSet candidates = topic.subscribers;
  candidates -= topic.mesh;
  candidates = filter(candidates,
                      [&](PeerSlot slot) { return score_of(slot) > median && may_graft(slot, index, now); });
  pick(candidates, config_.opportunistic_graft_peers).for_each([&](PeerSlot slot) { graft(slot, index); });
}

void Gossipsub::maintain_fanout(TopicIndex index, Instant now) {
  Topic& topic = topics_[index];
  if (topic.fanout.empty()) return;
  if (topic.last_published + config_.fanout_ttl <= now) {
    topic.fanout = {};
    return;
  }
  const auto good = [&](PeerSlot slot) {
    return speaks_mesh(slot) && score_of(slot) >= config_.thresholds.publish;
  };
  topic.fanout = filter(topic.fanout, good);
  if (topic.fanout.size() >= config_.mesh_n) return;
  PeerSet candidates = topic.subscribers;
  candidates -= topic.fanout;
  topic.fanout |= pick(filter(candidates, good), config_.mesh_n - topic.fanout.size());
}

void Gossipsub::emit_gossip(TopicIndex index) {
  const Topic& topic = topics_[index];
  if (!topic.subscribed && topic.fanout.empty()) return;
  std::vector<MessageId> ids = cache_.gossip_ids(index);
  if (ids.empty()) return;
  PeerSet candidates = topic.subscribers;
  candidates -= topic.mesh;
  candidates -= topic.fanout;
  candidates = filter(candidates, [&](PeerSlot slot) {
    return speaks_mesh(slot) && score_of(slot) >= config_.thresholds.gossip;
  });
  if (candidates.empty()) return;
  if (ids.size() > config_.max_ihave_length) {
    for (std::size_t i = 0; i < config_.max_ihave_length; ++i) {
      std::swap(ids[i], ids[i + static_cast<std::size_t>(random_.below(ids.size() - i))]);
    }
    ids.resize(config_.max_ihave_length);
  }
  const auto share = static_cast<std::size_t>(config_.gossip_factor * static_cast<double>(candidates.size()));
  const SharedBytes frame = encode_ihave(topic.name, ids);
  pick(candidates, std::max(config_.gossip_lazy, share)).for_each([&](PeerSlot slot) {
    if (send(slot, frame, FrameKind::gossip)) ++counters_.ihaves_sent;
  });
}

void Gossipsub::expire(Instant now) {
  while (!seen_.empty() && seen_.front().value.at + config_.duplicate_cache_time <= now) {
    drop_oldest_seen();
  }
  while (!promises_.empty() && promises_.front().value.deadline <= now) {
    const Promise& promise = promises_.front().value;
    if (!promise.kept) {
      ++counters_.promises_broken;
      if (Peer* peer = peer_of(promise.peer)) peer->score.misbehaved();
    }
    promises_.pop_front();
  }
  for (Peer& peer : peers_) {
    if (!peer.unwanted) continue;
    IdRing<Instant>& unwanted = *peer.unwanted;
    while (!unwanted.empty() && unwanted.front().value + config_.idontwant_lifetime <= now) {
      unwanted.pop_front();
    }
    if (unwanted.empty()) peer.unwanted.reset();
  }
  while (const auto* oldest = retained_.oldest()) {
    if (oldest->second.until > now) break;
    (void)retained_.pop_oldest();
  }
}

void Gossipsub::decay_scores(Instant now) {
  if (!last_decay_) last_decay_ = now;
  // Late ticks are made up for; after a long suspension a few are enough.
  constexpr int kMaxAtOnce = 100;
  int done = 0;
  while (*last_decay_ + config_.score.decay_interval <= now) {
    *last_decay_ += config_.score.decay_interval;
    if (++done > kMaxAtOnce) continue;
    for (Peer& peer : peers_) peer.score.decay(config_.score);
  }
}

}  // namespace libpreconf::libp2p
