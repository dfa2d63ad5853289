#include "libpreconf/reactor/libevent_reactor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "base/counters.h"
#include "base/log.h"
#include "reactor/event_loop.h"
#include "unit/reactor/reactor_pair.h"

namespace libpreconf::test {
namespace {

using namespace std::chrono_literals;

class LibeventReactorTest : public testing::Test {
 protected:
  [[nodiscard]] SocketAddress loopback() const { return SocketAddress::parse("127.0.0.1:0").value(); }

  /// Connects and accepts once. UBSan looks at each type's vptr once, and needs a descriptor for it.
  void warm_up() {
    bool accepted = false;
    const auto listener = reactor->listen_tcp(loopback(), [&](auto) { accepted = true; }).value();
    bool connected = false;
    Handle attempt = reactor->connect_tcp(listener->local_address(), [&](auto) { connected = true; });
    ASSERT_TRUE(reactor->run_until([&] { return accepted && connected; }, 10s));
    attempt = reactor->connect_tcp(loopback().with_port(1), [&](auto) { accepted = false; });
    ASSERT_TRUE(reactor->run_until([&] { return !accepted; }, 10s));
  }

  SystemClock clock;
  std::unique_ptr<LibeventReactor> reactor = LibeventReactor::create(clock).value();
};

/// Lowers the limit of descriptors to what is open now, for as long as it lives.
class NoMoreDescriptors {
 public:
  NoMoreDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(0);
    rlimit low = before_;
    low.rlim_cur = static_cast<rlim_t>(next);
    ::close(next);
    setrlimit(RLIMIT_NOFILE, &low);
  }
  ~NoMoreDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(LibeventReactorTest, GivenNothingRegistered_WhenRun_ThenItReturns) {
  reactor->run();
}

TEST_F(LibeventReactorTest, GivenTimers_WhenRun_ThenItReturnsAfterTheLastOne) {
  int fired = 0;
  const Handle a = reactor->after(1ms, [&] { ++fired; });
  const Handle b = reactor->after(2ms, [&] { ++fired; });
  reactor->run();
  EXPECT_EQ(fired, 2);
}

TEST_F(LibeventReactorTest, GivenARunningLoop_WhenStopped_ThenRunReturnsThoughTimersAreLeft) {
  int ticks = 0;
  const Handle timer = reactor->every(1ms, [&] {
    if (++ticks == 2) reactor->stop();
  });
  reactor->run();
  EXPECT_EQ(ticks, 2);
}

TEST_F(LibeventReactorTest, GivenALimit_WhenTheConditionNeverHolds_ThenRunUntilGivesUp) {
  EXPECT_FALSE(reactor->run_until([] { return false; }, 5ms));
}

TEST_F(LibeventReactorTest, GivenASignal_WhenRaisedTwice_ThenTheCallbackHearsBoth) {
  int heard = 0;
  Handle watch = reactor->on_signal(SIGUSR1, [&](int number) {
    EXPECT_EQ(number, SIGUSR1);
    ++heard;
  });
  std::raise(SIGUSR1);
  ASSERT_TRUE(reactor->run_until([&] { return heard == 1; }, 10s));
  std::raise(SIGUSR1);
  ASSERT_TRUE(reactor->run_until([&] { return heard == 2; }, 10s));
}

TEST_F(LibeventReactorTest, GivenASignalCallback_WhenItDestroysItsHandle_ThenAllIsWell) {
  bool heard = false;
  Handle watch;
  watch = reactor->on_signal(SIGUSR2, [&](int) {
    watch.reset();
    heard = true;
  });
  std::raise(SIGUSR2);
  ASSERT_TRUE(reactor->run_until([&] { return heard; }, 10s));
}

TEST_F(LibeventReactorTest, GivenADescriptor_WhenReadable_ThenTheCallbackComesUntilItIsRead) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  int calls = 0;
  Handle watch = reactor->on_readable(ends[0], [&] {
    // Level-triggered: not reading the first time brings a second call.
    if (++calls < 2) return;
    char byte = 0;
    EXPECT_EQ(::read(ends[0], &byte, 1), 1);
  });
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  ASSERT_TRUE(reactor->run_until([&] { return calls == 2; }, 10s));
  watch.reset();
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(LibeventReactorTest, GivenTurns_WhenTheyEnd_ThenEachOneIsInTheLagHistogram) {
  bool fired = false;
  const Handle timer = reactor->after(1ms, [&] { fired = true; });
  ASSERT_TRUE(reactor->run_until([&] { return fired; }, 10s));
  EXPECT_GT(reactor->loop_lag().count(), 0u);
  EXPECT_EQ(reactor->loop_lag().count(), reactor->counters().turns);
  EXPECT_EQ(reactor->turn_duration().count(), reactor->counters().turns);
}

/// A clock that stands still unless a callback takes its time.
class HeldClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return Instant(time); }
  [[nodiscard]] WallTime wall_now() const override { return WallTime(time); }
  Duration time{1'000'000};
};

