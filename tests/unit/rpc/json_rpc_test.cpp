#include "rpc/json_rpc.h"

#include <gtest/gtest.h>

#include "libpreconf/base/hex.h"
#include "reactor/simulated.h"

namespace libpreconf::rpc {
namespace {

using namespace std::chrono_literals;
using codec::Json;

/// Methods "echo", "length", "refuse", and "later", whose replies the test gives.
class JsonRpcTest : public testing::Test {
 protected:
  JsonRpcTest() : rpc(network.host("10.0.0.1"), random, methods()) {}

  MethodTable methods() {
    MethodTable table;
    table.add("echo", "gives its parameter back",
              [](const RpcParams& params) -> RpcResult { return params.single(); });
    table.add("length", "bytes of a hex string", [](const RpcParams& params) -> RpcResult {
      const auto bytes = params.hex(params.single(), 1 << 21);
      if (!bytes) return std::unexpected(RpcError{kInvalidParams, bytes.error().message});
      return Json::number(bytes->size());
    });
    table.add("refuse", "always fails",
              [](const RpcParams&) -> RpcResult { return std::unexpected(RpcError{-32003, "not synced"}); });
    table.add({.name = "later",
               .help = "answers when the test says so",
               .deadline = 60s,
               .handler = [this](const RpcParams&, OnReply reply) -> Handle {
                 replies.push_back(std::move(reply));
                 return {};
               }});
    return table;
  }

  /// The response of a body that is answered without time passing; "nothing" for notifications alone.
  std::string call(std::string body) {
    std::optional<std::string> out;
    rpc.handle(std::move(body), [&](std::optional<std::string> text) { out = text.value_or("nothing"); });
    (void)network.run_until([&] { return out.has_value(); }, 1s);
    return out.value_or("no response");
  }
  int error_code(std::string body) {
    const auto json = Json::parse(call(std::move(body)));
    return json ? static_cast<int>(json->at("error").at("code").as_integer().value_or(0)) : 1;
  }

  SimulatedNetwork network{1};
  SeededRandom random{2};
  std::vector<OnReply> replies;
  JsonRpc rpc;
};

std::string request(std::string_view id, std::string_view method, std::string_view params) {
  return R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"method":")" + std::string(method) +
         R"(","params":)" + std::string(params) + "}";
}

TEST_F(JsonRpcTest, GivenIdsOfEachKind_WhenAnswered_ThenTheyAreEchoedExactly) {
  for (const std::string id :
       {"1", "-7", "0", "9223372036854775807", "1.5", "\"text\"", "\"\"", "\"\\u00e4\\n\"", "null"}) {
    const std::string response = call(request(id, "echo", "[true]"));
    const Json json = Json::parse(response).value();
    EXPECT_EQ(json.at("id").dump(), Json::parse(id).value().dump()) << response;
    EXPECT_EQ(json.at("jsonrpc").as_string(), "2.0");
    EXPECT_EQ(json.at("result").as_boolean(), true);
    EXPECT_FALSE(json.has("error"));
  }
}

TEST_F(JsonRpcTest, GivenIdsThatAreNone_WhenAnswered_ThenInvalidRequestWithNullId) {
  for (const std::string& id :
       {std::string("[1]"), std::string("{}"), std::string("true"), "\"" + std::string(2000, 'i') + "\""}) {
    const Json json = Json::parse(call(request(id, "echo", "[]"))).value();
    EXPECT_EQ(json.at("error").at("code").as_integer(), kInvalidRequest);
    EXPECT_TRUE(json.has("id"));
    EXPECT_TRUE(json.at("id").is_null());
  }
}

TEST_F(JsonRpcTest, GivenBrokenBodies_WhenHandled_ThenParseError) {
  for (const std::string& body : {std::string(), std::string("{"), std::string("nonsense"),
                                  std::string("{} {}"), std::string(5000, '['),
                                  R"({"jsonrpc":"2.0","id":1,"method":"echo","params":[)" +
                                      std::string(31, '[') + std::string(31, ']') + "]}",
                                  std::string("\xff\xfe"), std::string(R"({"id":1)")}) {
    EXPECT_EQ(error_code(body), kParseError) << body.substr(0, 40);
  }
  EXPECT_EQ(rpc.malformed(), 8u);
}

