#include <gtest/gtest.h>

#include "libp2p/yamux_session.h"
#include "support/vectors.h"

namespace libpreconf::libp2p {
namespace {

using test::unhex;

/// Keeps what one stream hears.
struct Heard {
  Bytes data;
  int remote_closed = 0;
  int writable = 0;
  int reset = 0;
};

class Recorder final : public YamuxStreamObserver {
 public:
  explicit Recorder(Heard& heard) : heard_(heard) {}
  void on_data(ByteView bytes) override { heard_.data.insert(heard_.data.end(), bytes.begin(), bytes.end()); }
  void on_remote_closed() override { ++heard_.remote_closed; }
  void on_writable() override { ++heard_.writable; }
  void on_reset() override { ++heard_.reset; }

 private:
  Heard& heard_;
};

/// One end of a session; `wire` moves bytes.
class End final : public YamuxSessionObserver {
 public:
  explicit End(Direction direction) : session(direction, *this) {}

  void on_inbound_stream(YamuxStream& stream) override {
    inbound.push_back(&stream);
    if (accepts) stream.set_observer(std::make_unique<Recorder>(heard));
  }
  void on_output() override { ++outputs; }

  YamuxStream& open() {
    YamuxStream& stream = **session.open_stream();
    stream.set_observer(std::make_unique<Recorder>(heard));
    return stream;
  }
  /// All that there is to send.
  Bytes take(std::size_t room = limits::kNoisePlaintext) {
    Bytes out;
    Bytes buffer(room);
    while (const std::size_t filled = session.fill(buffer)) {
      out.insert(out.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(filled));
    }
    return out;
  }
  Result<> receive(const Bytes& bytes) { return session.receive(bytes, now); }
  Result<> receive(std::string_view hex) { return receive(unhex(hex)); }

