#include "rpc/http_server.h"

#include <optional>

#include "unit/rpc/http_client.h"

namespace libpreconf::rpc {
namespace {

using namespace std::chrono_literals;
using test::HttpAnswer;
using test::HttpClient;

/// A server whose handler echoes the body, or keeps the responder where the path is "/later".
class HttpServerTest : public testing::Test {
 protected:
  void SetUp() override { serve(config()); }

  static HttpServerConfig config() {
    HttpServerConfig out;
    out.address = SocketAddress::parse("127.0.0.1:0").value();
    out.max_body = 100'000;
    out.too_large_body = R"({"too":"large"})";
    return out;
  }
  void serve(HttpServerConfig config) {
    server =
        HttpServer::create(*reactor, std::move(config), [this](HttpRequest request, HttpResponder responder) {
          seen.push_back(request);
          if (request.path == "/later") {
            kept.push_back(std::move(responder));
          } else if (request.path != "/silent") {
            responder.respond({200, "text/plain", request.body});
          }
        }).value();
  }
  HttpClient client() { return {*reactor, server->address()}; }
  bool wait_until(std::move_only_function<bool()> done) { return reactor->run_until(std::move(done), 30s); }

  SystemClock clock;
  std::unique_ptr<LibeventReactor> reactor = LibeventReactor::create(clock).value();
  std::vector<HttpRequest> seen;
  std::vector<HttpResponder> kept;
  std::unique_ptr<HttpServer> server;
};

TEST_F(HttpServerTest, GivenPortZero_WhenServing_ThenTheBoundAddressIsReported) {
  EXPECT_TRUE(server->address().is_loopback());
  EXPECT_NE(server->address().port(), 0);
}

TEST_F(HttpServerTest, GivenAnAddressInUse_WhenServing_ThenTheErrorNamesIt) {
  HttpServerConfig second = config();
  second.address = server->address();
  const auto result = HttpServer::create(*reactor, second, [](HttpRequest, HttpResponder) {});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find(server->address().to_string()), std::string::npos);
}

TEST_F(HttpServerTest, GivenARequest_WhenAnswered_ThenMethodPathAndBodyWereSeen) {
  HttpClient http = client();
  http.post("hello", "/echo?query=1");
  const HttpAnswer answer = http.next();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.headers.at("content-type"), "text/plain");
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].method, "POST");
  EXPECT_EQ(seen[0].path, "/echo");
}

TEST_F(HttpServerTest, GivenOneConnection_WhenUsedAgain_ThenItIsKeptAlive) {
  HttpClient http = client();
  for (int i = 0; i < 5; ++i) {
    http.post(std::to_string(i));
    EXPECT_EQ(http.next().body, std::to_string(i));
  }
  EXPECT_FALSE(http.closed());
}

TEST_F(HttpServerTest, GivenPipelinedRequests_WhenAnswered_ThenInTheirOrder) {
  HttpClient http = client();
  std::string all;
  for (int i = 0; i < 20; ++i) all += HttpClient::request("POST", std::to_string(i));
  http.send(all);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(http.next().body, std::to_string(i));
}

TEST_F(HttpServerTest, GivenARequestInSingleBytes_WhenItIsComplete_ThenItIsAnswered) {
  HttpClient http = client();
  for (const char c : HttpClient::request("POST", "split body")) {
    http.send(std::string_view(&c, 1));
    (void)reactor->run_until([&] { return http.pending() == 0; }, 30s);
  }
  EXPECT_EQ(http.next().body, "split body");
}