/// The place of the one observation more than before.
std::size_t bucket_of(const Histogram& histogram, std::span<const std::uint64_t> before) {
  std::size_t bucket = 0;
  while (bucket < before.size() && histogram.buckets()[bucket] == before[bucket]) ++bucket;
  return bucket;
}

TEST(LoopLag, GivenACallbackThatTakes4Milliseconds_WhenTheTurnEnds_ThenLagAndTurnTellIt) {
  HeldClock clock;
  const auto reactor = LibeventReactor::create(clock).value();
  bool done = false;
  const Handle timer = reactor->after(Duration(0), [&] {
    clock.time += 4ms;
    done = true;
  });
  ASSERT_TRUE(reactor->run_until([&] { return done; }, 10s));
  EXPECT_EQ(reactor->loop_lag().count(), 1U);
  EXPECT_NEAR(reactor->loop_lag().sum_seconds(), 0.004, 1e-9);
  EXPECT_NEAR(reactor->turn_duration().sum_seconds(), 0.004, 1e-9);
}

TEST(LoopLag, GivenATimerDueInsideABusyTurn_WhenItsTurnComes_ThenItsWaitIsInTheLagAlone) {
  HeldClock clock;
  const auto reactor = LibeventReactor::create(clock).value();
  // The first keeps the loop for 20 ms, in the middle of which the second is due.
  const Handle busy = reactor->after(Duration(0), [&] { clock.time += 20ms; });
  bool done = false;
  const Handle late = reactor->after(8ms, [&] { done = true; });
  (void)reactor->run_until([turn = 0]() mutable { return turn++ == 1; }, 10s);
  const std::vector<std::uint64_t> lag(reactor->loop_lag().buckets().begin(),
                                       reactor->loop_lag().buckets().end());
  const std::vector<std::uint64_t> turns(reactor->turn_duration().buckets().begin(),
                                         reactor->turn_duration().buckets().end());
  ASSERT_FALSE(done);
  ASSERT_TRUE(reactor->run_until([&] { return done; }, 10s));
  const auto bounds = reactor->loop_lag().upper_bounds();
  const std::size_t lag_bucket = bucket_of(reactor->loop_lag(), lag);
  ASSERT_LT(lag_bucket, bounds.size());
  EXPECT_EQ(bounds[lag_bucket], 20ms);  // 12 ms late: above 10, up to 20
  EXPECT_EQ(bucket_of(reactor->turn_duration(), turns), 0U);
}

TEST_F(LibeventReactorTest, GivenNoDescriptorsLeft_WhenAConnectionWaits_ThenTheListenerRestsAndLaterAccepts) {
  warm_up();
  std::unique_ptr<TcpConnection> accepted;
  const auto listener =
      reactor
          ->listen_tcp(loopback(),
                       [&](std::unique_ptr<TcpConnection> connection) { accepted = std::move(connection); })
          .value();
  std::unique_ptr<TcpConnection> client;
  const Handle attempt = reactor->connect_tcp(
      listener->local_address(),
      [&](Result<std::unique_ptr<TcpConnection>> result) { client = std::move(result).value(); });
  {
    // Formatting has a vptr too.
    log_set_level(LogArea::reactor, LogLevel::off);
    const NoMoreDescriptors none;
    ASSERT_TRUE(reactor->run_until([&] { return reactor->counters().accept_pauses > 0; }, 10s));
    EXPECT_FALSE(accepted);
    // It rests: the turns that pass do not try again and again.
    const Counter pauses = reactor->counters().accept_pauses;
    (void)reactor->run_until([] { return false; }, 20ms);
    EXPECT_LE(reactor->counters().accept_pauses, pauses + 1);
  }
  log_set_level(LogArea::reactor, LogLevel::info);
  ASSERT_TRUE(reactor->run_until([&] { return accepted != nullptr; }, 10s));
}

