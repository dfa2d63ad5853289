#include "libp2p/gossipsub_rpc.h"

#include <gtest/gtest.h>

#include "gossipsub_network.h"
#include "libp2p/limits.h"
#include "support/vectors.h"

namespace libpreconf::libp2p {
namespace {

using libpreconf::test::bytes_of;
using libpreconf::test::load_vectors;
using libpreconf::test::member;
using libpreconf::test::text_of;
using libpreconf::test::unhex;
using test::body_of;
using test::kBlocks;
using test::kLists;

const MessageId kSampleId = take_fixed<20>(unhex("2be4f511b5504cbe5c8af952f9321d7681cafd31"));
const MessageId kListId = take_fixed<20>(unhex("864c6868697c64dd59f2422a782046dd174ddf6b"));

Bytes vector_frame(std::string_view name) {
  const auto document = load_vectors("p2p-messages.json");
  json_t* rpcs = member(member(document.get(), "gossipsub"), "rpcs");
  for (std::size_t i = 0; i < json_array_size(rpcs); ++i) {
    json_t* each = json_array_get(rpcs, i);
    if (text_of(each, "name") == name) return bytes_of(each, "frame");
  }
  ADD_FAILURE() << "no vector " << name;
  return {};
}

TEST(GossipsubRpc, GivenTheVectors_WhenEncoded_ThenTheFramesAreEqual) {
  EXPECT_EQ(*encode_subscription(kBlocks, true), vector_frame("subscribe_commitments"));
  EXPECT_EQ(*encode_subscription(kLists, true), vector_frame("subscribe_txlists"));
  EXPECT_EQ(*encode_subscription(kBlocks, false), vector_frame("unsubscribe_commitments"));
  EXPECT_EQ(*encode_graft(kBlocks), vector_frame("graft_commitments"));
  EXPECT_EQ(*encode_prune(kBlocks, 60), vector_frame("prune_commitments_backoff_60"));
  EXPECT_EQ(*encode_ihave(kBlocks, {{kSampleId}}), vector_frame("ihave_commitments"));
  EXPECT_EQ(*encode_iwant({{kSampleId}}), vector_frame("iwant"));
  EXPECT_EQ(*encode_idontwant({{kListId}}), vector_frame("idontwant"));
}

TEST(GossipsubRpc, GivenAPeerThatSpeaks10_WhenPruned_ThenNoBackoffIsWritten) {
  const Bytes rpc = body_of(encode_prune(kBlocks, std::nullopt));
  RpcSummary summary;
  ASSERT_EQ(scan_rpc(rpc, summary), RpcFault::none);
  for_each_control(rpc, [](ControlKind kind, ByteView entry) {
    EXPECT_EQ(kind, ControlKind::prune);
    EXPECT_EQ(read_prune(entry).topic, kBlocks);
    EXPECT_FALSE(read_prune(entry).backoff_seconds);
  });
}

TEST(GossipsubRpc, GivenTheVectors_WhenRead_ThenTheFieldsAreThere) {
  const Bytes subscribe = to_bytes(body_of(ByteView(vector_frame("subscribe_txlists"))));
  RpcSummary summary;
  EXPECT_EQ(scan_rpc(subscribe, summary), RpcFault::none);
  EXPECT_TRUE(summary.subscriptions);
  EXPECT_FALSE(summary.control);
  for_each_field(subscribe, kRpcSubscriptions, [](ByteView entry) {
    EXPECT_TRUE(read_subscription(entry).subscribe);
    EXPECT_EQ(read_subscription(entry).topic, kLists);
  });
  const Bytes ihave = to_bytes(body_of(ByteView(vector_frame("ihave_commitments"))));
  std::vector<MessageId> ids;
  for_each_control(ihave, [&](ControlKind kind, ByteView entry) {
    EXPECT_EQ(kind, ControlKind::ihave);
    EXPECT_EQ(read_control_topic(entry), kBlocks);
    for_each_id(kind, entry, [&](const MessageId& id) {
      ids.push_back(id);
      return true;
    });
  });
  EXPECT_EQ(ids, std::vector<MessageId>{kSampleId});
}

TEST(GossipsubRpc, GivenASubscriptionWithoutTheFlag_WhenRead_ThenItUnsubscribes) {
  Bytes entry;
  codec::ProtobufWriter(entry).text(2, kBlocks);
  EXPECT_FALSE(read_subscription(entry).subscribe);
}

TEST(GossipsubRpc, GivenUnknownFieldsAndAnEmptyRpc_WhenScanned_ThenTheyAreHarmless) {
  RpcSummary summary;
  EXPECT_EQ(scan_rpc({}, summary), RpcFault::none);
  Bytes rpc;
  codec::ProtobufWriter writer(rpc);
  writer.varint(9, 1);
  writer.text(10, "what later versions say");
  EXPECT_EQ(scan_rpc(rpc, summary), RpcFault::none);
  EXPECT_FALSE(summary.subscriptions || summary.messages || summary.control);
}

TEST(GossipsubRpc, GivenAFaultAtAnyDepth_WhenScanned_ThenTheRpcIsMalformed) {
  // A length that runs over the end: of the RPC, a subscription, a message, a control entry, a PX record.
  for (const std::string_view text :
       {"0a05", "0a021205", "12020a05", "1a02 2205", "1a04 22021205", "1a06 220412021205"}) {
    std::string packed(text);
    std::erase(packed, ' ');
    RpcSummary summary;
    EXPECT_EQ(scan_rpc(unhex(packed), summary), RpcFault::malformed) << text;
  }
}

TEST(GossipsubRpc, attack_C3_GivenMoreSubscriptionsThanTheBound_WhenScanned_ThenTheRpcIsRefused) {
  Bytes rpc;
  codec::ProtobufWriter writer(rpc);
  for (std::size_t i = 0; i < limits::kMaxSubscriptionsPerRpc; ++i) writer.bytes(kRpcSubscriptions, {});
  RpcSummary summary;
  EXPECT_EQ(scan_rpc(rpc, summary), RpcFault::none);
  writer.bytes(kRpcSubscriptions, {});
  EXPECT_EQ(scan_rpc(rpc, summary), RpcFault::too_many_subscriptions);
}

TEST(GossipsubRpc, attack_C4_GivenMoreControlThanTheBudget_WhenScanned_ThenTheRpcIsRefused) {
  const std::vector<MessageId> most(5000, kSampleId);
  RpcSummary summary;
  EXPECT_EQ(scan_rpc(body_of(encode_ihave(kBlocks, most)), summary), RpcFault::none);
  const std::vector<MessageId> over(6000, kSampleId);
  EXPECT_EQ(scan_rpc(body_of(encode_ihave(kBlocks, over)), summary), RpcFault::too_much_control);
}

}  // namespace
}  // namespace libpreconf::libp2p
