// What the node refuses, counts and survives: unsigned messages of foreign peers, and a client of ours that
// completes noise and then forges, babbles and shouts.

#include <gtest/gtest.h>

#include "codec/varint.h"
#include "interop/foreign_peer.h"
#include "interop/hostile_peer.h"
#include "interop/interop_kinds.h"
#include "interop/promised_chain.h"
#include "process/preconfd_process.h"

namespace libpreconf::test {
namespace {

using Signing = HostilePeer::Signing;

PreconfdProcess::Options node_for(const PromisedChain& chain) {
  PreconfdProcess::Options options;
  options.expected_signer = chain.signer();
  return options;
}

class Unsigned : public testing::TestWithParam<PeerKind> {};

TEST_P(Unsigned, GivenAnAnonymousPeer_WhenItPublishes_ThenItIsRefusedAndTheHonestMessageStillCounts) {
  PromisedChain chain;
  PreconfdProcess node(node_for(chain));
  const PromisedBlock block = chain.next();
  ForeignPeer anonymous({GetParam(),
                         "anonymous",
                         "ed25519",
                         0,
                         {"--policy", "StrictNoSign", "--head", "0", "--dial", node.multiaddr()}});
  anonymous.wait_for_mesh(node.peer_id());
  anonymous.publish("txlists", block.list_ssz);
  anonymous.publish("commitments", block.commitment_ssz);
  node.wait_for_metric("p2p_gossip_refused_total", {{"reason", "unsigned"}}, 1);
  EXPECT_EQ(node.tip(), 0U);

  ForeignPeer honest({GetParam(), "honest", "ed25519", 0, {"--head", "0", "--dial", node.multiaddr()}});
  honest.wait_for_mesh(node.peer_id());
  honest.publish("txlists", block.list_ssz);
  honest.publish("commitments", block.commitment_ssz);
  node.wait_for_tip(1);
}

INSTANTIATE_TEST_SUITE_P(Interop, Unsigned, every_kind(), kind_name);

class Hostile : public testing::Test {
 protected:
  Hostile() : node_(node_for(chain_)) { hostile_.connect(node_.multiaddr()); }

  /// Another client of ours that plays by the rules.
  void expect_honest_block(const PromisedBlock& block) {
    HostilePeer honest;
    honest.connect(node_.multiaddr());
    EXPECT_TRUE(honest.send(honest.publish_frame(kTxListsTopic, block.list_ssz, Signing::honest)));
    EXPECT_TRUE(honest.send(honest.publish_frame(kCommitmentsTopic, block.commitment_ssz, Signing::honest)));
    const std::uint64_t height = block.commitment.preconf().block_number.to_u64().value();
    honest.wait_until("the honest block is executed", [&] { return node_.tip() >= height; });
  }

  void expect_counted(std::string_view metric, const std::map<std::string, std::string>& labels) {
    hostile_.wait_until(metric, [&] { return node_.metric(metric, labels) >= 1; });
  }