TEST_F(JsonRpcTest, GivenADepthOf32_WhenHandled_ThenItIsServed) {
  const std::string deep = R"({"jsonrpc":"2.0","id":1,"method":"echo","params":)" + std::string(31, '[') +
                           std::string(31, ']') + "}";
  EXPECT_EQ(error_code(deep), 0);
}

TEST_F(JsonRpcTest, GivenRequestsThatAreNone_WhenHandled_ThenInvalidRequest) {
  for (const char* body :
       {"7", "\"text\"", "null", "true", "{}", R"({"jsonrpc":"1.0","id":1,"method":"echo"})",
        R"({"id":1,"method":"echo"})", R"({"jsonrpc":"2.0","id":1})",
        R"({"jsonrpc":"2.0","id":1,"method":7})", R"({"jsonrpc":2,"id":1,"method":"echo"})", "[]"}) {
    EXPECT_EQ(error_code(body), kInvalidRequest) << body;
  }
}

TEST_F(JsonRpcTest, GivenABodyOverTheScannersBounds_WhenHandled_ThenInvalidRequestAndNotParsed) {
  std::string values = "[1";
  for (int i = 0; i < 100'000; ++i) values += ",1";
  EXPECT_EQ(error_code(values + "]"), kInvalidRequest);
}

TEST_F(JsonRpcTest, GivenAMethodThatDoesNotExist_WhenCalled_ThenMethodNotFoundAndCounted) {
  EXPECT_EQ(error_code(request("1", "fly", "[]")), kMethodNotFound);
  EXPECT_EQ(rpc.unknown_methods(), 1u);
}

TEST_F(JsonRpcTest, GivenParametersInEachForm_WhenCalled_ThenTheOneParameterIsFound) {
  EXPECT_EQ(Json::parse(call(request("1", "echo", R"([{"a":1}])"))).value().at("result").dump(),
            R"({"a":1})");
  EXPECT_EQ(Json::parse(call(request("1", "echo", R"({"a":1})"))).value().at("result").dump(), R"({"a":1})");
  EXPECT_TRUE(Json::parse(call(request("1", "echo", "[]"))).value().at("result").is_null());
  EXPECT_TRUE(Json::parse(call(request("1", "echo", "[1,2]"))).value().at("result").is_null());
  EXPECT_TRUE(Json::parse(call(R"({"jsonrpc":"2.0","id":1,"method":"echo"})")).value().has("result"));
}

TEST_F(JsonRpcTest, GivenParametersOfAWrongKind_WhenCalled_ThenInvalidParamsAndCounted) {
  for (const char* params : {"7", "\"text\"", "null", "true"}) {
    EXPECT_EQ(error_code(request("1", "echo", params)), kInvalidParams) << params;
  }
  EXPECT_EQ(rpc.counters().at("echo").requests, 4u);
  EXPECT_EQ(rpc.counters().at("echo").errors, 4u);
}

TEST_F(JsonRpcTest, GivenALongHexString_WhenCalled_ThenTheMethodSeesItsBytes) {
  const std::string response = call(request("1", "length", "[\"0x" + std::string(4'000'000, 'b') + "\"]"));
  EXPECT_EQ(Json::parse(response).value().at("result").as_integer(), 2'000'000);
}

TEST_F(JsonRpcTest, GivenALongStringThatIsNoHex_WhenCalled_ThenTheMethodSaysSo) {
  EXPECT_EQ(error_code(request("1", "length", "[\"0x" + std::string(4000, 'z') + "\"]")), kInvalidParams);
  EXPECT_EQ(error_code(request("1", "length", "[\"0x" + std::string(4'200'000, 'a') + "\"]")),
            kInvalidParams);
  EXPECT_EQ(error_code(request("1", "length", "[\"0x123\"]")), kInvalidParams);
}

TEST_F(JsonRpcTest, GivenANotification_WhenHandled_ThenItRunsAndNothingIsAnswered) {
  EXPECT_EQ(call(R"({"jsonrpc":"2.0","method":"echo","params":[1]})"), "nothing");
  EXPECT_EQ(call(R"({"jsonrpc":"2.0","method":"refuse"})"), "nothing");
  EXPECT_EQ(call(R"({"jsonrpc":"2.0","method":"no such"})"), "nothing");
  EXPECT_EQ(call(R"([{"jsonrpc":"2.0","method":"echo"},{"jsonrpc":"2.0","method":"echo"}])"), "nothing");
  EXPECT_EQ(rpc.counters().at("echo").requests, 3u);
  EXPECT_EQ(rpc.counters().at("refuse").errors, 1u);
}

TEST_F(JsonRpcTest, GivenABatch_WhenHandled_ThenEachCallHasItsAnswerAndNotificationsNone) {
  const std::string body = "[" + request("1", "echo", "[\"a\"]") + "," + request("\"two\"", "refuse", "[]") +
                           R"(,5,{"jsonrpc":"2.0","method":"echo"},{"foo":"boo"},)" +
                           request("9", "no such", "[]") + "]";
  const Json answers = Json::parse(call(body)).value();
  ASSERT_EQ(answers.size(), 5u);
  EXPECT_EQ(answers.at(std::size_t{0}).at("result").as_string(), "a");
  EXPECT_EQ(answers.at(std::size_t{1}).at("error").at("code").as_integer(), -32003);
  EXPECT_EQ(answers.at(std::size_t{1}).at("id").as_string(), "two");
  EXPECT_EQ(answers.at(std::size_t{2}).at("error").at("code").as_integer(), kInvalidRequest);
  EXPECT_TRUE(answers.at(std::size_t{2}).at("id").is_null());
  EXPECT_EQ(answers.at(std::size_t{3}).at("error").at("code").as_integer(), kInvalidRequest);
  EXPECT_EQ(answers.at(std::size_t{4}).at("error").at("code").as_integer(), kMethodNotFound);
}

TEST_F(JsonRpcTest, GivenABatchOfOne_WhenHandled_ThenTheAnswerIsAnArray) {
  EXPECT_TRUE(Json::parse(call("[" + request("1", "echo", "[]") + "]")).value().is_array());
  EXPECT_TRUE(Json::parse(call("[1]")).value().is_array());
}

TEST_F(JsonRpcTest, GivenBatchesAtTheLimit_WhenHandled_ThenAHundredAreServedAndMoreAreNot) {
  std::string calls = request("1", "echo", "[]");
  for (int i = 1; i < 100; ++i) calls += "," + request("1", "echo", "[]");
  EXPECT_EQ(Json::parse(call("[" + calls + "]")).value().size(), 100u);
  EXPECT_EQ(error_code("[" + calls + "," + request("1", "echo", "[]") + "]"), kInvalidRequest);
}

TEST_F(JsonRpcTest, GivenABatchWithALateAnswer_WhenItComes_ThenTheOrderIsThatOfTheCalls) {
  std::optional<std::string> out;
  rpc.handle("[" + request("1", "later", "[]") + "," + request("2", "echo", "[2]") + "," +
                 request("3", "later", "[]") + "]",
             [&](std::optional<std::string> text) { out = text; });
  network.run_for(1s);
  EXPECT_FALSE(out);
  EXPECT_EQ(rpc.waiting(), 1u);
  ASSERT_EQ(replies.size(), 2u);
  replies[1](Json::string("third"));
  EXPECT_FALSE(out);
  replies[0](Json::string("first"));
  ASSERT_TRUE(out);
  const Json answers = Json::parse(*out).value();
  EXPECT_EQ(answers.at(std::size_t{0}).at("result").as_string(), "first");
  EXPECT_EQ(answers.at(std::size_t{1}).at("result").as_integer(), 2);
  EXPECT_EQ(answers.at(std::size_t{2}).at("result").as_string(), "third");
  EXPECT_EQ(rpc.waiting(), 0u);
}

TEST_F(JsonRpcTest, GivenNoReply_WhenTheMethodsDeadlinePasses_ThenTheCallerHearsItAndLateRepliesAreDropped) {
  std::optional<std::string> out;
  rpc.handle(request("1", "later", "[]"), [&](std::optional<std::string> text) { out = text; });
  network.run_for(59s);
  EXPECT_FALSE(out);
  network.run_for(2s);
  ASSERT_TRUE(out);
  EXPECT_EQ(Json::parse(*out).value().at("error").at("code").as_integer(), kInternalError);
  EXPECT_EQ(rpc.counters().at("later").errors, 1u);
  replies[0](Json::string("too late"));
  replies[0](Json::string("twice"));
  EXPECT_EQ(rpc.counters().at("later").requests, 1u);
}

TEST_F(JsonRpcTest, GivenACallThatTook3Seconds_WhenAnswered_ThenItsTimeIsInTheHistogram) {
  rpc.handle(request("1", "later", "[]"), [](std::optional<std::string>) {});
  network.run_for(3s);
  replies[0](Json());
  EXPECT_EQ(rpc.counters().at("later").duration.count(), 1u);
  EXPECT_DOUBLE_EQ(rpc.counters().at("later").duration.sum_seconds(), 3.0);
}

TEST_F(JsonRpcTest, GivenCallsThatWait_WhenTheirBodiesAreLarge_ThenTheBodiesAreNotHeld) {
  // Ten bodies of 4 MiB are over the bound together, but each is given back once its call runs.
  const std::string large = request("1", "later", "[\"0x" + std::string(4'000'000, 'a') + "\"]");
  for (int i = 0; i < 10; ++i) {
    rpc.handle(large, [](std::optional<std::string>) {});
    network.run_for(1ms);
  }
  EXPECT_EQ(replies.size(), 10u);
}

TEST_F(JsonRpcTest, GivenMoreBodiesThanTheBound_WhenTheyComeTogether_ThenTheSurplusIsTurnedAway) {
  const std::string large = request("1", "length", "[\"0x" + std::string(4'000'000, 'a') + "\"]");
  std::vector<std::string> answers;
  for (int i = 0; i < 6; ++i) {
    rpc.handle(large, [&](std::optional<std::string> text) { answers.push_back(text.value()); });
  }
  network.run_for(1s);
  ASSERT_EQ(answers.size(), 6u);
  int turned_away = 0;
  for (const std::string& answer : answers)
    turned_away += answer.find("try again") != std::string::npos ? 1 : 0;
  EXPECT_EQ(turned_away, 2);
  EXPECT_EQ(error_code(large), 0);
}

TEST_F(JsonRpcTest, GivenAnswersOver10MiBTogether_WhenBatched_ThenTheSurplusCallsFail) {
  MethodTable table;
  table.add("big", "1 MiB of text",
            [](const RpcParams&) -> RpcResult { return Json::string(std::string(1 << 20, 'x')); });
  JsonRpc big(network.host("10.0.0.1"), random, std::move(table));
  std::string calls = request("1", "big", "[]");
  for (int i = 1; i < 20; ++i) calls += "," + request("1", "big", "[]");
  std::string out;
  big.handle("[" + calls + "]", [&](std::optional<std::string> text) { out = text.value(); });
  EXPECT_LT(out.size(), kMaxResponse + 20 * 200);
  EXPECT_NE(out.find("exceed"), std::string::npos);
}

TEST_F(JsonRpcTest, GivenAMethodOfTheNode_WhenAddedUnderATakenName_ThenItReplacesTheOld) {
  MethodTable table = methods();
  table.add("echo", "another", [](const RpcParams&) -> RpcResult { return Json::string("new"); });
  JsonRpc other(network.host("10.0.0.1"), random, std::move(table));
  std::string out;
  other.handle(request("1", "echo", "[]"), [&](std::optional<std::string> text) { out = text.value(); });
  EXPECT_EQ(Json::parse(out).value().at("result").as_string(), "new");
}

TEST_F(JsonRpcTest, GivenCallsThatWait_WhenTheDispatcherGoes_ThenLateRepliesHaveNoEffect) {
  auto other = std::make_unique<JsonRpc>(network.host("10.0.0.1"), random, methods());
  other->handle(request("1", "later", "[]"), [](std::optional<std::string>) { ADD_FAILURE() << "gone"; });
  ASSERT_EQ(replies.size(), 1u);
  other.reset();
  network.run_for(100s);
}

}  // namespace
}  // namespace libpreconf::rpc
