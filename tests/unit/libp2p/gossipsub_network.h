#pragma once
// Several gossipsub routers joined by queues of frames: a network without sockets, in virtual time.
// Signatures are hashes keyed by the public key, so that thousands of messages cost nothing.

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "codec/varint.h"
#include "crypto/hash.h"
#include "libp2p/gossipsub.h"

namespace libpreconf::libp2p::test {

using namespace std::chrono_literals;

inline constexpr std::string_view kBlocks = "/taiko/167000/0/preconfirmationCommitments";
inline constexpr std::string_view kLists = "/taiko/167000/0/rawTxLists";

/// The public key protobuf of test identity `number`.
inline Bytes test_key(std::uint8_t number) {
  Bytes key = {0x08, 0x01, 0x12, 0x20};
  key.resize(36, number);
  return key;
}
inline PeerId test_peer(std::uint8_t number) {
  return PeerId::of_public_key(test_key(number));
}
inline Bytes test_signature(ByteView key, ByteView message) {
  const Hash256 hash = crypto::sha256({key, message});
  return Bytes(hash.begin(), hash.end());
}
inline Bytes payload(std::string_view text, std::size_t size = 100) {
  // 0xff begins no snappy block of this length.
  Bytes out(size, 0xff);
  for (std::size_t i = 0; i < text.size() && i + 8 < size; ++i) {
    out[i + 8] = static_cast<std::uint8_t>(text[i]);
  }
  return out;
}
/// The body of a frame.
inline ByteView body_of(ByteView frame) {
  const codec::VarintRead prefix = codec::read_varint(frame);
  EXPECT_EQ(prefix.size + prefix.value, frame.size());
  return frame.subspan(prefix.size);
}
inline Bytes body_of(const SharedBytes& frame) {
  return to_bytes(body_of(ByteView(*frame)));
}

/// A message as test identity `author` would sign it.
struct TestMessage {
  PeerId author;
  Bytes data;
  Bytes seqno = Bytes(8, 1);
  Bytes signature;
  std::string topic;

  TestMessage(std::uint8_t author_number, std::string_view topic_name, Bytes content)
      : author(test_peer(author_number)), data(std::move(content)), topic(topic_name) {
    Bytes preimage;
    write_signed_bytes(view(), preimage);
    signature = test_signature(test_key(author_number), preimage);
  }
  [[nodiscard]] PubsubMessageView view() const {
    PubsubMessageView out;
    out.from = author.bytes();
    out.data = ByteView(data);
    out.seqno = ByteView(seqno);
    out.topic = topic;
    out.signature = ByteView(signature);
    return out;
  }
  [[nodiscard]] Bytes rpc() const { return body_of(make_publish_frame(view()).frame); }
};

class TestNode {
 public:
  struct Sent {
    GossipPeer to;
    SharedBytes frame;
    FrameKind kind;
  };
  struct Received {
    MessageId id;
    PeerId from;
    Bytes data;
  };

  explicit TestNode(std::uint8_t number, std::function<void(GossipsubConfig&)> configure = {})
      : random(number + 1000U), number_(number) {
    GossipsubConfig config;
    config.self = test_peer(number);
    config.topics = {{std::string(kBlocks), 382, true}, {std::string(kLists), 2097188, true}};
    config.first_seqno = 1;
    if (configure) configure(config);
    GossipsubHooks hooks;
    hooks.precheck = [this](const PeerId&, std::string_view, ByteView data) {
      ++prechecks;
      return precheck ? precheck(data) : Verdict::accept;
    };
    hooks.validate = [this](const GossipMessage& message) {
      received.push_back({message.id, message.from, to_bytes(message.data)});
      if (verdict) router->report(message.id, *verdict, now);
    };
    hooks.send = [this](GossipPeer to, const SharedBytes& frame, FrameKind kind) {
      if (refuse_sends) return false;
      sent.push_back({to, frame, kind});
      return true;
    };
    hooks.forward_soon = [this] {
      ++forwards_asked;
      if (!hold_forwards) router->forward_accepted(now);
    };
    hooks.verify = [this](ByteView key, ByteView message, ByteView signature) {
      ++verifications;
      return equal(test_signature(key, message), signature);
    };
    hooks.sign = [number](ByteView message) { return test_signature(test_key(number), message); };
    router = std::make_unique<Gossipsub>(std::move(config), std::move(hooks), random);
  }

