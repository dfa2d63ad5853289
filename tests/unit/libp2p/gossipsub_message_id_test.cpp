#include <gtest/gtest.h>

#include "libp2p/gossipsub.h"
#include "support/vectors.h"

namespace libpreconf::libp2p {
namespace {

using libpreconf::test::bytes_of;
using libpreconf::test::load_vectors;
using libpreconf::test::member;
using libpreconf::test::text_of;

TEST(GossipMessageId, GivenTheNetworksMessages_WhenNamed_ThenTheIdsAreThoseOfTheVectors) {
  const auto document = load_vectors("p2p-messages.json");
  json_t* cases = member(document.get(), "message_id");
  ASSERT_EQ(json_array_size(cases), 8U);
  for (std::size_t i = 0; i < json_array_size(cases); ++i) {
    json_t* each = json_array_get(cases, i);
    EXPECT_EQ(to_bytes(op_stack_message_id(bytes_of(each, "data"))), bytes_of(each, "id"))
        << text_of(each, "name");
  }
}

TEST(GossipMessageId, GivenValidAndBrokenSnappyBlocks_WhenNamed_ThenEveryImplementationAgrees) {
  const auto document = load_vectors("message-ids.json");
  json_t* cases = member(document.get(), "cases");
  ASSERT_GT(json_array_size(cases), 100U);
  for (std::size_t i = 0; i < json_array_size(cases); ++i) {
    json_t* each = json_array_get(cases, i);
    EXPECT_EQ(to_bytes(op_stack_message_id(bytes_of(each, "data"))), bytes_of(each, "id"))
        << "case " << i << ": " << text_of(each, "data");
  }
}

TEST(GossipMessageId, attack_C13_GivenABlockThatDeclaresFourGigabytes_WhenNamed_ThenItCountsAsNoSnappy) {
  const Bytes bomb = {0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x61};
  const Bytes small = {0x01, 0x00, 0x61};  // the same content, honestly declared
  EXPECT_NE(op_stack_message_id(bomb), op_stack_message_id(small));
}

}  // namespace
}  // namespace libpreconf::libp2p
