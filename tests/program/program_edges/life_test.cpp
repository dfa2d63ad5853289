// A running node as the system sees it: its one thread, its end.

#include <gtest/gtest.h>
#include <signal.h>

#include "process/preconfd_process.h"

namespace libpreconf::test {
namespace {

PreconfdProcess::Options node_options() {
  PreconfdProcess::Options options;
  options.expected_signer = "0x4a62316623ad457f02cdc5d997ded67a383ec569";
  return options;
}

std::size_t thread_count(pid_t pid) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    count += entry.is_directory() ? 1 : 0;
  }
  return count;
}

class Stop : public testing::TestWithParam<int> {};

TEST_P(Stop, GivenARunningNodeWithOpenConnections_WhenSignalled_ThenItEndsWithinFiveSecondsWithCode0) {
  PreconfdProcess node(node_options());
  PreconfdProcess::Options options = node_options();
  options.static_peers = {node.multiaddr()};
  PreconfdProcess other(options);
  node.wait_for_peers(1);
  // A client in the middle of a request, a scraper that says nothing, and a peer that never upgrades.
  LoopbackConnection half_request(node.rpc_port());
  ASSERT_TRUE(
      half_request.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        "Content-Length: 100\r\n\r\n{"));
  LoopbackConnection silent_scraper(node.metrics_port());
  LoopbackConnection silent_peer(port_of(node.multiaddr()));

  node.child().send_signal(GetParam());
  const auto status = node.child().wait_exit(Milliseconds(5000));
  ASSERT_TRUE(status) << node.child().last_words();
  EXPECT_EQ(status->code, 0) << node.child().last_words();
}

INSTANTIATE_TEST_SUITE_P(Signals, Stop, testing::Values(SIGINT, SIGTERM),
                         [](const auto& chosen) { return chosen.param == SIGINT ? "SIGINT" : "SIGTERM"; });

TEST(Life, GivenANodeWithPeersRpcAndMetrics_WhenItRuns_ThenItHasOneThread) {
  PreconfdProcess node(node_options());
  PreconfdProcess::Options options = node_options();
  options.static_peers = {node.multiaddr()};
  PreconfdProcess other(options);
  node.wait_for_peers(1);
  EXPECT_EQ(http_get(node.metrics_port(), "/metrics").status, 200);
  EXPECT_EQ(http_get(node.rpc_port(), "/healthz").status, 200);
  EXPECT_EQ(thread_count(node.pid()), 1U);
}

TEST(Life, GivenANodeWithoutL1_WhenAskedForItsStatus_ThenItIsSyncedAtTheBeginning) {
  PreconfdProcess node(node_options());
  const JsonValue status = node.call("preconf_getStatus");
  EXPECT_TRUE(status["isSyncedWithInbox"].is_true()) << status.dump();
  EXPECT_EQ(status["eventSyncTip"].text(), "0x0");
  EXPECT_EQ(status["preconfTip"].text(), "0x0");
  EXPECT_EQ(status["canonicalProposalId"].integer(), 0);
  EXPECT_EQ(status["peerCount"].integer(), 0);
  EXPECT_EQ(status["peerId"].text(), node.peer_id());
  EXPECT_EQ(node.call("preconf_canonicalProposalId").integer(), 0);
  const JsonValue slot = node.call("preconf_getPreconfSlotInfo", R"(["0x65a1b2c3"])");
  EXPECT_EQ(slot["signer"].text(), "0x4a62316623ad457f02cdc5d997ded67a383ec569");
  EXPECT_EQ(slot["submissionWindowEnd"].text(), "0x65a1b2c3");
}

TEST(Life, GivenRubbishOnThePeerPort_WhenItArrives_ThenTheNodeGoesOn) {
  PreconfdProcess node(node_options());
  const std::uint16_t port = port_of(node.multiaddr());
  for (const std::string& rubbish :
       {std::string("GET / HTTP/1.1\r\n\r\n"), std::string(100'000, '\xff'), std::string(3, '\0'),
        std::string("\x13/multistream/1.0.0\n\x03na\n"),
        std::string("\x13/multistream/1.0.0\n\x07/noise\n") + std::string(200, '\x41')}) {
    LoopbackConnection connection(port);
    (void)connection.send(rubbish);
    connection.close_write();
    (void)connection.receive_until_closed();
  }
  EXPECT_EQ(node.tip(), 0U);
  EXPECT_EQ(node.stop(), 0);
}

}  // namespace
}  // namespace libpreconf::test
