#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "libpreconf/base/random.h"
#include "reactor/guarded_callback.h"
#include "reactor/output_queue.h"
#include "reactor/timer_queue.h"

namespace libpreconf {
namespace {

using namespace std::chrono_literals;

std::string text_of(const OutputQueue& queue) {
  std::array<ByteView, 64> pieces;
  std::string out;
  const std::size_t count = queue.gather(pieces);
  for (std::size_t i = 0; i < count; ++i) out += as_text(pieces[i]);
  return out;
}

void put(OutputQueue& queue, std::string_view text) {
  const MutableByteView room = queue.prepare(text.size());
  std::copy(text.begin(), text.end(), room.begin());
  queue.commit(text.size());
}

TEST(OutputQueue, GivenPieces_WhenConsumedBitByBit_ThenTheRestIsInOrder) {
  ChunkPool pool;
  OutputQueue queue(pool);
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    const std::string piece(static_cast<std::size_t>(i % 97) * 11, static_cast<char>('a' + i % 26));
    put(queue, piece);
    expected += piece;
    if (i % 3 == 0) {
      const std::size_t gone = std::min<std::size_t>(queue.size(), static_cast<std::size_t>(i));
      queue.consume(gone);
      expected.erase(0, gone);
    }
    ASSERT_EQ(queue.size(), expected.size());
  }
  std::string got;
  while (!queue.empty()) {
    const std::string now = text_of(queue);
    const std::size_t part = std::min<std::size_t>(now.size(), 777);
    got += now.substr(0, part);
    queue.consume(part);
  }
  EXPECT_EQ(got, expected);
}

TEST(OutputQueue, GivenAPieceLargerThanAChunk_WhenPrepared_ThenItIsOnePiece) {
  ChunkPool pool;
  OutputQueue queue(pool);
  put(queue, "small");
  put(queue, std::string(100'000, 'L'));
  std::array<ByteView, 4> pieces;
  ASSERT_EQ(queue.gather(pieces), 2u);
  EXPECT_EQ(pieces[1].size(), 100'000u);
}

TEST(OutputQueue, GivenRoomThatIsTooSmall_WhenMoreIsPrepared_ThenTheUnfilledPieceGoes) {
  ChunkPool pool;
  OutputQueue queue(pool);
  (void)queue.prepare(10);
  (void)queue.prepare(50'000);
  put(queue, std::string(50'000, 'q'));
  std::array<ByteView, 4> pieces;
  EXPECT_EQ(queue.gather(pieces), 1u);
  EXPECT_EQ(queue.size(), 50'000u);
}

TEST(TimerQueue, GivenRandomDeadlinesAndCancels_WhenRun_ThenTheOrderIsByTimeThenArrival) {
  SeededRandom random(3);
  TimerQueue queue;
  std::vector<std::pair<std::int64_t, int>> fired;
  std::vector<std::pair<std::int64_t, int>> expected;
  std::vector<Handle> handles;
  for (int i = 0; i < 2000; ++i) {
    const auto at = static_cast<std::int64_t>(random.below(300));
    Handle handle = queue.add(Instant(Duration(at)), [&fired, at, i] { fired.emplace_back(at, i); });
    if (random.below(3) == 0) {
      handle.reset();
    } else {
      expected.emplace_back(at, i);
    }
    handles.push_back(std::move(handle));
  }
  std::sort(expected.begin(), expected.end());
  ASSERT_EQ(queue.size(), expected.size());
  EXPECT_EQ(queue.run_due(Instant(Duration(299))), expected.size());
  EXPECT_EQ(fired, expected);
  EXPECT_FALSE(queue.next());
}

TEST(TimerQueue, GivenARepeatingTimer_WhenTicksWereMissed_ThenTheyAreLeftOutAndTheRhythmStays) {
  TimerQueue queue;
  int ticks = 0;
  const Handle timer = queue.add_repeating(Instant(10us), 10us, [&] { ++ticks; });
  queue.run_due(Instant(10us));
  queue.run_due(Instant(55us));
  EXPECT_EQ(ticks, 2);
  EXPECT_EQ(queue.next(), Instant(60us));
}

TEST(TimerQueue, GivenATimerAddedWhileRunning_WhenDueAtOnce_ThenItWaitsForTheNextRun) {
  TimerQueue queue;
  int fired = 0;
  Handle inner;
  const Handle outer = queue.add(Instant(1us), [&] { inner = queue.add(Instant(1us), [&] { ++fired; }); });
  EXPECT_EQ(queue.run_due(Instant(5us)), 1u);
  EXPECT_EQ(fired, 0);
  EXPECT_EQ(queue.run_due(Instant(5us)), 1u);
  EXPECT_EQ(fired, 1);
}

TEST(TimerQueue, GivenHandlesThatOutliveTheQueue_WhenTheyGo_ThenNothingHappens) {
  Handle kept;
  {
    TimerQueue queue;
    kept = queue.add(Instant(1us), [] {});
    // A posted callback that owns a timer of the same queue.
    queue.post(Instant(2us), [inner = queue.add(Instant(3us), [] {})] {});
  }
  kept.reset();
}

TEST(GuardedCallback, GivenACallbackThatReplacesItself_WhenCalledAgain_ThenTheNewOneRuns) {
  GuardedCallback<void(int)> callback;
  std::string calls;
  callback.set([&](int) {
    calls += 'a';
    callback.set([&](int value) { calls += static_cast<char>('0' + value); });
  });
  EXPECT_TRUE(callback.call(1));
  EXPECT_TRUE(callback.call(2));
  EXPECT_TRUE(callback.call(3));
  EXPECT_EQ(calls, "a23");
}

TEST(GuardedCallback, GivenACallbackThatDestroysItsHolder_WhenCalled_ThenTheCallerLearns) {
  auto holder = std::make_unique<GuardedCallback<void()>>();
  holder->set([&] { holder.reset(); });
  EXPECT_FALSE(holder->call());
}

TEST(SocketAddress, GivenText_WhenParsed_ThenPrintingGivesItBack) {
  for (const char* text :
       {"127.0.0.1:9000", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:80", "[2001:db8::7]:9222"}) {
    const auto address = SocketAddress::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->to_string(), text);
  }
}

TEST(SocketAddress, GivenRubbish_WhenParsed_ThenMalformedAndSaysWhatWasExpected) {
  for (const char* text :
       {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1: 1", "127.0.0.1:1x",
        "localhost:80", "::1:80", "[::1]", "[::1]80", "[127.0.0.1]:80", "1.2.3:4"}) {
    const auto address = SocketAddress::parse(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, ErrorCode::malformed);
    EXPECT_NE(address.error().message.find("127.0.0.1:9000"), std::string::npos);
  }
}

TEST(SocketAddress, GivenAddresses_WhenAskedWhatTheyAre_ThenLoopbackAndUnspecifiedAreKnown) {
  const auto parse = [](const char* text) { return SocketAddress::parse(text).value(); };
  EXPECT_TRUE(parse("127.9.9.9:1").is_loopback());
  EXPECT_TRUE(parse("[::1]:1").is_loopback());
  EXPECT_FALSE(parse("[::2]:1").is_loopback());
  EXPECT_FALSE(parse("128.0.0.1:1").is_loopback());
  EXPECT_TRUE(parse("0.0.0.0:1").is_unspecified());
  EXPECT_TRUE(parse("[::]:1").is_unspecified());
  EXPECT_FALSE(parse("[::1]:1").is_unspecified());
  EXPECT_EQ(parse("1.2.3.4:5").with_port(6).to_string(), "1.2.3.4:6");
}

}  // namespace
}  // namespace libpreconf
