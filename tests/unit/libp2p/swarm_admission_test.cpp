#include <gtest/gtest.h>

#include "libp2p/admission.h"

namespace libpreconf::libp2p {
namespace {

using namespace std::chrono_literals;

SocketAddress v4(std::uint8_t c, std::uint8_t d) {
  return SocketAddress::v4({10, 0, c, d}, 1000);
}

TEST(SwarmAdmission, GivenOneAddress_WhenItConnectsTooOften_ThenItIsRefusedUntilOneEnds) {
  Admission admission({.max_pending = 100, .max_per_ip = 2, .max_per_subnet = 100});
  EXPECT_TRUE(admission.admit(1, v4(0, 1), Instant{}).admitted);
  EXPECT_TRUE(admission.admit(2, v4(0, 1), Instant{}).admitted);
  EXPECT_FALSE(admission.admit(3, v4(0, 1), Instant{}).admitted);
  EXPECT_TRUE(admission.admit(4, v4(0, 2), Instant{}).admitted);
  admission.upgraded(1);
  EXPECT_FALSE(admission.admit(5, v4(0, 1), Instant{}).admitted) << "established ones count as well";
  admission.ended(1);
  EXPECT_TRUE(admission.admit(6, v4(0, 1), Instant{}).admitted);
  EXPECT_EQ(admission.counters().refused_ip, 2U);
}

TEST(SwarmAdmission, GivenOneSubnet_WhenItsHostsCrowdIn_ThenOthersStillPass) {
  Admission admission({.max_pending = 100, .max_per_ip = 100, .max_per_subnet = 3});
  for (std::uint8_t i = 1; i < 6; ++i) {
    EXPECT_EQ(admission.admit(i, v4(0, i), Instant{}).admitted, i < 4);
  }
  EXPECT_TRUE(admission.admit(9, v4(1, 1), Instant{}).admitted);
  EXPECT_EQ(admission.counters().refused_subnet, 2U);
}

TEST(SwarmAdmission, GivenIpv6Hosts_WhenOne64Crowds_ThenItCountsAsOneAddress) {
  Admission admission({.max_pending = 100, .max_per_ip = 1, .max_per_subnet = 100});
  FixedBytes<16> ip{0x20, 0x01, 0x0d, 0xb8};
  ip[15] = 1;
  EXPECT_TRUE(admission.admit(1, SocketAddress::v6(ip, 1), Instant{}).admitted);
  ip[15] = 2;
  EXPECT_FALSE(admission.admit(2, SocketAddress::v6(ip, 1), Instant{}).admitted);
  ip[7] = 1;
  EXPECT_TRUE(admission.admit(3, SocketAddress::v6(ip, 1), Instant{}).admitted);
}

TEST(SwarmAdmission, GivenLoopback_WhenManyConnect_ThenOnlyThePendingLimitCounts) {
  Admission admission({.max_pending = 2, .max_per_ip = 1, .max_per_subnet = 1});
  const SocketAddress loopback = SocketAddress::v4({127, 0, 0, 1}, 1);
  EXPECT_FALSE(admission.admit(1, loopback, Instant{}).evict.has_value());
  EXPECT_FALSE(admission.admit(2, loopback, Instant{}).evict.has_value());
  admission.progress(1);
  const auto third = admission.admit(3, loopback, Instant{});
  EXPECT_TRUE(third.admitted);
  EXPECT_EQ(third.evict, ConnectionId{2}) << "1 has moved since";
  admission.ended(2);
  EXPECT_EQ(admission.pending(), 2U);
}

TEST(SwarmAdmission, GivenAFloodOfHandshakes_WhenTheBurstIsOver_ThenTheRateHolds) {
  Admission admission({.max_pending = 10'000,
                       .max_per_ip = 10'000,
                       .max_per_subnet = 10'000,
                       .handshake_burst = 5,
                       .handshakes_per_second = 2});
  const Instant start{Duration(1h)};
  ConnectionId id = 0;
  int admitted = 0;
  for (int i = 0; i < 20; ++i) admitted += admission.admit(++id, v4(0, 1), start).admitted ? 1 : 0;
  EXPECT_EQ(admitted, 5);
  for (int i = 0; i < 20; ++i)
    admitted += admission.admit(++id, v4(0, 1), start + Duration(3s)).admitted ? 1 : 0;
  EXPECT_EQ(admitted, 10) << "five is the most that is saved up";
  EXPECT_TRUE(admission.admit(++id, v4(0, 1), start + Duration(3500ms)).admitted);
}

TEST(SwarmAdmission, GivenUnknownConnections_WhenTheyEnd_ThenNothingHappens) {
  Admission admission({});
  admission.ended(17);
  admission.upgraded(17);
  admission.progress(17);
  EXPECT_EQ(admission.pending(), 0U);
}

}  // namespace
}  // namespace libpreconf::libp2p
