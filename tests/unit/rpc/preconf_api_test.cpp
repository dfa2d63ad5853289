#include "rpc/preconf_api.h"

#include <gtest/gtest.h>

#include "libpreconf/base/hex.h"
#include "libpreconf/p2p/messages.h"
#include "reactor/simulated.h"

namespace libpreconf::rpc {
namespace {

using namespace std::chrono_literals;
using codec::Json;
using preconf::PublishErrorKind;

constexpr std::string_view kHash = "0x1111111111111111111111111111111111111111111111111111111111111111";

/// A backend that remembers what it was asked and answers what the test set.
class PreconfApi : public testing::Test {
 protected:
  PreconfApi() {
    backend.status = [this] { return status; };
    backend.slot_info = [this](const U256& timestamp) {
      asked_timestamp = timestamp;
      return slot_info;
    };
    backend.publish_commitment = [this](Bytes bytes, preconf::OnPublished done) {
      commitment = std::move(bytes);
      done(outcome);
      return Handle();
    };
    backend.publish_tx_list = [this](const Hash256& hash, std::shared_ptr<const Bytes> bytes,
                                     preconf::OnPublished done) {
      list_hash = hash;
      list = std::move(bytes);
      done(outcome);
      return Handle();
    };
    backend.publish_block = [this](preconf::PublishBlockRequest block, preconf::OnPublished done) {
      commitment = std::move(block.commitment_ssz);
      list_hash = block.tx_list_hash;
      list = std::move(block.tx_list);
      if (later) {
        pending = std::move(done);
      } else {
        done(outcome);
      }
      return Handle();
    };
    MethodTable table;
    add_preconf_methods(table, backend);
    rpc = std::make_unique<JsonRpc>(network.host("10.0.0.1"), random, std::move(table));
  }

  Json call(std::string_view method, std::string_view params) {
    std::string out;
    rpc->handle(R"({"jsonrpc":"2.0","id":1,"method":"preconf_)" + std::string(method) + R"(","params":)" +
                    std::string(params) + "}",
                [&](std::optional<std::string> text) { out = text.value(); });
    (void)network.run_until([&] { return !out.empty(); }, 1s);
    return Json::parse(out).value_or(Json());
  }
  int error_code(std::string_view method, std::string_view params) {
    return static_cast<int>(call(method, params).at("error").at("code").as_integer().value_or(0));
  }

  SimulatedNetwork network{1};
  SeededRandom random{2};
  PreconfBackend backend;
  std::unique_ptr<JsonRpc> rpc;

