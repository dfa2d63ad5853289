#include "node/devnet_eth_rpc.h"

#include <gtest/gtest.h>

#include "libpreconf/base/hex.h"
#include "preconfer/load_generator.h"
#include "reactor/simulated.h"

namespace libpreconf::node {
namespace {

constexpr std::uint64_t kChainId = 167001;

class DevnetEthRpcTest : public testing::Test {
 protected:
  DevnetEthRpcTest() { add_eth_methods(table_, engine_, pool_); }

  rpc::RpcResult call(std::string_view method, const std::string& params) {
    rpc::RpcMethod* found = table_.find(method);
    if (found == nullptr) return std::unexpected(rpc::RpcError{rpc::kMethodNotFound, "no such method"});
    std::optional<rpc::RpcResult> answer;
    const Handle handle = found->handler(rpc::RpcParams(codec::Json::parse(params).value(), nullptr),
                                         [&](rpc::RpcResult result) { answer = std::move(result); });
    network_.run_for(std::chrono::milliseconds(1));
    return answer ? std::move(*answer) : rpc::RpcResult(std::unexpected(rpc::RpcError{0, "no answer"}));
  }
  std::string text(std::string_view method, const std::string& params) {
    const auto result = call(method, params);
    return result ? std::string(result->as_string()) : "error: " + result.error().message;
  }
  static std::string quoted(ByteView bytes) { return "\"" + to_hex(bytes) + "\""; }

  SimulatedNetwork network_{1};
  l2::InMemoryEngine engine_{network_.host("10.0.0.1"), {kChainId, preconfer::funded_load_accounts(2)}};
  preconfer::TransactionPool pool_{kChainId,
                                   [this](const Address& address) { return engine_.account(address); }};
  rpc::MethodTable table_;
  Address funded_ = preconfer::load_account_key(0).address();
};

TEST_F(DevnetEthRpcTest, GivenGenesis_WhenAsked_ThenChainHeightBalanceAndNonceAreItsOwn) {
  EXPECT_EQ(text("eth_chainId", "[]"), "0x28c59");
  EXPECT_EQ(text("eth_blockNumber", "[]"), "0x0");
  EXPECT_EQ(text("eth_getBalance", "[" + quoted(funded_) + ",\"latest\"]"), "0x3635c9adc5dea00000");
  EXPECT_EQ(text("eth_getBalance", "[" + quoted(funded_) + "]"), "0x3635c9adc5dea00000");
  EXPECT_EQ(text("eth_getBalance", "[" + quoted(Address{9}) + ",\"0x0\"]"), "0x0");
  EXPECT_EQ(text("eth_getTransactionCount", "[" + quoted(funded_) + ",\"latest\"]"), "0x0");
}

TEST_F(DevnetEthRpcTest, GivenASignedTransfer_WhenSent_ThenItsHashIsAnsweredAndItWaitsInThePool) {
  const Bytes raw = l2::sign_transfer({kChainId, 0, 1, 1'000'000'000, 21'000, Address{9}, U256(5)},
                                      preconfer::load_account_key(0));
  EXPECT_EQ(text("eth_sendRawTransaction", "[" + quoted(raw) + "]"),
            to_hex(l2::decode_transaction(raw).value().hash()));
  EXPECT_EQ(pool_.size(), 1U);
  EXPECT_EQ(text("eth_getTransactionCount", "[" + quoted(funded_) + ",\"pending\"]"), "0x1");
  EXPECT_EQ(text("eth_getTransactionCount", "[" + quoted(funded_) + ",\"latest\"]"), "0x0");
  EXPECT_EQ(text("eth_sendRawTransaction", "[" + quoted(raw) + "]"), "error: already known");
}

TEST_F(DevnetEthRpcTest, GivenParametersThatDoNotFit_WhenCalled_ThenInvalidParams) {
  for (const std::string params : {"[]", "{}", "[1]", "[\"0x12\"]", "[\"0xzz\"]"}) {
    for (const char* method : {"eth_getBalance", "eth_getTransactionCount"}) {
      const auto result = call(method, params);
      ASSERT_FALSE(result) << method << params;
      EXPECT_EQ(result.error().code, rpc::kInvalidParams) << method << params;
    }
  }
  for (const std::string params : {"[]", "[5]", "[\"0x1\"]", "[\"hello\"]"}) {
    const auto result = call("eth_sendRawTransaction", params);
    ASSERT_FALSE(result) << params;
    EXPECT_EQ(result.error().code, rpc::kInvalidParams) << params;
  }
  EXPECT_EQ(call("eth_getBalance", "[" + quoted(funded_) + ",\"0x7\"]").error().code, rpc::kInvalidParams);
}

TEST_F(DevnetEthRpcTest, GivenBytesThatAreNoTransaction_WhenSent_ThenTheErrorSaysSo) {
  const auto result = call("eth_sendRawTransaction", "[\"0x02c0\"]");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, rpc::kInternalError);
  EXPECT_FALSE(result.error().message.empty());
}

}  // namespace
}  // namespace libpreconf::node
