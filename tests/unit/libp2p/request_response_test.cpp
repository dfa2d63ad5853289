#include "libp2p/request_response.h"

#include <gtest/gtest.h>

#include "gossipsub_network.h"
#include "gossipsub_wire.h"

namespace libpreconf::libp2p::test {
namespace {

constexpr std::size_t kHead = 0;
constexpr std::size_t kList = 1;

class RequestResponseTest : public testing::Test {
 protected:
  struct Node {
    explicit Node(RequestResponseTest& test, int side) {
      RequestResponseConfig config;
      config.protocols = {{"/head", 128, 65536}, {"/list", 256, 2101248}};
      RequestResponseHooks hooks;
      hooks.admit = [this](const PeerId&, std::size_t) { return admit; };
      hooks.on_request = [this](const PeerId& from, std::size_t protocol, Bytes body, Responder responder) {
        requests.push_back({from, protocol, std::move(body), std::move(responder)});
        if (answer) answer(requests.back().responder);
      };
      service = std::make_unique<RequestResponse>(
          test.reactor, std::move(config), std::move(hooks),
          [&test, side](ConnectionId id, std::vector<std::string> ids,
                        std::move_only_function<void(Result<Stream*>)> done) {
            return test.wires[id - 1]->open(side, std::move(ids), std::move(done));
          });
    }
    struct Request {
      PeerId from;
      std::size_t protocol;
      Bytes body;
      Responder responder;
    };
    std::unique_ptr<RequestResponse> service;
    bool admit = true;
    std::function<void(Responder&)> answer;
    std::deque<Request> requests;
  };

  RequestResponseTest() { connect(); }

  void connect() {
    wires.push_back(nullptr);
    wires.back() =
        std::make_unique<Wire>(reactor, wires.size(), *client.service, client_id, *server.service, server_id);
    wires.back()->up();
  }
  Handle ask(std::size_t protocol, const Bytes& body) {
    return client.service->request(server_id, protocol, body, [this](Result<Bytes> result) {
      ++answers;
      last = std::move(result);
    });
  }
  [[nodiscard]] ErrorCode last_error() const { return last && !*last ? last->error().code : ErrorCode::io; }
  [[nodiscard]] const RequestResponse::Counters& asked() const { return client.service->counters(); }
  [[nodiscard]] const RequestResponse::Counters& served() const { return server.service->counters(); }
  void expect_nothing_left() {
    network.run_for(30s);
    EXPECT_EQ(client.service->exchanges(), 0U);
    EXPECT_EQ(server.service->exchanges(), 0U);
    for (const auto& wire : wires) EXPECT_EQ(wire->live_streams(), 0U);
  }

