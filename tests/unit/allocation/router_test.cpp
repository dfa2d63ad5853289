// What the gossip router may allocate: nothing for a duplicate, the one shared frame for a first copy.
#include <gtest/gtest.h>

#include "support/allocation_counter.h"
#include "unit/libp2p/gossipsub_network.h"

namespace libpreconf::libp2p::test {
namespace {

using libpreconf::test::allocation_count;

class GossipsubAllocations : public testing::Test {
 protected:
  GossipsubAllocations() {
    GossipsubConfig config;
    config.self = test_peer(1);
    config.topics = {{std::string(kBlocks), 382, true}, {std::string(kLists), 2097188, true}};
    GossipsubHooks hooks;
    hooks.precheck = [](const PeerId&, std::string_view, ByteView) { return Verdict::accept; };
    hooks.validate = [this](const GossipMessage& message) {
      router->report(message.id, Verdict::accept, now);
    };
    hooks.send = [this](GossipPeer, const SharedBytes&, FrameKind) {
      ++sends;
      return true;
    };
    hooks.verify = [](ByteView, ByteView, ByteView) { return true; };
    router = std::make_unique<Gossipsub>(std::move(config), std::move(hooks), random);
    for (std::uint8_t i = 10; i < 18; ++i) {
      peers.push_back(*router->add_peer(test_peer(i), Direction::outbound, PeerKind::gossipsub_1_2, now));
      EXPECT_EQ(router->handle_rpc(peers.back(), body_of(encode_graft(kBlocks)), now), RpcOutcome::done);
    }
    // Rings grow by doubling; past the first steps they hold still for a while.
    for (int i = 0; i < 1100; ++i) receive(peers[0], payload("warm " + std::to_string(i), 382));
  }
  std::size_t receive(GossipPeer from, const Bytes& data) {
    const Bytes rpc = TestMessage(20, kBlocks, data).rpc();
    const std::size_t before = allocation_count();
    EXPECT_EQ(router->handle_rpc(from, rpc, now), RpcOutcome::done);
    return allocation_count() - before;
  }

  SeededRandom random{1};
  Instant now{1000s};
  std::size_t sends = 0;
  std::unique_ptr<Gossipsub> router;
  std::vector<GossipPeer> peers;
};

TEST_F(GossipsubAllocations, GivenADuplicate_WhenItArrives_ThenNothingIsAllocated) {
  const Bytes data = payload("once", 382);
  receive(peers[0], data);
  for (const GossipPeer& peer : peers) EXPECT_EQ(receive(peer, data), 0U);
  EXPECT_EQ(router->counters().messages_duplicate, peers.size());
}

TEST_F(GossipsubAllocations, GivenAFirstCopy_WhenForwardedToSevenPeers_ThenOnlyTheSharedFrameIsAllocated) {
  const std::size_t sent_before = sends;
  // The frame's bytes, and the object that shares them.
  EXPECT_LE(receive(peers[0], payload("first", 382)), 2U);
  EXPECT_EQ(sends - sent_before, 7U);
}

TEST_F(GossipsubAllocations, GivenAnIhaveOfSeenIds_WhenItArrives_ThenNothingIsAllocated) {
  const Bytes data = payload("known", 382);
  receive(peers[0], data);
  const Bytes rpc = body_of(encode_ihave(kBlocks, std::vector<MessageId>(1000, op_stack_message_id(data))));
  const std::size_t before = allocation_count();
  EXPECT_EQ(router->handle_rpc(peers[1], rpc, now), RpcOutcome::done);
  EXPECT_EQ(allocation_count(), before);
}

}  // namespace
}  // namespace libpreconf::libp2p::test
