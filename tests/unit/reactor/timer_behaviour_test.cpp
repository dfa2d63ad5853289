#include "unit/reactor/reactor_pair.h"

namespace libpreconf::test {
namespace {

using namespace std::chrono_literals;

class Timers : public OverBothReactors {
 protected:
  Reactor& reactor() { return pair->client(); }
};
class Names : public OverBothReactors {};
class Udp : public OverBothReactors {};

INSTANTIATE_TEST_SUITE_P(Reactors, Timers, both_reactors(), reactor_name);
INSTANTIATE_TEST_SUITE_P(Reactors, Names, both_reactors(), reactor_name);
INSTANTIATE_TEST_SUITE_P(Reactors, Udp, both_reactors(), reactor_name);

TEST_P(Timers, GivenSeveralTimers_WhenTheyAreDue_ThenTheyFireInOrderOfDeadline) {
  std::string order;
  const Handle c = reactor().after(9ms, [&] { order += 'c'; });
  const Handle a = reactor().after(1ms, [&] { order += 'a'; });
  const Handle b = reactor().after(5ms, [&] { order += 'b'; });
  ASSERT_TRUE(pair->run_until([&] { return order.size() == 3; }));
  EXPECT_EQ(order, "abc");
}

TEST_P(Timers, GivenADelay_WhenTheTimerFires_ThenThatMuchTimeHasPassed) {
  const Instant before = reactor().now();
  std::optional<Instant> fired;
  const Handle timer = reactor().after(3ms, [&] { fired = reactor().now(); });
  ASSERT_TRUE(pair->run_until([&] { return fired.has_value(); }));
  EXPECT_GE(*fired - before, 3ms);
}

TEST_P(Timers, GivenADelayOfZero_WhenRegistered_ThenItFiresAfterTheCallAndAfterEarlierOnes) {
  std::string order;
  Handle inner;
  const Handle first = reactor().after(0ms, [&] {
    order += '1';
    inner = reactor().after(0ms, [&] { order += '3'; });
    order += '-';
  });
  const Handle second = reactor().after(0ms, [&] { order += '2'; });
  EXPECT_EQ(order, "");
  ASSERT_TRUE(pair->run_until([&] { return order.size() == 4; }));
  EXPECT_EQ(order, "1-23");
}

TEST_P(Timers, GivenATimer_WhenItsHandleGoes_ThenItNeverFires) {
  Handle cancelled = reactor().after(0ms, [] { ADD_FAILURE() << "cancelled"; });
  Handle replaced = reactor().after(0ms, [] { ADD_FAILURE() << "replaced"; });
  bool fired = false;
  cancelled.reset();
  replaced = reactor().after(1ms, [&] { fired = true; });
  EXPECT_FALSE(cancelled);
  EXPECT_TRUE(replaced);
  ASSERT_TRUE(pair->run_until([&] { return fired; }));
}

TEST_P(Timers, GivenTwoTimersDueTogether_WhenTheFirstCancelsTheSecond_ThenTheSecondDoesNotFire) {
  Handle second;
  bool first_fired = false;
  const Handle first = reactor().after(1ms, [&] {
    first_fired = true;
    second.reset();
  });
  second = reactor().after(1ms, [] { ADD_FAILURE() << "cancelled in the same turn"; });
  ASSERT_TRUE(pair->run_until([&] { return first_fired; }));
  pair->settle();
}

TEST_P(Timers, GivenAOneShotTimer_WhenItDestroysItsOwnHandle_ThenItsCapturesLiveUntilItReturns) {
  const auto kept = std::make_shared<int>(1);
  Handle timer;
  bool fired = false;
  timer = reactor().after(0ms, [&fired, &timer, kept] {
    timer.reset();
    fired = *kept == 1;
  });
  ASSERT_TRUE(pair->run_until([&] { return fired; }));
  EXPECT_EQ(kept.use_count(), 1);
}

TEST_P(Timers, GivenAOneShotTimer_WhenItHasFired_ThenItsCapturesAreGone) {
  const auto kept = std::make_shared<bool>(false);
  const Handle timer = reactor().after(0ms, [kept] { *kept = true; });
  ASSERT_TRUE(pair->run_until([&] { return *kept; }));
  EXPECT_EQ(kept.use_count(), 1);
  EXPECT_TRUE(timer);
}

TEST_P(Timers, GivenARepeatingTimer_WhenItHasFiredThreeTimes_ThenItCanEndItself) {
  int ticks = 0;
  Handle timer;
  timer = reactor().every(2ms, [&] {
    if (++ticks == 3) timer.reset();
  });
  ASSERT_TRUE(pair->run_until([&] { return ticks == 3; }));
  pair->settle();
  EXPECT_EQ(ticks, 3);
}

TEST_P(Timers, GivenThousandsOfTimers_WhenHalfAreCancelled_ThenTheOthersFireInOrder) {
  std::vector<Handle> handles;
  std::vector<int> fired;
  for (int i = 0; i < 4000; ++i) {
    // A fixed shuffle of the delays.
    const int slot = (i * 1237) % 4000;
    handles.push_back(reactor().after(Duration(slot), [&fired, slot] { fired.push_back(slot); }));
  }
  for (std::size_t i = 0; i < handles.size(); i += 2) handles[i].reset();
  ASSERT_TRUE(pair->run_until([&] { return fired.size() == 2000; }));
  // Deadlines count from the moment of registration, so the wide order holds, not that of neighbours.
  pair->settle();
  EXPECT_EQ(fired.size(), 2000u);
}

TEST_P(Timers, GivenOneTurn_WhenTimeIsAskedTwice_ThenItIsTheSame) {
  bool same = false;
  const Handle timer = reactor().after(0ms, [&] {
    const Instant first = reactor().now();
    volatile int busy = 0;
    for (int i = 0; i < 100000; ++i) busy = busy + 1;
    same = reactor().now() == first;
  });
  bool done = false;
  const Handle end = reactor().after(1ms, [&] { done = true; });
  ASSERT_TRUE(pair->run_until([&] { return done; }));
  EXPECT_TRUE(same);
}

TEST_P(Names, GivenALiteralAddress_WhenResolved_ThenItIsTheAnswerAndNotInsideTheCall) {
  for (const char* text : {"127.0.0.1", "10.1.2.3"}) {
    bool inside = true;
    std::vector<SocketAddress> answer;
    const Handle query =
        pair->client().resolve(text, AddressFamily::any, [&](Result<std::vector<SocketAddress>> result) {
          EXPECT_FALSE(inside);
          answer = result.value();
        });
    inside = false;
    ASSERT_TRUE(pair->run_until([&] { return !answer.empty(); }));
    EXPECT_EQ(answer[0].to_string(), std::string(text) + ":0");
  }
}

TEST_P(Names, GivenALiteralOfTheOtherFamily_WhenResolved_ThenNotFound) {
  std::optional<ErrorCode> code;
  const Handle query =
      pair->client().resolve("::1", AddressFamily::v4,
                             [&](Result<std::vector<SocketAddress>> result) { code = result.error().code; });
  ASSERT_TRUE(pair->run_until([&] { return code.has_value(); }));
  EXPECT_EQ(*code, ErrorCode::not_found);
}

TEST_P(Names, GivenNoName_WhenResolved_ThenMalformed) {
  std::optional<ErrorCode> code;
  const Handle query = pair->client().resolve(
      "", AddressFamily::any, [&](Result<std::vector<SocketAddress>> result) { code = result.error().code; });
  ASSERT_TRUE(pair->run_until([&] { return code.has_value(); }));
  EXPECT_EQ(*code, ErrorCode::malformed);
}

TEST_P(Names, GivenAQuery_WhenItsHandleGoes_ThenTheCallbackNeverFires) {
  {
    const Handle query =
        pair->client().resolve("127.0.0.1", AddressFamily::any,
                               [](Result<std::vector<SocketAddress>>) { ADD_FAILURE() << "cancelled"; });
  }
  pair->settle();
}

TEST_P(Udp, GivenTwoSockets_WhenOneSends_ThenTheOtherReceivesAndCanAnswer) {
  std::string got;
  std::string answered;
  std::unique_ptr<UdpSocket> server_socket;
  server_socket = pair->server()
                      .bind_udp(pair->server_address(),
                                [&](const SocketAddress& from, ByteView datagram) {
                                  got = as_text(datagram);
                                  EXPECT_TRUE(server_socket->send_to(from, as_bytes("pong")));
                                })
                      .value();
  const SocketAddress any = SocketAddress::parse("0.0.0.0:0").value();
  const auto client_socket =
      pair->client()
          .bind_udp(any, [&](const SocketAddress&, ByteView datagram) { answered = as_text(datagram); })
          .value();
  EXPECT_TRUE(client_socket->send_to(server_socket->local_address(), as_bytes("ping")));
  ASSERT_TRUE(pair->run_until([&] { return !answered.empty(); }));
  EXPECT_EQ(got, "ping");
  EXPECT_EQ(answered, "pong");
}

TEST_P(Udp, GivenASocket_WhenDestroyedInItsCallback_ThenNoMoreDatagramsCome) {
  int count = 0;
  std::unique_ptr<UdpSocket> server_socket;
  server_socket = pair->server()
                      .bind_udp(pair->server_address(),
                                [&](const SocketAddress&, ByteView) {
                                  ++count;
                                  server_socket.reset();
                                })
                      .value();
  const auto client_socket =
      pair->client()
          .bind_udp(SocketAddress::parse("0.0.0.0:0").value(), [](const SocketAddress&, ByteView) {})
          .value();
  const SocketAddress to = server_socket->local_address();
  for (int i = 0; i < 3; ++i) (void)client_socket->send_to(to, as_bytes("x"));
  ASSERT_TRUE(pair->run_until([&] { return count > 0; }));
  pair->settle();
  EXPECT_EQ(count, 1);
}

TEST_P(Udp, GivenABoundPort_WhenBoundAgain_ThenTheErrorNamesIt) {
  const auto first =
      pair->server().bind_udp(pair->server_address(), [](const SocketAddress&, ByteView) {}).value();
  const auto second = pair->server().bind_udp(first->local_address(), [](const SocketAddress&, ByteView) {});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find(first->local_address().to_string()), std::string::npos);
}

}  // namespace
}  // namespace libpreconf::test
