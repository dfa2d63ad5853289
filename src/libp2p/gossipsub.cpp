// The router's peers, subscriptions and publishing.

#include "libp2p/gossipsub.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace libpreconf::libp2p {
namespace {

constexpr std::uint64_t seconds_of(Duration duration) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

FixedBytes<8> big_endian(std::uint64_t value) noexcept {
  FixedBytes<8> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  return out;
}

}  // namespace

PeerKind peer_kind_of(std::string_view protocol_id) noexcept {
  if (protocol_id == kGossipProtocolIds[0]) return PeerKind::gossipsub_1_2;
  if (protocol_id == kGossipProtocolIds[1]) return PeerKind::gossipsub_1_1;
  if (protocol_id == kGossipProtocolIds[2]) return PeerKind::gossipsub_1_0;
  return PeerKind::floodsub;
}

Gossipsub::Gossipsub(GossipsubConfig config, GossipsubHooks hooks, Random& random)
    : config_(std::move(config)),
      hooks_(std::move(hooks)),
      random_(random),
      retained_(limits::kMaxRetainedPeers),
      seen_(limits::kMaxSeenIds),
      cache_(config_.history_length, config_.history_gossip),
      promises_(limits::kMaxPromises),
      next_seqno_(config_.first_seqno) {
  PRECONF_ASSERT(config_.topics.size() <= limits::kMaxTopics);
  for (const TopicConfig& given : config_.topics) {
    Topic topic;
    topic.name = given.name;
    topic.max_data_size = std::min(given.max_data_size, limits::kMaxRpcSize);
    topic.subscribed = given.subscribe;
    topic.subscribe_frame = encode_subscription(given.name, true);
    topic.unsubscribe_frame = encode_subscription(given.name, false);
    topic.graft_frame = encode_graft(given.name);
    topic.prune_frame = encode_prune(given.name, seconds_of(config_.prune_backoff));
    topic.prune_frame_1_0 = encode_prune(given.name, std::nullopt);
    topics_.push_back(std::move(topic));
  }
}

// ---- peers ----

std::optional<GossipPeer> Gossipsub::add_peer(const PeerId& id, Direction direction, PeerKind kind,
                                              Instant now) {
  if (slots_.contains(id)) return std::nullopt;
  if (slots_.size() >= limits::kMaxGossipPeers) {
    ++counters_.peers_refused;
    return std::nullopt;
  }
  const auto free = std::find_if(peers_.begin(), peers_.end(), [](const Peer& peer) { return !peer.live; });
  const auto slot = static_cast<PeerSlot>(free - peers_.begin());
  if (free == peers_.end()) peers_.emplace_back();
  Peer& peer = peers_[slot];
  peer = Peer{};
  peer.id = id;
  peer.generation = ++last_generation_;
  peer.live = true;
  peer.direction = direction;
  peer.kind = kind;
  if (const Retained* kept = retained_.find(id)) {
    if (kept->until > now) {
      peer.score = kept->score;
      peer.backoff_until = kept->backoff_until;
    }
    retained_.erase(id);
  }
  slots_.emplace(id, slot);
  return handle_of(slot);
}

void Gossipsub::announce(GossipPeer handle) {
  for (const Topic& topic : topics_) {
    if (!topic.subscribed || peer_of(handle) == nullptr) continue;
    send(handle.slot, topic.subscribe_frame, FrameKind::control);
    if (topic.mesh.contains(handle.slot)) send(handle.slot, topic.graft_frame, FrameKind::control);
  }
}

void Gossipsub::remove_peer(GossipPeer handle, Instant now) {
  Peer* peer = peer_of(handle);
  if (peer == nullptr) return;
  const PeerSlot slot = handle.slot;
  for (Topic& topic : topics_) {
    topic.subscribers.erase(slot);
    topic.mesh.erase(slot);
    topic.fanout.erase(slot);
  }
  // The slot's next peer must not share the verdict on what this one sent.
  for (Pending& pending : pending_) pending.senders.erase(slot);
  const bool in_backoff = std::any_of(peer->backoff_until.begin(), peer->backoff_until.end(),
                                      [now](Instant until) { return until > now; });
  if (in_backoff || score_of(slot) < 0) {
    retained_.put(peer->id, Retained{peer->score, peer->backoff_until, now + config_.retain_score});
  }
  slots_.erase(peer->id);
  peer->live = false;
  peer->unwanted.reset();
}