TEST_F(HttpServerTest, GivenAChunkedBody_WhenComplete_ThenItIsWhole) {
  HttpClient http = client();
  const std::string body(50'000, 'c');
  http.send(HttpClient::chunked(body, 777));
  EXPECT_EQ(http.next().body, body);
}

// --- The traps of the library ------------------------------------------------------------------------------

TEST_F(HttpServerTest, Trap1_GivenASuspendedRequest_WhenItIsAnswered_ThenTheAnswerGoesOutAtOnce) {
  HttpClient http = client();
  http.get("/later");
  ASSERT_TRUE(wait_until([&] { return kept.size() == 1 && server->waiting() == 1; }));
  const Instant before = clock.now();
  kept[0].respond({200, "text/plain", "resumed"});
  EXPECT_EQ(http.next().body, "resumed");
  // Without the extra turn it hangs until the idle timeout of 30 s stirs the library.
  EXPECT_LT(clock.now() - before, 10s);
  EXPECT_EQ(server->waiting(), 0u);
}

TEST_F(HttpServerTest, Trap1_GivenManySuspendedRequests_WhenAnsweredTogether_ThenNoneHangs) {
  std::vector<HttpClient> clients;
  clients.reserve(40);
  for (int i = 0; i < 40; ++i) {
    clients.emplace_back(*reactor, server->address());
    clients.back().get("/later");
  }
  ASSERT_TRUE(wait_until([&] { return kept.size() == 40; }));
  for (HttpResponder& responder : kept) responder.respond({200, "text/plain", "all"});
  for (HttpClient& http : clients) EXPECT_EQ(http.next().body, "all");
}

TEST_F(HttpServerTest,
       Trap2_GivenSuspendedRequests_WhenTheServerStops_ThenTheProcessLivesAndLateAnswersAreDropped) {
  HttpClient first = client();
  HttpClient second = client();
  first.get("/later");
  second.get("/later");
  ASSERT_TRUE(wait_until([&] { return kept.size() == 2; }));
  server.reset();
  kept[0].respond({200, "text/plain", "too late"});
  kept.clear();
  EXPECT_TRUE(first.wait_closed());
  EXPECT_TRUE(second.wait_closed());
}

TEST_F(HttpServerTest, Trap3_GivenASuspendedRequest_WhenItsDeadlinePasses_ThenItIsAnsweredAndCounted) {
  HttpServerConfig quick = config();
  quick.reply_deadline = 30ms;
  serve(quick);
  HttpClient http = client();
  http.get("/later");
  EXPECT_EQ(http.next().status, 504);
  EXPECT_EQ(server->counters().deadline_missed, 1u);
  kept[0].respond({200, "text/plain", "too late"});
  http.get("/after");
  EXPECT_EQ(http.next().status, 200);
}

TEST_F(HttpServerTest, Trap3_GivenASuspendedRequest_WhenItsClientGoes_ThenTheDeadlineFreesIt) {
  HttpServerConfig quick = config();
  quick.reply_deadline = 30ms;
  serve(quick);
  {
    HttpClient http = client();
    http.get("/later");
    ASSERT_TRUE(wait_until([&] { return server->waiting() == 1; }));
  }
  EXPECT_TRUE(wait_until([&] { return server->waiting() == 0; }));
}

TEST_F(HttpServerTest, Trap4_GivenMoreInputThanOneRunReads_WhenNothingNewArrives_ThenItIsStillServed) {
  // Connections are edge-triggered inside: what one run leaves in a socket makes no new event.
  HttpClient http = client();
  std::string all;
  const std::string body(30'000, 'b');
  for (int i = 0; i < 40; ++i) all += HttpClient::request("POST", body);
  http.send(all);
  ASSERT_TRUE(http.wait_for(40));
}

TEST_F(HttpServerTest, Trap4_GivenAnIdleConnection_WhenItsTimeoutPasses_ThenTheTimerOfTheLibraryClosesIt) {
  HttpServerConfig quick = config();
  quick.idle_timeout = 1s;
  serve(quick);
  HttpClient http = client();
  http.get("/");
  EXPECT_EQ(http.next().status, 200);
  EXPECT_TRUE(http.wait_closed());
}

TEST_F(HttpServerTest, Trap8_GivenALengthOverTheCap_WhenDeclared_ThenItIsRefusedBeforeTheBody) {
  for (const std::string_view expect : {"", "Expect: 100-continue\r\n"}) {
    HttpClient http = client();
    http.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100001\r\n" + std::string(expect) +
              "\r\n");
    const HttpAnswer answer = http.next();
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.body, R"({"too":"large"})");
    EXPECT_TRUE(http.wait_closed());
  }
  EXPECT_EQ(server->counters().too_large, 2u);
  EXPECT_TRUE(seen.empty());
}

