#include "rpc/sidecar_server.h"

#include "unit/rpc/http_client.h"

namespace libpreconf::rpc {
namespace {

using namespace std::chrono_literals;
using codec::Json;
using test::HttpAnswer;
using test::HttpClient;

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
// The sanitizer keeps what was freed for a while.
constexpr std::size_t kMemoryMargin = 512U << 20;
#define PRECONF_TEST_SANITIZED
#endif
#endif
#ifndef PRECONF_TEST_SANITIZED
constexpr std::size_t kMemoryMargin = 8U << 20;
#endif

class Sidecar : public testing::Test {
 protected:
  void SetUp() override { start(); }
  void start() {
    MethodTable table;
    table.add("ping", "pong", [](const RpcParams&) -> RpcResult { return Json::string("pong"); });
    table.add({.name = "wait",
               .help = "answers when the test says so",
               .handler = [this](const RpcParams&, OnReply reply) -> Handle {
                 replies.push_back(std::move(reply));
                 return {};
               }});
    const SidecarConfig config{.listen = SocketAddress::parse("127.0.0.1:0").value()};
    server = SidecarServer::create(*reactor, random, config, std::move(table)).value();
  }
  static std::string ping(int id) {
    return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":"ping"})";
  }

  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<LibeventReactor> reactor = LibeventReactor::create(clock).value();
  std::vector<OnReply> replies;
  std::unique_ptr<SidecarServer> server;
};

TEST(SidecarConfig, R2_GivenTheDefaultConfiguration_WhenRead_ThenItIsPort8550OfLoopback) {
  EXPECT_EQ(SidecarConfig().listen.to_string(), "127.0.0.1:8550");
}

TEST_F(Sidecar, R1_GivenPortZero_WhenStartedAndStopped_ThenItAnswersOnLoopbackAndEndsCleanly) {
  EXPECT_TRUE(server->address().to_string().starts_with("127.0.0.1:"));
  HttpClient http(*reactor, server->address());
  http.post(ping(1));
  const HttpAnswer answer = http.next();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("content-type"), "application/json");
  EXPECT_EQ(answer.json().at("result").as_string(), "pong");
  server.reset();
  EXPECT_TRUE(http.wait_closed());
}

TEST_F(Sidecar, GivenAnAddressThatIsNotLoopback_WhenStarting_ThenItIsRefusedWithAReason) {
  const SidecarConfig config{.listen = SocketAddress::parse("0.0.0.0:0").value()};
  const auto refused = SidecarServer::create(*reactor, random, config, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::permission);
  EXPECT_NE(refused.error().message.find("0.0.0.0:0"), std::string::npos);
}

TEST_F(Sidecar, GivenOtherMethodsOfHttp_WhenSent_ThenHealthIsServedAndTheRestIs405) {
  HttpClient http(*reactor, server->address());
  http.get("/healthz");
  EXPECT_EQ(http.next().body, "ok\n");
  http.get("/");
  EXPECT_EQ(http.next().status, 405);
  http.send(HttpClient::request("DELETE", ""));
  EXPECT_EQ(http.next().status, 405);
}

TEST_F(Sidecar, F5_GivenTheHostOfARequest_WhenItIsANameOfSomebodyElse_ThenItIsRefused) {
  const auto status_for = [&](std::string_view host) {
    HttpClient http(*reactor, server->address());
    const std::string body = ping(1);
    http.send("POST / HTTP/1.1\r\nHost: " + std::string(host) +
              "\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body);
    return http.next().status;
  };
  for (const auto host :
       {"localhost", "LocalHost:8550", "127.0.0.1", "127.0.0.1:8550", "[::1]:8550", "[::1]"}) {
    EXPECT_EQ(status_for(host), 200) << host;
  }
  for (const auto host : {"attacker.example", "attacker.example:8550", "localhost.attacker.example",
                          "127.0.0.1.attacker.example", "[::1", "127.0.0.1@attacker"}) {
    EXPECT_EQ(status_for(host), 403) << host;
  }
  EXPECT_EQ(server->http_counters().not_admitted, 6U);
  HttpClient old(*reactor, server->address());
  old.send("GET /healthz HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.next().status, 200);
}

TEST_F(Sidecar, F5_GivenABodyThatAPageCouldSend_WhenPosted_ThenItIsRefusedBeforeItIsRead) {
  for (const std::string_view type :
       {"", "Content-Type: text/plain\r\n", "Content-Type: application/x-www-form-urlencoded\r\n",
        "Content-Type: application/jsonp\r\n"}) {
    HttpClient http(*reactor, server->address());
    http.send("POST / HTTP/1.1\r\nHost: localhost\r\n" + std::string(type) + "Content-Length: 1000\r\n\r\n");
    EXPECT_EQ(http.next().status, 415) << type;
  }
  for (const auto& [name, counters] : server->json_rpc().counters()) EXPECT_EQ(counters.requests, 0U) << name;
}

TEST_F(Sidecar, GivenANotification_WhenPosted_ThenThereIsNoContent) {
  HttpClient http(*reactor, server->address());
  http.post(R"({"jsonrpc":"2.0","method":"ping"})");
  const HttpAnswer answer = http.next();
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.body, "");
}

TEST_F(Sidecar, GivenPipelinedCalls_WhenOneWaits_ThenTheOrderIsKept) {
  HttpClient http(*reactor, server->address());
  http.send(HttpClient::request("POST", R"({"jsonrpc":"2.0","id":1,"method":"wait"})") +
            HttpClient::request("POST", ping(2)));
  ASSERT_TRUE(reactor->run_until([&] { return replies.size() == 1; }, 30s));
  replies[0](Json::string("waited"));
  EXPECT_EQ(http.next().json().at("result").as_string(), "waited");
  EXPECT_EQ(http.next().json().at("id").as_integer(), 2);
}

TEST_F(Sidecar, GivenABodyOverTheCap_WhenPosted_ThenItIs413WithItsOwnCode) {
  for (const bool chunked : {false, true}) {
    HttpClient http(*reactor, server->address());
    const std::string body(kMaxBody + 1, ' ');
    if (chunked) {
      http.send(HttpClient::chunked(body, 1 << 20));
    } else {
      http.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n");
    }
    const HttpAnswer answer = http.next();
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.json().at("error").at("code").as_integer(), kOversizedRequest);
    EXPECT_TRUE(answer.json().at("id").is_null());
  }
}

TEST_F(Sidecar, GivenABodyAtTheCap_WhenPosted_ThenItIsServed) {
  HttpClient http(*reactor, server->address());
  const std::string head = R"({"jsonrpc":"2.0","id":1,"method":"ping","params":[")";
  const std::string body = head + std::string(kMaxBody - head.size() - 3, 'a') + "\"]}";
  ASSERT_EQ(body.size(), kMaxBody);
  http.post(body);
  EXPECT_EQ(http.next().json().at("result").as_string(), "pong");
}

