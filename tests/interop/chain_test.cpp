// From each kind of foreign peer: whole chains in any order of arrival, and what the node then serves.

#include <gtest/gtest.h>

#include <random>

#include "interop/foreign_peer.h"
#include "interop/interop_kinds.h"
#include "interop/promised_chain.h"
#include "process/preconfd_process.h"

namespace libpreconf::test {
namespace {

struct Message {
  std::string topic;
  Bytes data;
};

/// Both messages of every block, in an order that is the same in every run.
std::vector<Message> shuffled(const std::vector<PromisedBlock>& blocks) {
  std::vector<Message> out;
  for (const PromisedBlock& block : blocks) {
    out.push_back({"commitments", block.commitment_ssz});
    out.push_back({"txlists", block.list_ssz});
  }
  std::minstd_rand random(20);
  for (std::size_t i = out.size(); i > 1; --i) std::swap(out[i - 1], out[random() % i]);
  return out;
}

PreconfdProcess::Options node_for(const PromisedChain& chain) {
  PreconfdProcess::Options options;
  options.expected_signer = chain.signer();
  return options;
}

class Chain : public testing::TestWithParam<PeerKind> {
 protected:
  Chain() : node_(node_for(chain_)) {}

  ForeignPeer connected_peer(const std::string& seed) {
    return ForeignPeer({GetParam(), seed, "secp256k1", 0, {"--head", "0", "--dial", node_.multiaddr()}});
  }

  PromisedChain chain_;
  PreconfdProcess node_;
};

TEST_P(Chain, GivenCommitmentsAndListsInTheWrongOrder_WhenGossiped_ThenTheyBecomeBlocks1And2) {
  const PromisedBlock first = chain_.next();
  const PromisedBlock second = chain_.next();
  ForeignPeer peer = connected_peer("first light");
  peer.wait_for_mesh(node_.peer_id());
  peer.publish("commitments", second.commitment_ssz);
  peer.publish("txlists", second.list_ssz);
  peer.publish("txlists", first.list_ssz);
  EXPECT_EQ(node_.tip(), 0U);
  peer.publish("commitments", first.commitment_ssz);
  node_.wait_for_tip(2);
}

TEST_P(Chain, Given20LinkedBlocks_WhenGossipedInShuffledOrder_ThenTheyAreExecutedAndServedByteForByte) {
  const std::vector<PromisedBlock> blocks = chain_.next_blocks(20);
  ForeignPeer publisher = connected_peer("publisher");
  publisher.wait_for_mesh(node_.peer_id());
  for (const Message& message : shuffled(blocks)) publisher.publish(message.topic, message.data);
  node_.wait_for_tip(20);

  const std::string node = node_.peer_id();
  const p2p::Preconfirmation& last = blocks.back().commitment.preconf();
  EXPECT_EQ(p2p::decode_preconf_head(publisher.request_head(node)).value(),
            (p2p::PreconfHead{last.block_number, last.submission_window_end}));
  Bytes page{4, 0, 0, 0};
  for (const PromisedBlock& block : blocks) {
    page.insert(page.end(), block.commitment_ssz.begin(), block.commitment_ssz.end());
  }
  EXPECT_EQ(publisher.request_commitments(node, 1, 256), page);
  EXPECT_EQ(publisher.request_commitments(node, 20, 1).size(), 4U + p2p::kSignedCommitmentSize);

  // A peer may ask eight times in ten seconds; three readers share the twenty lists.
  std::vector<std::unique_ptr<ForeignPeer>> readers;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (i % 7 == 0) {
      readers.push_back(std::make_unique<ForeignPeer>(ForeignPeer::Options{
          GetParam(), "reader " + std::to_string(i), "ed25519", 0, {"--dial", node_.multiaddr()}}));
    }
    EXPECT_EQ(readers.back()->request_tx_list(node, blocks[i].list.hash), blocks[i].list_ssz) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Interop, Chain, every_kind(), kind_name);

}  // namespace
}  // namespace libpreconf::test
