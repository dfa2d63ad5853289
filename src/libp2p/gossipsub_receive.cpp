// Received RPCs, and the way of a message through the checks (see the order in gossipsub.h).

#include <utility>

#include "libp2p/gossipsub.h"

namespace libpreconf::libp2p {

RpcOutcome Gossipsub::handle_rpc(GossipPeer from, ByteView rpc, Instant now) {
  RpcCursor cursor;
  while (true) {
    WorkBudget budget;
    const RpcOutcome outcome = handle_rpc(from, rpc, cursor, budget, now);
    if (outcome != RpcOutcome::more) return outcome;
  }
}

RpcOutcome Gossipsub::handle_rpc(GossipPeer from, ByteView rpc, RpcCursor& cursor, WorkBudget& budget,
                                 Instant now) {
  if (peer_of(from) == nullptr) return RpcOutcome::done;
  if (!cursor.scanned) {
    ++counters_.rpcs_received;
    const RpcFault fault =
        rpc.size() > limits::kMaxRpcSize ? RpcFault::too_much_control : scan_rpc(rpc, cursor.summary);
    if (fault != RpcFault::none) {
      ++(fault == RpcFault::malformed ? counters_.rpcs_undecodable : counters_.rpcs_over_limit);
      return RpcOutcome::close_stream;
    }
    cursor.scanned = true;
    if (cursor.summary.subscriptions) handle_subscriptions(from, rpc, now);
    if (peer_of(from) == nullptr) return RpcOutcome::done;
    if (score_of(from.slot) < config_.thresholds.graylist) {
      ++counters_.rpcs_graylisted;
      return RpcOutcome::done;
    }
  }
  if (cursor.summary.messages) {
    if (!handle_messages(from, rpc, cursor, budget, now)) return RpcOutcome::more;
    // What it just sent may have graylisted it, or a hook may have removed it.
    if (peer_of(from) == nullptr || score_of(from.slot) < config_.thresholds.graylist) {
      return RpcOutcome::done;
    }
  }
  if (cursor.summary.control) handle_control(from, rpc, now);
  return RpcOutcome::done;
}

bool Gossipsub::handle_messages(GossipPeer from, ByteView rpc, RpcCursor& cursor, WorkBudget& budget,
                                Instant now) {
  codec::ProtobufReader reader(rpc.subspan(cursor.next_message));
  codec::ProtobufField field;
  while (reader.next(field)) {
    if (field.number != kRpcPublish || field.type != codec::WireType::length_delimited) continue;
    if (budget.spent()) return false;
    cursor.next_message = static_cast<std::size_t>(field.bytes.data() + field.bytes.size() - rpc.data());
    handle_message(from, field.bytes, budget, now);
    if (peer_of(from) == nullptr || score_of(from.slot) < config_.thresholds.graylist) return true;
  }
  return true;
}

void Gossipsub::handle_message(GossipPeer from, ByteView bytes, WorkBudget& budget, Instant now) {
  ++counters_.messages_received;
  PubsubMessageView message;
  if (!parse_pubsub_message(bytes, message)) return;  // cannot be: the scan has passed it
  const auto topic = topic_index(message.topic);
  if (!topic || !topics_[*topic].subscribed) {
    ++counters_.messages_unknown_topic;
    return;
  }
  if (message.payload().size() > topics_[*topic].max_data_size) {
    ++counters_.messages_oversized;
    blame(from.slot, *topic);
    return;
  }
  const MessageId id = op_stack_message_id(message.payload());
  if (handle_duplicate(from.slot, *topic, id)) return;
  PeerId author;
  if (!passes_checks(from, *topic, message, author, budget)) return;
  begin_validation(from, *topic, id, author, message, now);
}

bool Gossipsub::handle_duplicate(PeerSlot slot, TopicIndex topic, const MessageId& id) {
  const SeenValue* seen = seen_.find(id);
  if (seen == nullptr) return false;
  ++counters_.messages_duplicate;
  switch (seen->state) {
    case Seen::pending:
      ++counters_.messages_parked;
      pending_[seen->pending].senders.insert(slot);
      break;
    case Seen::accepted:
      ++counters_.forwards_spared;
      pending_[seen->pending].senders.insert(slot);
      break;
    case Seen::rejected:
      blame(slot, topic);
      break;
    case Seen::settled:
      break;
  }
  return true;
}

bool Gossipsub::passes_checks(GossipPeer from, TopicIndex topic, const PubsubMessageView& message,
                              PeerId& author, WorkBudget& budget) {
  if (check_pubsub_fields(message, author) != PubsubFault::none) {
    ++counters_.messages_unsigned;
    blame(from.slot, topic);
    return false;
  }
  if (author == config_.self) {
    // Ours, older than the seen cache, or from before a restart: nobody's fault (p2p-wire 12.4).
    ++counters_.messages_self_origin;
    return false;
  }
  if (hooks_.precheck) {
    const Verdict verdict = hooks_.precheck(peers_[from.slot].id, topics_[topic].name, message.payload());
    if (verdict == Verdict::reject) {
      ++counters_.messages_precheck_rejected;
      if (peer_of(from) != nullptr) blame(from.slot, topic);
      return false;
    }
    if (verdict == Verdict::ignore) {
      ++counters_.messages_precheck_ignored;
      return false;
    }
  }
  if (peer_of(from) == nullptr) return false;
  if (pending_count_ >= limits::kMaxPendingMessages ||
      pending_bytes_ + message.payload().size() > limits::kMaxPendingBytes) {
    ++counters_.messages_dropped_pending_full;
    return false;
  }
  write_signed_bytes(message, scratch_);
  budget.units -= 1 + static_cast<int>(scratch_.size() / limits::kBytesPerWorkUnit);
  const bool good = hooks_.verify(pubsub_signing_key(message, author), scratch_, *message.signature);
  if (scratch_.capacity() > limits::kKeptBufferBytes) Bytes().swap(scratch_);
  if (!good) {
    ++counters_.messages_bad_signature;
    blame(from.slot, topic);
  }
  return good;
}

void Gossipsub::begin_validation(GossipPeer from, TopicIndex topic, const MessageId& id, const PeerId& author,
                                 const PubsubMessageView& message, Instant now) {
  const PublishFrame built = make_publish_frame(message);
  if (free_pending_.empty()) {
    free_pending_.push_back(static_cast<std::uint16_t>(pending_.size()));
    pending_.emplace_back();
  }
  const std::uint16_t index = free_pending_.back();
  free_pending_.pop_back();
  const PeerId source = peers_[from.slot].id;
  pending_[index] =
      Pending{true, id, topic, from, source, author, PeerSet{}, built.frame, built.message_size};
  pending_[index].senders.insert(from.slot);
  ++pending_count_;
  pending_bytes_ += built.frame->size();
  enter_seen(id, SeenValue{now, Seen::pending, index});
  ++counters_.messages_verified;
  if (Promise* promise = promises_.find(id)) promise->kept = true;
  if (built.message_size > config_.idontwant_threshold) send_idontwant(topic, id, from.slot, author);

  if (!hooks_.validate) {
    report(id, Verdict::accept, now);
    return;
  }
  // Everything the hook is shown lives on this stack frame: it may report at once.
  hooks_.validate(GossipMessage{id, source, author, topics_[topic].name, built.data, built.frame});
}

void Gossipsub::report(const MessageId& reported, Verdict verdict, Instant now) {
  const MessageId id = reported;
  SeenValue* seen = seen_.find(id);
  if (seen == nullptr || seen->state != Seen::pending) {
    ++counters_.reports_unknown;
    return;
  }
  switch (verdict) {
    case Verdict::accept:
      ++counters_.messages_accepted;
      accept(*seen, id, now);
      break;
    case Verdict::ignore:
      ++counters_.messages_ignored;
      (void)settle(*seen, Seen::settled);
      break;
    case Verdict::reject: {
      ++counters_.messages_rejected;
      const Pending pending = settle(*seen, Seen::rejected);
      pending.senders.for_each([&](PeerSlot slot) { blame(slot, pending.topic); });
      break;
    }
  }
}

void Gossipsub::accept(SeenValue& seen, const MessageId& id, Instant now) {
  const Pending& pending = pending_[seen.pending];
  if (Peer* source = peer_of(pending.source)) source->score.first_delivery(pending.topic, config_.score);
  cache_.put(id, pending.topic, pending.frame);
  if (forward_recipients(pending).empty()) {
    (void)settle(seen, Seen::settled);
    return;
  }
  seen.state = Seen::accepted;
  accepted_.push_back(id);
  if (!hooks_.forward_soon) return forward_accepted(now);
  if (accepted_.size() == 1) hooks_.forward_soon();
}

void Gossipsub::forward_accepted(Instant now) {
  // By index: a hook may report, which adds to the list.
  for (std::size_t i = 0; i < accepted_.size(); ++i) {
    SeenValue* seen = seen_.find(accepted_[i]);
    if (seen != nullptr && seen->state == Seen::accepted) forward(settle(*seen, Seen::settled), now);
  }
  accepted_.clear();
}

PeerSet Gossipsub::forward_recipients(const Pending& pending) const {
  const Topic& topic = topics_[pending.topic];
  PeerSet recipients = topic.mesh;
  recipients |= filter(topic.subscribers, [&](PeerSlot slot) {
    return !speaks_mesh(slot) && score_of(slot) >= config_.thresholds.publish;
  });
  recipients -= pending.senders;
  if (const auto author = slots_.find(pending.author); author != slots_.end()) {
    recipients.erase(author->second);
  }
  return recipients;
}

void Gossipsub::forward(const Pending& pending, Instant now) {
  forward_recipients(pending).for_each([&](PeerSlot slot) {
    if (does_not_want(slot, pending.id, now)) {
      ++counters_.forwards_unwanted;
    } else if (send(slot, pending.frame, FrameKind::forward)) {
      ++counters_.messages_forwarded;
    }
  });
}

bool Gossipsub::does_not_want(PeerSlot slot, const MessageId& id, Instant now) {
  Peer& peer = peers_[slot];
  if (!peer.unwanted) return false;
  const Instant* said = peer.unwanted->find(id);
  return said != nullptr && *said + config_.idontwant_lifetime > now;
}

void Gossipsub::enter_seen(const MessageId& id, SeenValue value) {
  if (seen_.full()) drop_oldest_seen();
  seen_.push(id, value);
}

void Gossipsub::drop_oldest_seen() {
  SeenValue& oldest = seen_.front().value;
  // Its verdict never came. A late one is counted as unknown.
  if (oldest.pending != kNoPending) (void)settle(oldest, Seen::settled);
  seen_.pop_front();
}

Gossipsub::Pending Gossipsub::settle(SeenValue& seen, Seen state) {
  Pending pending = std::move(pending_[seen.pending]);
  pending_bytes_ -= pending.frame->size();
  release_pending(seen.pending);
  seen.state = state;
  seen.pending = kNoPending;
  return pending;
}

void Gossipsub::release_pending(std::uint16_t index) {
  pending_[index] = Pending{};
  free_pending_.push_back(index);
  --pending_count_;
}

void Gossipsub::blame(PeerSlot slot, TopicIndex topic) {
  if (peers_[slot].live) peers_[slot].score.invalid_message(topic);
}

}  // namespace libpreconf::libp2p
