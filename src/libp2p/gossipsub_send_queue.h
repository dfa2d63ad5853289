#pragma once
// What waits for one gossip peer that reads slower than we send (attacks.md B7, C17). Control frames go first
// and are refused when too many; messages are bounded by bytes, count and age, and the oldest that is not
// ours makes room. Frames are shared, so a queue holds pointers.

#include <deque>
#include <optional>

#include "base/counters.h"
#include "libp2p/gossipsub.h"
#include "libpreconf/base/clock.h"

namespace libpreconf::libp2p {

class GossipSendQueue {
 public:
  struct Counters {
    Counter control_refused = 0;
    Counter messages_dropped_full = 0;
    Counter messages_dropped_late = 0;
  };

  /// False if the frame was refused. `counters` of the owner are raised for whatever was dropped.
  [[nodiscard]] bool push(const SharedBytes& frame, FrameKind kind, Instant now, Counters& counters);
  /// The next frame to write, or nothing; messages that waited too long are dropped on the way.
  [[nodiscard]] SharedBytes pop(Instant now, Counters& counters);
  /// Drops what waited too long, for a peer that does not read at all.
  void expire(Instant now, Counters& counters);

  [[nodiscard]] bool empty() const noexcept { return control_.empty() && messages_.empty(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return control_bytes_ + message_bytes_; }
  void clear() noexcept;

 private:
  struct Waiting {
    SharedBytes frame;
    FrameKind kind = FrameKind::forward;
    Instant deadline{};
  };
  [[nodiscard]] bool make_room(std::size_t size, FrameKind kind, Counters& counters);

  std::deque<SharedBytes> control_;
  std::deque<Waiting> messages_;
  std::size_t control_bytes_ = 0;
  std::size_t message_bytes_ = 0;
};

}  // namespace libpreconf::libp2p
