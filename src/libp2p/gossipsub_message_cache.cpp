#include "libp2p/gossipsub_message_cache.h"

#include <algorithm>

namespace libpreconf::libp2p {

void GossipMessageCache::put(const MessageId& id, TopicIndex topic, const SharedBytes& frame) {
  if (messages_.contains(id)) return;
  while (!messages_.empty() && (messages_.full() || bytes_ + frame->size() > limits::kMaxCachedBytes)) {
    pop_oldest();
  }
  bytes_ += frame->size();
  messages_.push(id, Message{topic, window_, frame, {}});
}

SharedBytes GossipMessageCache::serve(const MessageId& id, std::uint32_t peer,
                                      std::uint32_t retransmissions) {
  Message* message = messages_.find(id);
  if (message == nullptr) return nullptr;
  auto served = std::find_if(message->served.begin(), message->served.end(),
                             [peer](const Served& entry) { return entry.peer == peer; });
  if (served == message->served.end()) {
    // A peer that comes back under new generations must not make the list grow.
    if (message->served.size() >= limits::kMaxGossipPeers) return nullptr;
    served = message->served.insert(message->served.end(), Served{peer, 0});
  }
  if (served->times >= retransmissions) return nullptr;
  ++served->times;
  return message->frame;
}

std::vector<MessageId> GossipMessageCache::gossip_ids(TopicIndex topic) {
  std::vector<MessageId> ids;
  for (std::size_t i = messages_.size(); i > 0; --i) {
    const auto& entry = messages_.at(i - 1);
    if (entry.value.window + history_gossip_ <= window_) break;
    if (entry.value.topic == topic) ids.push_back(entry.id);
  }
  std::reverse(ids.begin(), ids.end());
  return ids;
}

void GossipMessageCache::shift() {
  ++window_;
  while (!messages_.empty() && messages_.front().value.window + history_length_ <= window_) pop_oldest();
}

void GossipMessageCache::pop_oldest() {
  bytes_ -= messages_.front().value.frame->size();
  messages_.pop_front();
}

}  // namespace libpreconf::libp2p
