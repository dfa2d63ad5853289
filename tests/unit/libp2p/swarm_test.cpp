#include "libp2p/swarm.h"

#include <gtest/gtest.h>

#include "reactor/simulated.h"

namespace libpreconf::libp2p {
namespace {

using namespace std::chrono_literals;

/// Echoes, and keeps count of what it hears.
class EchoProtocol final : public Protocol, public StreamReceiver {
 public:
  [[nodiscard]] std::vector<std::string> protocol_ids() const override { return {"/echo/1"}; }
  StreamReceiver* on_inbound_stream(Stream&) override {
    ++inbound;
    return this;
  }
  void on_connected(const ConnectionInfo& info) override { connected.push_back(info.id); }
  void on_disconnected(const ConnectionInfo& info) override { disconnected.push_back(info.id); }
  void on_data(Stream& stream, ByteView bytes) override { stream.write(bytes); }
  void on_remote_closed(Stream& stream) override { stream.close_write(); }
  void on_reset(Stream&) override { ++resets; }

  int inbound = 0;
  int resets = 0;
  std::vector<ConnectionId> connected;
  std::vector<ConnectionId> disconnected;
};

struct Node {
  Node(SimulatedNetwork& network, std::string_view ip, std::uint64_t seed, SwarmConfig config = {})
      : random(seed),
        reactor(network.host(ip)),
        swarm(reactor, random,
              Identity::generate(seed % 2 == 0 ? KeyType::ed25519 : KeyType::secp256k1, random), config,
              events()) {
    swarm.add_protocol(echo);
    address = swarm.listen(Multiaddr::parse("/ip4/" + std::string(ip) + "/tcp/9000").value()).value();
  }
  SwarmEvents events() {
    SwarmEvents out;
    out.on_connected = [this](const ConnectionInfo& info) { connected.push_back(info.peer); };
    out.on_disconnected = [this](const ConnectionInfo&, const Error& cause) { causes.push_back(cause); };
    out.on_dial_failed = [this](const Multiaddr&, const Error& cause) { failed.push_back(cause); };
    return out;
  }
  [[nodiscard]] ConnectionId connection() const { return swarm.connections().at(0)->id; }