Gossipsub::Peer* Gossipsub::peer_of(GossipPeer handle) noexcept {
  if (handle.slot >= peers_.size()) return nullptr;
  Peer& peer = peers_[handle.slot];
  return peer.live && peer.generation == handle.generation ? &peer : nullptr;
}

const Gossipsub::Peer* Gossipsub::peer_of(const PeerId& id) const {
  const auto found = slots_.find(id);
  return found == slots_.end() ? nullptr : &peers_[found->second];
}

std::optional<TopicIndex> Gossipsub::topic_index(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < topics_.size(); ++i) {
    if (topics_[i].name == name) return static_cast<TopicIndex>(i);
  }
  return std::nullopt;
}

bool Gossipsub::send(PeerSlot to, const SharedBytes& frame, FrameKind kind) {
  if (!peers_[to].live) return false;
  if (hooks_.send && hooks_.send(handle_of(to), frame, kind)) return true;
  ++counters_.sends_refused;
  return false;
}

// ---- subscriptions ----

void Gossipsub::handle_subscriptions(GossipPeer from, ByteView rpc, Instant now) {
  for_each_field(rpc, kRpcSubscriptions, [&](ByteView entry) {
    const SubscriptionView view = read_subscription(entry);
    const auto topic = topic_index(view.topic);
    if (!topic) {
      ++counters_.subscriptions_unknown_topic;
      return;
    }
    if (peer_of(from) == nullptr) return;  // a hook removed it
    set_subscribed(from.slot, *topic, view.subscribe);
    if (!view.subscribe || peer_of(from) == nullptr) return;
    const Topic& state = topics_[*topic];
    if (state.subscribed && !state.mesh.contains(from.slot) && state.mesh.size() < config_.mesh_n_low &&
        may_graft(from.slot, *topic, now)) {
      graft(from.slot, *topic);
    }
  });
}

void Gossipsub::set_subscribed(PeerSlot slot, TopicIndex index, bool subscribed) {
  Topic& topic = topics_[index];
  if (topic.subscribers.contains(slot) == subscribed) return;
  if (subscribed) {
    topic.subscribers.insert(slot);
  } else {
    topic.subscribers.erase(slot);
    topic.mesh.erase(slot);
    topic.fanout.erase(slot);
  }
  if (hooks_.on_subscription) hooks_.on_subscription(peers_[slot].id, topic.name, subscribed);
}

void Gossipsub::subscribe(std::string_view name, Instant now) {
  const auto index = topic_index(name);
  if (!index || topics_[*index].subscribed) return;
  Topic& topic = topics_[*index];
  topic.subscribed = true;
  everyone().for_each([&](PeerSlot slot) { send(slot, topic.subscribe_frame, FrameKind::control); });
  // Peers that carried our fanout know us already.
  const PeerSet fanout = filter(topic.fanout, [&](PeerSlot slot) { return may_graft(slot, *index, now); });
  topic.fanout = {};
  PeerSet chosen = pick(fanout, config_.mesh_n);
  PeerSet others = topic.subscribers;
  others -= chosen;
  others = filter(others, [&](PeerSlot slot) { return may_graft(slot, *index, now); });
  chosen |= pick(others, config_.mesh_n - chosen.size());
  chosen.for_each([&](PeerSlot slot) { graft(slot, *index); });
}

void Gossipsub::unsubscribe(std::string_view name, Instant now) {
  const auto index = topic_index(name);
  if (!index || !topics_[*index].subscribed) return;
  Topic& topic = topics_[*index];
  topic.subscribed = false;
  everyone().for_each([&](PeerSlot slot) { send(slot, topic.unsubscribe_frame, FrameKind::control); });
  topic.mesh.for_each([&](PeerSlot slot) { prune(slot, *index, config_.unsubscribe_backoff, now); });
}

// ---- publishing ----