  StatusFields status;
  std::expected<SlotInfoFields, RpcError> slot_info = SlotInfoFields{};
  preconf::PublishResult outcome = preconf::Published{};
  std::optional<U256> asked_timestamp;
  Bytes commitment;
  Hash256 list_hash{};
  std::shared_ptr<const Bytes> list;
  bool later = false;
  preconf::OnPublished pending;
};

TEST_F(PreconfApi, R3_R4_GivenAStatus_WhenAsked_ThenAllFieldsOfBothVersionsAreThere) {
  status = {.is_synced_with_inbox = true,
            .event_sync_tip = U256(88),
            .preconf_tip = U256(100),
            .canonical_proposal_id = 42,
            .peer_count = 5,
            .peer_id = "16Uiu2HAm",
            .ready = true,
            .head_block = U256(99),
            .version = "0.1.0"};
  EXPECT_EQ(call("getStatus", "[]").at("result").dump(),
            R"({"isSyncedWithInbox":true,"eventSyncTip":"0x58","preconfTip":"0x64","canonicalProposalId":42,)"
            R"("peerCount":5,"peerId":"16Uiu2HAm","ready":true,"headBlock":"0x63","version":"0.1.0"})");
}

TEST_F(PreconfApi, R5_GivenNoEventSyncTip_WhenAsked_ThenItIsNull) {
  const Json result = call("getStatus", "[]").at("result");
  EXPECT_TRUE(result.has("eventSyncTip"));
  EXPECT_TRUE(result.at("eventSyncTip").is_null());
  EXPECT_EQ(result.at("preconfTip").as_string(), "0x0");
}

TEST_F(PreconfApi, GivenTips_WhenAsked_ThenQuantitiesAreMinimalAndTheProposalIdIsANumber) {
  status.preconf_tip = U256(100);
  status.canonical_proposal_id = 42;
  EXPECT_EQ(call("tip", "[]").at("result").as_string(), "0x64");
  EXPECT_EQ(call("tip", R"({"ignored":1})").at("result").as_string(), "0x64");
  EXPECT_EQ(call("canonicalProposalId", "[]").at("result").as_integer(), 42);
  status.canonical_proposal_id = ~0ULL;
  EXPECT_EQ(call("canonicalProposalId", "[]").at("result").as_string(), "18446744073709551615");
}

TEST_F(PreconfApi, R9_GivenATimestampInEachForm_WhenSlotInfoIsAsked_ThenSignerAndWindowAreAnswered) {
  slot_info->signer.fill(0x11);
  slot_info->submission_window_end = U256(2000);
  for (const char* params : {"[\"0x1f4\"]", "[\"500\"]", "[500]"}) {
    asked_timestamp.reset();
    EXPECT_EQ(call("getPreconfSlotInfo", params).at("result").dump(),
              R"({"signer":"0x1111111111111111111111111111111111111111","submissionWindowEnd":"0x7d0"})");
    EXPECT_EQ(asked_timestamp, U256(500)) << params;
  }
}

TEST_F(PreconfApi, GivenNoTimestamp_WhenSlotInfoIsAsked_ThenInvalidParams) {
  for (const char* params :
       {"[]", "[null]", "[true]", "[\"soon\"]", "[-5]", "[1.5]", "[[1]]", "{}", "[1,2]"}) {
    asked_timestamp.reset();
    EXPECT_EQ(error_code("getPreconfSlotInfo", params), kInvalidParams) << params;
    EXPECT_FALSE(asked_timestamp);
  }
}

TEST_F(PreconfApi, GivenAScheduleThatDoesNotKnow_WhenSlotInfoIsAsked_ThenItsErrorIsPassedOn) {
  slot_info = std::unexpected(RpcError{kLookaheadUnavailable, "lookahead error: not yet"});
  EXPECT_EQ(error_code("getPreconfSlotInfo", "[500]"), -32006);
}

TEST_F(PreconfApi, GivenACommitment_WhenPublished_ThenTheBackendSeesItsBytesAndTheHashesAreAnswered) {
  preconf::Published published;
  published.commitment_hash.fill(0xaa);
  published.tx_list_hash.fill(0xbb);
  outcome = published;
  const Json answer = call("publishCommitment", "[{\"commitment\":\"0x" + std::string(764, '7') + "\"}]");
  EXPECT_EQ(commitment, Bytes(382, 0x77));
  EXPECT_EQ(answer.at("result").dump(), "{\"commitmentHash\":\"" + to_hex(published.commitment_hash) +
                                            "\",\"txListHash\":\"" + to_hex(published.tx_list_hash) + "\"}");
}

TEST_F(PreconfApi, GivenABareObject_WhenPublished_ThenItIsTakenLikeOneInAnArray) {
  EXPECT_EQ(error_code("publishCommitment", R"({"commitment":"0x0102","unknown":"ignored"})"), 0);
  EXPECT_EQ(commitment, (Bytes{1, 2}));
  // Upstream tolerates a missing prefix.
  EXPECT_EQ(error_code("publishCommitment", R"({"commitment":"0a0B"})"), 0);
  EXPECT_EQ(commitment, (Bytes{10, 11}));
}

TEST_F(PreconfApi, R6_GivenAList_WhenPublished_ThenTheBackendSeesTheSameHashAndBytes) {
  const std::string digits(2 * p2p::kMaxTxListBytes, 'c');
  const Json answer = call(
      "publishTxList", R"([{"txListHash":")" + std::string(kHash) + R"(","txList":"0x)" + digits + R"("}])");
  ASSERT_TRUE(list);
  EXPECT_EQ(*list, Bytes(p2p::kMaxTxListBytes, 0xcc));
  EXPECT_EQ(to_hex(list_hash), kHash);
  EXPECT_EQ(answer.at("result").keys(), std::vector<std::string>{"txListHash"});
}

TEST_F(PreconfApi, GivenAListOverTheCap_WhenPublished_ThenTheErrorSaysThatItIsTooLarge) {
  const std::string digits(2 * p2p::kMaxTxListBytes + 4, 'c');
  const Json answer = call(
      "publishTxList", R"([{"txListHash":")" + std::string(kHash) + R"(","txList":"0x)" + digits + R"("}])");
  EXPECT_EQ(answer.at("error").at("code").as_integer(), -32001);
  EXPECT_NE(answer.at("error").at("message").as_string().find("txlist too large"), std::string_view::npos);
  EXPECT_FALSE(list);
}

TEST_F(PreconfApi, GivenABlock_WhenPublished_ThenTheAnswerComesAfterItsExecution) {
  later = true;
  std::string out;
  rpc->handle(
      R"({"jsonrpc":"2.0","id":1,"method":"preconf_publishBlock","params":[{"commitment":"0x01","txListHash":")" +
          std::string(kHash) + R"(","txList":"0x010203"}]})",
      [&](std::optional<std::string> text) { out = text.value(); });
  network.run_for(59s);
  EXPECT_EQ(out, "");
  EXPECT_EQ(*list, (Bytes{1, 2, 3}));
  pending(preconf::Published{});
  EXPECT_NE(out.find("commitmentHash"), std::string::npos);
}