  SeededRandom random;
  Reactor& reactor;
  EchoProtocol echo;
  std::vector<PeerId> connected;
  std::vector<Error> causes;
  std::vector<Error> failed;
  Swarm swarm;
  Multiaddr address;
};

class SwarmTest : public testing::Test {
 protected:
  void run(Duration duration = 200ms) { network_.run_for(duration); }
  SimulatedNetwork network_{1};
};

struct StreamTest final : StreamReceiver {
  void on_data(Stream&, ByteView bytes) override { data.insert(data.end(), bytes.begin(), bytes.end()); }
  void on_remote_closed(Stream&) override {}
  void on_reset(Stream&) override { ++resets; }
  void open(Swarm& swarm, ConnectionId connection, std::vector<std::string> protocols = {"/echo/1"}) {
    handle = swarm.open_stream(connection, std::move(protocols), [this](Result<Stream*> result) {
      ++calls;
      if (!result) {
        error = result.error();
        return;
      }
      stream = *result;
      stream->set_receiver(this);
    });
  }
  Handle handle;
  Stream* stream = nullptr;
  Bytes data;
  int calls = 0;
  int resets = 0;
  std::optional<Error> error;
};

TEST_F(SwarmTest, GivenTwoNodes_WhenOneDials_ThenBothAreConnectedAndTellTheirProtocols) {
  Node a(network_, "10.0.0.1", 1);
  Node b(network_, "10.0.0.2", 2);
  ASSERT_TRUE(a.swarm.dial(b.address).has_value());
  EXPECT_TRUE(a.connected.empty()) << "never inside the call";
  run();
  EXPECT_EQ(a.connected, std::vector{b.swarm.local_peer()});
  EXPECT_EQ(b.connected, std::vector{a.swarm.local_peer()});
  EXPECT_EQ(a.echo.connected.size(), 1U);
  EXPECT_EQ(a.swarm.peers(), std::vector{b.swarm.local_peer()});
  EXPECT_TRUE(b.swarm.is_connected(a.swarm.local_peer()));
  EXPECT_EQ(a.swarm.connections().at(0)->direction, Direction::outbound);
  EXPECT_EQ(b.swarm.connections().at(0)->direction, Direction::inbound);
  EXPECT_EQ(a.swarm.pending_outbound(), 0U);
  EXPECT_EQ(b.swarm.pending_inbound(), 0U);
  EXPECT_EQ(a.address.to_string(), "/ip4/10.0.0.1/tcp/9000/p2p/" + a.swarm.local_peer().to_string());
}

TEST_F(SwarmTest, GivenAConnection_WhenStreamsCarryBytes_ThenTheEchoComesBack) {
  Node a(network_, "10.0.0.1", 1);
  Node b(network_, "10.0.0.2", 2);
  ASSERT_TRUE(a.swarm.dial(b.address.without_peer()).has_value());
  run();
  StreamTest stream;
  stream.open(a.swarm, a.connection());
  EXPECT_EQ(stream.calls, 0);
  run();
  ASSERT_NE(stream.stream, nullptr);
  stream.stream->write(as_bytes("hello"));
  run();
  EXPECT_EQ(as_text(stream.data), "hello");
  EXPECT_EQ(b.echo.inbound, 1);
  EXPECT_GT(a.swarm.counters().connections.bytes_received, 0U);
  EXPECT_EQ(a.swarm.counters().connections.streams_outbound, 1U);
  EXPECT_EQ(b.swarm.counters().connections.streams_inbound, 1U);
}

TEST_F(SwarmTest, GivenNoSuchConnectionOrProtocol_WhenAStreamIsOpened_ThenTheErrorComesLater) {
  Node a(network_, "10.0.0.1", 1);
  Node b(network_, "10.0.0.2", 2);
  StreamTest nowhere;
  nowhere.open(a.swarm, 99);
  EXPECT_EQ(nowhere.calls, 0);
  ASSERT_TRUE(a.swarm.dial(b.address).has_value());
  run();
  EXPECT_EQ(nowhere.error->code, ErrorCode::closed);
  StreamTest unknown;
  unknown.open(a.swarm, a.connection(), {"/none/1"});
  StreamTest cancelled;
  cancelled.open(a.swarm, a.connection());
  cancelled.handle.reset();
  run();
  EXPECT_EQ(unknown.error->code, ErrorCode::unsupported);
  EXPECT_EQ(cancelled.calls, 0);
}

TEST_F(SwarmTest, GivenAnotherPeerBehindTheAddress_WhenDialed_ThenTheDialFails) {
  Node a(network_, "10.0.0.1", 1);
  Node b(network_, "10.0.0.2", 2);
  Node c(network_, "10.0.0.3", 3);
  ASSERT_TRUE(a.swarm.dial(b.address.with_peer(c.swarm.local_peer())).has_value());
  run();
  ASSERT_EQ(a.failed.size(), 1U);
  EXPECT_EQ(a.failed[0].code, ErrorCode::refused);
  EXPECT_TRUE(a.connected.empty());
  EXPECT_TRUE(b.connected.empty());
}

TEST_F(SwarmTest, GivenNobodyThere_WhenDialed_ThenTheDialFails) {
  Node a(network_, "10.0.0.1", 1);
  static_cast<void>(network_.host("10.0.0.9"));
  ASSERT_TRUE(a.swarm.dial(Multiaddr::parse("/ip4/10.0.0.9/tcp/1").value()).has_value());
  run(20s);
  ASSERT_EQ(a.failed.size(), 1U);
  EXPECT_EQ(a.swarm.pending_outbound(), 0U);
  EXPECT_EQ(a.swarm.counters().dials_failed, 1U);
}

TEST_F(SwarmTest, GivenANameWithTwoAddresses_WhenTheFirstIsDead_ThenTheSecondIsTried) {
  Node a(network_, "10.0.0.1", 1);
  Node b(network_, "10.0.0.2", 2);
  network_.set_name("node.example.org", {"10.0.0.9", "10.0.0.2"});
  ASSERT_TRUE(a.swarm.dial(Multiaddr::parse("/dns4/node.example.org/tcp/9000").value()).has_value());
  run(10s);
  EXPECT_EQ(a.connected, std::vector{b.swarm.local_peer()});
  ASSERT_TRUE(a.swarm.dial(Multiaddr::parse("/dns/nowhere.example.org/tcp/9000").value()).has_value());
  run(10s);
  EXPECT_EQ(a.failed.size(), 1U);
}

TEST_F(SwarmTest, GivenOurOwnAddress_WhenDialed_ThenItIsRefused) {
  Node a(network_, "10.0.0.1", 1);
  EXPECT_EQ(a.swarm.dial(a.address).error().code, ErrorCode::refused);
  ASSERT_TRUE(a.swarm.dial(a.address.without_peer()).has_value());
  run();
  EXPECT_EQ(a.failed.size(), 1U);
  EXPECT_TRUE(a.connected.empty());
  EXPECT_GE(a.swarm.counters().refused_self, 1U);
}

TEST_F(SwarmTest, GivenASilentPeer_WhenTheDeadlinePasses_ThenTheUpgradeFailsOnEitherSide) {
  Node a(network_, "10.0.0.1", 1);
  Reactor& silent = network_.host("10.0.0.2");
  std::vector<std::unique_ptr<TcpConnection>> accepted;
  const auto listener = silent.listen_tcp(SocketAddress::parse("10.0.0.2:9000").value(),
                                          [&](auto tcp) { accepted.push_back(std::move(tcp)); });
  ASSERT_TRUE(listener.has_value());
  ASSERT_TRUE(a.swarm.dial(Multiaddr::parse("/ip4/10.0.0.2/tcp/9000").value()).has_value());
  std::unique_ptr<TcpConnection> dialed;
  const Handle dial = silent.connect_tcp(SocketAddress::parse("10.0.0.1:9000").value(), [&](auto tcp) {
    dialed = std::move(*tcp);
    dialed->start({});
    dialed->send(Bytes{0x13});
  });
  run(9s);
  EXPECT_EQ(a.swarm.pending_inbound(), 1U);
  EXPECT_TRUE(a.failed.empty());
  run(3s);
  EXPECT_EQ(a.swarm.pending_inbound(), 0U);
  ASSERT_EQ(a.failed.size(), 1U);
  EXPECT_EQ(a.failed[0].code, ErrorCode::timed_out);
  EXPECT_EQ(a.swarm.counters().upgrades_timed_out, 2U);
}

TEST_F(SwarmTest, GivenSilentStrangersAtThePendingLimit_WhenAnHonestPeerDials_ThenTheStalestMakesRoom) {
  SwarmConfig config;
  config.admission.max_pending = 4;
  config.admission.max_per_ip = 100;
  Node a(network_, "10.0.0.1", 1, config);
  Reactor& silent = network_.host("10.0.0.3");
  std::vector<std::unique_ptr<TcpConnection>> held;
  std::vector<Handle> dials;
  for (int i = 0; i < 20; ++i) {
    dials.push_back(silent.connect_tcp(SocketAddress::parse("10.0.0.1:9000").value(), [&](auto tcp) {
      if (tcp) held.push_back(std::move(*tcp));
    }));
  }
  run();
  EXPECT_EQ(a.swarm.pending_inbound(), 4U);
  EXPECT_EQ(a.swarm.admission_counters().evicted, 16U);
  Node b(network_, "10.0.0.2", 2);
  ASSERT_TRUE(b.swarm.dial(a.address).has_value());
  run();
  EXPECT_TRUE(b.swarm.is_connected(a.swarm.local_peer()));
}

TEST_F(SwarmTest, GivenFourConnectionsToAPeer_WhenAFifthIsDialed_ThenItIsRefused) {
  Node a(network_, "10.0.0.1", 1);
  Node b(network_, "10.0.0.2", 2);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(a.swarm.dial(b.address).has_value());
    run();
  }
  EXPECT_EQ(a.swarm.connections().size(), 4U);
  EXPECT_EQ(b.swarm.connections().size(), 4U);
  EXPECT_EQ(a.swarm.connections_of(b.swarm.local_peer()).size(), 4U);
  EXPECT_EQ(a.swarm.peer_count(), 1U);
  EXPECT_EQ(a.failed.size(), 1U);
}

TEST_F(SwarmTest, GivenAFullNode_WhenMoreConnect_ThenTheyAreRefusedAndTheOldOnesStay) {
  SwarmConfig config;
  config.max_established_inbound = 2;
  Node a(network_, "10.0.0.1", 1, config);
  std::vector<std::unique_ptr<Node>> others;
  for (int i = 2; i < 6; ++i) {
    others.push_back(std::make_unique<Node>(network_, "10.0.0." + std::to_string(i), i));
    ASSERT_TRUE(others.back()->swarm.dial(a.address).has_value());
    run();
  }
  EXPECT_EQ(a.swarm.connections().size(), 2U);
  EXPECT_EQ(a.swarm.counters().refused_by_limit, 2U);
  EXPECT_TRUE(others[0]->swarm.is_connected(a.swarm.local_peer()));
  EXPECT_FALSE(others[3]->swarm.is_connected(a.swarm.local_peer()));
}

TEST_F(SwarmTest, GivenAsManyDialsAsMayBe_WhenOneMoreIsAsked_ThenLimit) {
  SwarmConfig config;
  config.max_pending_outbound = 2;
  Node a(network_, "10.0.0.1", 1, config);
  Node b(network_, "10.0.0.2", 2);
  EXPECT_TRUE(a.swarm.dial(b.address).has_value());
  EXPECT_TRUE(a.swarm.dial(b.address).has_value());
  EXPECT_EQ(a.swarm.dial(b.address).error().code, ErrorCode::limit);
}

TEST_F(SwarmTest, GivenABlockedPeer_WhenEitherSideDials_ThenItIsRefusedUntilTheBlockExpires) {
  Node a(network_, "10.0.0.1", 1);
  Node b(network_, "10.0.0.2", 2);
  ASSERT_TRUE(a.swarm.dial(b.address).has_value());
  run();
  a.swarm.block_peer(b.swarm.local_peer(), 60s);
  EXPECT_EQ(a.swarm.connections().size(), 1U) << "not inside the call";
  run();
  EXPECT_TRUE(a.swarm.connections().empty());
  EXPECT_TRUE(b.swarm.connections().empty());
  EXPECT_EQ(a.swarm.dial(b.address).error().code, ErrorCode::refused);
  ASSERT_TRUE(b.swarm.dial(a.address).has_value());
  run();
  EXPECT_TRUE(a.swarm.connections().empty());
  EXPECT_EQ(a.swarm.counters().refused_blocked, 1U);
  run(60s);
  ASSERT_TRUE(b.swarm.dial(a.address).has_value());
  run();
  EXPECT_EQ(a.swarm.connections().size(), 1U);
  a.swarm.block_peer(b.swarm.local_peer(), 60s);
  a.swarm.unblock_peer(b.swarm.local_peer());
  EXPECT_FALSE(a.swarm.is_blocked(b.swarm.local_peer()));
}

TEST_F(SwarmTest, GivenNoStreams_WhenTheIdleTimeIsOver_ThenTheConnectionEndsButABusyOneStays) {
  SwarmConfig config;
  config.idle_timeout = 10s;
  Node a(network_, "10.0.0.1", 1, config);
  Node b(network_, "10.0.0.2", 2);
  Node c(network_, "10.0.0.3", 3);
  ASSERT_TRUE(a.swarm.dial(b.address).has_value());
  run();
  StreamTest stream;
  stream.open(a.swarm, a.connection());
  ASSERT_TRUE(a.swarm.dial(c.address).has_value());
  run(8s);
  EXPECT_EQ(a.swarm.connections().size(), 2U);
  run(5s);
  EXPECT_EQ(a.swarm.peers(), std::vector{b.swarm.local_peer()});
  EXPECT_EQ(a.swarm.counters().closed_idle, 1U);
  EXPECT_EQ(c.causes.size(), 1U);
  stream.stream->reset();
  run(12s);
  EXPECT_TRUE(a.swarm.connections().empty());
}

TEST_F(SwarmTest, GivenOpenStreams_WhenAConnectionIsClosed_ThenResetsComeBeforeDisconnected) {
  Node a(network_, "10.0.0.1", 1);
  Node b(network_, "10.0.0.2", 2);
  ASSERT_TRUE(a.swarm.dial(b.address).has_value());
  run();
  StreamTest stream;
  stream.open(a.swarm, a.connection());
  run();
  a.swarm.close_connection(a.connection(), {ErrorCode::closed, "enough"});
  EXPECT_EQ(stream.resets, 0);
  run();
  EXPECT_EQ(stream.resets, 1);
  EXPECT_EQ(a.causes.at(0).message, "enough");
  EXPECT_EQ(b.causes.at(0).code, ErrorCode::closed);
  EXPECT_EQ(b.echo.resets, 1);
  EXPECT_EQ(a.echo.disconnected.size(), 1U);
  EXPECT_FALSE(b.swarm.is_connected(a.swarm.local_peer()));
}

TEST_F(SwarmTest, GivenACrashedPeer_WhenItsSocketsDrop_ThenItsConnectionEndsAndItCanBeDialedAgain) {
  Node a(network_, "10.0.0.1", 1);
  Node b(network_, "10.0.0.2", 2);
  ASSERT_TRUE(a.swarm.dial(b.address).has_value());
  run();
  network_.drop_sockets("10.0.0.2");
  run();
  EXPECT_TRUE(a.swarm.connections().empty());
  Node again(network_, "10.0.0.4", 2);
  ASSERT_TRUE(a.swarm.dial(again.address).has_value());
  run();
  EXPECT_EQ(a.swarm.peers(), std::vector{again.swarm.local_peer()});
}

TEST_F(SwarmTest, GivenPeers_WhenTheNodeShutsDown_ThenTheyAreToldAndNothingNewBegins) {
  Node a(network_, "10.0.0.1", 1);
  Node b(network_, "10.0.0.2", 2);
  Node c(network_, "10.0.0.3", 3);
  ASSERT_TRUE(a.swarm.dial(b.address).has_value());
  ASSERT_TRUE(c.swarm.dial(a.address).has_value());
  run();
  a.swarm.shutdown(1s);
  EXPECT_EQ(a.swarm.dial(b.address).error().code, ErrorCode::closed);
  run();
  EXPECT_TRUE(a.swarm.connections().empty());
  ASSERT_EQ(b.causes.size(), 1U);
  EXPECT_NE(b.causes[0].message.find("go away, code 0"), std::string::npos);
  ASSERT_TRUE(b.swarm.dial(a.address).has_value());
  run(10s);
  EXPECT_EQ(b.failed.size(), 1U);
}

TEST_F(SwarmTest, GivenANode_WhenItIsDestroyedWithOpenStreams_ThenNothingDangles) {
  Node b(network_, "10.0.0.2", 2);
  StreamTest stream;
  {
    Node a(network_, "10.0.0.1", 1);
    ASSERT_TRUE(a.swarm.dial(b.address).has_value());
    run();
    stream.open(a.swarm, a.connection());
    run();
    StreamTest waiting;
    waiting.open(a.swarm, a.connection());
  }
  run();
  EXPECT_EQ(stream.resets, 0);
  EXPECT_TRUE(b.swarm.connections().empty());
  stream.handle.reset();
}

TEST_F(SwarmTest, GivenTheSameSeed_WhenManyNodesMeet_ThenTheTraceIsTheSame) {
  const auto trace = [] {
    SimulatedNetwork network(42,
                             {.latency = Duration(1000), .jitter = Duration(500), .connect_failure = 0.1});
    std::vector<std::unique_ptr<Node>> nodes;
    for (int i = 1; i < 9; ++i) {
      nodes.push_back(std::make_unique<Node>(network, "10.0.0." + std::to_string(i), i));
    }
    for (auto& from : nodes) {
      for (auto& to : nodes) static_cast<void>(from->swarm.dial(to->address));
    }
    network.run_for(30s);
    std::string out;
    for (auto& node : nodes) {
      for (const PeerId& peer : node->connected) out += peer.to_string() + " ";
      for (const ConnectionInfo* info : node->swarm.connections()) out += std::to_string(info->id) + ",";
      out += "\n";
    }
    return out;
  };
  const std::string first = trace();
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(first, trace());
}

}  // namespace
}  // namespace libpreconf::libp2p
