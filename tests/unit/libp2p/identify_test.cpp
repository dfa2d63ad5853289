#include "libp2p/identify.h"

#include <gtest/gtest.h>

#include "codec/varint.h"
#include "reactor/simulated.h"
#include "support/vectors.h"

namespace libpreconf::libp2p {
namespace {

using namespace std::chrono_literals;

IdentifyMessage sample() {
  IdentifyMessage message;
  message.public_key =
      test::unhex("08011220d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737");
  message.listen_addresses = {test::unhex("047f000001062328")};
  message.protocols = {"/ipfs/ping/1.0.0",
                       "/ipfs/id/1.0.0",
                       "/ipfs/id/push/1.0.0",
                       "/meshsub/1.2.0",
                       "/meshsub/1.1.0",
                       "/meshsub/1.0.0",
                       "/floodsub/1.0.0",
                       "/taiko/167000/preconf/1/get_commitments_by_number",
                       "/taiko/167000/preconf/1/get_raw_txlist",
                       "/taiko/167000/preconf/1/get_head"};
  message.observed_address = test::unhex("047f000001069c40");
  message.protocol_version = "preconf-p2p/0.1";
  message.agent_version = "rust-libp2p/0.47.0";
  return message;
}

TEST(IdentifyMessage, GivenTheVectorsMessage_WhenEncodedAndDecoded_ThenBytesAndFieldsAreEqual) {
  const auto document = test::load_vectors("p2p-messages.json");
  const Bytes protobuf = test::bytes_of(test::member(document.get(), "identify"), "protobuf");
  EXPECT_EQ(encode_identify(sample()), protobuf);
  EXPECT_EQ(decode_identify(protobuf).value(), sample());
}

TEST(IdentifyMessage, GivenMoreThan4096Bytes_WhenEncoded_ThenAddressesGiveWayFirst) {
  IdentifyMessage message = sample();
  message.listen_addresses.assign(1000, Bytes(8, 4));
  const Bytes encoded = encode_identify(message);
  EXPECT_LE(encoded.size(), limits::kIdentifyMessage);
  const IdentifyMessage read = decode_identify(encoded).value();
  EXPECT_EQ(read.protocols, message.protocols);
  EXPECT_EQ(read.listen_addresses.size(), limits::kIdentifyAddresses);
  EXPECT_EQ(read.agent_version, message.agent_version);
  message.protocols.assign(1000, "/a/protocol/1.0.0");
  EXPECT_LE(encode_identify(message).size(), limits::kIdentifyMessage);
}

TEST(IdentifyMessage, GivenMoreThanIsKept_WhenDecoded_ThenTheRestIsLeftOut) {
  Bytes protobuf;
  for (int i = 0; i < 1000; ++i) protobuf.insert(protobuf.end(), {0x1a, 0x02, '/', 'a'});
  protobuf.insert(protobuf.end(), {0x32, 0xc8, 0x01});
  protobuf.insert(protobuf.end(), 200, 'x');
  const IdentifyMessage read = decode_identify(protobuf).value();
  EXPECT_EQ(read.protocols.size(), limits::kIdentifyProtocols);
  EXPECT_EQ(read.agent_version.size(), limits::kIdentifyText);
}

TEST(IdentifyMessage, GivenAPartialMessage_WhenMerged_ThenAbsentFieldsKeepTheirValue) {
  IdentifyMessage known = sample();
  IdentifyMessage push;
  push.protocols = {"/only/1"};
  known.merge(push);
  EXPECT_EQ(known.protocols, push.protocols);
  EXPECT_EQ(known.agent_version, sample().agent_version);
  EXPECT_EQ(known.listen_addresses, sample().listen_addresses);
}

TEST(IdentifyMessage, GivenBytesThatAreNoProtobuf_WhenDecoded_ThenMalformed) {
  EXPECT_EQ(decode_identify(test::unhex("0aff")).error().code, ErrorCode::malformed);
}

/// Identify streams alone keep no connection; these tests want to see what the streams do.
SwarmConfig patient() {
  SwarmConfig config;
  config.idle_timeout = Duration(1h);
  return config;
}

struct Node {
  Node(SimulatedNetwork& network, std::string_view ip, std::uint64_t seed, std::string_view listen = {})
      : random(seed),
        swarm(network.host(ip), random, Identity::generate(KeyType::secp256k1, random), patient(), {}),
        identify(swarm, {"preconf-p2p/0.1", "preconfd/" + std::to_string(seed)},
                 [this](const PeerId&, const IdentifyMessage&) { ++identified; }) {
    swarm.add_protocol(identify);
    const std::string host(listen.empty() ? ip : listen);
    address = swarm.listen(Multiaddr::parse("/ip4/" + host + "/tcp/9000").value()).value();
  }
  SeededRandom random;
  Swarm swarm;
  Identify identify;
  Multiaddr address;
  int identified = 0;
};

/// Serves or opens identify streams with bytes of its own.
class Speaker final : public Protocol, public StreamReceiver {
 public:
  [[nodiscard]] std::vector<std::string> protocol_ids() const override { return {"/ipfs/id/1.0.0"}; }
  StreamReceiver* on_inbound_stream(Stream& stream) override {
    for (const Bytes& part : parts) stream.write(part);
    if (closes) stream.close_write();
    return this;
  }
  void on_data(Stream&, ByteView) override {}
  void on_remote_closed(Stream&) override {}
  void on_reset(Stream&) override { ++resets; }
  std::vector<Bytes> parts;
  bool closes = true;
  int resets = 0;
};

class IdentifyTest : public testing::Test {
 protected:
  /// A peer that answers with `speaker_`, connected to `a_`.
  void connect_speaker() {
    speaking_.add_protocol(speaker_);
    ASSERT_TRUE(speaking_.dial(a_.address).has_value());
    network_.run_for(500ms);
  }
  Bytes framed(ByteView message) {
    Bytes out;
    codec::append_varint(out, message.size());
    out.insert(out.end(), message.begin(), message.end());
    return out;
  }
  SimulatedNetwork network_{1};
  Node a_{network_, "10.0.0.1", 1};
  SeededRandom random_{7};
  Speaker speaker_;
  Swarm speaking_{
      network_.host("10.0.0.7"), random_, Identity::generate(KeyType::ed25519, random_), patient(), {}};
};

TEST_F(IdentifyTest, GivenTwoNodes_WhenTheyConnect_ThenEachKnowsWhoTheOtherIs) {
  Node b(network_, "10.0.0.2", 2);
  ASSERT_TRUE(a_.swarm.dial(b.address).has_value());
  network_.run_for(500ms);
  const IdentifyMessage* const seen = a_.identify.find(b.swarm.local_peer());
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->agent_version, "preconfd/2");
  EXPECT_EQ(seen->protocol_version, "preconf-p2p/0.1");
  EXPECT_EQ(seen->protocols, (std::vector<std::string>{"/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0"}));
  ASSERT_EQ(seen->listen_addresses.size(), 1U);
  EXPECT_EQ(Multiaddr::from_bytes(seen->listen_addresses[0])->to_string(), "/ip4/10.0.0.2/tcp/9000");
  EXPECT_EQ(Multiaddr::from_bytes(seen->observed_address)->socket_address()->ip()[3], 1);
  EXPECT_EQ(b.identify.find(a_.swarm.local_peer())->agent_version, "preconfd/1");
  EXPECT_EQ(a_.identified, 1);
  EXPECT_TRUE(a_.swarm.connections().size() == 1);
}

TEST_F(IdentifyTest, GivenAListenerOnAnyAddress_WhenAsked_ThenItNamesTheOneThatWasReached) {
  Node b(network_, "10.0.0.2", 2, "0.0.0.0");
  ASSERT_TRUE(a_.swarm.dial(Multiaddr::parse("/ip4/10.0.0.2/tcp/9000").value()).has_value());
  network_.run_for(500ms);
  const IdentifyMessage* const seen = a_.identify.find(b.swarm.local_peer());
  ASSERT_NE(seen, nullptr);
  ASSERT_EQ(seen->listen_addresses.size(), 1U);
  EXPECT_EQ(Multiaddr::from_bytes(seen->listen_addresses[0])->to_string(), "/ip4/10.0.0.2/tcp/9000");
}

TEST_F(IdentifyTest, GivenANewListener_WhenPushed_ThenPeersHearOfIt) {
  Node b(network_, "10.0.0.2", 2);
  ASSERT_TRUE(a_.swarm.dial(b.address).has_value());
  network_.run_for(500ms);
  ASSERT_TRUE(b.swarm.listen(Multiaddr::parse("/ip4/10.0.0.2/tcp/9001").value()).has_value());
  b.identify.push();
  network_.run_for(500ms);
  EXPECT_EQ(a_.identify.find(b.swarm.local_peer())->listen_addresses.size(), 2U);
  EXPECT_EQ(a_.identify.counters().pushes_received, 1U);
  EXPECT_EQ(b.identify.counters().pushes_sent, 1U);
}

TEST_F(IdentifyTest, GivenAPeerThatLeft_WhenAskedFor_ThenItIsForgotten) {
  Node b(network_, "10.0.0.2", 2);
  ASSERT_TRUE(a_.swarm.dial(b.address).has_value());
  network_.run_for(500ms);
  b.swarm.shutdown(1s);
  network_.run_for(500ms);
  EXPECT_EQ(a_.identify.find(b.swarm.local_peer()), nullptr);
}

TEST_F(IdentifyTest, GivenAMessageInSeveralFrames_WhenReceived_ThenTheyAreMerged) {
  IdentifyMessage first;
  first.agent_version = "chunked";
  IdentifyMessage second;
  second.protocols = {"/a/1"};
  speaker_.parts = {framed(encode_identify(first)), framed(encode_identify(second))};
  connect_speaker();
  const IdentifyMessage* const seen = a_.identify.find(speaking_.local_peer());
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->agent_version, "chunked");
  EXPECT_EQ(seen->protocols, std::vector<std::string>{"/a/1"});
}