TEST_F(LibeventReactorTest, GivenNoDescriptorsLeft_WhenConnecting_ThenTheErrorComesByCallback) {
  warm_up();
  std::optional<ErrorCode> code;
  Handle attempt;
  {
    const NoMoreDescriptors none;
    attempt = reactor->connect_tcp(
        loopback().with_port(1),
        [&](Result<std::unique_ptr<TcpConnection>> result) { code = result.error().code; });
  }
  EXPECT_FALSE(code);
  ASSERT_TRUE(reactor->run_until([&] { return code.has_value(); }, 10s));
  EXPECT_EQ(*code, ErrorCode::limit);
}

TEST_F(LibeventReactorTest, GivenAPeerThatIsGone_WhenWrittenTo_ThenSigpipeDoesNotKill) {
  Peer client;
  Peer server;
  const auto listener = reactor
                            ->listen_tcp(loopback(),
                                         [&](std::unique_ptr<TcpConnection> connection) {
                                           server.connection = std::move(connection);
                                         })
                            .value();
  const Handle attempt = reactor->connect_tcp(
      listener->local_address(),
      [&](Result<std::unique_ptr<TcpConnection>> result) { client.connection = std::move(result).value(); });
  ASSERT_TRUE(reactor->run_until([&] { return client.connection && server.connection; }, 10s));
  client.start();
  client.connection->set_reading(false);
  server.connection.reset();
  const std::string block(1 << 20, 'x');
  ASSERT_TRUE(reactor->run_until(
      [&] {
        client.send(block);
        return !client.closed.empty();
      },
      10s));
  EXPECT_EQ(client.closed[0].code, ErrorCode::io);
}

TEST_F(LibeventReactorTest, GivenABusyPeer_WhenItSendsWithoutEnd_ThenAnotherIsStillServed) {
  Peer flood;
  Peer quiet;
  std::vector<std::unique_ptr<Peer>> accepted;
  const auto listener = reactor
                            ->listen_tcp(loopback(),
                                         [&](std::unique_ptr<TcpConnection> connection) {
                                           auto peer = std::make_unique<Peer>();
                                           peer->connection = std::move(connection);
                                           peer->start();
                                           accepted.push_back(std::move(peer));
                                         })
                            .value();
  const auto keep = [](Peer& peer) {
    return [&peer](Result<std::unique_ptr<TcpConnection>> result) {
      peer.connection = std::move(result).value();
    };
  };
  const Handle first = reactor->connect_tcp(listener->local_address(), keep(flood));
  ASSERT_TRUE(reactor->run_until([&] { return flood.connection && accepted.size() == 1; }, 10s));
  const Handle second = reactor->connect_tcp(listener->local_address(), keep(quiet));
  ASSERT_TRUE(reactor->run_until([&] { return quiet.connection && accepted.size() == 2; }, 10s));
  flood.start();
  quiet.start();
  // The flood's input is always there; the other one's turn comes all the same.
  const std::string block(4 << 20, 'f');
  for (int i = 0; i < 8; ++i) flood.send(block);
  quiet.send("me too");
  ASSERT_TRUE(reactor->run_until([&] { return accepted[1]->received == "me too"; }, 10s));
  EXPECT_LT(accepted[0]->received.size(), 8 * block.size());
}

TEST_F(LibeventReactorTest, GivenTheHostsFile_WhenLocalhostIsResolved_ThenItIsLoopback) {
  reactor->use_resolv_conf("/dev/null");
  std::vector<SocketAddress> answer;
  const Handle query =
      reactor->resolve("localhost", AddressFamily::v4, [&](Result<std::vector<SocketAddress>> result) {
        if (result) answer = std::move(*result);
      });
  ASSERT_TRUE(reactor->run_until([&] { return !answer.empty(); }, 10s));
  EXPECT_TRUE(answer[0].is_loopback());
  EXPECT_EQ(answer[0].port(), 0);
}

