// Gossipsub over streams: opening, replacing, framing, send queues, turns.
#include "libp2p/gossipsub_protocol.h"

#include <gtest/gtest.h>

#include "gossipsub_network.h"
#include "gossipsub_wire.h"

namespace libpreconf::libp2p::test {
namespace {

/// A remote whose streams the test plays by hand.
struct HandPeer final : Protocol, StreamReceiver {
  std::vector<std::string> protocol_ids() const override { return ids; }
  StreamReceiver* on_inbound_stream(Stream& opened) override {
    ++opened_to_us;
    stream = &opened;
    return this;
  }
  void on_data(Stream&, ByteView bytes) override { data.insert(data.end(), bytes.begin(), bytes.end()); }
  void on_remote_closed(Stream&) override {}
  void on_reset(Stream&) override { ++resets; }
  /// The bodies of the frames received so far.
  [[nodiscard]] std::vector<Bytes> frames() const {
    std::vector<Bytes> out;
    FrameAssembler assembler(limits::kMaxRpcSize);
    assembler.feed(data);
    ByteView body;
    while (assembler.next(body) == FrameStatus::frame) out.push_back(to_bytes(body));
    return out;
  }
  [[nodiscard]] std::size_t count(const SharedBytes& frame) const {
    const Bytes body = body_of(frame);
    const auto all = frames();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), body));
  }
  std::vector<std::string> ids{"/meshsub/1.2.0"};
  Bytes data;
  Stream* stream = nullptr;
  int opened_to_us = 0;
  int resets = 0;
};

class GossipsubProtocolTest : public testing::Test {
 protected:
  GossipsubProtocolTest() {
    GossipsubConfig config;
    config.self = test_peer(1);
    config.topics = {{std::string(kBlocks), 382, true}, {std::string(kLists), 2097188, true}};
    GossipsubHooks hooks;
    hooks.validate = [this](const GossipMessage& message) {
      received.push_back(to_bytes(message.data));
      protocol->report(message.id, Verdict::accept);
    };
    hooks.verify = [](ByteView key, ByteView message, ByteView signature) {
      return equal(test_signature(key, message), signature);
    };
    hooks.sign = [](ByteView message) { return test_signature(test_key(1), message); };
    protocol =
        std::make_unique<GossipsubProtocol>(reactor, random, std::move(config), std::move(hooks),
                                            [this](ConnectionId id, std::vector<std::string> ids,
                                                   std::move_only_function<void(Result<Stream*>)> done) {
                                              return wires[id - 1]->open(0, std::move(ids), std::move(done));
                                            });
  }
  Wire& connect(HandPeer& hand, std::uint8_t number) {
    wires.push_back(nullptr);
    wires.back() =
        std::make_unique<Wire>(reactor, wires.size(), *protocol, test_peer(1), hand, test_peer(number));
    wires.back()->up();
    network.run_for(50ms);
    return *wires.back();
  }
  /// A stream that the remote opens; it has subscribed to both topics.
  WireStream* open_from(Wire& wire, HandPeer& hand, bool subscribed = true) {
    WireStream* out = nullptr;
    const Handle handle = wire.open(1, hand.ids, [&](Result<Stream*> opened) {
      out = static_cast<WireStream*>(*opened);
      out->set_receiver(&hand);
    });
    network.run_for(50ms);
    if (out != nullptr && subscribed && !out->dead) {
      out->write(encode_subscription(kBlocks, true));
      out->write(encode_subscription(kLists, true));
      network.run_for(50ms);
    }
    return out;
  }
  [[nodiscard]] const GossipsubProtocol::Counters& counters() const { return protocol->counters(); }

  SimulatedNetwork network{1};
  Reactor& reactor = network.host("10.0.0.1");
  SeededRandom random{1};
  std::vector<std::unique_ptr<Wire>> wires;
  std::unique_ptr<GossipsubProtocol> protocol;
  std::vector<Bytes> received;
  HandPeer alice, bob;
};

TEST_F(GossipsubProtocolTest, GivenAConnection_WhenItIsUp_ThenOneStreamIsOpenedAndBeginsWithSubscriptions) {
  connect(alice, 10);
  EXPECT_EQ(alice.opened_to_us, 1);
  EXPECT_EQ(alice.count(encode_subscription(kBlocks, true)), 1U);
  EXPECT_EQ(alice.count(encode_subscription(kLists, true)), 1U);
  network.run_for(5s);
  EXPECT_EQ(alice.opened_to_us, 1);
  EXPECT_EQ(protocol->router().peer_count(), 1U);
}