TEST_F(PreconfApi,
       GivenMissingOrWrongFields_WhenPublished_ThenInvalidParamsNamesThemAndTheBackendIsNotAsked) {
  const auto expect = [&](std::string_view method, const std::string& params, std::string_view named) {
    const Json error = call(method, params).at("error");
    EXPECT_EQ(error.at("code").as_integer(), kInvalidParams) << params;
    EXPECT_NE(error.at("message").as_string().find(named), std::string_view::npos) << error.dump();
  };
  const std::string hash(kHash);
  expect("publishCommitment", "[]", "commitment");
  expect("publishCommitment", "[5]", "commitment");
  expect("publishCommitment", R"([{"commitment":7}])", "commitment");
  expect("publishCommitment", R"([{"commitment":"0x123"}])", "commitment");
  expect("publishCommitment", R"([{"commitment":"0xgg"}])", "commitment");
  expect("publishCommitment", "[{\"commitment\":\"0x" + std::string(4000, 'a') + "\"}]", "commitment");
  expect("publishTxList", R"([{"txList":"0x"}])", "txListHash");
  expect("publishTxList", R"([{"txListHash":"0x12","txList":"0x"}])", "txListHash");
  expect("publishTxList", "[{\"txListHash\":\"" + hash + "\"}]", "txList");
  expect("publishTxList", "[{\"txListHash\":\"" + hash + "\",\"txList\":\"0x1\"}]", "txList");
  expect("publishBlock", "[{\"txListHash\":\"" + hash + "\",\"txList\":\"0x\"}]", "commitment");
  expect("publishBlock", R"([{"commitment":"0x01","txList":"0x"}])", "txListHash");
  expect("publishBlock", "[{\"commitment\":\"0x01\",\"txListHash\":\"" + hash + "\"}]", "txList");
  EXPECT_TRUE(commitment.empty());
  EXPECT_FALSE(list);
}

TEST_F(PreconfApi, R12_GivenEachFailureOfTheBackend_WhenPublished_ThenItsCodeIsThatOfTheTable) {
  const std::pair<PublishErrorKind, int> table[] = {{PublishErrorKind::invalid_commitment, -32001},
                                                    {PublishErrorKind::invalid_tx_list, -32002},
                                                    {PublishErrorKind::not_synced, -32003},
                                                    {PublishErrorKind::stale, -32003},
                                                    {PublishErrorKind::window_mismatch, -32004},
                                                    {PublishErrorKind::invalid_signer, -32005},
                                                    {PublishErrorKind::lookahead_unavailable, -32006},
                                                    {PublishErrorKind::lookahead_out_of_range, -32602},
                                                    {PublishErrorKind::busy, -32000},
                                                    {PublishErrorKind::internal, -32000}};
  for (const auto& [kind, code] : table) {
    outcome = std::unexpected(preconf::PublishError{kind, "validation error: why"});
    for (const std::string& params : {std::string(R"([{"commitment":"0x01"}])")}) {
      const Json error = call("publishCommitment", params).at("error");
      EXPECT_EQ(error.at("code").as_integer(), code);
      EXPECT_EQ(error.at("message").as_string(), "validation error: why");
    }
    EXPECT_EQ(code_of(kind), code);
  }
}

TEST_F(PreconfApi, GivenTheTable_WhenListed_ThenItHasTheSevenMethodsWithHelp) {
  MethodTable table;
  add_preconf_methods(table, backend);
  EXPECT_EQ(table.methods().size(), 7u);
  for (const auto& [name, method] : table.methods()) {
    EXPECT_TRUE(name.starts_with("preconf_"));
    EXPECT_FALSE(method.help.empty());
    EXPECT_EQ(method.deadline, name.starts_with("preconf_publish") ? Duration(60s) : Duration(5s));
  }
}

}  // namespace
}  // namespace libpreconf::rpc