  Instant now{Duration(std::chrono::seconds(1))};
  Heard heard;
  std::vector<YamuxStream*> inbound;
  bool accepts = true;
  int outputs = 0;
  YamuxSession session;
};

class Yamux : public testing::Test {
 protected:
  /// Moves bytes both ways until both are silent.
  void exchange() {
    for (;;) {
      const Bytes forth = dialer_.take();
      const Bytes back = listener_.take();
      if (forth.empty() && back.empty()) return;
      ASSERT_TRUE(listener_.receive(forth).has_value());
      ASSERT_TRUE(dialer_.receive(back).has_value());
    }
  }
  /// The header of the first frame.
  static YamuxHeader header(const Bytes& bytes) {
    EXPECT_GE(bytes.size(), YamuxHeader::kSize);
    return YamuxHeader::decode(std::span(bytes).first<YamuxHeader::kSize>());
  }
  End dialer_{Direction::outbound};
  End listener_{Direction::inbound};
};

Bytes frame(YamuxType type, std::uint16_t flags, std::uint32_t stream, std::uint32_t length,
            Bytes body = {}) {
  Bytes out(YamuxHeader::kSize);
  YamuxHeader{0, static_cast<std::uint8_t>(type), flags, stream, length}.encode(
      std::span(out).first<YamuxHeader::kSize>());
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

Bytes data(std::uint16_t flags, std::uint32_t stream, Bytes body) {
  const auto size = static_cast<std::uint32_t>(body.size());
  return frame(YamuxType::data, flags, stream, size, std::move(body));
}

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

TEST_F(Yamux, GivenDataBeyondTheWindow_WhenReceived_ThenGoAwayWithCode1) {
  YamuxStream& stream = dialer_.open();
  stream.write(Bytes{1});
  ASSERT_TRUE(listener_.receive(dialer_.take()).has_value());
  const auto fault = listener_.receive(frame(YamuxType::data, 0, 1, limits::kYamuxInitialWindow));
  EXPECT_EQ(fault.error().code, ErrorCode::invalid);
  EXPECT_EQ(listener_.take(), unhex("000300000000000000000001"));
}

TEST_F(Yamux, GivenFramesThatBreakTheRules_WhenReceived_ThenGoAwayWithCode1) {
  const Bytes faults[] = {
      unhex("010000010000000100000000"),                                      // version
      unhex("000400000000000000000000"),                                      // type
      frame(YamuxType::data, kYamuxSyn, 1, limits::kYamuxInitialWindow + 1),  // over the window at once
      frame(YamuxType::data, kYamuxSyn, 1, 0xffffffff),                       // 4 GiB
      frame(YamuxType::data, 0, 7, limits::kYamuxFrameBody + 1),              // 1 MiB, even if ignored
      frame(YamuxType::data, kYamuxSyn, 0, 0),                                // the session's id
      frame(YamuxType::window_update, 0, 0, 1),
      frame(YamuxType::data, kYamuxSyn, 2, 0),                    // ours to give
      frame(YamuxType::window_update, kYamuxSyn, 1, 0xffffffff),  // beyond 32 bits
  };
  for (const Bytes& bytes : faults) {
    End end(Direction::inbound);
    EXPECT_EQ(end.receive(bytes).error().code, ErrorCode::invalid) << to_bytes(bytes).size();
    EXPECT_EQ(end.take(), unhex("000300000000000000000001"));
    EXPECT_TRUE(end.inbound.empty());
  }
}

TEST_F(Yamux, GivenAnIdThatIsOpen_WhenItSynsAgain_ThenGoAway) {
  ASSERT_TRUE(listener_.receive(data(kYamuxSyn, 1, {1})).has_value());
  EXPECT_EQ(listener_.receive(data(kYamuxSyn, 1, {1})).error().code, ErrorCode::invalid);
}

TEST_F(Yamux, GivenCreditThatOverflows_WhenReceived_ThenGoAway) {
  YamuxStream& stream = dialer_.open();
  stream.write(Bytes{1});
  static_cast<void>(dialer_.take());
  ASSERT_TRUE(dialer_.receive(frame(YamuxType::window_update, 0, 1, 0xfff00000)).has_value());
  EXPECT_EQ(dialer_.receive(frame(YamuxType::window_update, 0, 1, 0x00100000)).error().code,
            ErrorCode::invalid);
}

TEST_F(Yamux, GivenFramesForUnknownStreams_WhenReceived_ThenTheyAreIgnored) {
  ASSERT_TRUE(listener_.receive(data(0, 9, Bytes(100, 1))).has_value());
  ASSERT_TRUE(listener_.receive(data(kYamuxFin, 9, {})).has_value());
  ASSERT_TRUE(listener_.receive(data(kYamuxRst, 9, {})).has_value());
  ASSERT_TRUE(listener_.receive(frame(YamuxType::window_update, 0, 9, 0xffffffff)).has_value());
  EXPECT_FALSE(listener_.session.has_output());
  EXPECT_EQ(listener_.session.counters().frames_ignored, 4U);
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

TEST_F(Yamux, GivenDataBehindAFin_WhenReceived_ThenItIsIgnored) {
  ASSERT_TRUE(listener_.receive(data(kYamuxSyn | kYamuxFin, 1, {1})).has_value());
  ASSERT_TRUE(listener_.receive(data(0, 1, {2})).has_value());
  EXPECT_EQ(listener_.heard.data, Bytes{1});
  EXPECT_EQ(listener_.heard.remote_closed, 1);
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

TEST_F(Yamux, GivenUnsolicitedPongs_WhenReceived_ThenOneIsIgnoredAndAFloodEndsTheSession) {
  const Bytes pong = unhex("0002000200000000deadbeef");
  ASSERT_TRUE(listener_.receive(pong).has_value());
  EXPECT_FALSE(listener_.session.has_output());
  bool ended = false;
  for (std::uint32_t i = 0; i < 2 * limits::kYamuxGlitchBurst && !ended; ++i)
    ended = !listener_.receive(pong);
  EXPECT_TRUE(ended);
}

TEST_F(Yamux, GivenPingsFasterThanTheirRate_WhenTheBurstIsOver_ThenTheSessionEnds) {
  const Bytes ping = unhex("000200010000000000000001");
  std::uint32_t answered = 0;
  for (; answered < 10 * limits::kYamuxGlitchBurst; ++answered) {
    if (!listener_.receive(ping)) break;
    static_cast<void>(listener_.take());
  }
  EXPECT_EQ(answered, limits::kYamuxGlitchBurst);
}

TEST_F(Yamux, GivenPingsAtAnHonestRate_WhenTheyNeverEnd_ThenAllAreAnswered) {
  const Bytes ping = unhex("000200010000000000000001");
  for (int i = 0; i < 5000; ++i) {
    listener_.now += std::chrono::milliseconds(20);
    ASSERT_TRUE(listener_.receive(ping).has_value());
    EXPECT_EQ(listener_.take().size(), YamuxHeader::kSize);
  }
}

TEST_F(Yamux, GivenARemoteThatNeverReads_WhenItPings_ThenTheAnswersAreBounded) {
  const Bytes ping = unhex("000200010000000000000001");
  std::size_t accepted = 0;
  while (listener_.receive(ping)) ++accepted;
  EXPECT_EQ(accepted, limits::kYamuxControlQueue);
}

TEST_F(Yamux, GivenRapidResets_WhenTheBurstIsOver_ThenTheSessionEnds) {
  std::uint32_t id = 1;
  std::uint32_t rounds = 0;
  for (; rounds < 10 * limits::kYamuxGlitchBurst; ++rounds, id += 2) {
    if (!listener_.receive(data(kYamuxSyn, id, {1}))) break;
    if (!listener_.receive(data(kYamuxRst, id, {}))) break;
  }
  EXPECT_EQ(rounds, limits::kYamuxGlitchBurst);
  EXPECT_LE(listener_.session.stream_count(), 1U);
}

TEST_F(Yamux, GivenOneByteFrames_WhenTheirBudgetIsUsedUp_ThenTheSessionEnds) {
  ASSERT_TRUE(listener_.receive(data(kYamuxSyn, 1, {1})).has_value());
  const Bytes tiny = data(0, 1, {1});
  std::uint32_t frames = 1;
  for (; frames < 10 * limits::kYamuxSmallFrameBurst; ++frames) {
    if (!listener_.receive(tiny)) break;
    static_cast<void>(listener_.take());
  }
  EXPECT_EQ(frames, limits::kYamuxSmallFrameBurst);
}

TEST_F(Yamux, GivenAsManyStreamsAsMayBe_WhenOneMoreSyns_ThenItAloneIsReset) {
  std::uint32_t id = 1;
  for (std::size_t i = 0; i < limits::kYamuxStreams; ++i, id += 2) {
    ASSERT_TRUE(listener_.receive(data(kYamuxSyn, id, {1})).has_value());
  }
  ASSERT_TRUE(listener_.receive(data(kYamuxSyn, id, {1})).has_value());
  EXPECT_EQ(listener_.session.stream_count(), limits::kYamuxStreams);
  EXPECT_EQ(listener_.session.counters().streams_refused, 1U);
  const YamuxHeader refused = header(listener_.take());
  EXPECT_EQ(refused.flags, kYamuxRst);
  EXPECT_EQ(refused.stream, id);
  EXPECT_EQ(listener_.session.open_stream().error().code, ErrorCode::limit);
}

TEST_F(Yamux, GivenARemoteThatAcknowledgesNothing_WhenStreamsOpen_ThenTheBacklogIsBounded) {
  for (std::size_t i = 0; i < limits::kYamuxAckBacklog; ++i) dialer_.open().write(Bytes{1});
  EXPECT_EQ(dialer_.session.open_stream().error().code, ErrorCode::limit);
  static_cast<void>(dialer_.take());
  ASSERT_TRUE(dialer_.receive(frame(YamuxType::window_update, kYamuxAck, 1, 0)).has_value());
  EXPECT_TRUE(dialer_.session.open_stream().has_value());
  ASSERT_TRUE(dialer_.receive(data(kYamuxRst, 3, {})).has_value());
  EXPECT_TRUE(dialer_.session.open_stream().has_value());
}

TEST_F(Yamux, GivenGoAway_WhenReceived_ThenTheSessionIsOverWhateverTheCode) {
  for (const char* bytes :
       {"000300000000000000000000", "000300000000000000000001", "000300000000000000000009"}) {
    End end(Direction::inbound);
    EXPECT_EQ(end.receive(bytes).error().code, ErrorCode::closed);
    EXPECT_EQ(end.session.open_stream().error().code, ErrorCode::closed);
  }
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