  PromisedChain chain_;
  PreconfdProcess node_;
  HostilePeer hostile_;
};

TEST_F(Hostile, GivenAMisSignedCopyThatComesFirst_WhenTheHonestMessageFollows_ThenItIsNotKeptOut) {
  const PromisedBlock block = chain_.next();
  EXPECT_TRUE(hostile_.send(hostile_.publish_frame(kTxListsTopic, block.list_ssz, Signing::forged)));
  EXPECT_TRUE(
      hostile_.send(hostile_.publish_frame(kCommitmentsTopic, block.commitment_ssz, Signing::forged)));
  expect_counted("p2p_gossip_refused_total", {{"reason", "bad_signature"}});
  EXPECT_EQ(node_.tip(), 0U);
  expect_honest_block(block);
}

TEST_F(Hostile, GivenUnsignedMessages_WhenSent_ThenTheyAreRefusedAndCounted) {
  const PromisedBlock block = chain_.next();
  EXPECT_TRUE(hostile_.send(hostile_.publish_frame(kCommitmentsTopic, block.commitment_ssz, Signing::none)));
  expect_counted("p2p_gossip_refused_total", {{"reason", "unsigned"}});
  expect_honest_block(block);
}

TEST_F(Hostile, GivenGarbageInASignedMessage_WhenSent_ThenItIsRejectedAndCounted) {
  const PromisedBlock block = chain_.next();
  EXPECT_TRUE(hostile_.send(hostile_.publish_frame(kCommitmentsTopic, Bytes(382, 0xff), Signing::honest)));
  expect_counted("p2p_gossip_invalid", {{"kind", "commitment"}, {"reason", "undecodable"}});
  Bytes changed = block.list_ssz;
  changed.back() ^= 1;
  EXPECT_TRUE(hostile_.send(hostile_.publish_frame(kTxListsTopic, changed, Signing::honest)));
  expect_counted("p2p_gossip_invalid", {{"kind", "raw_txlists"}, {"reason", "hash_mismatch"}});
  expect_honest_block(block);
}

TEST_F(Hostile, GivenACommitmentOfAStranger_WhenSent_ThenItIsIgnoredAndCounted) {
  const PromisedBlock block = chain_.next();
  EXPECT_TRUE(hostile_.send(
      hostile_.publish_frame(kCommitmentsTopic, chain_.signed_by_stranger(block), Signing::honest)));
  expect_counted("p2p_gossip_invalid", {{"kind", "commitment"}, {"reason", "wrong_signer"}});
  EXPECT_EQ(node_.tip(), 0U);
  expect_honest_block(block);
}

TEST_F(Hostile, GivenAListOfTwoMebibytesAndOne_WhenSent_ThenItIsRefusedAndCounted) {
  const PromisedBlock block = chain_.next();
  (void)hostile_.send(
      hostile_.publish_frame(kTxListsTopic, opaque_list_ssz((2 << 20) + 1, 0x11), Signing::honest));
  expect_counted("p2p_gossip_refused_total", {{"reason", "too_large"}});
  expect_honest_block(block);
}

TEST_F(Hostile, GivenAListOfExactlyTwoMebibytes_WhenSent_ThenItIsAccepted) {
  EXPECT_TRUE(
      hostile_.send(hostile_.publish_frame(kTxListsTopic, opaque_list_ssz(2 << 20, 0x22), Signing::honest)));
  expect_counted("p2p_gossip_valid", {{"kind", "raw_txlists"}});
}

TEST_F(Hostile, GivenAFrameOfTenMebibytesAndOne_WhenSent_ThenTheStreamIsCutOffAndCounted) {
  const PromisedBlock block = chain_.next();
  constexpr std::size_t kSize = (10 << 20) + 1;
  Bytes frame(codec::varint_size(kSize) + kSize, 0x0a);
  codec::write_varint(kSize, frame);
  (void)hostile_.send(frame);
  EXPECT_TRUE(hostile_.wait_until_cut_off());
  expect_counted("p2p_gossip_refused_total", {{"reason", "frame_too_large"}});
  expect_honest_block(block);
}

TEST_F(Hostile, GivenAnRpcThatDoesNotDecode_WhenSent_ThenTheStreamIsCutOffAndCounted) {
  const PromisedBlock block = chain_.next();
  (void)hostile_.send(Bytes{5, 0xff, 0xff, 0xff, 0xff, 0xff});
  EXPECT_TRUE(hostile_.wait_until_cut_off());
  expect_counted("p2p_gossip_refused_total", {{"reason", "undecodable_frame"}});
  expect_honest_block(block);
}

TEST_F(Hostile, GivenRequestsThatDoNotDecode_WhenSent_ThenTheyEndWithoutAnAnswerAndAreCounted) {
  for (const char* name : {"get_head", "get_commitments_by_number", "get_raw_txlist"}) {
    const std::string protocol = "/taiko/167001/preconf/1/" + std::string(name);
    EXPECT_TRUE(hostile_.exchange(protocol, Bytes{3, 1, 2, 3}).empty()) << protocol;
    EXPECT_TRUE(hostile_.exchange(protocol, Bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}).empty()) << protocol;
    EXPECT_TRUE(hostile_.exchange(protocol, Bytes{0x24, 1}).empty()) << protocol;
  }
  for (const char* kind : {"head", "commitments", "raw_txlists"}) {
    expect_counted("p2p_reqresp_error", {{"kind", kind}, {"reason", "inbound_undecodable"}});
  }
  EXPECT_EQ(node_.metric("p2p_reqresp_refused_total", {{"reason", "malformed_frame"}}), 6);
  expect_honest_block(chain_.next());
}

}  // namespace
}  // namespace libpreconf::test