TEST_F(IdentifyTest, GivenAnotherPeersKey_WhenReceived_ThenTheMessageIsDropped) {
  speaker_.parts = {framed(encode_identify(sample()))};
  connect_speaker();
  EXPECT_EQ(a_.identify.find(speaking_.local_peer()), nullptr);
  EXPECT_EQ(a_.identify.counters().refused, 1U);
  EXPECT_TRUE(a_.swarm.is_connected(speaking_.local_peer()));
}

TEST_F(IdentifyTest, GivenAnswersThatBreakTheRules_WhenReceived_ThenTheStreamIsReset) {
  speaker_.parts = {test::unhex("818001")};
  connect_speaker();
  EXPECT_EQ(a_.identify.counters().refused, 1U);
  EXPECT_EQ(speaker_.resets, 1);
}

TEST_F(IdentifyTest, GivenTooManyFrames_WhenReceived_ThenTheStreamIsReset) {
  speaker_.parts.assign(limits::kIdentifyParts + 1, framed(Bytes{}));
  connect_speaker();
  EXPECT_EQ(a_.identify.counters().refused, 1U);
}

TEST_F(IdentifyTest, GivenAnAnswerThatIsTooLong_WhenItsLengthComes_ThenTheStreamIsReset) {
  Bytes length;
  codec::append_varint(length, limits::kIdentifyReceived + 1);
  speaker_.parts = {length};
  speaker_.closes = false;
  connect_speaker();
  EXPECT_EQ(a_.identify.counters().refused, 1U);
}

TEST_F(IdentifyTest, GivenAnAnswerThatNeverEnds_WhenTheTimeIsUp_ThenTheStreamIsReset) {
  speaker_.parts = {test::unhex("0a")};
  speaker_.closes = false;
  connect_speaker();
  network_.run_for(59s);
  EXPECT_EQ(a_.identify.counters().failed, 0U);
  network_.run_for(2s);
  EXPECT_EQ(a_.identify.counters().failed, 1U);
  EXPECT_EQ(speaker_.resets, 1);
}

}  // namespace
}  // namespace libpreconf::libp2p