TEST_F(GossipsubProtocolTest,
       GivenARemoteThatOpensFirst_WhenOurStreamOpens_ThenSubscriptionsComeBeforeTheGraft) {
  wires.push_back(nullptr);
  wires.back() = std::make_unique<Wire>(reactor, 1, *protocol, test_peer(1), alice, test_peer(10));
  wires.back()->up();
  WireStream* theirs = nullptr;
  const Handle handle = wires[0]->open(1, {"/meshsub/1.1.0", "/meshsub/1.2.0"}, [&](Result<Stream*> opened) {
    theirs = static_cast<WireStream*>(*opened);
    theirs->set_receiver(&alice);
    theirs->write(encode_subscription(kBlocks, true));
  });
  network.run_for(100ms);
  const auto frames = alice.frames();
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_EQ(frames[0], body_of(encode_subscription(kBlocks, true)));
  EXPECT_EQ(frames[1], body_of(encode_subscription(kLists, true)));
  EXPECT_EQ(frames[2], body_of(encode_graft(kBlocks)));
}

TEST_F(GossipsubProtocolTest, GivenTwoPeers_WhenOneSendsAMessage_ThenTheOtherGetsTheSameFrame) {
  Wire& wire_a = connect(alice, 10);
  Wire& wire_b = connect(bob, 11);
  WireStream* from_alice = open_from(wire_a, alice);
  open_from(wire_b, bob);
  const TestMessage message(20, kBlocks, payload("hello"));
  const SharedBytes frame = make_publish_frame(message.view()).frame;
  from_alice->write(frame);
  network.run_for(100ms);
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(bob.count(frame), 1U);
  EXPECT_EQ(alice.count(frame), 0U);
}

TEST_F(GossipsubProtocolTest, GivenAPeerWithoutGossipsub_WhenConnected_ThenItIsLeftAlone) {
  alice.ids = {"/ipfs/ping/1.0.0"};
  connect(alice, 10);
  network.run_for(5s);
  EXPECT_EQ(counters().streams_failed, 1U);
  EXPECT_EQ(protocol->router().peer_count(), 0U);
}

TEST_F(GossipsubProtocolTest, GivenBadFrames_WhenTheyArrive_ThenTheStreamIsResetAndTheConnectionStays) {
  Wire& wire = connect(alice, 10);
  // A frame of 10 MiB + 1, a prefix without end, a protobuf that does not decode.
  const Bytes bad[] = {{0x81, 0x80, 0x80, 0x05}, {0x80, 0x80, 0x80, 0x80, 0x80, 0x80}, {0x02, 0x0a, 0x05}};
  for (const Bytes& each : bad) {
    WireStream* stream = open_from(wire, alice);
    stream->write(each);
    network.run_for(50ms);
    EXPECT_TRUE(stream->dead);
  }
  EXPECT_EQ(counters().frames_too_large, 1U);
  EXPECT_EQ(counters().frames_malformed, 1U);
  EXPECT_EQ(protocol->router().counters().rpcs_undecodable, 1U);
  EXPECT_TRUE(wire.connected);
  EXPECT_EQ(protocol->router().peer_count(), 1U);
  // A fourth stream is heard, a fifth is not.
  EXPECT_FALSE(open_from(wire, alice)->dead);
  EXPECT_TRUE(open_from(wire, alice)->dead);
  EXPECT_EQ(counters().streams_refused, 1U);
}

TEST_F(GossipsubProtocolTest, GivenANewInboundStream_WhenItOpens_ThenItReplacesTheOldOne) {
  Wire& wire = connect(alice, 10);
  WireStream* first = open_from(wire, alice);
  WireStream* second = open_from(wire, alice);
  EXPECT_TRUE(first->dead);
  second->write(make_publish_frame(TestMessage(20, kBlocks, payload("x")).view()).frame);
  network.run_for(50ms);
  EXPECT_EQ(received.size(), 1U);
  EXPECT_EQ(counters().streams_replaced, 1U);
}

TEST_F(GossipsubProtocolTest, GivenAHalfClosedInboundStream_WhenItsFramesWereRead_ThenItEndsWithoutReset) {
  Wire& wire = connect(alice, 10);
  WireStream* stream = open_from(wire, alice);
  stream->write(make_publish_frame(TestMessage(20, kBlocks, payload("x")).view()).frame);
  stream->close_write();
  network.run_for(100ms);
  EXPECT_EQ(received.size(), 1U);
  EXPECT_TRUE(stream->dead);
  EXPECT_FALSE(stream->other->was_reset);
}

