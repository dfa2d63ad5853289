#include "libpreconf/libp2p/peer_id.h"

#include <gtest/gtest.h>

#include "support/vectors.h"

namespace libpreconf::libp2p {
namespace {

using test::bytes_of;
using test::member;
using test::text_of;

class PeerIdVectors : public testing::Test {
 protected:
  test::JsonDocument document_ = test::load_vectors("p2p-messages.json");
  json_t* identities_ = member(document_.get(), "identity");
};

TEST_F(PeerIdVectors, GivenPublicKeys_WhenNamed_ThenEveryFormIsTheVectors) {
  ASSERT_EQ(json_array_size(identities_), 3U);
  for (std::size_t i = 0; i < json_array_size(identities_); ++i) {
    json_t* const identity = json_array_get(identities_, i);
    const PeerId id = PeerId::of_public_key(bytes_of(identity, "public_key_protobuf"));
    EXPECT_EQ(to_bytes(id.bytes()), bytes_of(identity, "peer_id_bytes"));
    EXPECT_EQ(id.to_string(), text_of(identity, "peer_id_base58"));
    EXPECT_EQ(to_bytes(id.inlined_public_key()), bytes_of(identity, "public_key_protobuf"));
    EXPECT_EQ(PeerId::parse(text_of(identity, "peer_id_base58")).value(), id);
    EXPECT_EQ(PeerId::parse(text_of(identity, "peer_id_cidv1")).value(), id);
    EXPECT_EQ(PeerId::from_bytes(bytes_of(identity, "peer_id_bytes")).value(), id);
  }
}

TEST(PeerId, GivenALongPublicKey_WhenNamed_ThenTheIdIsItsSha256) {
  const Bytes key(43, 7);
  const PeerId id = PeerId::of_public_key(key);
  EXPECT_EQ(id.bytes().size(), 34U);
  EXPECT_EQ(id.bytes()[0], 0x12);
  EXPECT_TRUE(id.inlined_public_key().empty());
  EXPECT_EQ(id.to_string().substr(0, 2), "Qm");
  EXPECT_EQ(PeerId::parse(id.to_string()).value(), id);
}

TEST(PeerId, GivenTheLongestInlinedKey_WhenNamed_ThenItIsKeptInPlace) {
  const Bytes key(42, 7);
  EXPECT_EQ(to_bytes(PeerId::of_public_key(key).inlined_public_key()), key);
}

TEST(PeerId, GivenBytesThatAreNoPeerId_WhenRead_ThenTheyAreMalformed) {
  Bytes too_long(45, 0);
  too_long[1] = 43;
  for (const Bytes& bytes : {Bytes{}, Bytes{0x00}, Bytes{0x00, 0x02, 0x01}, Bytes{0x12, 0x01, 0x01},
                             Bytes{0x11, 0x01, 0x01}, too_long}) {
    EXPECT_EQ(PeerId::from_bytes(bytes).error().code, ErrorCode::malformed);
  }
}

TEST(PeerId, GivenTextThatIsNoPeerId_WhenParsed_ThenItIsRefused) {
  for (const char* text :
       {"", "0", "12D3KooW", "bafzaajaia", "b", "baaaa", "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3e",
        "bafzaajaiaejcbuckwizhik5uvm5bg2f5iyk6jzwqejflogqbnoxykifdglexpbz!",
        "bafzaajaiaejcbuckwizhik5uvm5bg2f5iyk6jzwqejflogqbnoxykifdglexpbz9"}) {
    EXPECT_FALSE(PeerId::parse(text).has_value()) << text;
  }
  EXPECT_FALSE(PeerId::parse(std::string(10'000, 'b')).has_value());
}

TEST(PeerId, GivenSeveralIds_WhenCompared_ThenTheOrderIsThatOfTheirBytes) {
  const PeerId none;
  const PeerId small = PeerId::from_bytes(Bytes{0x00, 0x01, 0x05}).value();
  const PeerId large = PeerId::from_bytes(Bytes{0x00, 0x02, 0x01, 0x00}).value();
  EXPECT_TRUE(none.empty());
  EXPECT_LT(none, small);
  EXPECT_LT(small, large);
  EXPECT_NE(PeerIdHash{}(small), PeerIdHash{}(large));
}

}  // namespace
}  // namespace libpreconf::libp2p
