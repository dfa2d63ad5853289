#include "reactor/simulated.h"

#include <gtest/gtest.h>

#include "unit/reactor/reactor_pair.h"

namespace libpreconf::test {
namespace {

using namespace std::chrono_literals;

SocketAddress address(std::string_view text) {
  return SocketAddress::parse(text).value();
}

/// A listener on 10.0.0.2:9000 and one connection to it from 10.0.0.1.
struct Link {
  explicit Link(SimulatedNetwork& network) {
    listener = network.host("10.0.0.2")
                   .listen_tcp(address("0.0.0.0:9000"),
                               [this](std::unique_ptr<TcpConnection> connection) {
                                 server.connection = std::move(connection);
                                 server.start();
                               })
                   .value();
    attempt =
        network.host("10.0.0.1")
            .connect_tcp(address("10.0.0.2:9000"), [this](Result<std::unique_ptr<TcpConnection>> result) {
              outcome = result ? "connected" : std::string(to_string(result.error().code));
              if (!result) return;
              client.connection = std::move(*result);
              client.start();
            });
  }
  std::unique_ptr<TcpListener> listener;
  Handle attempt;
  std::string outcome;
  Peer client;
  Peer server;
};

TEST(Simulated, GivenALatency_WhenBytesTravel_ThenTheyTakeThatLong) {
  SimulatedNetwork network(1, LinkProfile{.latency = 10ms});
  Link link(network);
  ASSERT_TRUE(network.run_until([&] { return link.client.connection != nullptr; }, 1s));
  EXPECT_EQ(network.now().time_since_epoch(), 20ms);
  link.client.send("x");
  ASSERT_TRUE(network.run_until([&] { return link.server.received == "x"; }, 1s));
  EXPECT_EQ(network.now().time_since_epoch(), 30ms);
}

TEST(Simulated, GivenJitter_WhenManySegmentsTravel_ThenTheyStayInOrder) {
  SimulatedNetwork network(2, LinkProfile{.latency = 1ms, .jitter = 50ms, .segment = 3});
  Link link(network);
  ASSERT_TRUE(network.run_until([&] { return link.client.connection != nullptr; }, 1s));
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    link.client.send(std::to_string(i));
    expected += std::to_string(i);
    network.run_for(1ms);
  }
  ASSERT_TRUE(network.run_until([&] { return link.server.received.size() == expected.size(); }, 60s));
  EXPECT_EQ(link.server.received, expected);
}

TEST(Simulated, GivenACut_WhenBytesTravel_ThenTheyStallAndArriveInOrderAfterIt) {
  SimulatedNetwork network(3, LinkProfile{.latency = 5ms, .jitter = 5ms, .segment = 4});
  Link link(network);
  ASSERT_TRUE(network.run_until([&] { return link.server.connection && link.client.connection; }, 1s));
  link.client.send("on the way ");
  network.run_for(1ms);
  network.set_connected("10.0.0.1", "10.0.0.2", false);
  link.client.send("while cut ");
  network.run_for(10s);
  EXPECT_EQ(link.server.received, "");
  EXPECT_TRUE(link.client.closed.empty());
  network.set_connected("10.0.0.2", "10.0.0.1", true);
  link.client.send("afterwards");
  network.run_for(1s);
  EXPECT_EQ(link.server.received, "on the way while cut afterwards");
}

TEST(Simulated, GivenTwoParts_WhenBytesTravel_ThenTheyStallUntilTheHostsAreInOneAgain) {
  SimulatedNetwork network(3, LinkProfile{.latency = 5ms});
  Link link(network);
  ASSERT_TRUE(network.run_until([&] { return link.server.connection && link.client.connection; }, 1s));
  network.set_part("10.0.0.1", 1);
  link.client.send("first ");
  network.run_for(10s);
  network.set_part("10.0.0.2", 2);
  link.client.send("second ");
  network.run_for(10s);
  EXPECT_EQ(link.server.received, "");
  network.set_part("10.0.0.2", 1);
  network.run_for(1s);
  EXPECT_EQ(link.server.received, "first second ");
}

TEST(Simulated, GivenASpread_WhenPairsOfHostsTalk_ThenEachHasItsOwnLatencyForGood) {
  SimulatedNetwork network(9, LinkProfile{.latency = 10ms, .spread = 80ms});
  Link link(network);
  ASSERT_TRUE(network.run_until([&] { return link.client.connection != nullptr; }, 1s));
  const Duration there_and_back = network.now().time_since_epoch();
  EXPECT_GT(there_and_back, 20ms);
  EXPECT_LE(there_and_back, 180ms);
  const Instant sent = network.now();
  link.client.send("x");
  ASSERT_TRUE(network.run_until([&] { return link.server.received == "x"; }, 1s));
  EXPECT_EQ(network.now() - sent, there_and_back / 2);
}

TEST(Simulated, GivenABandwidth_WhenMuchIsSent_ThenItTakesItsTime) {
  SimulatedNetwork network(3, LinkProfile{.latency = 1ms, .bandwidth = 10'000, .segment = 1000});
  Link link(network);
  ASSERT_TRUE(network.run_until([&] { return link.server.connection && link.client.connection; }, 1s));
  const Instant sent = network.now();
  link.client.send(std::string(20'000, 'x'));
  ASSERT_TRUE(network.run_until([&] { return link.server.received.size() == 20'000; }, 60s));
  EXPECT_EQ(network.now() - sent, 2s + 1ms);
}

TEST(Simulated, GivenLostPieces_WhenBytesTravel_ThenTheyComeLateAndInOrder) {
  SimulatedNetwork network(3, LinkProfile{.latency = 1ms, .segment_loss = 0.5, .segment = 1});
  Link link(network);
  ASSERT_TRUE(network.run_until([&] { return link.server.connection && link.client.connection; }, 1s));
  const Instant sent = network.now();
  link.client.send("0123456789");
  ASSERT_TRUE(network.run_until([&] { return link.server.received == "0123456789"; }, 10s));
  EXPECT_EQ(network.now() - sent, 201ms);
}

TEST(Simulated, GivenAClockThatIsAhead_WhenAsked_ThenOnlyItsWallTimeIsWrong) {
  SimulatedNetwork network(1);
  network.set_clock_offset("10.0.0.1", 1h);
  EXPECT_EQ(network.host("10.0.0.1").wall_now() - network.host("10.0.0.2").wall_now(), 1h);
  EXPECT_EQ(network.host("10.0.0.1").now(), network.host("10.0.0.2").now());
}

TEST(Simulated, GivenAnOnlooker_WhenThingsHappen_ThenItHearsToWhom) {
  SimulatedNetwork network(1);
  std::vector<FixedBytes<4>> touched;
  network.on_event([&](const FixedBytes<4>& host) { touched.push_back(host); });
  const Handle timer = network.host("10.0.0.7").after(1ms, [] {});
  network.run_for(2ms);
  EXPECT_EQ(touched, (std::vector<FixedBytes<4>>{{10, 0, 0, 7}}));
  EXPECT_EQ(network.events_handled(), 1u);
  Link link(network);
  ASSERT_TRUE(network.run_until([&] { return link.server.connection && link.client.connection; }, 1s));
  touched.clear();
  link.client.send("x");
  network.run_for(1s);
  EXPECT_EQ(touched, (std::vector<FixedBytes<4>>{{10, 0, 0, 2}}));
}

TEST(Simulated, GivenACut_WhenConnecting_ThenItSucceedsOnceRestored) {
  SimulatedNetwork network(4);
  network.set_connected("10.0.0.1", "10.0.0.2", false);
  Link link(network);
  network.run_for(10s);
  EXPECT_EQ(link.outcome, "");
  network.set_connected("10.0.0.1", "10.0.0.2", true);
  network.run_for(2s);
  EXPECT_EQ(link.outcome, "connected");
}

TEST(Simulated, GivenACutThatStays_WhenConnecting_ThenItTimesOutInTheEnd) {
  SimulatedNetwork network(5);
  network.set_connected("10.0.0.1", "10.0.0.2", false);
  Link link(network);
  network.run_for(180s);
  EXPECT_EQ(link.outcome, "timed_out");
}

TEST(Simulated, GivenAHost_WhenItsSocketsAreDropped_ThenBothEndsHearAndItsTimersLive) {
  SimulatedNetwork network(6);
  Link link(network);
  ASSERT_TRUE(network.run_until([&] { return link.server.connection && link.client.connection; }, 1s));
  bool timer_fired = false;
  const Handle timer = network.host("10.0.0.2").after(1s, [&] { timer_fired = true; });
  network.drop_sockets("10.0.0.2");
  network.run_for(2s);
  ASSERT_EQ(link.server.closed.size(), 1u);
  ASSERT_EQ(link.client.closed.size(), 1u);
  EXPECT_EQ(link.client.closed[0].code, ErrorCode::io);
  EXPECT_TRUE(timer_fired);
  Link again(network);
  network.run_for(1s);
  EXPECT_EQ(again.outcome, "connected");
}

TEST(Simulated, GivenAnUnstartedConnection_WhenItsHostCrashes_ThenItLearnsWhenStarted) {
  SimulatedNetwork network(14);
  Peer idle;
  const auto listener = network.host("10.0.0.2")
                            .listen_tcp(address("0.0.0.0:9000"),
                                        [&](std::unique_ptr<TcpConnection> connection) {
                                          idle.connection = std::move(connection);
                                        })
                            .value();
  std::unique_ptr<TcpConnection> client;
  const Handle attempt =
      network.host("10.0.0.1")
          .connect_tcp(address("10.0.0.2:9000"), [&](Result<std::unique_ptr<TcpConnection>> result) {
            client = std::move(result).value();
          });
  network.run_for(1s);
  network.drop_sockets("10.0.0.2");
  network.run_for(1s);
  idle.start();
  EXPECT_TRUE(idle.closed.empty());
  network.run_for(1s);
  ASSERT_EQ(idle.closed.size(), 1u);
  EXPECT_EQ(idle.closed[0].code, ErrorCode::io);
}

TEST(Simulated, GivenADroppedListener_WhenConnecting_ThenRefused) {
  SimulatedNetwork network(7);
  Link link(network);
  network.run_for(1s);
  network.drop_sockets("10.0.0.2");
  std::string outcome;
  const Handle attempt =
      network.host("10.0.0.1")
          .connect_tcp(address("10.0.0.2:9000"), [&](Result<std::unique_ptr<TcpConnection>> result) {
            outcome = to_string(result.error().code);
          });
  network.run_for(1s);
  EXPECT_EQ(outcome, "refused");
}

TEST(Simulated, GivenAShareOfFailures_WhenConnecting_ThenAllAreRefused) {
  SimulatedNetwork network(8, LinkProfile{.connect_failure = 1.0});
  Link link(network);
  network.run_for(1s);
  EXPECT_EQ(link.outcome, "refused");
  EXPECT_FALSE(link.server.connection);
}

TEST(Simulated, GivenDatagramLoss_WhenManyAreSent_ThenAboutThatShareIsLost) {
  SimulatedNetwork network(9, LinkProfile{.datagram_loss = 0.25});
  int received = 0;
  const auto to = network.host("10.0.0.2")
                      .bind_udp(address("0.0.0.0:30303"), [&](const SocketAddress&, ByteView) { ++received; })
                      .value();
  const auto from =
      network.host("10.0.0.1").bind_udp(address("0.0.0.0:0"), [](const SocketAddress&, ByteView) {}).value();
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(from->send_to(address("10.0.0.2:30303"), as_bytes("x")));
  network.run_for(1s);
  EXPECT_GT(received, 650);
  EXPECT_LT(received, 850);
}

TEST(Simulated, GivenNames_WhenResolved_ThenOnlyThoseThatWereSet) {
  SimulatedNetwork network(10);
  network.set_name("boot.example", {"10.0.0.2", "10.0.0.3"});
  std::vector<SocketAddress> answer;
  std::string failure;
  const Handle first =
      network.host("10.0.0.1")
          .resolve("boot.example", AddressFamily::any,
                   [&](Result<std::vector<SocketAddress>> result) { answer = result.value(); });
  const Handle second =
      network.host("10.0.0.1")
          .resolve("other.example", AddressFamily::any, [&](Result<std::vector<SocketAddress>> result) {
            failure = to_string(result.error().code);
          });
  network.run_for(1s);
  ASSERT_EQ(answer.size(), 2u);
  EXPECT_EQ(answer[1].to_string(), "10.0.0.3:0");
  EXPECT_EQ(failure, "not_found");
}

TEST(Simulated, GivenALoopbackListener_WhenAnotherHostConnects_ThenRefusedButNotFromTheHostItself) {
  SimulatedNetwork network(11);
  std::unique_ptr<TcpConnection> accepted;
  const auto listener =
      network.host("10.0.0.2")
          .listen_tcp(address("127.0.0.1:80"),
                      [&](std::unique_ptr<TcpConnection> connection) { accepted = std::move(connection); })
          .value();
  std::string outcome;
  const auto note = [&](Result<std::unique_ptr<TcpConnection>> result) {
    outcome = result ? (*result)->remote_address().to_string() : std::string(to_string(result.error().code));
  };
  Handle attempt = network.host("10.0.0.1").connect_tcp(address("10.0.0.2:80"), note);
  network.run_for(1s);
  EXPECT_EQ(outcome, "refused");
  attempt = network.host("10.0.0.2").connect_tcp(address("127.0.0.1:80"), note);
  network.run_for(1s);
  EXPECT_EQ(outcome, "127.0.0.1:80");
}

TEST(Simulated, GivenWallTime_WhenVirtualTimePasses_ThenItFollows) {
  SimulatedNetwork network(12, {}, WallTime(1'764'000'000s));
  network.run_for(12s);
  EXPECT_EQ(unix_seconds(network.host("10.0.0.1").wall_now()), 1'764'000'012u);
  EXPECT_EQ(network.now().time_since_epoch(), 12s);
}

TEST(Simulated, GivenConnectionsLeftOpen_WhenTheNetworkGoes_ThenNothingIsCalledAndNothingLeaks) {
  auto network = std::make_unique<SimulatedNetwork>(13);
  {
    Link link(*network);
    network->run_for(1s);
    link.client.send("in flight");
    network->host("10.0.0.2").close_gracefully(std::move(link.server.connection), 10s);
    network->run_for(100us);
  }
  network.reset();
}

/// Everything that a busy little network does, with its times.
std::string trace_of(std::uint64_t seed) {
  SimulatedNetwork network(
      seed, LinkProfile{
                .latency = 3ms, .jitter = 20ms, .datagram_loss = 0.3, .connect_failure = 0.2, .segment = 7});
  std::string trace;
  const auto note = [&](std::string_view what) {
    trace += std::to_string(network.now().time_since_epoch().count()) + " " + std::string(what) + "\n";
  };
  std::vector<std::unique_ptr<Link>> links;
  std::vector<std::unique_ptr<UdpSocket>> sockets;
  for (int i = 2; i < 6; ++i) {
    sockets.push_back(network.host("10.0.0." + std::to_string(i))
                          .bind_udp(address("0.0.0.0:7"),
                                    [&](const SocketAddress& from, ByteView datagram) {
                                      note(from.to_string() + " " + std::string(as_text(datagram)));
                                    })
                          .value());
  }
  const Handle ticks = network.host("10.0.0.2").every(11ms, [&] {
    const auto to = network.random().below(4) + 2;
    (void)sockets[0]->send_to(address("10.0.0." + std::to_string(to) + ":7"), as_bytes(std::to_string(to)));
    links.clear();
    links.push_back(std::make_unique<Link>(network));
  });
  const Handle talk = network.host("10.0.0.1").every(29ms, [&] {
    for (auto& link : links) {
      note(link->outcome + link->server.received);
      if (link->client.connection) link->client.send("abcdefghijklmnop");
    }
  });
  network.run_for(2s);
  return trace;
}

TEST(Simulated, GivenOneSeed_WhenRunTwice_ThenTheTraceIsTheSame) {
  const std::string first = trace_of(42);
  EXPECT_GT(first.size(), 1000u);
  EXPECT_EQ(first, trace_of(42));
  EXPECT_NE(first, trace_of(43));
}

}  // namespace
}  // namespace libpreconf::test