TEST_F(GossipsubProtocolTest,
       GivenOurStreamIsReset_WhenHeartbeatsPass_ThenItIsReopenedThreeTimesAndAnnouncedAgain) {
  Wire& wire = connect(alice, 10);
  open_from(wire, alice);
  for (int i = 0; i < 5; ++i) {
    if (!static_cast<WireStream*>(alice.stream)->dead) alice.stream->reset();
    alice.data.clear();
    network.run_for(1s);
    if (i == 0) {
      EXPECT_EQ(alice.count(encode_subscription(kBlocks, true)), 1U);
      EXPECT_EQ(alice.count(encode_graft(kBlocks)), 1U);
    }
  }
  EXPECT_EQ(alice.opened_to_us, 4);
}

TEST_F(GossipsubProtocolTest, GivenTwoConnectionsOfAPeer_WhenTheFirstEnds_ThenTheSecondCarriesOn) {
  Wire& first = connect(alice, 10);
  Wire& second = connect(alice, 10);
  EXPECT_EQ(alice.opened_to_us, 1);
  open_from(second, alice);  // heard on either
  first.disconnect();
  alice.data.clear();
  network.run_for(1s);
  EXPECT_EQ(alice.opened_to_us, 2);
  EXPECT_EQ(alice.count(encode_subscription(kBlocks, true)), 1U);
  EXPECT_EQ(protocol->router().peer_count(), 1U);
  EXPECT_TRUE(protocol->router().is_subscribed(test_peer(10), kBlocks));
  second.disconnect();
  EXPECT_EQ(protocol->router().peer_count(), 0U);
}

TEST_F(GossipsubProtocolTest,
       GivenAPeerThatDoesNotRead_WhenWePublish_ThenItsQueueIsBoundedAndOthersAreServed) {
  Wire& wire_a = connect(alice, 10);
  Wire& wire_b = connect(bob, 11);
  open_from(wire_a, alice);
  open_from(wire_b, bob);
  static_cast<WireStream*>(alice.stream)->other->stall(true);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(protocol->publish(kLists, payload(std::to_string(i), 1 << 20)));
    network.run_for(10ms);
  }
  EXPECT_LE(static_cast<WireStream*>(alice.stream)->other->queued(), (2U << 20) + limits::kStreamHighWater);
  EXPECT_GT(counters().queue.messages_dropped_full, 10U);
  network.run_for(100ms);
  EXPECT_GE(bob.frames().size(), 20U);
  // What still waits is dropped when it is too old, and the peer is served again when it reads.
  network.run_for(6s);
  EXPECT_GT(counters().queue.messages_dropped_late, 0U);
  static_cast<WireStream*>(alice.stream)->other->stall(false);
  ASSERT_TRUE(protocol->publish(kLists, payload("after")));
  network.run_for(1s);
  EXPECT_GE(alice.frames().size(), 4U);
}

TEST_F(GossipsubProtocolTest, GivenManyMessagesInOneRead_WhenHandled_ThenTheTurnIsCutAndNothingIsLost) {
  Wire& wire = connect(alice, 10);
  WireStream* stream = open_from(wire, alice);
  Bytes burst;
  for (int i = 0; i < 100; ++i) {
    const SharedBytes frame =
        make_publish_frame(TestMessage(20, kBlocks, payload(std::to_string(i))).view()).frame;
    burst.insert(burst.end(), frame->begin(), frame->end());
  }
  stream->write(burst);
  network.run_for(100ms);
  EXPECT_EQ(received.size(), 100U);
  EXPECT_GE(counters().turns_cut, 6U);
  EXPECT_GT(stream->other->reading_stopped, 0);
  stream->write(make_publish_frame(TestMessage(20, kBlocks, payload("more")).view()).frame);
  network.run_for(100ms);
  EXPECT_EQ(received.size(), 101U);
}

TEST_F(GossipsubProtocolTest, GivenOneRpcWithManyMessages_WhenTheTurnIsCutAndFinFollows_ThenItIsFinished) {
  Wire& wire = connect(alice, 10);
  WireStream* stream = open_from(wire, alice);
  Bytes rpc;
  for (int i = 0; i < 50; ++i) {
    const Bytes one = TestMessage(20, kBlocks, payload(std::to_string(i))).rpc();
    rpc.insert(rpc.end(), one.begin(), one.end());
  }
  Bytes frame;
  codec::append_varint(frame, rpc.size());
  frame.insert(frame.end(), rpc.begin(), rpc.end());
  stream->write(frame);
  stream->close_write();
  network.run_for(200ms);
  EXPECT_EQ(received.size(), 50U);
  EXPECT_TRUE(stream->dead);
}

TEST_F(GossipsubProtocolTest,
       attack_C10_GivenAFrameThatIsNeverFinished_WhenAMinutePasses_ThenItsStreamIsReset) {
  Wire& wire = connect(alice, 10);
  WireStream* stream = open_from(wire, alice);
  stream->write(Bytes{0x80, 0x80, 0x10, 0x12});
  network.run_for(59s);
  EXPECT_FALSE(stream->dead);
  network.run_for(2s);
  EXPECT_TRUE(stream->dead);
  EXPECT_EQ(counters().frames_late, 1U);
}

