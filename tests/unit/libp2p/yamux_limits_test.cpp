#include "unit/libp2p/yamux_ends.h"

namespace libpreconf::libp2p {
namespace {

using namespace yamux_test;

class YamuxLimits : public YamuxFixture {};

TEST_F(YamuxLimits, GivenDataBeyondTheWindow_WhenReceived_ThenGoAwayWithCode1) {
  YamuxStream& stream = dialer_.open();
  stream.write(Bytes{1});
  ASSERT_TRUE(listener_.receive(dialer_.take()).has_value());
  const auto fault = listener_.receive(frame(YamuxType::data, 0, 1, limits::kYamuxInitialWindow));
  EXPECT_EQ(fault.error().code, ErrorCode::invalid);
  EXPECT_EQ(listener_.take(), unhex("000300000000000000000001"));
}

TEST_F(YamuxLimits, GivenFramesThatBreakTheRules_WhenReceived_ThenGoAwayWithCode1) {
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

TEST_F(YamuxLimits, GivenAnIdThatIsOpen_WhenItSynsAgain_ThenGoAway) {
  ASSERT_TRUE(listener_.receive(data(kYamuxSyn, 1, {1})).has_value());
  EXPECT_EQ(listener_.receive(data(kYamuxSyn, 1, {1})).error().code, ErrorCode::invalid);
}

TEST_F(YamuxLimits, GivenCreditThatOverflows_WhenReceived_ThenGoAway) {
  YamuxStream& stream = dialer_.open();
  stream.write(Bytes{1});
  static_cast<void>(dialer_.take());
  ASSERT_TRUE(dialer_.receive(frame(YamuxType::window_update, 0, 1, 0xfff00000)).has_value());
  EXPECT_EQ(dialer_.receive(frame(YamuxType::window_update, 0, 1, 0x00100000)).error().code,
            ErrorCode::invalid);
}

TEST_F(YamuxLimits, GivenFramesForUnknownStreams_WhenReceived_ThenTheyAreIgnored) {
  ASSERT_TRUE(listener_.receive(data(0, 9, Bytes(100, 1))).has_value());
  ASSERT_TRUE(listener_.receive(data(kYamuxFin, 9, {})).has_value());
  ASSERT_TRUE(listener_.receive(data(kYamuxRst, 9, {})).has_value());
  ASSERT_TRUE(listener_.receive(frame(YamuxType::window_update, 0, 9, 0xffffffff)).has_value());
  EXPECT_FALSE(listener_.session.has_output());
  EXPECT_EQ(listener_.session.counters().frames_ignored, 4U);
}

TEST_F(YamuxLimits, GivenDataBehindAFin_WhenReceived_ThenItIsIgnored) {
  ASSERT_TRUE(listener_.receive(data(kYamuxSyn | kYamuxFin, 1, {1})).has_value());
  ASSERT_TRUE(listener_.receive(data(0, 1, {2})).has_value());
  EXPECT_EQ(listener_.heard.data, Bytes{1});
  EXPECT_EQ(listener_.heard.remote_closed, 1);
}

TEST_F(YamuxLimits, GivenUnsolicitedPongs_WhenReceived_ThenOneIsIgnoredAndAFloodEndsTheSession) {
  const Bytes pong = unhex("0002000200000000deadbeef");
  ASSERT_TRUE(listener_.receive(pong).has_value());
  EXPECT_FALSE(listener_.session.has_output());
  bool ended = false;
  for (std::uint32_t i = 0; i < 2 * limits::kYamuxGlitchBurst && !ended; ++i)
    ended = !listener_.receive(pong);
  EXPECT_TRUE(ended);
}

TEST_F(YamuxLimits, GivenPingsFasterThanTheirRate_WhenTheBurstIsOver_ThenTheSessionEnds) {
  const Bytes ping = unhex("000200010000000000000001");
  std::uint32_t answered = 0;
  for (; answered < 10 * limits::kYamuxGlitchBurst; ++answered) {
    if (!listener_.receive(ping)) break;
    static_cast<void>(listener_.take());
  }
  EXPECT_EQ(answered, limits::kYamuxGlitchBurst);
}

TEST_F(YamuxLimits, GivenPingsAtAnHonestRate_WhenTheyNeverEnd_ThenAllAreAnswered) {
  const Bytes ping = unhex("000200010000000000000001");
  for (int i = 0; i < 5000; ++i) {
    listener_.now += std::chrono::milliseconds(20);
    ASSERT_TRUE(listener_.receive(ping).has_value());
    EXPECT_EQ(listener_.take().size(), YamuxHeader::kSize);
  }
}

TEST_F(YamuxLimits, GivenARemoteThatNeverReads_WhenItPings_ThenTheAnswersAreBounded) {
  const Bytes ping = unhex("000200010000000000000001");
  std::size_t accepted = 0;
  while (listener_.receive(ping)) ++accepted;
  EXPECT_EQ(accepted, limits::kYamuxControlQueue);
}

TEST_F(YamuxLimits, GivenRapidResets_WhenTheBurstIsOver_ThenTheSessionEnds) {
  std::uint32_t id = 1;
  std::uint32_t rounds = 0;
  for (; rounds < 10 * limits::kYamuxGlitchBurst; ++rounds, id += 2) {
    if (!listener_.receive(data(kYamuxSyn, id, {1}))) break;
    if (!listener_.receive(data(kYamuxRst, id, {}))) break;
  }
  EXPECT_EQ(rounds, limits::kYamuxGlitchBurst);
  EXPECT_LE(listener_.session.stream_count(), 1U);
}

TEST_F(YamuxLimits, GivenOneByteFrames_WhenTheirBudgetIsUsedUp_ThenTheSessionEnds) {
  ASSERT_TRUE(listener_.receive(data(kYamuxSyn, 1, {1})).has_value());
  const Bytes tiny = data(0, 1, {1});
  std::uint32_t frames = 1;
  for (; frames < 10 * limits::kYamuxSmallFrameBurst; ++frames) {
    if (!listener_.receive(tiny)) break;
    static_cast<void>(listener_.take());
  }
  EXPECT_EQ(frames, limits::kYamuxSmallFrameBurst);
}

TEST_F(YamuxLimits, GivenAsManyStreamsAsMayBe_WhenOneMoreSyns_ThenItAloneIsReset) {
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

TEST_F(YamuxLimits, GivenARemoteThatAcknowledgesNothing_WhenStreamsOpen_ThenTheBacklogIsBounded) {
  for (std::size_t i = 0; i < limits::kYamuxAckBacklog; ++i) dialer_.open().write(Bytes{1});
  EXPECT_EQ(dialer_.session.open_stream().error().code, ErrorCode::limit);
  static_cast<void>(dialer_.take());
  ASSERT_TRUE(dialer_.receive(frame(YamuxType::window_update, kYamuxAck, 1, 0)).has_value());
  EXPECT_TRUE(dialer_.session.open_stream().has_value());
  ASSERT_TRUE(dialer_.receive(data(kYamuxRst, 3, {})).has_value());
  EXPECT_TRUE(dialer_.session.open_stream().has_value());
}

TEST_F(YamuxLimits, GivenGoAway_WhenReceived_ThenTheSessionIsOverWhateverTheCode) {
  for (const char* bytes :
       {"000300000000000000000000", "000300000000000000000001", "000300000000000000000009"}) {
    End end(Direction::inbound);
    EXPECT_EQ(end.receive(bytes).error().code, ErrorCode::closed);
    EXPECT_EQ(end.session.open_stream().error().code, ErrorCode::closed);
  }
}

}  // namespace
}  // namespace libpreconf::libp2p
