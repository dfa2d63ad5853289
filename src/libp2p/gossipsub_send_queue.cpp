#include "libp2p/gossipsub_send_queue.h"

#include <algorithm>

#include "libp2p/limits.h"

namespace libpreconf::libp2p {

bool GossipSendQueue::push(const SharedBytes& frame, FrameKind kind, Instant now, Counters& counters) {
  const std::size_t size = frame->size();
  if (kind == FrameKind::control || kind == FrameKind::gossip) {
    // Half of the room is kept for what the peer must learn.
    const std::size_t share = kind == FrameKind::control ? 1 : 2;
    if (control_.size() >= limits::kMaxQueuedControlFrames / share ||
        control_bytes_ + size > limits::kMaxQueuedControlBytes / share) {
      ++counters.control_refused;
      return false;
    }
    control_.push_back(frame);
    control_bytes_ += size;
    return true;
  }
  if (!make_room(size, kind, counters)) {
    ++counters.messages_dropped_full;
    return false;
  }
  const Duration wait = kind == FrameKind::publish ? limits::kPublishWait : limits::kForwardWait;
  messages_.push_back(Waiting{frame, kind, now + wait});
  message_bytes_ += size;
  return true;
}

bool GossipSendQueue::make_room(std::size_t size, FrameKind kind, Counters& counters) {
  const auto fits = [&] {
    // One frame always fits: a topic may allow more than the bound.
    return messages_.empty() || (messages_.size() < limits::kMaxQueuedMessages &&
                                 message_bytes_ + size <= limits::kMaxQueuedMessageBytes);
  };
  while (!fits()) {
    auto victim = std::find_if(messages_.begin(), messages_.end(),
                               [](const Waiting& waiting) { return waiting.kind == FrameKind::forward; });
    if (victim == messages_.end() && kind == FrameKind::publish) victim = messages_.begin();
    if (victim == messages_.end()) return false;
    message_bytes_ -= victim->frame->size();
    messages_.erase(victim);
    ++counters.messages_dropped_full;
  }
  return true;
}

SharedBytes GossipSendQueue::pop(Instant now, Counters& counters) {
  if (!control_.empty()) {
    SharedBytes frame = std::move(control_.front());
    control_.pop_front();
    control_bytes_ -= frame->size();
    return frame;
  }
  expire(now, counters);
  if (messages_.empty()) return nullptr;
  SharedBytes frame = std::move(messages_.front().frame);
  messages_.pop_front();
  message_bytes_ -= frame->size();
  return frame;
}

void GossipSendQueue::expire(Instant now, Counters& counters) {
  while (!messages_.empty() && messages_.front().deadline <= now) {
    message_bytes_ -= messages_.front().frame->size();
    messages_.pop_front();
    ++counters.messages_dropped_late;
  }
}

void GossipSendQueue::clear() noexcept {
  control_.clear();
  messages_.clear();
  control_bytes_ = message_bytes_ = 0;
}

}  // namespace libpreconf::libp2p
