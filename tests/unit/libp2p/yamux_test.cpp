#include "unit/libp2p/yamux_ends.h"

namespace libpreconf::libp2p {
namespace {

using namespace yamux_test;

class Yamux : public YamuxFixture {};

TEST_F(Yamux, GivenTheVectors_WhenDecodedAndEncoded_ThenHeadersAreEqual) {
  const auto document = test::load_vectors("p2p-messages.json");
  json_t* const frames = test::member(document.get(), "yamux");
  const YamuxHeader expected[] = {{0, 0, 1, 1, 20},         {0, 1, 1, 1, 0},      {0, 1, 2, 1, 0},
                                  {0, 0, 2, 1, 20},         {0, 0, 4, 1, 0},      {0, 0, 6, 1, 0},
                                  {0, 0, 8, 1, 0},          {0, 1, 0, 1, 131072}, {0, 2, 1, 0, 0xdeadbeef},
                                  {0, 2, 2, 0, 0xdeadbeef}, {0, 3, 0, 0, 0},      {0, 3, 0, 0, 1},
                                  {0, 3, 0, 0, 2}};
  ASSERT_EQ(json_array_size(frames), std::size(expected));
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    Bytes bytes = test::bytes_of(json_array_get(frames, i), "frame");
    const YamuxHeader decoded = header(bytes);
    EXPECT_EQ(decoded.type, expected[i].type);
    EXPECT_EQ(decoded.flags, expected[i].flags);
    EXPECT_EQ(decoded.stream, expected[i].stream);
    EXPECT_EQ(decoded.length, expected[i].length);
    Bytes encoded(YamuxHeader::kSize);
    decoded.encode(std::span(encoded).first<YamuxHeader::kSize>());
    bytes.resize(YamuxHeader::kSize);
    EXPECT_EQ(encoded, bytes);
  }
}

TEST_F(Yamux, GivenANewStream_WhenItWrites_ThenSynRidesOnTheFirstFrameOnly) {
  YamuxStream& stream = dialer_.open();
  EXPECT_TRUE(dialer_.take().empty()) << "opening alone sends nothing";
  stream.write(unhex("132f6d756c746973747265616d2f312e302e300a"));
  EXPECT_EQ(dialer_.take(), unhex("000000010000000100000014132f6d756c746973747265616d2f312e302e300a"));
  stream.write(Bytes{1});
  EXPECT_EQ(dialer_.take(), unhex("00000000000000010000000101"));
}

TEST_F(Yamux, GivenAnInboundStream_WhenItAnswers_ThenAckRidesOnTheFirstFrame) {
  ASSERT_TRUE(listener_.receive("0000000100000001000000026869").has_value());
  ASSERT_EQ(listener_.inbound.size(), 1U);
  EXPECT_EQ(as_text(listener_.heard.data), "hi");
  listener_.inbound[0]->write(as_bytes("yo"));
  EXPECT_EQ(listener_.take(), unhex("000000020000000100000002796f"));
  listener_.inbound[0]->write(as_bytes("!"));
  EXPECT_EQ(header(listener_.take()).flags, 0);
}

TEST_F(Yamux, GivenSynOnAWindowUpdate_WhenReceived_ThenTheStreamOpensWithTheCreditAdded) {
  ASSERT_TRUE(listener_.receive(frame(YamuxType::window_update, kYamuxSyn, 1, 1000)).has_value());
  ASSERT_EQ(listener_.inbound.size(), 1U);
  listener_.inbound[0]->write(Bytes(limits::kYamuxInitialWindow + 2000, 1));
  static_cast<void>(listener_.take());
  EXPECT_EQ(listener_.inbound[0]->queued(), 1000U);
}

TEST_F(Yamux, GivenBothSides_WhenEitherOpens_ThenIdsAreOddAndEven) {
  EXPECT_EQ(dialer_.open().id(), 1U);
  EXPECT_EQ(dialer_.open().id(), 3U);
  EXPECT_EQ(listener_.open().id(), 2U);
  EXPECT_EQ(listener_.open().id(), 4U);
}

TEST_F(Yamux, GivenFramesInAnySplit_WhenReceived_ThenTheDataIsWhole) {
  const Bytes body(300, 7);
  Bytes wire = data(kYamuxSyn, 1, body);
  const Bytes last = data(kYamuxFin, 1, {8});
  wire.insert(wire.end(), last.begin(), last.end());
  for (std::size_t piece = 1; piece < 40; ++piece) {
    End end(Direction::inbound);
    for (std::size_t at = 0; at < wire.size(); at += piece) {
      const std::size_t size = std::min(piece, wire.size() - at);
      ASSERT_TRUE(end.session.receive(ByteView(wire).subspan(at, size), end.now).has_value());
    }
    EXPECT_EQ(end.heard.data.size(), 301U);
    EXPECT_EQ(end.heard.remote_closed, 1);
  }
}

TEST_F(Yamux, GivenMoreThanTheWindow_WhenWritten_ThenTheRestWaitsForCredit) {
  YamuxStream& stream = dialer_.open();
  stream.write(Bytes(limits::kYamuxInitialWindow + 5, 1));
  const Bytes first = dialer_.take();
  EXPECT_EQ(stream.queued(), 5U);
  EXPECT_FALSE(dialer_.session.has_output());
  EXPECT_EQ(dialer_.heard.writable, 0);
  ASSERT_TRUE(dialer_.receive(frame(YamuxType::window_update, kYamuxAck, 1, 3)).has_value());
  EXPECT_EQ(dialer_.take().size(), YamuxHeader::kSize + 3);
  ASSERT_TRUE(dialer_.receive(frame(YamuxType::window_update, 0, 1, 100)).has_value());
  EXPECT_EQ(dialer_.take().size(), YamuxHeader::kSize + 2);
  EXPECT_EQ(stream.queued(), 0U);
  EXPECT_EQ(dialer_.heard.writable, 1);
  EXPECT_EQ(dialer_.session.queued(), 0U);
}

TEST_F(Yamux, GivenHalfOfTheWindowUsed_WhenTheReceiverReads_ThenCreditIsGranted) {
  YamuxStream& stream = dialer_.open();
  stream.write(Bytes(limits::kYamuxInitialWindow / 2 - 1, 1));
  ASSERT_TRUE(listener_.receive(dialer_.take()).has_value());
  EXPECT_FALSE(listener_.session.has_output()) << "not half yet";
  stream.write(Bytes(1, 1));
  ASSERT_TRUE(listener_.receive(dialer_.take()).has_value());
  const YamuxHeader update = header(listener_.take());
  EXPECT_EQ(update.type, static_cast<std::uint8_t>(YamuxType::window_update));
  EXPECT_EQ(update.flags, kYamuxAck);
  EXPECT_EQ(update.length, limits::kYamuxReceiveWindow - limits::kYamuxInitialWindow / 2);
}

TEST_F(Yamux, GivenAReceiverThatStoppedReading_WhenItReadsAgain_ThenCreditComesThen) {
  YamuxStream& stream = dialer_.open();
  stream.write(Bytes(1, 1));
  exchange();
  listener_.inbound.at(0)->set_reading(false);
  stream.write(Bytes(limits::kYamuxInitialWindow - 1, 1));
  exchange();
  EXPECT_EQ(listener_.heard.data.size(), limits::kYamuxInitialWindow);
  EXPECT_FALSE(listener_.session.has_output());
  listener_.inbound[0]->set_reading(true);
  EXPECT_EQ(header(listener_.take()).type, static_cast<std::uint8_t>(YamuxType::window_update));
}

TEST_F(Yamux, GivenTenMegabytes_WhenSent_ThenTheyArriveInOrderAndTheWindowNeverBreaks) {
  Bytes sent(10 << 20);
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<std::uint8_t>(i * 7 + (i >> 13));
  YamuxStream& stream = dialer_.open();
  stream.write(std::make_shared<const Bytes>(sent));
  stream.close_write();
  exchange();
  EXPECT_EQ(listener_.heard.data, sent);
  EXPECT_EQ(listener_.heard.remote_closed, 1);
}

TEST_F(Yamux, GivenAHalfClosedStream_WhenTheOtherSideWrites_ThenItStillArrives) {
  YamuxStream& stream = dialer_.open();
  stream.write(as_bytes("ask"));
  stream.close_write();
  exchange();
  EXPECT_EQ(listener_.heard.remote_closed, 1);
  EXPECT_EQ(dialer_.session.stream_count(), 1U);
  listener_.inbound[0]->write(as_bytes("answer"));
  listener_.inbound[0]->close_write();
  exchange();
  EXPECT_EQ(as_text(dialer_.heard.data), "answer");
  EXPECT_EQ(dialer_.heard.remote_closed, 1);
  EXPECT_EQ(dialer_.heard.reset, 0);
  EXPECT_EQ(dialer_.session.stream_count(), 0U);
  EXPECT_EQ(listener_.session.stream_count(), 0U);
}

TEST_F(Yamux, GivenAStreamThatOnlyCloses_WhenSent_ThenItIsOneFrame) {
  dialer_.open().close_write();
  EXPECT_EQ(dialer_.take(), unhex("000000050000000100000000"));
  ASSERT_TRUE(listener_.receive("000000050000000100000000").has_value());
  listener_.inbound[0]->close_write();
  EXPECT_EQ(listener_.take(), unhex("000000060000000100000000"));
}

TEST_F(Yamux, GivenWritesAfterClosing_WhenSent_ThenTheyAreDropped) {
  YamuxStream& stream = dialer_.open();
  stream.close_write();
  stream.write(Bytes{1});
  EXPECT_EQ(stream.queued(), 0U);
}

TEST_F(Yamux, GivenAReset_WhenSentAndReceived_ThenBothDirectionsEnd) {
  YamuxStream& stream = dialer_.open();
  stream.write(as_bytes("x"));
  exchange();
  stream.write(Bytes(1000, 1));
  stream.reset();
  EXPECT_EQ(dialer_.session.stream_count(), 0U);
  EXPECT_EQ(dialer_.session.queued(), 0U);
  const Bytes wire = dialer_.take();
  EXPECT_EQ(wire, unhex("000000080000000100000000"));
  EXPECT_EQ(dialer_.heard.reset, 0) << "who resets knows";
  ASSERT_TRUE(listener_.receive(wire).has_value());
  EXPECT_EQ(listener_.heard.reset, 1);
  EXPECT_EQ(listener_.session.stream_count(), 0U);
}

TEST_F(Yamux, GivenAStreamTheRemoteNeverSaw_WhenReset_ThenNothingIsSent) {
  YamuxStream& stream = dialer_.open();
  stream.write(as_bytes("x"));
  stream.reset();
  EXPECT_FALSE(dialer_.session.has_output());
}

TEST_F(Yamux, GivenAnInboundStreamNobodyWants_WhenItComes_ThenItIsReset) {
  listener_.accepts = false;
  ASSERT_TRUE(listener_.receive(data(kYamuxSyn, 1, {1, 2})).has_value());
  EXPECT_EQ(listener_.take(), unhex("000000080000000100000000"));
  EXPECT_EQ(listener_.session.stream_count(), 0U);
}

TEST_F(Yamux, GivenPings_WhenReceived_ThenEachIsAnsweredOnce) {
  ASSERT_TRUE(listener_.receive("0002000100000000deadbeef").has_value());
  EXPECT_EQ(listener_.take(), unhex("0002000200000000deadbeef"));
  EXPECT_TRUE(listener_.take().empty());
}

TEST_F(Yamux, GivenQueuedData_WhenWeGoAway_ThenTheDataLeavesFirst) {
  dialer_.open().write(as_bytes("last"));
  dialer_.session.go_away(YamuxGoAway::normal);
  EXPECT_EQ(dialer_.take(), unhex("0000000100000001000000046c617374"
                                  "000300000000000000000000"));
  EXPECT_TRUE(dialer_.take().empty());
}

TEST_F(Yamux, GivenOpenStreams_WhenTheSessionEnds_ThenEachHearsItOnce) {
  dialer_.open();
  dialer_.open();
  dialer_.session.end();
  EXPECT_EQ(dialer_.heard.reset, 2);
  dialer_.session.end();
  EXPECT_EQ(dialer_.heard.reset, 2);
}

TEST_F(Yamux, GivenSeveralBusyStreams_WhenFilled_ThenTheyTakeTurns) {
  YamuxStream& first = dialer_.open();
  YamuxStream& second = dialer_.open();
  first.write(Bytes(100'000, 1));
  second.write(Bytes(100'000, 2));
  const Bytes wire = dialer_.take();
  std::vector<std::uint32_t> order;
  for (std::size_t at = 0; at < wire.size();) {
    const auto next = YamuxHeader::decode(std::span(wire).subspan(at).first<YamuxHeader::kSize>());
    order.push_back(next.stream);
    at += YamuxHeader::kSize + next.length;
  }
  ASSERT_GE(order.size(), 4U);
  EXPECT_EQ(order[0], 1U);
  EXPECT_EQ(order[1], 3U);
  EXPECT_EQ(order[2], 1U);
}

TEST_F(Yamux, GivenOneBusyStream_WhenFilled_ThenANoiseMessageIsFullWithOneFrame) {
  dialer_.open().write(Bytes(200'000, 1));
  Bytes room(limits::kNoisePlaintext);
  EXPECT_EQ(dialer_.session.output_size(room.size()), room.size());
  EXPECT_EQ(dialer_.session.fill(room), room.size());
  EXPECT_EQ(header(room).length, room.size() - YamuxHeader::kSize);
}

TEST_F(Yamux, GivenSmallWrites_WhenFilled_ThenOneFrameCarriesThem) {
  YamuxStream& stream = dialer_.open();
  for (int i = 0; i < 100; ++i) stream.write(as_bytes("0123456789"));
  EXPECT_EQ(dialer_.take().size(), YamuxHeader::kSize + 1000);
}

TEST_F(Yamux, GivenABlockedSocket_WhenItsBytesAreGone_ThenTheStreamHearsIt) {
  YamuxStream& stream = dialer_.open();
  stream.write(as_bytes("x"));
  static_cast<void>(dialer_.take());
  EXPECT_EQ(dialer_.heard.writable, 0) << "nothing had to wait";
  stream.write(as_bytes("y"));
  dialer_.session.output_blocked();
  static_cast<void>(dialer_.take());
  EXPECT_EQ(dialer_.heard.writable, 1);
}

TEST_F(Yamux, GivenACloseOnceRead_WhenThePingComesBack_ThenFinFollows) {
  ASSERT_TRUE(listener_.receive(data(kYamuxSyn, 1, {1})).has_value());
  listener_.inbound[0]->write(as_bytes("answer"));
  listener_.inbound[0]->close_write_once_read();
  const Bytes wire = listener_.take();
  EXPECT_EQ(header(wire).flags, kYamuxAck) << "no FIN yet";
  ASSERT_EQ(wire.size(), 2 * YamuxHeader::kSize + 6);
  const Bytes ping(wire.end() - YamuxHeader::kSize, wire.end());
  EXPECT_EQ(ping, unhex("000200010000000000000001"));
  ASSERT_TRUE(listener_.receive("000200020000000000000001").has_value());
  EXPECT_EQ(listener_.take(), unhex("000000040000000100000000"));
}

TEST_F(Yamux, GivenACloseOnceRead_WhenTheRemoteClosesFirst_ThenFinFollowsAtOnce) {
  ASSERT_TRUE(listener_.receive(data(kYamuxSyn, 1, {1})).has_value());
  listener_.inbound[0]->write(as_bytes("answer"));
  listener_.inbound[0]->close_write_once_read();
  static_cast<void>(listener_.take());
  ASSERT_TRUE(listener_.receive(data(kYamuxFin, 1, {})).has_value());
  EXPECT_EQ(listener_.take(), unhex("000000040000000100000000"));
  EXPECT_EQ(listener_.session.stream_count(), 0U);
}

/// Resets its stream from inside on_data.
class Impatient final : public YamuxStreamObserver {
 public:
  explicit Impatient(YamuxStream& stream, int& calls) : stream_(stream), calls_(calls) {}
  void on_data(ByteView) override {
    ++calls_;
    stream_.reset();
  }
  void on_remote_closed() override { ++calls_; }
  void on_writable() override { ++calls_; }
  void on_reset() override { ++calls_; }

 private:
  YamuxStream& stream_;
  int& calls_;
};

TEST_F(Yamux, GivenAReceiverThatResetsWhileItReads_WhenMoreOfTheFrameComes_ThenItHearsNothingMore) {
  int calls = 0;
  ASSERT_TRUE(listener_.receive(frame(YamuxType::window_update, kYamuxSyn, 1, 0)).has_value());
  listener_.inbound[0]->set_observer(std::make_unique<Impatient>(*listener_.inbound[0], calls));
  const Bytes wire = data(kYamuxFin, 1, Bytes(10, 1));
  ASSERT_TRUE(listener_.session.receive(ByteView(wire).first(15), listener_.now).has_value());
  ASSERT_TRUE(listener_.session.receive(ByteView(wire).subspan(15), listener_.now).has_value());
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(listener_.session.stream_count(), 0U);
}

TEST_F(Yamux, GivenOutput_WhenItBegins_ThenTheOwnerHearsItOnce) {
  YamuxStream& stream = dialer_.open();
  stream.write(Bytes{1});
  stream.write(Bytes{2});
  dialer_.open().write(Bytes{3});
  EXPECT_EQ(dialer_.outputs, 1);
}

}  // namespace
}  // namespace libpreconf::libp2p