Result<PublishOutcome> Gossipsub::publish(std::string_view name, ByteView data, Instant now) {
  const auto index = topic_index(name);
  if (!index) return fail(ErrorCode::not_found, "no topic of that name is configured");
  const Topic& topic = topics_[*index];
  if (data.size() > topic.max_data_size) {
    return fail(ErrorCode::too_large, "the message is over the size limit of its topic");
  }
  const MessageId id = op_stack_message_id(data);
  if (seen_.contains(id)) {
    ++counters_.publish_duplicates;
    return fail(ErrorCode::conflict, "the same content was seen within the last two minutes");
  }
  const PeerSet recipients = publish_recipients(*index, now);
  if (recipients.empty()) {
    ++counters_.publish_without_peers;
    return fail(ErrorCode::unavailable, "no connected peer is subscribed to the topic");
  }

  const FixedBytes<8> seqno = big_endian(next_seqno_++);
  PubsubMessageView message;
  message.from = config_.self.bytes();
  message.data = data;
  message.seqno = ByteView(seqno);
  message.topic = topic.name;
  write_signed_bytes(message, scratch_);
  const Bytes signature = hooks_.sign(scratch_);
  message.signature = ByteView(signature);
  if (!config_.public_key_protobuf.empty()) message.key = ByteView(config_.public_key_protobuf);
  const PublishFrame built = make_publish_frame(message);

  enter_seen(id, SeenValue{now, Seen::settled, kNoPending});
  cache_.put(id, *index, built.frame);
  ++counters_.messages_published;
  PublishOutcome outcome{id, 0};
  recipients.for_each([&](PeerSlot slot) {
    if (!does_not_want(slot, id, now) && send(slot, built.frame, FrameKind::publish)) ++outcome.recipients;
  });
  counters_.publish_copies += outcome.recipients;
  return outcome;
}

PeerSet Gossipsub::publish_recipients(TopicIndex index, Instant now) {
  Topic& topic = topics_[index];
  const auto good = [&](PeerSlot slot) { return score_of(slot) >= config_.thresholds.publish; };
  const PeerSet candidates = filter(topic.subscribers, good);
  const PeerSet mesh_speakers = filter(candidates, [&](PeerSlot slot) { return speaks_mesh(slot); });
  PeerSet chosen;
  if (topic.subscribed) {
    chosen = filter(topic.mesh, good);
  } else {
    chosen = filter(topic.fanout, good);
    topic.last_published = now;
  }
  if (chosen.size() < config_.mesh_n) {
    PeerSet others = mesh_speakers;
    others -= chosen;
    chosen |= pick(others, config_.mesh_n - chosen.size());
  }
  if (!topic.subscribed) topic.fanout = chosen;
  PeerSet flood = candidates;
  flood -= mesh_speakers;
  chosen |= flood;
  return chosen;
}

PeerSet Gossipsub::everyone() const {
  PeerSet out;
  for (std::size_t slot = 0; slot < peers_.size(); ++slot) {
    if (peers_[slot].live) out.insert(static_cast<PeerSlot>(slot));
  }
  return out;
}

PeerSet Gossipsub::pick(const PeerSet& candidates, std::size_t count) {
  std::vector<PeerSlot> members = candidates.members();
  if (members.size() <= count) return candidates;
  PeerSet out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t other = i + static_cast<std::size_t>(random_.below(members.size() - i));
    std::swap(members[i], members[other]);
    out.insert(members[i]);
  }
  return out;
}

// ---- to look at ----

void Gossipsub::set_application_score(const PeerId& id, double score) {
  const auto found = slots_.find(id);
  if (found != slots_.end()) peers_[found->second].score.set_application(score, config_.score);
}

double Gossipsub::score(const PeerId& id) const {
  if (const Peer* peer = peer_of(id)) return peer->score.value(config_.score);
  if (const Retained* kept = retained_.find(id)) return kept->score.value(config_.score);
  return 0;
}

bool Gossipsub::is_subscribed(const PeerId& id, std::string_view name) const {
  const auto index = topic_index(name);
  const auto found = slots_.find(id);
  return index && found != slots_.end() && topics_[*index].subscribers.contains(found->second);
}

bool Gossipsub::in_mesh(const PeerId& id, std::string_view name) const {
  const auto index = topic_index(name);
  const auto found = slots_.find(id);
  return index && found != slots_.end() && topics_[*index].mesh.contains(found->second);
}

std::size_t Gossipsub::mesh_size(std::string_view name) const {
  const auto index = topic_index(name);
  return index ? topics_[*index].mesh.size() : 0;
}

std::size_t Gossipsub::subscribed_peers(std::string_view name) const {
  const auto index = topic_index(name);
  return index ? topics_[*index].subscribers.size() : 0;
}

}  // namespace libpreconf::libp2p
