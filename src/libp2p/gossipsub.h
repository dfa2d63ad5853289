#pragma once
// gossipsub 1.0, 1.1 and 1.2 (specs.libp2p.io, pubsub/gossipsub), sans-IO: takes frames, ticks and `now`,
// says which frames to send to whom. One router for all topics.
//
// Order of checks for a received message (design.md "Smaller rules", p2p-wire 12.1): frame size, sender
// graylisted, topic size, id seen?, precheck (synchronous, cheap), libp2p signature, id entered, validate
// (asynchronous). An id is looked up before, and entered only after the signature verified, so that a
// mis-signed copy cannot shadow the honest message. Copies that arrive while an id is being validated are
// parked: their senders share the verdict, nothing is verified twice.
//
// Owned by GossipsubProtocol (the swarm adapter), or by a test.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libp2p/stream.h"
#include "libpreconf/base/clock.h"
#include "libpreconf/base/random.h"

namespace libpreconf::libp2p {

class Identity;

/// SHA-256 cut to 20 bytes (OP-stack rule, p2p-wire 7.4).
using MessageId = FixedBytes<20>;
/// The id of a message's data.
[[nodiscard]] MessageId op_stack_message_id(ByteView data);

/// The answer of a validator. `ignore` drops without blame; `reject` costs every sender.
enum class Verdict : std::uint8_t { accept, ignore, reject };

/// A message under validation; views are valid only during the call that hands it out.
struct GossipMessage {
  MessageId id;
  PeerId from;         ///< the peer that handed it to us (propagation source)
  PeerId author;
  std::string_view topic;
  SharedBytes data;    ///< kept alive by whoever copies the pointer
};

struct GossipsubHooks {
  /// Synchronous, before the signature: the cheap checks of the application. Must not allocate for good messages.
  std::move_only_function<Verdict(const PeerId& from, std::string_view topic, ByteView data)> precheck;
  /// After the signature. The application answers with `Gossipsub::report`, now or later.
  std::move_only_function<void(const GossipMessage&)> validate;
  /// Puts a frame (varint length and RPC) on the peer's outbound stream.
  /// False if the peer's queue is full: the frame is dropped and counted.
  std::move_only_function<bool(const PeerId& to, SharedBytes frame)> send;
  /// Subscriptions of a peer changed (topic, now subscribed?).
  std::move_only_function<void(const PeerId&, std::string_view topic, bool subscribed)> on_subscription;
};

struct PublishOutcome {
  MessageId id;
  std::size_t recipients = 0;
};

}  // namespace libpreconf::libp2p
