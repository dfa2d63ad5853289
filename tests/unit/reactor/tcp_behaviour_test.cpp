#include "unit/reactor/reactor_pair.h"

namespace libpreconf::test {
namespace {

using namespace std::chrono_literals;

class Tcp : public OverBothReactors {};

INSTANTIATE_TEST_SUITE_P(Reactors, Tcp, both_reactors(), reactor_name);

TEST_P(Tcp, GivenTwoPeers_WhenEachSends_ThenTheOtherReceivesItInOrder) {
  connect_and_start();
  client.send("hello ");
  client.send("world");
  server.send("welcome");
  ASSERT_TRUE(pair->run_until([&] { return server.received.size() == 11 && client.received.size() == 7; }));
  EXPECT_EQ(server.received, "hello world");
  EXPECT_EQ(client.received, "welcome");
}

TEST_P(Tcp, GivenAConnection_WhenAskedForItsAddresses_ThenBothEndsAgree) {
  connect();
  EXPECT_EQ(client.connection->remote_address(), listener->local_address());
  EXPECT_EQ(client.connection->local_address(), server.connection->remote_address());
  EXPECT_EQ(server.connection->local_address(), listener->local_address());
  EXPECT_NE(client.connection->local_address().port(), 0);
}

TEST_P(Tcp, GivenBytesPreparedInPlace_WhenLessIsCommitted_ThenOnlyThatTravels) {
  connect_and_start();
  const MutableByteView room = client.connection->prepare(100);
  ASSERT_GE(room.size(), 100u);
  for (std::size_t i = 0; i < 3; ++i) room[i] = static_cast<std::uint8_t>('a' + i);
  client.connection->commit(3);
  EXPECT_EQ(client.connection->pending(), 3u);
  (void)client.connection->prepare(10);
  client.connection->commit(0);
  ASSERT_TRUE(pair->run_until([&] { return server.received.size() == 3; }));
  EXPECT_EQ(server.received, "abc");
  EXPECT_EQ(client.connection->pending(), 0u);
}

TEST_P(Tcp, GivenAnUnstartedConnection_WhenItSends_ThenTheBytesWaitForStart) {
  connect();
  server.start();
  client.send("early");
  pair->settle();
  EXPECT_EQ(server.received, "");
  client.start();
  ASSERT_TRUE(pair->run_until([&] { return server.received == "early"; }));
}

TEST_P(Tcp, GivenBytesThatCameBeforeStart_WhenStarted_ThenTheyAreDeliveredAfterTheCall) {
  connect();
  client.start();
  client.send("first");
  pair->settle();
  server.start();
  EXPECT_EQ(server.received, "");
  ASSERT_TRUE(pair->run_until([&] { return server.received == "first"; }));
}

TEST_P(Tcp, GivenAReaderThatStops_WhenMuchIsSent_ThenItWaitsAtTheSender) {
  connect_and_start();
  server.connection->set_reading(false);
  const std::string block(1 << 20, 'x');
  for (int i = 0; i < 16; ++i) client.send(block);
  pair->settle();
  EXPECT_GT(client.connection->pending(), TcpConnection::kOutputHighWater);
  EXPECT_EQ(server.received.size(), 0u);
  EXPECT_EQ(client.drained, 0);
  server.connection->set_reading(true);
  ASSERT_TRUE(pair->run_until([&] { return server.received.size() == 16u << 20; }));
  EXPECT_EQ(client.drained, 1);
  EXPECT_EQ(client.connection->pending(), 0u);
}

TEST_P(Tcp, GivenADrainedCallback_WhenItSendsMore_ThenEverythingArrives) {
  connect();
  server.start();
  int rounds = 0;
  const std::string block(3 << 19, 'y');
  client.connection->start({.on_data = {},
                            .on_drained =
                                [&] {
                                  if (++rounds < 4) client.send(block);
                                },
                            .on_closed = {}});
  client.send(block);
  ASSERT_TRUE(pair->run_until([&] { return server.received.size() == 4 * block.size(); }));
  EXPECT_EQ(rounds, 4);
}

TEST_P(Tcp, GivenAnOpenConnection_WhenOneEndIsDestroyed_ThenTheOtherSeesAnOrderlyEndAfterTheData) {
  connect_and_start();
  server.send("last words");
  pair->settle();
  client.received.clear();
  server.send("really");
  pair->settle();
  server.connection.reset();
  ASSERT_TRUE(pair->run_until([&] { return !client.closed.empty(); }));
  EXPECT_EQ(client.received, "really");
  EXPECT_EQ(client.closed[0].code, ErrorCode::closed);
  pair->settle();
  EXPECT_EQ(client.closed.size(), 1u);
}

TEST_P(Tcp, GivenUnreadInput_WhenTheReaderIsDestroyed_ThenTheSenderSeesAReset) {
  connect_and_start();
  server.connection->set_reading(false);
  client.send("nobody reads this");
  pair->settle();
  server.connection.reset();
  ASSERT_TRUE(pair->run_until([&] { return !client.closed.empty(); }));
  EXPECT_EQ(client.closed[0].code, ErrorCode::io);
}

TEST_P(Tcp, GivenAConnection_WhenDestroyedInItsOwnOnData_ThenNothingElseIsCalled) {
  connect();
  client.start();
  int calls = 0;
  const auto kept = std::make_shared<int>(5);
  int seen_after = 0;
  server.connection->start({.on_data =
                                [&, kept](ByteView data) {
                                  ++calls;
                                  server.connection.reset();
                                  // The captures and the view are still there.
                                  seen_after = *kept + static_cast<int>(data.size());
                                },
                            .on_drained = {},
                            .on_closed = [&](const Error&) { ADD_FAILURE() << "closed after destruction"; }});
  client.send("abc");
  ASSERT_TRUE(pair->run_until([&] { return !client.closed.empty(); }));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(seen_after, 8);
  EXPECT_EQ(kept.use_count(), 1);
}

TEST_P(Tcp, GivenAConnection_WhenDestroyedInItsOwnOnClosed_ThenAllIsWell) {
  connect();
  server.start();
  bool closed = false;
  client.connection->start({.on_data = {}, .on_drained = {}, .on_closed = [&](const Error& error) {
                              client.connection.reset();
                              closed = error.code == ErrorCode::closed;
                            }});
  server.connection.reset();
  ASSERT_TRUE(pair->run_until([&] { return closed; }));
}

TEST_P(Tcp, GivenAClosedConnection_WhenMoreIsSent_ThenItIsDropped) {
  connect_and_start();
  server.connection.reset();
  ASSERT_TRUE(pair->run_until([&] { return !client.closed.empty(); }));
  client.send("into the void");
  EXPECT_EQ(client.connection->pending(), 0u);
  pair->settle();
  EXPECT_EQ(client.closed.size(), 1u);
}

TEST_P(Tcp, GivenNobodyListens_WhenConnecting_ThenRefusedAndNeverInsideTheCall) {
  listen();
  const SocketAddress address = listener->local_address();
  listener.reset();
  bool inside = true;
  std::optional<ErrorCode> code;
  const Handle attempt =
      pair->client().connect_tcp(address, [&](Result<std::unique_ptr<TcpConnection>> result) {
        EXPECT_FALSE(inside);
        ASSERT_FALSE(result);
        code = result.error().code;
      });
  inside = false;
  ASSERT_TRUE(pair->run_until([&] { return code.has_value(); }));
  EXPECT_EQ(*code, ErrorCode::refused);
}

TEST_P(Tcp, GivenAConnectAttempt_WhenItsHandleGoes_ThenTheCallbackNeverFires) {
  listen();
  {
    const Handle attempt = pair->client().connect_tcp(
        listener->local_address(),
        [](Result<std::unique_ptr<TcpConnection>>) { ADD_FAILURE() << "cancelled"; });
  }
  pair->settle();
}

TEST_P(Tcp, GivenAConnectCallback_WhenItDestroysItsHandle_ThenTheConnectionWorks) {
  listen();
  Handle attempt;
  attempt = pair->client().connect_tcp(listener->local_address(),
                                       [&](Result<std::unique_ptr<TcpConnection>> result) {
                                         attempt.reset();
                                         client.connection = std::move(result).value();
                                         client.start();
                                       });
  ASSERT_TRUE(pair->run_until([&] { return client.connection && server.connection; }));
  server.start();
  client.send("ok");
  ASSERT_TRUE(pair->run_until([&] { return server.received == "ok"; }));
}

TEST_P(Tcp, GivenAnAcceptCallback_WhenItDestroysTheListener_ThenTheConnectionLives) {
  auto made =
      pair->server().listen_tcp(pair->server_address(), [this](std::unique_ptr<TcpConnection> accepted) {
        listener.reset();
        server.connection = std::move(accepted);
        server.start();
      });
  listener = std::move(made).value();
  const Handle attempt = pair->client().connect_tcp(listener->local_address(),
                                                    [this](Result<std::unique_ptr<TcpConnection>> result) {
                                                      client.connection = std::move(result).value();
                                                    });
  ASSERT_TRUE(pair->run_until([&] { return client.connection && server.connection; }));
  client.start();
  client.send("still here");
  ASSERT_TRUE(pair->run_until([&] { return server.received == "still here"; }));
}

TEST_P(Tcp, GivenAnAddressInUse_WhenListeningThere_ThenTheErrorNamesIt) {
  listen();
  const auto second =
      pair->server().listen_tcp(listener->local_address(), [](std::unique_ptr<TcpConnection>) {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::io);
  EXPECT_NE(second.error().message.find(listener->local_address().to_string()), std::string::npos);
}

TEST_P(Tcp, GivenQueuedOutput_WhenClosedGracefully_ThenItArrivesBeforeTheEnd) {
  connect_and_start();
  const std::string block(5 << 20, 'z');
  server.send(block);
  pair->server().close_gracefully(std::move(server.connection), 10s);
  ASSERT_TRUE(pair->run_until([&] { return !client.closed.empty(); }));
  EXPECT_EQ(client.received.size(), block.size());
  EXPECT_EQ(client.closed[0].code, ErrorCode::closed);
}

TEST_P(Tcp, GivenAnOnData_WhenItClosesItsConnectionGracefully_ThenItsAnswerArrives) {
  connect();
  client.start();
  server.connection->start({.on_data =
                                [&](ByteView) {
                                  server.send("goodbye");
                                  pair->server().close_gracefully(std::move(server.connection), 1s);
                                },
                            .on_drained = {},
                            .on_closed = [](const Error&) { ADD_FAILURE() << "given away"; }});
  client.send("hello");
  ASSERT_TRUE(pair->run_until([&] { return !client.closed.empty(); }));
  EXPECT_EQ(client.received, "goodbye");
}

TEST_P(Tcp, GivenAReaderThatNeverReads_WhenClosedGracefully_ThenTheLingerEndsIt) {
  connect_and_start();
  client.connection->set_reading(false);
  const std::string block(16 << 20, 'z');
  server.send(block);
  pair->server().close_gracefully(std::move(server.connection), 50ms);
  bool lingered = false;
  const Handle timer = pair->server().after(200ms, [&] { lingered = true; });
  ASSERT_TRUE(pair->run_until([&] { return lingered; }));
  client.connection->set_reading(true);
  ASSERT_TRUE(pair->run_until([&] { return !client.closed.empty(); }));
  EXPECT_LT(client.received.size(), block.size());
}

TEST_P(Tcp, GivenAnObject_WhenDestroyedLater_ThenItGoesAfterTheTurn) {
  struct Witness {
    bool& gone;
    ~Witness() { gone = true; }
  };
  bool gone = false;
  bool gone_inside = true;
  const Handle timer = pair->client().after(0ms, [&] {
    pair->client().destroy_later(std::make_unique<Witness>(gone));
    gone_inside = gone;
  });
  ASSERT_TRUE(pair->run_until([&] { return gone; }));
  EXPECT_FALSE(gone_inside);
}

}  // namespace
}  // namespace libpreconf::test