TEST_F(Sidecar, GivenManyClients_WhenEachCallsOften_ThenAllAreServed) {
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < 60; ++i) clients.push_back(std::make_unique<HttpClient>(*reactor, server->address()));
  for (auto& http : clients) {
    for (int i = 0; i < 20; ++i) http->post(ping(i));
  }
  for (auto& http : clients) {
    for (int i = 0; i < 20; ++i) EXPECT_EQ(http->next().json().at("id").as_integer(), i);
  }
}

TEST_F(Sidecar, GivenCallsThatWait_WhenTheServerStops_ThenItEndsAndLateAnswersHaveNoEffect) {
  HttpClient http(*reactor, server->address());
  http.post(R"({"jsonrpc":"2.0","id":1,"method":"wait"})");
  ASSERT_TRUE(reactor->run_until([&] { return replies.size() == 1; }, 30s));
  server.reset();
  EXPECT_TRUE(http.wait_closed());
  replies.clear();
}

/// 100 bodies of 64 MiB, and 100 of 5,000-deep nesting, must not stay in memory.
TEST_F(Sidecar, GivenHugeAndDeepBodies_WhenAHundredOfEachCame_ThenMemoryIsAsBefore) {
  const auto warm_up = [&] {
    HttpClient http(*reactor, server->address());
    http.post(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":["0x)" + std::string(4'000'000, 'a') +
              "\"]}");
    EXPECT_EQ(http.next().status, 200);
  };
  warm_up();
  const std::size_t before = test::resident_memory();
  const std::string block(1 << 20, ' ');
  for (int i = 0; i < 100; ++i) {
    HttpClient http(*reactor, server->address());
    const bool chunked = i % 10 == 0;
    http.send(std::string("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n") +
              (chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: 67108864\r\n\r\n"));
    for (int part = 0; part < 64 && !http.closed(); ++part) {
      if (chunked) http.send("100000\r\n");
      http.send(block);
      if (chunked) http.send("\r\n");
      (void)reactor->run_until([&] { return http.pending() < (1 << 20) || http.closed(); }, 30s);
    }
    if (chunked) http.send("0\r\n\r\n");
    EXPECT_EQ(http.next().status, 413);
  }
  for (int i = 0; i < 100; ++i) {
    HttpClient http(*reactor, server->address());
    http.post(i % 2 == 0 ? std::string(5000, '[') : std::string(5000, '[') + std::string(5000, ']'));
    EXPECT_EQ(http.next().json().at("error").at("code").as_integer(), kParseError);
  }
  const std::size_t after = test::resident_memory();
  const std::size_t grown = after > before ? after - before : 0;
  EXPECT_LT(grown, kMemoryMargin);
}

}  // namespace
}  // namespace libpreconf::rpc
