#pragma once
// The messages of the last heartbeats, as the frames in which they were forwarded: what IHAVE names and IWANT
// is answered from. At its bounds the oldest message goes.

#include <cstdint>
#include <deque>
#include <vector>

#include "libp2p/gossipsub_id_ring.h"
#include "libp2p/gossipsub_score.h"
#include "libp2p/limits.h"
#include "libp2p/stream.h"

namespace libpreconf::libp2p {

class GossipMessageCache {
 public:
  GossipMessageCache(std::size_t history_length, std::size_t history_gossip)
      : history_length_(history_length),
        history_gossip_(history_gossip),
        messages_(limits::kMaxCachedMessages) {}

  /// Into the current heartbeat's window. A message that is there already is left alone.
  void put(const MessageId& id, TopicIndex topic, const SharedBytes& frame);
  /// The frame, if it is there and the peer (by its generation, which is never reused) has had it fewer than
  /// `retransmissions` times. Counts.
  [[nodiscard]] SharedBytes serve(const MessageId& id, std::uint32_t peer, std::uint32_t retransmissions);
  /// Ids of `topic` in the newest windows, oldest first.
  [[nodiscard]] std::vector<MessageId> gossip_ids(TopicIndex topic);
  /// A heartbeat passed.
  void shift();

  [[nodiscard]] std::size_t size() const noexcept { return messages_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct Served {
    std::uint32_t peer = 0;
    std::uint32_t times = 0;
  };
  struct Message {
    TopicIndex topic = 0;
    std::uint64_t window = 0;
    SharedBytes frame;
    std::vector<Served> served;  // few ever ask
  };
  void pop_oldest();

  std::size_t history_length_;
  std::size_t history_gossip_;
  std::uint64_t window_ = 0;
  std::size_t bytes_ = 0;
  IdRing<Message> messages_;
};

}  // namespace libpreconf::libp2p
