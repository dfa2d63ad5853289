// Control messages: the mesh (GRAFT, PRUNE) and the gossip around it (IHAVE, IWANT, IDONTWANT).

#include <algorithm>
#include <utility>

#include "libp2p/gossipsub.h"

namespace libpreconf::libp2p {

void Gossipsub::handle_control(GossipPeer from, ByteView rpc, Instant now) {
  // In the reference's order: IWANT and IDONTWANT as met, then all IHAVE, all GRAFT, all PRUNE.
  for_each_control(rpc, [&](ControlKind kind, ByteView entry) {
    if (kind == ControlKind::iwant) handle_iwant(from.slot, entry, now);
    if (kind == ControlKind::idontwant) handle_idontwant(from.slot, entry, now);
  });
  std::vector<MessageId> wanted;
  bool ihave = false;
  for_each_control(rpc, [&](ControlKind kind, ByteView entry) {
    if (kind != ControlKind::ihave) return;
    if (!std::exchange(ihave, true)) ++peers_[from.slot].ihave_messages;
    handle_ihave(from.slot, entry, wanted);
  });
  if (!wanted.empty()) ask_for(from.slot, wanted, now);
  for_each_control(rpc, [&](ControlKind kind, ByteView entry) {
    if (kind != ControlKind::graft) return;
    ++counters_.grafts_received;
    if (const auto topic = topic_index(read_control_topic(entry))) handle_graft(from, *topic, now);
  });
  for_each_control(rpc, [&](ControlKind kind, ByteView entry) {
    if (kind == ControlKind::prune && peer_of(from) != nullptr) {
      handle_prune(from.slot, read_prune(entry), now);
    }
  });
}

// ---- the mesh ----

void Gossipsub::handle_graft(GossipPeer from, TopicIndex index, Instant now) {
  Topic& topic = topics_[index];
  if (peer_of(from) == nullptr || !topic.subscribed || !speaks_mesh(from.slot)) return;
  set_subscribed(from.slot, index, true);  // a GRAFT counts as a subscription
  Peer* peer = peer_of(from);
  if (peer == nullptr || topic.mesh.contains(from.slot)) return;
  const Instant until = peer->backoff_until[index];
  if (until > now) {
    ++counters_.grafts_during_backoff;
    peer->score.misbehaved();
    // Once more for one that does not even pause.
    if (now < until - config_.prune_backoff + config_.graft_flood_threshold) peer->score.misbehaved();
    refuse_graft(from.slot, index, now);
    return;
  }
  const bool full = topic.mesh.size() >= config_.mesh_n_high && peer->direction == Direction::inbound;
  if (full || score_of(from.slot) < 0) {
    refuse_graft(from.slot, index, now);
    return;
  }
  topic.mesh.insert(from.slot);
}

void Gossipsub::refuse_graft(PeerSlot slot, TopicIndex topic, Instant now) {
  ++counters_.grafts_refused;
  if (++peers_[slot].prune_answers <= limits::kMaxPruneAnswersPerHeartbeat) {
    prune(slot, topic, config_.prune_backoff, now);
  } else {
    set_backoff(slot, topic, config_.prune_backoff, now);
  }
}

void Gossipsub::handle_prune(PeerSlot slot, const PruneView& view, Instant now) {
  ++counters_.prunes_received;
  const auto topic = topic_index(view.topic);
  if (!topic) return;
  topics_[*topic].mesh.erase(slot);
  // Compared before it becomes a duration: any 64-bit number may stand there.
  const std::uint64_t seconds =
      std::min(view.backoff_seconds.value_or(static_cast<std::uint64_t>(
                   std::chrono::duration_cast<std::chrono::seconds>(config_.prune_backoff).count())),
               limits::kMaxRemoteBackoffSeconds);
  set_backoff(slot, *topic, std::chrono::seconds(seconds), now);
}

void Gossipsub::graft(PeerSlot slot, TopicIndex index) {
  topics_[index].mesh.insert(slot);
  ++counters_.grafts_sent;
  send(slot, topics_[index].graft_frame, FrameKind::control);
}

void Gossipsub::prune(PeerSlot slot, TopicIndex index, Duration backoff, Instant now) {
  Topic& topic = topics_[index];
  topic.mesh.erase(slot);
  ++counters_.prunes_sent;
  if (peers_[slot].kind == PeerKind::gossipsub_1_0) {
    send(slot, topic.prune_frame_1_0, FrameKind::control);
    return;
  }
  set_backoff(slot, index, backoff, now);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(backoff).count();
  send(slot,
       backoff == config_.prune_backoff ? topic.prune_frame
                                        : encode_prune(topic.name, static_cast<std::uint64_t>(seconds)),
       FrameKind::control);
}

void Gossipsub::set_backoff(PeerSlot slot, TopicIndex topic, Duration backoff, Instant now) {
  Instant& until = peers_[slot].backoff_until[topic];
  until = std::max(until, now + backoff);
}

bool Gossipsub::may_graft(PeerSlot slot, TopicIndex topic, Instant now) const {
  const Instant until = peers_[slot].backoff_until[topic];
  const bool backing_off = until != Instant{} && now < until + config_.heartbeat_interval;
  return speaks_mesh(slot) && !backing_off && score_of(slot) >= 0;
}

// ---- gossip ----

void Gossipsub::handle_ihave(PeerSlot slot, ByteView entry, std::vector<MessageId>& wanted) {
  ++counters_.ihaves_received;
  const Peer& peer = peers_[slot];
  const auto topic = topic_index(read_control_topic(entry));
  if (!topic || !topics_[*topic].subscribed || score_of(slot) < config_.thresholds.gossip ||
      peer.ihave_messages > config_.max_ihave_messages || peer.ihave_ids_asked >= config_.max_ihave_length) {
    ++counters_.ihaves_ignored;
    return;
  }
  for_each_id(ControlKind::ihave, entry, [&](const MessageId& id) {
    if (!seen_.contains(id) && !promises_.contains(id)) wanted.push_back(id);
    return true;
  });
}

void Gossipsub::ask_for(PeerSlot slot, std::vector<MessageId>& wanted, Instant now) {
  // In random order, so that a peer that names more than it may cannot choose what is asked.
  for (std::size_t i = wanted.size(); i > 1; --i) {
    std::swap(wanted[i - 1], wanted[static_cast<std::size_t>(random_.below(i))]);
  }
  Peer& peer = peers_[slot];
  const std::size_t allowed = config_.max_ihave_length - peer.ihave_ids_asked;
  std::size_t kept = 0;
  for (const MessageId& id : wanted) {
    if (kept == allowed || promises_.full()) break;
    if (promises_.contains(id)) continue;  // named twice in this RPC
    promises_.push(id, Promise{handle_of(slot), now + config_.iwant_followup_time, false});
    wanted[kept++] = id;
  }
  if (kept == 0) return;
  peer.ihave_ids_asked += kept;
  counters_.iwant_ids_asked += kept;
  send(slot, encode_iwant(std::span<const MessageId>(wanted).first(kept)), FrameKind::gossip);
}

void Gossipsub::handle_iwant(PeerSlot slot, ByteView entry, Instant now) {
  ++counters_.iwants_received;
  if (score_of(slot) < config_.thresholds.gossip) {
    ++counters_.iwants_ignored;
    return;
  }
  Peer& peer = peers_[slot];
  for_each_id(ControlKind::iwant, entry, [&](const MessageId& id) {
    if (peer.iwant_bytes >= limits::kMaxIwantBytesPerHeartbeat) {
      ++counters_.iwants_ignored;
      return false;
    }
    if (does_not_want(slot, id, now)) return true;
    if (const SharedBytes frame = cache_.serve(id, peer.generation, config_.gossip_retransmission)) {
      peer.iwant_bytes += frame->size();
      if (send(slot, frame, FrameKind::forward)) ++counters_.iwant_messages_served;
    }
    return true;
  });
}

void Gossipsub::handle_idontwant(PeerSlot slot, ByteView entry, Instant now) {
  ++counters_.idontwants_received;
  Peer& peer = peers_[slot];
  const bool in_a_mesh = std::any_of(topics_.begin(), topics_.end(),
                                     [slot](const Topic& topic) { return topic.mesh.contains(slot); });
  if (!in_a_mesh || ++peer.idontwant_entries > limits::kMaxIdontwantPerHeartbeat) {
    ++counters_.idontwants_ignored;
    return;
  }
  for_each_id(ControlKind::idontwant, entry, [&](const MessageId& id) {
    if (!peer.unwanted) {
      peer.unwanted = std::make_unique<IdRing<Instant>>(limits::kMaxUnwantedIdsPerPeer);
    }
    if (peer.unwanted->contains(id)) return true;
    if (peer.unwanted->full()) peer.unwanted->pop_front();
    peer.unwanted->push(id, now);
    return true;
  });
}

void Gossipsub::send_idontwant(TopicIndex index, const MessageId& id, PeerSlot source, const PeerId& author) {
  PeerSet recipients = filter(topics_[index].mesh, [&](PeerSlot slot) {
    return slot != source && peers_[slot].kind == PeerKind::gossipsub_1_2 && peers_[slot].id != author;
  });
  if (recipients.empty()) return;
  const SharedBytes frame = encode_idontwant({&id, 1});
  recipients.for_each([&](PeerSlot slot) {
    if (send(slot, frame, FrameKind::gossip)) ++counters_.idontwants_sent;
  });
}

}  // namespace libpreconf::libp2p
