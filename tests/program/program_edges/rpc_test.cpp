// Rubbish at the RPC port gets the JSON-RPC error that it deserves, and the node goes on.

#include <gtest/gtest.h>

#include "process/preconfd_process.h"

namespace libpreconf::test {
namespace {

struct Rubbish {
  const char* name;
  std::string body;
  int code;
};

std::string call_of(std::string_view method, std::string_view params) {
  return R"({"jsonrpc":"2.0","id":7,"method":")" + std::string(method) + R"(","params":)" +
         std::string(params) + "}";
}

std::string nested(std::size_t depth) {
  return R"({"jsonrpc":"2.0","id":7,"method":"preconf_tip","params":)" + std::string(depth, '[') +
         std::string(depth, ']') + "}";
}

std::string batch_of(std::size_t count) {
  std::string out = "[";
  for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "" : ",") + call_of("preconf_tip", "[]");
  return out + "]";
}

std::vector<Rubbish> all_rubbish() {
  const std::string hash = "0x" + std::string(64, '1');
  return {
      {"Nothing", "", -32700},
      {"NotJson", "elephant", -32700},
      {"HalfAnObject", R"({"jsonrpc":"2.0")", -32700},
      {"TwoDocuments", "{} {}", -32700},
      {"NotUtf8", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\xfe\"}", -32700},
      {"TooDeep", nested(40), -32700},
      {"MuchTooDeep", std::string(5000, '['), -32700},
      {"Number", "7", -32600},
      {"EmptyObject", "{}", -32600},
      {"EmptyBatch", "[]", -32600},
      {"OldVersion", R"({"jsonrpc":"1.0","id":1,"method":"preconf_tip"})", -32600},
      {"MethodIsNumber", R"({"jsonrpc":"2.0","id":1,"method":1})", -32600},
      {"TooManyInABatch", batch_of(101), -32600},
      {"UnknownMethod", call_of("preconf_fly", "[]"), -32601},
      {"NoParameters", call_of("preconf_publishCommitment", "[]"), -32602},
      {"WrongParameterType", call_of("preconf_publishCommitment", "[5]"), -32602},
      {"NotHex", call_of("preconf_publishCommitment", R"([{"commitment":"0xzz"}])"), -32602},
      {"OddHex", call_of("preconf_publishCommitment", R"([{"commitment":"0x123"}])"), -32602},
      {"ShortHash", call_of("preconf_publishTxList", R"([{"txListHash":"0x12","txList":"0x"}])"), -32602},
      {"NotACommitment", call_of("preconf_publishCommitment", R"([{"commitment":"0x1234"}])"), -32001},
      {"ListOfAnotherHash",
       call_of("preconf_publishTxList", R"([{"txListHash":")" + hash + R"(","txList":"0x1234"}])"), -32001},
      {"SlotIsNoNumber", call_of("preconf_getPreconfSlotInfo", R"(["soon"])"), -32602},
  };
}

class RpcRubbish : public testing::Test {
 protected:
  static PreconfdProcess::Options options() {
    PreconfdProcess::Options options;
    options.expected_signer = "0x4a62316623ad457f02cdc5d997ded67a383ec569";
    return options;
  }
  PreconfdProcess node_{options()};
};

TEST_F(RpcRubbish, GivenRubbish_WhenPosted_ThenTheErrorHasTheRightCode) {
  for (const Rubbish& rubbish : all_rubbish()) {
    const HttpResponse response = http_post(node_.rpc_port(), "/", rubbish.body);
    ASSERT_FALSE(response.body.empty()) << rubbish.name << ": HTTP " << response.status;
    const JsonValue answer = JsonValue::parse(response.body);
    EXPECT_EQ(answer["jsonrpc"].text(), "2.0") << rubbish.name;
    EXPECT_EQ(answer["error"]["code"].integer(), rubbish.code) << rubbish.name << ": " << answer.dump();
    EXPECT_FALSE(answer["error"]["message"].text().empty()) << rubbish.name;
    EXPECT_TRUE(answer.has("id")) << rubbish.name;
  }
  EXPECT_EQ(node_.tip(), 0U);
}

TEST_F(RpcRubbish, GivenABatchWithRubbish_WhenPosted_ThenEachElementGetsItsOwnAnswer) {
  const JsonValue answers =
      JsonValue::parse(http_post(node_.rpc_port(), "/",
                                 "[" + call_of("preconf_tip", "[]") + ",5," + call_of("preconf_fly", "[]") +
                                     R"(,{"jsonrpc":"2.0","method":"preconf_tip"}])")
                           .body);
  ASSERT_EQ(answers.size(), 3U) << answers.dump();
  EXPECT_EQ(answers.at(0)["result"].text(), "0x0");
  EXPECT_EQ(answers.at(1)["error"]["code"].integer(), -32600);
  EXPECT_TRUE(answers.at(1)["id"].is_null());
  EXPECT_EQ(answers.at(2)["error"]["code"].integer(), -32601);
}

TEST_F(RpcRubbish, GivenABodyOverTheLimit_WhenPosted_ThenItIs413WithItsOwnError) {
  const HttpResponse response = http_post(node_.rpc_port(), "/", std::string(4'325'379, ' '));
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(JsonValue::parse(response.body)["error"]["code"].integer(), -32007);
}

TEST_F(RpcRubbish, GivenHttpThatIsNone_WhenSent_ThenTheNodeGoesOn) {
  for (const std::string& bytes :
       {std::string(1000, '\0'), std::string("POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
        "GET / HTTP/1.1\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"}) {
    // What cannot become a request is answered or kept waiting; it is not waited for here.
    LoopbackConnection connection(node_.rpc_port(), Milliseconds(300));
    (void)connection.send(bytes);
    connection.close_write();
    (void)connection.receive();
  }
  EXPECT_EQ(node_.tip(), 0U);
}

}  // namespace
}  // namespace libpreconf::test
