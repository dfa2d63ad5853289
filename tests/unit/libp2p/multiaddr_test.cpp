#include "libp2p/multiaddr.h"

#include <gtest/gtest.h>

#include "support/vectors.h"

namespace libpreconf::libp2p {
namespace {

constexpr std::string_view kPeer = "12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz";

TEST(Multiaddr, GivenTheVectorsAddress_WhenEncoded_ThenItsBytesAreTheVectors) {
  const auto document = test::load_vectors("p2p-messages.json");
  const Bytes bytes =
      test::bytes_of(test::member(document.get(), "identify"), "multiaddr_ip4_127_0_0_1_tcp_9000");
  const Multiaddr address = Multiaddr::parse("/ip4/127.0.0.1/tcp/9000").value();
  EXPECT_EQ(address.to_bytes(), bytes);
  EXPECT_EQ(Multiaddr::from_bytes(bytes).value(), address);
}

TEST(Multiaddr, GivenEverySupportedForm_WhenWrittenAndRead_ThenTextAndBytesComeBack) {
  for (const std::string host : {"/ip4/10.1.2.3", "/ip6/::1", "/ip6/2001:db8::7", "/dns/node.example.org",
                                 "/dns4/node-1.example.org", "/dns6/v6.example.org"}) {
    for (const std::string& peer : {std::string(), "/p2p/" + std::string(kPeer)}) {
      const std::string text = host + "/tcp/9000" + peer;
      const Multiaddr address = Multiaddr::parse(text).value();
      EXPECT_EQ(address.to_string(), text);
      EXPECT_EQ(Multiaddr::from_bytes(address.to_bytes()).value(), address) << text;
      EXPECT_EQ(address.port(), 9000);
      EXPECT_EQ(address.peer().empty(), peer.empty());
      EXPECT_EQ(address.socket_address().has_value(), address.name().empty());
    }
  }
}

TEST(Multiaddr, GivenNames_WhenAskedForTheFamily_ThenItIsThatOfThePrefix) {
  EXPECT_EQ(Multiaddr::parse("/dns/a/tcp/1")->family(), AddressFamily::any);
  EXPECT_EQ(Multiaddr::parse("/dns4/a/tcp/1")->family(), AddressFamily::v4);
  EXPECT_EQ(Multiaddr::parse("/dns6/a/tcp/1")->family(), AddressFamily::v6);
}

TEST(Multiaddr, GivenDnsaddr_WhenParsed_ThenTheMessageNamesWhatToGiveInstead) {
  const auto refused = Multiaddr::parse("/dnsaddr/bootstrap.example.org/tcp/9000");
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
  EXPECT_NE(refused.error().message.find("/dns4"), std::string::npos);
  EXPECT_EQ(Multiaddr::from_bytes(test::unhex("38016106"
                                              "2328"))
                .error()
                .code,
            ErrorCode::unsupported);
}

TEST(Multiaddr, GivenOtherTransports_WhenParsed_ThenTheyAreUnsupported) {
  for (const char* text :
       {"/ip4/1.2.3.4/udp/9000/quic-v1", "/unix/tmp/socket", "/ip4/1.2.3.4/tcp/9000/ws",
        "/ip4/1.2.3.4/tcp/9000/p2p/12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz/p2p-circuit"}) {
    EXPECT_EQ(Multiaddr::parse(text).error().code, ErrorCode::unsupported) << text;
  }
}

TEST(Multiaddr, GivenMalformedText_WhenParsed_ThenItIsRefused) {
  for (const char* text : {"", "/", "ip4/1.2.3.4/tcp/1", "/ip4/1.2.3/tcp/1", "/ip4/1.2.3.4/tcp",
                           "/ip4/1.2.3.4/tcp/", "/ip4/1.2.3.4/tcp/65536", "/ip4/1.2.3.4/tcp/-1",
                           "/ip4/1.2.3.4/tcp/1x", "/ip4/::1/tcp/1", "/ip6/1.2.3.4/tcp/1", "/dns4//tcp/1",
                           "/dns4/a b/tcp/1", "/ip4/1.2.3.4/tcp/1/p2p/", "/ip4/1.2.3.4/tcp/1/p2p/nobody"}) {
    EXPECT_FALSE(Multiaddr::parse(text).has_value()) << text;
  }
  EXPECT_EQ(Multiaddr::parse("/dns4/" + std::string(1000, 'a') + "/tcp/1").error().code,
            ErrorCode::too_large);
  EXPECT_FALSE(Multiaddr::parse("/dns4/" + std::string(254, 'a') + "/tcp/1").has_value());
}

TEST(Multiaddr, GivenBytesCutAnywhere_WhenRead_ThenOnlyCompletePartsAreAnAddress) {
  const Bytes bytes =
      Multiaddr::parse("/dns4/node.example.org/tcp/9000/p2p/" + std::string(kPeer))->to_bytes();
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    accepted += Multiaddr::from_bytes(ByteView(bytes).first(size)).has_value() ? 1 : 0;
  }
  EXPECT_EQ(accepted, 1U) << "only the form without the peer id";
}

TEST(Multiaddr, GivenAnAddress_WhenThePeerIsAddedAndTakenAway_ThenTheRestStays) {
  const Multiaddr bare = Multiaddr::of(SocketAddress::v4({127, 0, 0, 1}, 7));
  const Multiaddr full = bare.with_peer(PeerId::parse(kPeer).value());
  EXPECT_EQ(full.to_string(), "/ip4/127.0.0.1/tcp/7/p2p/" + std::string(kPeer));
  EXPECT_EQ(full.without_peer(), bare);
}

}  // namespace
}  // namespace libpreconf::libp2p