  SimulatedNetwork network{1};
  Reactor& reactor = network.host("10.0.0.1");
  const PeerId client_id = test_peer(1);
  const PeerId server_id = test_peer(2);
  std::vector<std::unique_ptr<Wire>> wires;
  Node client{*this, 0};
  Node server{*this, 1};
  int answers = 0;
  std::optional<Result<Bytes>> last;
};

TEST_F(RequestResponseTest, GivenAResponder_WhenAsked_ThenTheAnswerComesBackAndTheStreamEndsOrderly) {
  server.answer = [](Responder& responder) { EXPECT_TRUE(responder.respond(Bytes{7, 8, 9})); };
  const Handle handle = ask(kHead, {4, 0, 0, 0});
  network.run_for(1s);
  ASSERT_EQ(answers, 1);
  EXPECT_EQ(last->value(), (Bytes{7, 8, 9}));
  ASSERT_EQ(server.requests.size(), 1U);
  EXPECT_EQ(server.requests[0].body, (Bytes{4, 0, 0, 0}));
  EXPECT_EQ(server.requests[0].from, client_id);
  EXPECT_EQ(server.requests[0].protocol, kHead);
  for (const auto& stream : wires[0]->streams) EXPECT_FALSE(stream->was_reset);
  expect_nothing_left();
  EXPECT_EQ(answers, 1);
}

TEST_F(RequestResponseTest, GivenAnAnswerOfTwoMegabytes_WhenItComesInPieces_ThenItIsWhole) {
  const Bytes large(2097188, 3);
  const Handle handle = ask(kList, Bytes(32, 1));
  network.run_for(1s);
  ASSERT_EQ(server.requests.size(), 1U);
  EXPECT_TRUE(server.requests[0].responder.respond(large));
  network.run_for(1s);
  ASSERT_EQ(answers, 1);
  EXPECT_EQ(last->value(), large);
}

TEST_F(RequestResponseTest,
       GivenAnAnswerWithASharedTail_WhenSent_ThenItFollowsTheHeadAndCountsAgainstTheLimit) {
  const auto tail = std::make_shared<const Bytes>(2'000'000, 4);
  Handle handle = ask(kList, Bytes(32, 1));
  network.run_for(1s);
  ASSERT_EQ(server.requests.size(), 1U);
  EXPECT_TRUE(server.requests[0].responder.respond(Bytes(36, 3), tail));
  EXPECT_GT(tail.use_count(), 1);  // waits, and is not a copy
  network.run_for(1s);
  ASSERT_EQ(answers, 1);
  Bytes whole(36, 3);
  whole.insert(whole.end(), tail->begin(), tail->end());
  EXPECT_EQ(last->value(), whole);
  EXPECT_EQ(tail.use_count(), 1);

  handle = ask(kList, Bytes(32, 1));
  network.run_for(1s);
  ASSERT_EQ(server.requests.size(), 2U);
  EXPECT_EQ(server.requests[1].responder.respond(Bytes(101'249), tail).error().code, ErrorCode::too_large);
}

TEST_F(RequestResponseTest, GivenAnApplicationThatRefuses_WhenAsked_ThenTheStreamEndsWithoutBytes) {
  server.answer = [](Responder& responder) { responder.refuse(); };
  const Handle handle = ask(kHead, {1});
  network.run_for(1s);
  EXPECT_EQ(last_error(), ErrorCode::closed);
  for (const auto& stream : wires[0]->streams) EXPECT_FALSE(stream->was_reset);
  EXPECT_EQ(served().responses_refused, 1U);
  expect_nothing_left();
}

TEST_F(RequestResponseTest, GivenARateLimit_WhenItSaysNo_ThenTheApplicationIsNotAsked) {
  server.admit = false;
  const Handle handle = ask(kHead, {1});
  network.run_for(1s);
  EXPECT_EQ(last_error(), ErrorCode::closed);
  EXPECT_TRUE(server.requests.empty());
  EXPECT_EQ(served().requests_not_admitted, 1U);
  expect_nothing_left();
}

TEST_F(RequestResponseTest,
       GivenAnAnswerThatComesLater_WhenTheRequesterHasHalfClosed_ThenItIsStillDelivered) {
  const Handle handle = ask(kHead, {1});
  network.run_for(9s);
  ASSERT_EQ(server.requests.size(), 1U);
  EXPECT_TRUE(server.requests[0].responder.is_open());
  EXPECT_TRUE(server.requests[0].responder.respond(Bytes{5}));
  network.run_for(500ms);
  EXPECT_EQ(last->value(), (Bytes{5}));
  expect_nothing_left();
}

TEST_F(RequestResponseTest, GivenNoAnswer_WhenTenSecondsPass_ThenBothSidesGiveUpAndALateAnswerIsANoOp) {
  const Handle handle = ask(kHead, {1});
  network.run_for(11s);
  EXPECT_EQ(answers, 1);
  // Whoever's clock strikes first decides how the requester hears of it.
  EXPECT_TRUE(last_error() == ErrorCode::timed_out || last_error() == ErrorCode::closed);
  EXPECT_EQ(served().responses_late, 1U);
  EXPECT_FALSE(server.requests[0].responder.is_open());
  EXPECT_EQ(server.requests[0].responder.respond(Bytes{1}).error().code, ErrorCode::closed);
  expect_nothing_left();
  EXPECT_EQ(answers, 1);
}

TEST_F(RequestResponseTest,
       GivenAHandleThatIsDropped_WhenTheAnswerMayStillCome_ThenNothingIsResetAndNobodyHears) {
  Handle handle = ask(kHead, {1});
  network.run_for(1s);
  handle.reset();
  EXPECT_EQ(asked().requests_abandoned, 1U);
  ASSERT_EQ(server.requests.size(), 1U);
  EXPECT_TRUE(server.requests[0].responder.respond(Bytes{5}));
  network.run_for(1s);
  EXPECT_EQ(answers, 0);
  for (const auto& stream : wires[0]->streams) EXPECT_FALSE(stream->was_reset);
  expect_nothing_left();
}

TEST_F(RequestResponseTest, GivenAHandleThatIsDroppedBeforeTheStreamOpens_WhenTimePasses_ThenNothingIsSent) {
  Handle handle = ask(kHead, {1});
  handle.reset();
  network.run_for(1s);
  EXPECT_TRUE(wires[0]->streams.empty());
  EXPECT_EQ(answers, 0);
  expect_nothing_left();
}

TEST_F(RequestResponseTest, GivenACallbackThatDropsItsHandle_WhenAnswered_ThenItRunsOnce) {
  server.answer = [](Responder& responder) { (void)responder.respond(Bytes{1}); };
  Handle handle;
  handle = client.service->request(server_id, kHead, Bytes{1}, [&](Result<Bytes>) {
    ++answers;
    handle.reset();
  });
  network.run_for(1s);
  EXPECT_EQ(answers, 1);
  EXPECT_EQ(asked().requests_abandoned, 0U);
}

TEST_F(RequestResponseTest, GivenACallbackThatDestroysTheService_WhenAnswered_ThenAllIsWell) {
  server.answer = [](Responder& responder) { (void)responder.respond(Bytes{1}); };
  Handle other = ask(kList, {1});
  Handle handle = client.service->request(server_id, kHead, Bytes{1}, [&](Result<Bytes>) {
    wires[0]->disconnect();
    client.service.reset();
  });
  network.run_for(20s);
  other.reset();
  EXPECT_EQ(client.service, nullptr);
}

TEST_F(RequestResponseTest, GivenAResponderThatOutlivesTheService_WhenItAnswers_ThenNothingHappens) {
  const Handle handle = ask(kHead, {1});
  network.run_for(1s);
  ASSERT_EQ(server.requests.size(), 1U);
  Responder kept = std::move(server.requests[0].responder);
  wires[0]->disconnect();
  server.service.reset();
  EXPECT_FALSE(kept.is_open());
  EXPECT_FALSE(kept.respond(Bytes{1}));
  EXPECT_EQ(last_error(), ErrorCode::closed);
}

TEST_F(RequestResponseTest, GivenAPeerThatDoesNotSpeakIt_WhenAsked_ThenUnsupported) {
  wires[0]->refuse = {"/list"};
  const Handle handle = ask(kList, {1});
  network.run_for(1s);
  EXPECT_EQ(last_error(), ErrorCode::unsupported);
  EXPECT_EQ(asked().requests_unsupported, 1U);
  expect_nothing_left();
}

TEST_F(RequestResponseTest, GivenWrongRequests_WhenAsked_ThenTheErrorComesByCallbackAndNeverInsideTheCall) {
  const Handle too_large = ask(kHead, Bytes(129));
  EXPECT_EQ(answers, 0);
  network.run_for(1s);
  EXPECT_EQ(last_error(), ErrorCode::too_large);
  const Handle stranger =
      client.service->request(test_peer(9), kHead, Bytes{1}, [this](Result<Bytes> result) {
        ++answers;
        last = std::move(result);
      });
  EXPECT_EQ(answers, 1);
  network.run_for(1s);
  EXPECT_EQ(last_error(), ErrorCode::unavailable);
}

TEST_F(RequestResponseTest, GivenAConnectionThatEnds_WhenWaiting_ThenClosedAndTheResponderKnows) {
  const Handle handle = ask(kHead, {1});
  network.run_for(1s);
  wires[0]->disconnect();
  EXPECT_EQ(last_error(), ErrorCode::closed);
  EXPECT_FALSE(server.requests[0].responder.is_open());
  const Handle again = ask(kHead, {1});
  network.run_for(1s);
  EXPECT_EQ(last_error(), ErrorCode::unavailable);
}

TEST_F(RequestResponseTest, GivenTwoConnections_WhenTheFirstEnds_ThenTheSecondIsUsed) {
  server.answer = [](Responder& responder) { (void)responder.respond(Bytes{2}); };
  connect();
  wires[0]->disconnect();
  const Handle handle = ask(kHead, {1});
  network.run_for(1s);
  EXPECT_EQ(last->value(), (Bytes{2}));
  EXPECT_EQ(wires[1]->streams.size(), 2U);
}

TEST_F(RequestResponseTest, attack_D3_GivenAHundredExchangesAtOnce_WhenOneMoreBegins_ThenItIsRefused) {
  std::vector<Handle> handles;
  for (int i = 0; i < 100; ++i) handles.push_back(ask(kHead, {1}));
  network.run_for(1s);
  EXPECT_EQ(server.requests.size(), 100U);
  EXPECT_EQ(answers, 0);
  handles.push_back(ask(kHead, {1}));
  network.run_for(100ms);
  EXPECT_EQ(last_error(), ErrorCode::limit);
  // The remote has the same bound for what it lets in; the other protocol has its own.
  Stream* extra = nullptr;
  handles.push_back(wires[0]->open(0, {"/head"}, [&](Result<Stream*> opened) { extra = *opened; }));
  handles.push_back(ask(kList, {1}));
  network.run_for(100ms);
  ASSERT_NE(extra, nullptr);
  EXPECT_TRUE(static_cast<WireStream*>(extra)->dead);
  EXPECT_EQ(served().streams_refused, 1U);
  EXPECT_EQ(server.requests.size(), 101U);
}

/// The other side of a stream, played by hand.
struct ByHand final : StreamReceiver {
  void on_data(Stream&, ByteView bytes) override { data.insert(data.end(), bytes.begin(), bytes.end()); }
  void on_remote_closed(Stream&) override { closed = true; }
  void on_reset(Stream&) override { was_reset = true; }
  Bytes data;
  bool closed = false;
  bool was_reset = false;
};

class HostileRequester : public RequestResponseTest {
 protected:
  HostileRequester() {
    handle = wires[0]->open(0, {"/head"}, [this](Result<Stream*> opened) {
      stream = *opened;
      stream->set_receiver(&hand);
    });
    network.run_for(100ms);
  }
  Handle handle;
  Stream* stream = nullptr;
  ByHand hand;
};

TEST_F(HostileRequester, GivenARequestWithoutFin_WhenItIsWhole_ThenItIsAnsweredAndClosed) {
  server.answer = [](Responder& responder) { (void)responder.respond(Bytes{9}); };
  stream->write(Bytes{1, 1});
  network.run_for(100ms);
  EXPECT_EQ(hand.data, (Bytes{1, 9}));
  EXPECT_TRUE(hand.closed);
  stream->close_write();
  expect_nothing_left();
}

TEST_F(HostileRequester, GivenAnEmptyRequestFrame_WhenItArrives_ThenItIsARequestWithAnEmptyBody) {
  stream->write(Bytes{0});
  network.run_for(100ms);
  ASSERT_EQ(server.requests.size(), 1U);
  EXPECT_TRUE(server.requests[0].body.empty());
}

TEST_F(HostileRequester, GivenOnlyAFin_WhenItArrives_ThenTheStreamIsDroppedSilently) {
  stream->close_write();
  network.run_for(100ms);
  EXPECT_TRUE(server.requests.empty());
  EXPECT_EQ(served().requests_malformed, 1U);
  expect_nothing_left();
}

TEST_F(HostileRequester, GivenARequestOverTheCap_WhenItsPrefixArrives_ThenTheStreamIsReset) {
  stream->write(Bytes{0x81, 0x01});
  network.run_for(100ms);
  EXPECT_TRUE(hand.was_reset);
  EXPECT_EQ(served().requests_malformed, 1U);
  expect_nothing_left();
}

TEST_F(HostileRequester, attack_D3_GivenARequestThatNeverEnds_WhenTenSecondsPass_ThenItIsReset) {
  for (int i = 0; i < 9; ++i) {
    stream->write(Bytes{100});
    network.run_for(1s);
  }
  EXPECT_FALSE(hand.was_reset);
  network.run_for(2s);
  EXPECT_TRUE(hand.was_reset);
  EXPECT_EQ(served().requests_unfinished, 1U);
  expect_nothing_left();
}

TEST_F(HostileRequester, GivenBytesBehindTheRequest_WhenTheyArrive_ThenTheyAreIgnored) {
  stream->write(Bytes{1, 1, 2, 3, 4});
  stream->write(Bytes(1000));
  network.run_for(100ms);
  ASSERT_EQ(server.requests.size(), 1U);
  EXPECT_EQ(server.requests[0].body, Bytes{1});
}

TEST_F(HostileRequester, GivenARequesterThatReadsNothing_WhenTenSecondsPass_ThenTheAnswerIsGivenUp) {
  server.answer = [this](Responder& responder) {
    static_cast<WireStream*>(stream)->other->stall(true);
    (void)responder.respond(Bytes(60000));
  };
  stream->write(Bytes{1, 1});
  network.run_for(11s);
  EXPECT_EQ(served().responses_unread, 1U);
  EXPECT_EQ(server.service->exchanges(), 0U);
}

TEST_F(HostileRequester, GivenAnAnswerOverTheCap_WhenTheApplicationGivesIt_ThenItIsRefused) {
  server.answer = [](Responder& responder) {
    EXPECT_EQ(responder.respond(Bytes(65537)).error().code, ErrorCode::too_large);
  };
  stream->write(Bytes{1, 1});
  network.run_for(100ms);
  EXPECT_TRUE(hand.closed);
  EXPECT_TRUE(hand.data.empty());
}

/// A protocol that hands every inbound stream to one receiver.
struct HandServer final : Protocol {
  explicit HandServer(ByHand& receiver) : hand(receiver) {}
  std::vector<std::string> protocol_ids() const override { return {"/head", "/list"}; }
  StreamReceiver* on_inbound_stream(Stream& opened) override {
    stream = &opened;
    return &hand;
  }
  ByHand& hand;
  Stream* stream = nullptr;
};

class HostileResponder : public RequestResponseTest {
 protected:
  HostileResponder() {
    wires[0]->disconnect();
    wires.push_back(nullptr);
    wires.back() = std::make_unique<Wire>(reactor, 2, *client.service, client_id, hand_server, server_id);
    wires.back()->up();
    handle = ask(kHead, {1});
    network.run_for(100ms);
  }
  ByHand hand;
  HandServer hand_server{hand};
  Handle handle;
};

TEST_F(HostileResponder, GivenARequest_WhenItLeaves_ThenTheFrameIsFollowedByFin) {
  EXPECT_EQ(hand.data, (Bytes{1, 1}));
  EXPECT_TRUE(hand.closed);
}

TEST_F(HostileResponder, GivenAWholeAnswerWithoutFin_WhenItArrives_ThenItCountsAndTheStreamEndsLater) {
  hand_server.stream->write(Bytes{1, 9, 77});
  network.run_for(100ms);
  EXPECT_EQ(last->value(), Bytes{9});
  network.run_for(12s);
  EXPECT_TRUE(hand.was_reset);
  EXPECT_EQ(client.service->exchanges(), 0U);
}

TEST_F(HostileResponder, GivenFinResetAndRubbish_WhenTheyArrive_ThenEachIsAnErrorOfItsOwn) {
  hand_server.stream->write(Bytes{2, 9});
  hand_server.stream->close_write();
  network.run_for(100ms);
  EXPECT_EQ(last_error(), ErrorCode::closed);

  Handle next = ask(kHead, {1});
  network.run_for(100ms);
  hand_server.stream->reset();
  network.run_for(100ms);
  EXPECT_EQ(last_error(), ErrorCode::closed);

  next = ask(kHead, {1});
  network.run_for(100ms);
  hand_server.stream->write(Bytes{0x80, 0x00});
  network.run_for(100ms);
  EXPECT_EQ(last_error(), ErrorCode::malformed);

  next = ask(kHead, {1});
  network.run_for(100ms);
  hand_server.stream->write(Bytes{0x81, 0x80, 0x04});
  network.run_for(100ms);
  EXPECT_EQ(last_error(), ErrorCode::too_large);
  EXPECT_EQ(asked().responses_malformed, 2U);
  EXPECT_EQ(client.service->exchanges(), 0U);
}

TEST_F(HostileResponder, GivenSilence_WhenTheDeadlinePasses_ThenTheStreamIsReadOnBeforeItIsReset) {
  network.run_for(10s);
  EXPECT_EQ(last_error(), ErrorCode::timed_out);
  EXPECT_FALSE(hand.was_reset);
  hand_server.stream->write(Bytes{1, 9});  // too late, but no offence of ours
  network.run_for(1s);
  EXPECT_EQ(answers, 1);
  EXPECT_FALSE(hand.was_reset);
  network.run_for(10s);
  EXPECT_TRUE(hand.was_reset);
}

}  // namespace
}  // namespace libpreconf::libp2p::test