  [[nodiscard]] PeerId id() const { return test_peer(number_); }
  [[nodiscard]] const Gossipsub::Counters& counters() const { return router->counters(); }
  GossipPeer add(std::uint8_t peer, PeerKind kind = PeerKind::gossipsub_1_2,
                 Direction direction = Direction::outbound) {
    const auto handle = router->add_peer(test_peer(peer), direction, kind, now);
    EXPECT_TRUE(handle);
    router->announce(*handle);
    return *handle;
  }
  RpcOutcome receive(GossipPeer from, ByteView rpc) { return router->handle_rpc(from, rpc, now); }
  RpcOutcome receive(GossipPeer from, const SharedBytes& frame) {
    return receive(from, body_of(ByteView(*frame)));
  }
  /// A peer that is subscribed to both topics.
  GossipPeer add_subscribed(std::uint8_t peer, PeerKind kind = PeerKind::gossipsub_1_2,
                            Direction direction = Direction::outbound) {
    const GossipPeer handle = add(peer, kind, direction);
    for (const std::string_view topic : {kBlocks, kLists}) receive(handle, encode_subscription(topic, true));
    return handle;
  }
  void tick(Duration step = 500ms) {
    now += step;
    router->heartbeat(now);
  }
  /// Frames sent to `peer` since the last clear that are equal to `frame`.
  [[nodiscard]] std::size_t count_sent(GossipPeer peer, const SharedBytes& frame) const {
    std::size_t count = 0;
    for (const Sent& each : sent) count += each.to == peer && *each.frame == *frame ? 1 : 0;
    return count;
  }
  [[nodiscard]] std::size_t count_sent(const SharedBytes& frame) const {
    std::size_t count = 0;
    for (const Sent& each : sent) count += *each.frame == *frame ? 1 : 0;
    return count;
  }

  SeededRandom random;
  Instant now{1000s};
  std::optional<Verdict> verdict = Verdict::accept;  ///< reported at once; none: the test reports
  std::function<Verdict(ByteView)> precheck;
  bool refuse_sends = false;
  bool hold_forwards = false;  ///< until the test calls forward_accepted
  std::size_t forwards_asked = 0;
  std::deque<Sent> sent;
  std::vector<Received> received;
  std::size_t prechecks = 0;
  std::size_t verifications = 0;
  std::unique_ptr<Gossipsub> router;

 private:
  std::uint8_t number_;
};

/// Nodes that deliver what they send to each other, in order, at once.
class TestNetwork {
 public:
  explicit TestNetwork(std::size_t count, std::function<void(GossipsubConfig&)> configure = {}) {
    for (std::size_t i = 0; i < count; ++i) {
      nodes.push_back(std::make_unique<TestNode>(static_cast<std::uint8_t>(i + 1), configure));
    }
    handles_.resize(count, std::vector<std::optional<GossipPeer>>(count));
  }
  TestNode& operator[](std::size_t i) { return *nodes[i]; }

  void connect(std::size_t dialer, std::size_t listener, PeerKind kind = PeerKind::gossipsub_1_2) {
    join(dialer, listener, Direction::outbound, kind);
    join(listener, dialer, Direction::inbound, kind);
    deliver();
  }
  void connect_all(PeerKind kind = PeerKind::gossipsub_1_2) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      for (std::size_t j = i + 1; j < nodes.size(); ++j) connect(i, j, kind);
    }
  }
  void deliver() {
    bool busy = true;
    while (busy) {
      busy = false;
      for (std::size_t i = 0; i < nodes.size(); ++i) {
        while (!nodes[i]->sent.empty()) {
          busy = true;
          const TestNode::Sent next = nodes[i]->sent.front();
          nodes[i]->sent.pop_front();
          const std::size_t to = target(i, next.to);
          ++frames;
          if (drop && drop(i, to, *next.frame)) continue;
          EXPECT_EQ(nodes[to]->receive(*handles_[to][i], next.frame), RpcOutcome::done);
        }
      }
    }
  }
  void tick(Duration step = 500ms) {
    for (auto& node : nodes) node->tick(step);
    deliver();
  }
  [[nodiscard]] GossipPeer handle(std::size_t at, std::size_t of) const { return *handles_[at][of]; }
  [[nodiscard]] std::size_t holders() const {
    std::size_t count = 0;
    for (const auto& node : nodes) count += node->received.empty() ? 0 : 1;
    return count;
  }

  std::vector<std::unique_ptr<TestNode>> nodes;
  std::size_t frames = 0;
  std::function<bool(std::size_t from, std::size_t to, ByteView frame)> drop;

 private:
  void join(std::size_t at, std::size_t other, Direction direction, PeerKind kind) {
    handles_[at][other] = nodes[at]->router->add_peer(nodes[other]->id(), direction, kind, nodes[at]->now);
    ASSERT_TRUE(handles_[at][other]);
    nodes[at]->router->announce(*handles_[at][other]);
  }
  [[nodiscard]] std::size_t target(std::size_t at, GossipPeer peer) const {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (handles_[at][i] == peer) return i;
    }
    ADD_FAILURE() << "a frame for nobody";
    return at;
  }
  std::vector<std::vector<std::optional<GossipPeer>>> handles_;
};

}  // namespace libpreconf::libp2p::test
