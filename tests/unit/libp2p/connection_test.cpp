#include "libp2p/connection.h"

#include <gtest/gtest.h>

#include "support/connection_pair.h"
#include "support/raw_dialer.h"
#include "support/vectors.h"

namespace libpreconf::libp2p {
namespace {

using test::ConnectionPair;
using test::StreamLog;

/// Opens a stream from `side` and keeps what comes of it.
struct Opened {
  Opened(test::ConnectionSide& side, std::vector<std::string> protocols) {
    OnStream on_stream = [this](Result<Stream*> result) {
      ++calls;
      if (!result) {
        error = result.error();
        return;
      }
      log.stream = *result;
      (*result)->set_receiver(&log);
    };
    auto opened = side.connection->open_stream(std::move(protocols), on_stream);
    if (opened) {
      handle = std::move(*opened);
    } else {
      refused = opened.error();
    }
  }
  StreamLog log;
  Handle handle;
  int calls = 0;
  std::optional<Error> error;
  std::optional<Error> refused;
};

TEST(Connection, GivenTheVectorsKeys_WhenADialerStarts_ThenItsFirstFlightIsTheVectors) {
  const auto document = test::load_vectors("p2p-messages.json");
  json_t* const noise = test::member(document.get(), "noise");
  json_t* const initiator = test::member(noise, "initiator");
  SeededRandom random(1);
  const Identity identity = Identity::generate(KeyType::ed25519, random);
  const auto key = [&](const char* name) {
    return crypto::X25519KeyPair::from_secret(take_fixed<32>(test::bytes_of(initiator, name)));
  };
  const NoiseIdentity local(identity, key("static_secret"));
  ConnectionUpgrade upgrade(Direction::outbound, local, key("ephemeral_secret"), {});
  Bytes out;
  upgrade.start(out);
  EXPECT_EQ(out, test::bytes_of(noise, "tcp_first_flight_initiator"));
}

TEST(Connection, GivenAnySplitOfTheReads_WhenTwoMeet_ThenBothAreOpenAndKnowEachOther) {
  for (const std::size_t piece : {1, 2, 3, 7, 20, 50, 1000}) {
    for (const KeyType type : {KeyType::ed25519, KeyType::secp256k1}) {
      ConnectionPair pair({}, type);
      pair.run(piece);
      ASSERT_TRUE(pair.dialer.connection->is_open() && pair.listener.connection->is_open()) << piece;
      EXPECT_FALSE(pair.dialer.connection->is_upgrading());
      EXPECT_EQ(pair.dialer.connection->info().peer, pair.listener.identity.peer_id());
      EXPECT_EQ(pair.listener.connection->info().peer, pair.dialer.identity.peer_id());
      EXPECT_EQ(pair.dialer.connection->info().remote_address, "/ip4/10.0.0.2/tcp/9000");
      EXPECT_EQ(pair.dialer.upgraded, 1);
      EXPECT_EQ(pair.listener.upgraded, 1);
      EXPECT_GE(pair.listener.progress, 2);
    }
  }
}

TEST(Connection, GivenADialer_WhenItHasProofOfThePeer_ThenItMayOpenStreamsBeforeTheMuxersEcho) {
  ConnectionPair pair;
  pair.ends.pipe->move(0, 1000);  // header, /noise, message 1
  pair.ends.pipe->move(1, 1000);  // header, /noise, message 2
  EXPECT_TRUE(pair.dialer.connection->is_open());
  EXPECT_TRUE(pair.dialer.connection->is_upgrading());
  Opened opened(pair.dialer, {"/echo/1"});
  pair.run();
  EXPECT_FALSE(pair.dialer.connection->is_upgrading());
  EXPECT_EQ(opened.calls, 1);
  EXPECT_NE(opened.log.stream, nullptr);
}

TEST(Connection, GivenAnExpectedPeer_WhenAnotherAnswers_ThenTheDialFails) {
  SeededRandom random(9);
  ConnectionPair pair(Identity::generate(KeyType::ed25519, random).peer_id());
  pair.run();
  EXPECT_EQ(pair.dialer.closed, 1);
  EXPECT_EQ(pair.dialer.cause.code, ErrorCode::refused);
  EXPECT_EQ(pair.dialer.upgraded, 0);
  EXPECT_EQ(pair.listener.upgraded, 0);
}

TEST(Connection, GivenAStream_WhenBytesGoBothWays_ThenTheyArriveWhole) {
  ConnectionPair pair;
  pair.listener.echo = true;
  pair.run();
  Opened opened(pair.dialer, {"/none/1", "/echo/1"});
  pair.run();
  ASSERT_NE(opened.log.stream, nullptr);
  EXPECT_EQ(opened.log.stream->protocol(), "/echo/1");
  EXPECT_EQ(opened.log.stream->direction(), Direction::outbound);
  Bytes sent(3'000'000);
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<std::uint8_t>(i % 251);
  opened.log.stream->write(std::make_shared<const Bytes>(sent));
  opened.log.stream->write(as_bytes("end"));
  opened.log.stream->close_write();
  pair.run();
  sent.insert(sent.end(), {'e', 'n', 'd'});
  EXPECT_EQ(opened.log.data, sent);
  EXPECT_EQ(opened.log.remote_closed, 1);
  EXPECT_EQ(opened.log.resets, 0);
  EXPECT_EQ(pair.dialer.connection->stream_count(), 0U);
  EXPECT_EQ(pair.listener.connection->stream_count(), 0U);
}

TEST(Connection, GivenSmallWritesOfOneTurn_WhenFlushed_ThenOneNoiseMessageCarriesThem) {
  ConnectionPair pair;
  pair.run();
  Opened first(pair.dialer, {"/echo/1"});
  Opened second(pair.dialer, {"/sink/1"});
  pair.run();
  for (int i = 0; i < 10; ++i) {
    first.log.stream->write(as_bytes("0123456789"));
    second.log.stream->write(as_bytes("0123456789"));
  }
  pair.dialer.flush();
  EXPECT_EQ(pair.ends.pipe->wire(0).size(), NoiseTransport::kOverhead + 2 * (YamuxHeader::kSize + 100));
}

TEST(Connection, GivenARemoteWithoutTheProtocol_WhenAStreamIsOpened_ThenTheCallerHearsUnsupported) {
  ConnectionPair pair;
  pair.run();
  Opened opened(pair.dialer, {"/none/1", "/none/2"});
  pair.run();
  ASSERT_EQ(opened.calls, 1);
  EXPECT_EQ(opened.error->code, ErrorCode::unsupported);
  EXPECT_EQ(pair.dialer.connection->stream_count(), 0U);
  EXPECT_EQ(pair.listener.connection->stream_count(), 0U);
  EXPECT_EQ(pair.dialer.counters.negotiations_failed, 1U);
}

TEST(Connection, GivenAnOpenUnderWay_WhenItsHandleGoes_ThenTheCallbackNeverRuns) {
  ConnectionPair pair;
  pair.run();
  Opened opened(pair.dialer, {"/echo/1"});
  pair.dialer.flush();
  opened.handle.reset();
  pair.run();
  EXPECT_EQ(opened.calls, 0);
  EXPECT_EQ(pair.dialer.connection->stream_count(), 0U);
  EXPECT_EQ(pair.listener.connection->stream_count(), 0U);
}

TEST(Connection, GivenAnAgreedStream_WhenTheOldHandleGoes_ThenTheStreamStays) {
  ConnectionPair pair;
  pair.run();
  Opened opened(pair.dialer, {"/echo/1"});
  pair.run();
  opened.handle.reset();
  opened.log.stream->write(as_bytes("still here"));
  pair.run();
  ASSERT_EQ(pair.listener.logs.size(), 1U);
  EXPECT_EQ(as_text(pair.listener.logs[0]->data), "still here");
}

TEST(Connection, GivenANegotiationThatStandsStill_WhenItsTimeIsUp_ThenItFails) {
  ConnectionPair pair;
  pair.run();
  Opened opened(pair.dialer, {"/echo/1"});
  pair.dialer.flush();
  pair.ends.pipe->wire(0).clear();  // lost on the way: the listener never answers
  pair.dialer.connection->expire_negotiations(pair.dialer.time - Duration(1));
  EXPECT_EQ(opened.calls, 0);
  pair.dialer.connection->expire_negotiations(pair.dialer.time);
  ASSERT_EQ(opened.calls, 1);
  EXPECT_EQ(opened.error->code, ErrorCode::timed_out);
}

TEST(Connection, GivenAProtocolThatRefusesTheStream_WhenItAgreed_ThenTheStreamIsReset) {
  ConnectionPair pair;
  pair.listener.accepts = false;
  pair.run();
  Opened opened(pair.dialer, {"/echo/1"});
  pair.run();
  EXPECT_EQ(opened.calls, 1);
  EXPECT_TRUE(opened.error.has_value());
  EXPECT_EQ(pair.listener.connection->stream_count(), 0U);
}

Bytes yamux_frame(YamuxType type, std::uint16_t flags, std::uint32_t stream, ByteView body) {
  Bytes out(YamuxHeader::kSize);
  YamuxHeader{0, static_cast<std::uint8_t>(type), flags, stream, static_cast<std::uint32_t>(body.size())}
      .encode(std::span(out).first<YamuxHeader::kSize>());
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

TEST(Connection, GivenTooManyNegotiations_WhenAnotherStreamComes_ThenItAloneIsReset) {
  test::ConnectionSide listener(KeyType::ed25519, 4);
  test::RawDialer dialer(listener);
  ASSERT_TRUE(listener.connection->is_open());
  // Streams that say only the first byte of the header: they negotiate until their time is up.
  std::uint32_t id = 1;
  for (std::size_t i = 0; i < limits::kNegotiatingStreams; ++i, id += 2) {
    dialer.send(yamux_frame(YamuxType::data, kYamuxSyn, id, Bytes{0x13}));
  }
  EXPECT_TRUE(dialer.take().empty());
  dialer.send(yamux_frame(YamuxType::data, kYamuxSyn, id, Bytes{0x13}));
  EXPECT_EQ(dialer.take(), yamux_frame(YamuxType::data, kYamuxRst, id, {}));
  EXPECT_EQ(listener.connection->stream_count(), limits::kNegotiatingStreams);
  EXPECT_EQ(listener.counters.negotiations_refused, 1U);
  listener.connection->expire_negotiations(listener.time);
  EXPECT_EQ(listener.connection->stream_count(), 0U);
  EXPECT_EQ(listener.closed, 0);
}

TEST(Connection, GivenAYamuxFault_WhenReceived_ThenGoAwayWithCode1AndTheEnd) {
  test::ConnectionSide listener(KeyType::ed25519, 4);
  test::RawDialer dialer(listener);
  dialer.send(test::unhex("00ff00000000000000000000"));
  EXPECT_EQ(listener.closed, 1);
  EXPECT_EQ(listener.cause.code, ErrorCode::invalid);
  EXPECT_EQ(dialer.take(), test::unhex("000300000000000000000001"));
}

TEST(Connection, GivenAnInboundStream_WhenItsDialerIsLazy_ThenTheDataBehindTheProposalArrives) {
  test::ConnectionSide listener(KeyType::ed25519, 4);
  test::RawDialer dialer(listener);
  Bytes body;
  append_multistream(body, "/multistream/1.0.0");
  append_multistream(body, "/sink/1");
  Bytes answer = body;
  body.insert(body.end(), {'d', 'a', 't', 'a'});
  dialer.send(yamux_frame(YamuxType::data, kYamuxSyn | kYamuxFin, 1, body));
  ASSERT_EQ(listener.logs.size(), 1U);
  EXPECT_EQ(as_text(listener.logs[0]->data), "data");
  EXPECT_EQ(listener.logs[0]->remote_closed, 1);
  EXPECT_EQ(dialer.take(), yamux_frame(YamuxType::data, kYamuxAck, 1, answer));
}

TEST(Connection, GivenAStreamThatEndsInItsNegotiation_WhenItCloses_ThenItIsForgotten) {
  test::ConnectionSide listener(KeyType::ed25519, 4);
  test::RawDialer dialer(listener);
  dialer.send(yamux_frame(YamuxType::data, kYamuxSyn | kYamuxFin, 1, Bytes{0x13}));
  EXPECT_EQ(listener.connection->stream_count(), 0U);
  dialer.send(yamux_frame(YamuxType::data, kYamuxSyn, 3, Bytes{0x13}));
  dialer.send(yamux_frame(YamuxType::data, kYamuxRst, 3, {}));
  EXPECT_EQ(listener.connection->stream_count(), 0U);
  EXPECT_EQ(listener.counters.negotiations_failed, 2U);
  EXPECT_TRUE(listener.logs.empty());
}

TEST(Connection, GivenAClose_WhenAskedFor_ThenStreamsHearItAndTheRemoteIsToldGoAway) {
  ConnectionPair pair;
  pair.run();
  Opened opened(pair.dialer, {"/echo/1"});
  pair.run();
  opened.log.stream->write(as_bytes("last words"));
  pair.dialer.connection->request_close({ErrorCode::closed, "enough"});
  EXPECT_EQ(opened.log.resets, 0) << "not inside the call";
  EXPECT_EQ(pair.dialer.closed, 0);
  pair.dialer.flush();
  EXPECT_EQ(opened.log.resets, 1);
  EXPECT_EQ(pair.dialer.closed, 1);
  EXPECT_EQ(pair.dialer.cause.message, "enough");
  pair.ends.pipe->pump();
  EXPECT_EQ(as_text(pair.listener.logs[0]->data), "last words");
  EXPECT_EQ(pair.listener.closed, 1);
  EXPECT_EQ(pair.listener.cause.code, ErrorCode::closed);
  EXPECT_EQ(pair.listener.logs[0]->resets, 1);
  Opened late(pair.dialer, {"/echo/1"});
  EXPECT_EQ(late.refused->code, ErrorCode::closed);
}

TEST(Connection, GivenASocketThatBreaks_WhenItEnds_ThenOpensAndStreamsHearIt) {
  ConnectionPair pair;
  pair.run();
  Opened agreed(pair.dialer, {"/echo/1"});
  pair.run();
  Opened waiting(pair.dialer, {"/echo/1"});
  pair.ends.pipe->cut(0);
  EXPECT_EQ(agreed.log.resets, 1);
  EXPECT_EQ(waiting.error->code, ErrorCode::closed);
  EXPECT_EQ(pair.dialer.closed, 1);
}

TEST(Connection, GivenAFullNode_WhenTheUpgradeEnds_ThenTheConnectionIsClosed) {
  ConnectionPair pair;
  pair.listener.refuses = true;
  pair.run();
  EXPECT_EQ(pair.listener.closed, 1);
  EXPECT_EQ(pair.listener.cause.code, ErrorCode::limit);
  EXPECT_EQ(pair.dialer.closed, 1);
}

TEST(Connection, GivenMuchOutput_WhenFlushed_ThenOneTurnSealsAShareAndAsksForAnother) {
  ConnectionPair pair;
  pair.run();
  Opened first(pair.dialer, {"/sink/1"});
  Opened second(pair.dialer, {"/sink/1"});
  pair.run();
  first.log.stream->write(Bytes(250'000, 1));
  second.log.stream->write(Bytes(250'000, 1));
  pair.dialer.flush();
  EXPECT_GE(pair.ends.pipe->wire(0).size(), limits::kSealedPerTurn);
  EXPECT_LE(pair.ends.pipe->wire(0).size(), limits::kSealedPerTurn + limits::kNoiseFrameSent);
  EXPECT_TRUE(pair.dialer.dirty);
  pair.run();
  EXPECT_EQ(pair.listener.logs.at(0)->data.size() + pair.listener.logs.at(1)->data.size(), 500'000U);
}

TEST(Connection, GivenARemoteThatDoesNotRead_WhenMuchIsWritten_ThenTheSocketsQueueIsBoundedAndTheRestWaits) {
  ConnectionPair pair;
  pair.run();
  const auto block = std::make_shared<const Bytes>(Bytes(200'000, 1));
  std::vector<std::unique_ptr<Opened>> streams;
  for (int i = 0; i < 20; ++i) {
    streams.push_back(std::make_unique<Opened>(pair.dialer, std::vector<std::string>{"/sink/1"}));
  }
  pair.run();
  for (auto& one : streams) one->log.stream->write(block);
  while (pair.dialer.dirty) pair.dialer.flush();
  EXPECT_GT(pair.ends.pipe->wire(0).size(), TcpConnection::kOutputHighWater);
  EXPECT_LE(pair.ends.pipe->wire(0).size(), TcpConnection::kOutputHighWater + limits::kNoiseFrameSent);
  EXPECT_GT(streams.back()->log.stream->queued(), 0U);
  EXPECT_EQ(streams.back()->log.writable, 0);
  pair.run();
  EXPECT_EQ(streams.back()->log.stream->queued(), 0U);
  EXPECT_EQ(streams.back()->log.writable, 1);
}

TEST(Connection, GivenAStreamThatQueuesWithoutEnd_WhenTheBackstopIsReached_ThenTheConnectionCloses) {
  ConnectionPair pair;
  pair.run();
  Opened opened(pair.dialer, {"/sink/1"});
  pair.run();
  const auto block = std::make_shared<const Bytes>(Bytes(1 << 20, 1));
  for (int i = 0; i < 40; ++i) opened.log.stream->write(block);
  pair.dialer.flush();
  EXPECT_EQ(pair.dialer.closed, 1);
  EXPECT_EQ(pair.dialer.cause.code, ErrorCode::limit);
}

TEST(Connection, GivenStreams_WhenTheyComeAndGo_ThenIdlenessFollowsThoseThatCount) {
  ConnectionPair pair;
  pair.run();
  EXPECT_EQ(pair.dialer.connection->idle_since(), pair.dialer.time);
  Opened ping(pair.dialer, {"/ping"});
  EXPECT_FALSE(pair.dialer.connection->idle_since().has_value()) << "negotiating counts";
  pair.dialer.time += std::chrono::seconds(3);
  pair.run();
  EXPECT_EQ(pair.dialer.connection->idle_since(), pair.dialer.time) << "ping does not count";
  Opened echo(pair.dialer, {"/echo/1"});
  pair.run();
  EXPECT_FALSE(pair.dialer.connection->idle_since().has_value());
  pair.dialer.time += std::chrono::seconds(3);
  echo.log.stream->reset();
  pair.run();
  EXPECT_EQ(pair.dialer.connection->idle_since(), pair.dialer.time);
}

TEST(Connection, GivenAByteChangedAnywhere_WhenAnUpgradedConnectionReadsIt_ThenItEndsAndDeliversNothing) {
  for (std::size_t at = 0; at < 40; ++at) {
    ConnectionPair pair;
    pair.run();
    Opened opened(pair.dialer, {"/sink/1"});
    pair.run();
    opened.log.stream->write(as_bytes("payload"));
    pair.dialer.flush();
    Bytes& wire = pair.ends.pipe->wire(0);
    if (at >= wire.size()) break;
    wire[at] ^= 0x01;
    wire.insert(wire.end(), 70'000, 0);  // so that a longer length finds its bytes
    pair.ends.pipe->move(0, 1 << 16);
    EXPECT_EQ(pair.listener.closed, 1) << at;
    EXPECT_TRUE(pair.listener.logs[0]->data.empty());
  }
}

}  // namespace
}  // namespace libpreconf::libp2p