TEST_F(GossipsubProtocolTest,
       attack_C10_GivenLargeUnfinishedFramesOfManyPeers_WhenOverTheBudget_ThenStreamsAreReset) {
  std::vector<std::unique_ptr<HandPeer>> peers;
  std::vector<WireStream*> streams;
  Bytes start = {0x80, 0x80, 0x80, 0x05};
  start.resize(9 << 20);
  for (std::uint8_t i = 0; i < 10; ++i) {
    peers.push_back(std::make_unique<HandPeer>());
    streams.push_back(open_from(connect(*peers.back(), static_cast<std::uint8_t>(30 + i)), *peers.back()));
    streams.back()->write(start);
    network.run_for(50ms);
  }
  EXPECT_EQ(counters().frames_over_budget, 3U);
  EXPECT_FALSE(streams[0]->dead);
  EXPECT_TRUE(streams[9]->dead);
}

}  // namespace

TEST(GossipSendQueue, GivenAFullQueue_WhenMessagesCome_ThenTheOldestForwardedOneMakesRoom) {
  GossipSendQueue queue;
  GossipSendQueue::Counters counters;
  const Instant now{1s};
  const auto frame = [](std::size_t size, std::uint8_t tag) {
    return std::make_shared<const Bytes>(Bytes(size, tag));
  };
  ASSERT_TRUE(queue.push(frame(2 << 20, 1), FrameKind::publish, now, counters));
  ASSERT_TRUE(queue.push(frame(2 << 20, 2), FrameKind::forward, now, counters));
  ASSERT_TRUE(queue.push(frame(2 << 20, 3), FrameKind::forward, now, counters));
  EXPECT_EQ(counters.messages_dropped_full, 1U);
  EXPECT_LE(queue.bytes(), limits::kMaxQueuedMessageBytes);
  EXPECT_EQ(queue.pop(now, counters)->front(), 1);
  EXPECT_EQ(queue.pop(now, counters)->front(), 3);
  EXPECT_TRUE(queue.empty());
}

TEST(GossipSendQueue, GivenAQueueOfOurOwnMessages_WhenAForwardedOneComes_ThenItIsRefused) {
  GossipSendQueue queue;
  GossipSendQueue::Counters counters;
  const auto large = std::make_shared<const Bytes>(Bytes(2 << 20));
  const Instant now{1s};
  ASSERT_TRUE(queue.push(large, FrameKind::publish, now, counters));
  ASSERT_TRUE(queue.push(large, FrameKind::publish, now, counters));
  EXPECT_FALSE(queue.push(large, FrameKind::forward, now, counters));
  EXPECT_TRUE(queue.push(large, FrameKind::publish, now, counters));
  EXPECT_EQ(counters.messages_dropped_full, 2U);
}

TEST(GossipSendQueue, GivenControlBehindMessages_WhenPopped_ThenItGoesFirstAndAgeDropsMessages) {
  GossipSendQueue queue;
  GossipSendQueue::Counters counters;
  const auto forward = std::make_shared<const Bytes>(Bytes{1});
  const auto own = std::make_shared<const Bytes>(Bytes{2});
  const auto control = std::make_shared<const Bytes>(Bytes{3});
  const Instant now{1s};
  ASSERT_TRUE(queue.push(forward, FrameKind::forward, now, counters));
  ASSERT_TRUE(queue.push(own, FrameKind::publish, now, counters));
  ASSERT_TRUE(queue.push(control, FrameKind::control, now, counters));
  EXPECT_EQ(queue.pop(now + 2s, counters), control);
  EXPECT_EQ(queue.pop(now + 2s, counters), own);
  EXPECT_EQ(queue.pop(now + 2s, counters), nullptr);
  EXPECT_EQ(counters.messages_dropped_late, 1U);
}

TEST(GossipSendQueue, GivenTooManyGossipFrames_WhenAGraftComes_ThenThereIsStillRoomForIt) {
  GossipSendQueue queue;
  GossipSendQueue::Counters counters;
  const auto frame = std::make_shared<const Bytes>(Bytes{1});
  std::size_t taken = 0;
  while (queue.push(frame, FrameKind::gossip, Instant{}, counters)) ++taken;
  EXPECT_EQ(taken, limits::kMaxQueuedControlFrames / 2);
  EXPECT_TRUE(queue.push(frame, FrameKind::control, Instant{}, counters));
  EXPECT_EQ(counters.control_refused, 1U);
}

}  // namespace libpreconf::libp2p::test
