#include "p2p/static_peers.h"

#include "base/log.h"
#include "gate_fixture.h"
#include "p2p/limits.h"

namespace libpreconf::p2p {
namespace {

using namespace libpreconf::p2p::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant at(std::int64_t ms) {
  return Instant(milliseconds(ms));
}

std::string address_of(std::uint8_t number) {
  return "/ip4/10.0.0." + std::to_string(number) + "/tcp/9000/p2p/" + peer_named(number).to_string();
}

libp2p::ConnectionInfo connection_to(std::uint8_t number, libp2p::Direction direction,
                                     const std::string& remote = "/ip4/10.0.0.1/tcp/9000") {
  return {1, peer_named(number), direction, remote, ""};
}

class StaticPeersTest : public testing::Test {
 protected:
  StaticPeersTest() { log_set_level(LogLevel::off); }
  static StaticPeers parse(const std::vector<std::string>& texts) {
    return StaticPeers::parse(texts, peer_named(99)).value();
  }
  SeededRandom random_{5};
};

TEST_F(StaticPeersTest, GivenTexts_ThenUnusableOnesOurOwnAndRepeatedOnesAreSkipped) {
  EXPECT_EQ(parse({address_of(1), "nonsense", address_of(99), address_of(1), address_of(2)}).size(), 2u);
  EXPECT_EQ(parse({}).size(), 0u);
  EXPECT_EQ(StaticPeers::parse({"nonsense", address_of(99)}, peer_named(99)).error().code,
            ErrorCode::invalid);
}

TEST_F(StaticPeersTest, GivenAStart_ThenEachIsDialledAtOnceAndOnce) {
  StaticPeers peers = parse({address_of(1), address_of(2)});
  EXPECT_EQ(peers.next_due(), at(0));
  EXPECT_EQ(peers.due(at(0)).size(), 2u);
  EXPECT_TRUE(peers.due(at(60'000)).empty());
  EXPECT_FALSE(peers.next_due().has_value());
}

TEST_F(StaticPeersTest, GivenFailures_ThenTheWaitDoublesFromOneToTwelveSeconds) {
  StaticPeers peers = parse({address_of(1)});
  Instant now = at(0);
  std::vector<double> waits;
  for (int i = 0; i < 10; ++i) {
    const auto due = peers.due(now);
    ASSERT_EQ(due.size(), 1u);
    peers.on_dial_failed(due[0], now, random_);
    waits.push_back(static_cast<double>((*peers.next_due() - now).count()) / 1e6);
    EXPECT_TRUE(peers.due(*peers.next_due() - Duration(1)).empty());
    now = *peers.next_due();
  }
  EXPECT_EQ(waits[0], 1);
  const std::vector<double> full = {1, 2, 4, 8, 12, 12, 12, 12, 12, 12};
  for (std::size_t i = 0; i < full.size(); ++i) {
    EXPECT_GE(waits[i], std::max(1.0, full[i] * 0.75 - 0.001));
    EXPECT_LE(waits[i], full[i]);
  }
  EXPECT_NE(waits[8], waits[9]);
}

TEST_F(StaticPeersTest, GivenAPeerThatConnectsToUs_ThenItIsNotDialled) {
  StaticPeers peers = parse({address_of(1)});
  peers.on_connected(connection_to(1, libp2p::Direction::inbound, "/ip4/9.9.9.9/tcp/5"), at(0));
  EXPECT_EQ(peers.connected_count(), 1u);
  EXPECT_TRUE(peers.due(at(60'000)).empty());
  peers.on_peer_gone(peer_named(1), at(60'000), random_);
  EXPECT_EQ(peers.next_due(), at(61'000));
}

TEST_F(StaticPeersTest, GivenAPeerThatHangsUpAtOnce_ThenTheWaitStillGrows) {
  StaticPeers peers = parse({address_of(1)});
  Instant now = at(0);
  Duration last{0};
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(peers.due(now).size(), 1u);
    peers.on_connected(connection_to(1, libp2p::Direction::outbound), now);
    peers.on_peer_gone(peer_named(1), now, random_);
    EXPECT_GT(*peers.next_due() - now, last);
    last = *peers.next_due() - now;
    now = *peers.next_due();
  }
  ASSERT_EQ(peers.due(now).size(), 1u);
  peers.on_connected(connection_to(1, libp2p::Direction::outbound), now);
  now += limits::kRedialMax;
  peers.on_peer_gone(peer_named(1), now, random_);
  EXPECT_EQ(*peers.next_due() - now, limits::kRedialFirst);
}

TEST_F(StaticPeersTest, GivenAddressesWithoutAnId_ThenTheConnectionWeMadeIsRecognised) {
  StaticPeers peers = parse({"/ip4/10.0.0.1/tcp/9000", "/dns4/seed.example/tcp/9001"});
  ASSERT_EQ(peers.due(at(0)).size(), 2u);
  peers.on_connected(connection_to(3, libp2p::Direction::inbound, "/ip4/10.0.0.1/tcp/9000"), at(1));
  EXPECT_EQ(peers.connected_count(), 0u);
  peers.on_connected(connection_to(4, libp2p::Direction::outbound, "/ip4/10.0.0.1/tcp/9000"), at(1));
  EXPECT_EQ(peers.connected_count(), 1u);
  peers.on_connected(connection_to(5, libp2p::Direction::outbound, "/ip4/10.0.0.7/tcp/9001"), at(1));
  EXPECT_EQ(peers.connected_count(), 2u);
  peers.on_peer_gone(peer_named(5), at(2), random_);
  EXPECT_EQ(peers.connected_count(), 1u);
}

}  // namespace
}  // namespace libpreconf::p2p