/// A name server that knows one name.
class NameServer {
 public:
  NameServer(LibeventReactor& reactor, SocketAddress at)
      : socket_(
            reactor.bind_udp(at, [this](const SocketAddress& from, ByteView query) { answer(from, query); })
                .value()) {}

  [[nodiscard]] std::string resolv_conf() const {
    const std::string path = testing::TempDir() + "resolv.conf." + std::to_string(::getpid());
    std::ofstream(path) << "nameserver " << socket_->local_address().to_string() << "\n";
    return path;
  }
  bool silent = false;

 private:
  void answer(const SocketAddress& from, ByteView query) {
    if (silent || query.size() < 17) return;
    // The question is echoed; its type stands before the class at its end.
    Bytes reply(query.begin(), query.end());
    const bool known = as_text(query).find("preconf") != std::string_view::npos ||
                       as_text(query).find("PRECONF") != std::string_view::npos ||
                       lower(query).contains("preconf");
    std::size_t at = 12;
    while (at < query.size() && query[at] != 0) at += std::size_t{1} + query[at];
    const bool address = query[at + 2] == 1;
    reply.resize(at + 5);
    reply[2] = 0x84;
    reply[3] = known ? 0x00 : 0x03;
    reply[6] = 0;
    reply[7] = known && address ? 1 : 0;
    for (std::size_t i = 8; i < 12; ++i) reply[i] = 0;
    if (known && address) {
      const Bytes record = {0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7};
      reply.insert(reply.end(), record.begin(), record.end());
    }
    (void)socket_->send_to(from, reply);
  }
  static std::string lower(ByteView bytes) {
    std::string out;
    for (const std::uint8_t byte : bytes) out.push_back(static_cast<char>(std::tolower(byte)));
    return out;
  }

  std::unique_ptr<UdpSocket> socket_;
};

TEST_F(LibeventReactorTest, GivenANameServer_WhenANameIsResolved_ThenItsAddressIsTheAnswer) {
  const NameServer server(*reactor, loopback());
  reactor->use_resolv_conf(server.resolv_conf());
  std::optional<Result<std::vector<SocketAddress>>> answer;
  Handle query =
      reactor->resolve("preconf.example", AddressFamily::any,
                       [&](Result<std::vector<SocketAddress>> result) { answer = std::move(result); });
  EXPECT_FALSE(answer);
  ASSERT_TRUE(reactor->run_until([&] { return answer.has_value(); }, 10s));
  ASSERT_TRUE(*answer) << answer->error().message;
  ASSERT_EQ((*answer)->size(), 1u);
  EXPECT_EQ((**answer)[0].to_string(), "192.0.2.7:0");

  answer.reset();
  query = reactor->resolve("unknown.example", AddressFamily::any,
                           [&](Result<std::vector<SocketAddress>> result) { answer = std::move(result); });
  ASSERT_TRUE(reactor->run_until([&] { return answer.has_value(); }, 10s));
  ASSERT_FALSE(*answer);
  EXPECT_EQ(answer->error().code, ErrorCode::not_found);
  EXPECT_NE(answer->error().message.find("unknown.example"), std::string::npos);
}

TEST_F(LibeventReactorTest, GivenASilentNameServer_WhenTheQueryIsDropped_ThenNothingIsCalledAndNothingLeaks) {
  NameServer server(*reactor, loopback());
  server.silent = true;
  reactor->use_resolv_conf(server.resolv_conf());
  {
    const Handle query =
        reactor->resolve("preconf.example", AddressFamily::any,
                         [](Result<std::vector<SocketAddress>>) { ADD_FAILURE() << "cancelled"; });
    (void)reactor->run_until([] { return false; }, 5ms);
  }
  (void)reactor->run_until([] { return false; }, 5ms);
  // And one that is still on its way when the reactor goes: the handle went before it.
  Handle open =
      reactor->resolve("preconf.example", AddressFamily::v4, [](Result<std::vector<SocketAddress>>) {});
  (void)reactor->run_until([] { return false; }, 5ms);
  open.reset();
}

}  // namespace
}  // namespace libpreconf::test