TEST_F(HttpServerTest, GivenALengthAtTheCap_WhenExpected_ThenTheBodyIsAskedForAndServed) {
  HttpClient http = client();
  http.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\nExpect: 100-continue\r\n\r\n");
  (void)reactor->run_until([] { return false; }, 10ms);
  http.send(std::string(100'000, 'x'));
  EXPECT_EQ(http.next().body.size(), 100'000u);
}

TEST_F(HttpServerTest, GivenAChunkedBodyOverTheCap_WhenItEnds_ThenItWasDroppedAndIs413) {
  HttpClient http = client();
  http.send(HttpClient::chunked(std::string(300'000, 'c'), 10'000));
  EXPECT_EQ(http.next().status, 413);
  EXPECT_TRUE(seen.empty());
  EXPECT_EQ(server->counters().too_large, 1u);
}

TEST_F(HttpServerTest, GivenAnAbsurdLength_WhenDeclared_ThenItIsRefused) {
  for (const std::string_view length : {"18446744073709551615", "99999999999999999999999999", "-1", "12x"}) {
    HttpClient http = client();
    http.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::string(length) + "\r\n\r\n");
    const int status = http.next().status;
    EXPECT_TRUE(status == 413 || status == 400) << length << ": " << status;
  }
  EXPECT_TRUE(seen.empty());
}

TEST_F(HttpServerTest, GivenHugeHeaders_WhenSent_ThenTheRequestIsRefused) {
  HttpClient http = client();
  http.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(100'000, 'h') + "\r\n\r\n");
  EXPECT_TRUE(http.wait_closed() || http.wait_for(1));
  EXPECT_TRUE(seen.empty());
}

TEST_F(HttpServerTest, GivenABodyThatTrickles_WhenItsDeadlinePasses_ThenTheConnectionIsClosed) {
  HttpServerConfig quick = config();
  quick.receive_deadline = 50ms;
  serve(quick);
  HttpClient http = client();
  http.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n");
  const Handle trickle = reactor->every(5ms, [&] { http.send("x"); });
  EXPECT_TRUE(http.wait_closed());
  EXPECT_EQ(server->counters().too_slow, 1u);
  EXPECT_TRUE(seen.empty());
}

TEST_F(HttpServerTest, GivenAResponderThatIsDropped_WhenNobodyAnswers_ThenItIs500) {
  HttpClient http = client();
  http.get("/silent");
  EXPECT_EQ(http.next().status, 500);
}

TEST_F(HttpServerTest, GivenAResponder_WhenMovedOver_ThenTheOldRequestIsAnswered) {
  HttpClient first = client();
  HttpClient second = client();
  first.get("/later");
  ASSERT_TRUE(wait_until([&] { return kept.size() == 1; }));
  second.get("/later");
  ASSERT_TRUE(wait_until([&] { return kept.size() == 2; }));
  kept[0] = std::move(kept[1]);
  EXPECT_EQ(first.next().status, 500);
  kept[0].respond({200, "text/plain", "second"});
  EXPECT_EQ(second.next().body, "second");
}

TEST_F(HttpServerTest, GivenAllPlacesTaken_WhenTheirConnectionsGo_ThenTheOneThatWaitsIsServed) {
  HttpServerConfig small = config();
  small.max_connections = 4;
  serve(small);
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<HttpClient>(*reactor, server->address()));
    clients.back()->get("/");
    EXPECT_EQ(clients.back()->next().status, 200);
  }
  HttpClient extra = client();
  extra.get("/");
  (void)reactor->run_until([] { return false; }, 20ms);
  EXPECT_EQ(seen.size(), 4u);
  clients.clear();
  EXPECT_EQ(extra.next().status, 200);
  HttpClient next = client();
  next.get("/");
  EXPECT_EQ(next.next().status, 200);
}

TEST_F(HttpServerTest, GivenBodiesThatFillTheBudget_WhenMoreAreDeclared_ThenTheyAreAskedToComeBack) {
  HttpServerConfig large = config();
  large.max_body = HttpServer::kMaxBodiesHeld;
  serve(large);
  HttpClient holder = client();
  const std::size_t most = HttpServer::kMaxBodiesHeld - 1000;
  holder.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(most) + "\r\n\r\n");
  const std::string block(1 << 20, 'x');
  std::size_t sent = 0;
  while (sent + block.size() < most) {
    holder.send(block);
    sent += block.size();
  }
  ASSERT_TRUE(wait_until([&] { return server->bodies_held() == sent; }));
  HttpClient late = client();
  late.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n");
  EXPECT_EQ(late.next().status, 503);
  EXPECT_EQ(server->counters().overloaded, 1u);
  // What the holder takes is given back when it goes.
  holder.close();
  ASSERT_TRUE(wait_until([&] { return server->bodies_held() == 0; }));
}

TEST_F(HttpServerTest, GivenBytesThatAreNoHttp_WhenSent_ThenTheServerGoesOn) {
  for (const std::string_view bytes :
       {"\x16\x03\x01\x02\x00\x01\x00\x01", "GET\r\n\r\n", "\r\n\r\n\r\n", "POST / HTTP/9.9\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"}) {
    HttpClient http = client();
    http.send(bytes);
    (void)reactor->run_until([&] { return http.closed(); }, 20ms);
  }
  HttpClient http = client();
  http.post("fine");
  EXPECT_EQ(http.next().body, "fine");
}

}  // namespace
}  // namespace libpreconf::rpc
