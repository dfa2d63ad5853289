#include "libp2p/ping.h"

#include <gtest/gtest.h>

#include "reactor/simulated.h"

namespace libpreconf::libp2p {
namespace {

using namespace std::chrono_literals;

SwarmConfig patient() {
  SwarmConfig config;
  config.idle_timeout = Duration(1h);
  return config;
}

struct Node {
  Node(SimulatedNetwork& network, std::string_view ip, std::uint64_t seed, bool serves = true)
      : random(seed),
        swarm(network.host(ip), random, Identity::generate(KeyType::ed25519, random), patient(), {}),
        ping(swarm) {
    if (serves) swarm.add_protocol(ping);
    address = swarm.listen(Multiaddr::parse("/ip4/" + std::string(ip) + "/tcp/9000").value()).value();
  }
  SeededRandom random;
  Swarm swarm;
  Ping ping;
  Multiaddr address;
};

struct Client final : StreamReceiver {
  void on_data(Stream&, ByteView bytes) override { data.insert(data.end(), bytes.begin(), bytes.end()); }
  void on_remote_closed(Stream&) override { ++remote_closed; }
  void on_reset(Stream&) override {
    ++resets;
    stream = nullptr;
  }
  void open(Swarm& swarm) {
    handle = swarm.open_stream(swarm.connections().at(0)->id, {"/ipfs/ping/1.0.0"},
                               [this](Result<Stream*> result) {
                                 if (!result) return;
                                 stream = *result;
                                 stream->set_receiver(this);
                               });
  }
  Handle handle;
  Stream* stream = nullptr;
  Bytes data;
  int remote_closed = 0;
  int resets = 0;
};

/// Serves ping streams and answers nothing, or nonsense.
class BadPing final : public Protocol, public StreamReceiver {
 public:
  [[nodiscard]] std::vector<std::string> protocol_ids() const override { return {"/ipfs/ping/1.0.0"}; }
  StreamReceiver* on_inbound_stream(Stream&) override { return this; }
  void on_data(Stream& stream, ByteView bytes) override {
    if (nonsense) stream.write(Bytes(bytes.size(), 0));
  }
  void on_remote_closed(Stream&) override {}
  void on_reset(Stream&) override { ++resets; }
  bool nonsense = false;
  int resets = 0;
};

class PingTest : public testing::Test {
 protected:
  void connect(Node& from, const Multiaddr& to) {
    ASSERT_TRUE(from.swarm.dial(to).has_value());
    network_.run_for(100ms);
  }
  SimulatedNetwork network_{1};
  Node a_{network_, "10.0.0.1", 1};
};

TEST_F(PingTest, GivenTwoNodes_WhenTimePasses_ThenEachPingsEvery15Seconds) {
  Node b(network_, "10.0.0.2", 2);
  connect(a_, b.address);
  EXPECT_EQ(a_.ping.counters().answered, 1U);
  EXPECT_EQ(b.ping.counters().answered, 1U);
  const auto connection = a_.swarm.connections().at(0)->id;
  ASSERT_TRUE(a_.ping.round_trip(connection).has_value());
  EXPECT_EQ(*a_.ping.round_trip(connection), Duration(2ms));
  network_.run_for(60s);
  EXPECT_EQ(a_.ping.counters().answered, 4U + 1U);
  EXPECT_EQ(a_.ping.counters().failed, 0U);
  EXPECT_EQ(b.ping.counters().echoed, a_.ping.counters().sent);
  EXPECT_EQ(a_.ping.round_trips().count(), a_.ping.counters().answered);
}

TEST_F(PingTest, GivenAClient_WhenItPingsInPieces_ThenEach32BytesComeBack) {
  Node b(network_, "10.0.0.2", 2, false);
  connect(b, a_.address);
  Client client;
  client.open(b.swarm);
  network_.run_for(100ms);
  Bytes payload(96);
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::uint8_t>(i);
  client.stream->write(ByteView(payload).first(20));
  network_.run_for(100ms);
  EXPECT_TRUE(client.data.empty());
  client.stream->write(ByteView(payload).subspan(20));
  network_.run_for(100ms);
  EXPECT_EQ(client.data, payload);
  client.stream->close_write();
  network_.run_for(100ms);
  EXPECT_EQ(client.remote_closed, 1);
}

TEST_F(PingTest, GivenASecondInboundStream_WhenItOpens_ThenTheNewestIsServed) {
  Node b(network_, "10.0.0.2", 2, false);
  connect(b, a_.address);
  Client first;
  Client second;
  first.open(b.swarm);
  network_.run_for(100ms);
  second.open(b.swarm);
  network_.run_for(100ms);
  EXPECT_EQ(first.resets, 1);
  second.stream->write(Bytes(32, 5));
  network_.run_for(100ms);
  EXPECT_EQ(second.data, Bytes(32, 5));
}

TEST_F(PingTest, GivenAPeerWithoutPing_WhenConnected_ThenItIsNotAskedAgain) {
  Node b(network_, "10.0.0.2", 2, false);
  connect(b, a_.address);
  network_.run_for(120s);
  EXPECT_EQ(a_.ping.counters().sent, 0U);
  EXPECT_EQ(a_.ping.counters().failed, 0U);
  EXPECT_TRUE(a_.swarm.is_connected(b.swarm.local_peer()));
}

TEST_F(PingTest, GivenAWrongEcho_WhenItComes_ThenTheStreamIsGivenUpAndTheConnectionStays) {
  SeededRandom random(8);
  BadPing bad;
  bad.nonsense = true;
  Swarm swarm(network_.host("10.0.0.8"), random, Identity::generate(KeyType::ed25519, random), patient(), {});
  swarm.add_protocol(bad);
  ASSERT_TRUE(swarm.dial(a_.address).has_value());
  network_.run_for(70s);
  EXPECT_GE(a_.ping.counters().failed, 4U);
  EXPECT_EQ(a_.ping.counters().answered, 0U);
  EXPECT_TRUE(a_.swarm.is_connected(swarm.local_peer()));
}

TEST_F(PingTest, GivenAPeerThatIsGone_WhenPingsFailAndNothingComes_ThenTheConnectionIsClosed) {
  Node b(network_, "10.0.0.2", 2);
  connect(a_, b.address);
  network_.run_for(16s);
  network_.set_connected("10.0.0.1", "10.0.0.2", false);
  network_.run_for(50s);
  EXPECT_EQ(a_.ping.counters().connections_closed, 0U);
  network_.run_for(200s);
  EXPECT_EQ(a_.ping.counters().connections_closed, 1U);
  EXPECT_TRUE(a_.swarm.connections().empty());
}

TEST_F(PingTest, GivenAPeerThatAnswersNoPingsButTalks_WhenTimePasses_ThenTheConnectionStays) {
  SeededRandom random(8);
  BadPing silent;
  Swarm swarm(network_.host("10.0.0.8"), random, Identity::generate(KeyType::ed25519, random), patient(), {});
  swarm.add_protocol(silent);
  ASSERT_TRUE(swarm.dial(a_.address).has_value());
  network_.run_for(100ms);
  Client client;
  client.open(swarm);
  network_.run_for(100ms);
  for (int i = 0; i < 60; ++i) {
    client.stream->write(Bytes(32, 1));
    network_.run_for(5s);
  }
  EXPECT_GE(a_.ping.counters().failed, 5U);
  EXPECT_TRUE(a_.swarm.is_connected(swarm.local_peer()));
}

}  // namespace
}  // namespace libpreconf::libp2p
