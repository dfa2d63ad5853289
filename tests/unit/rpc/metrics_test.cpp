#include "rpc/metrics.h"

#include <algorithm>
#include <set>

#include "unit/rpc/http_client.h"

namespace libpreconf::rpc {
namespace {

using test::HttpAnswer;
using test::HttpClient;

class Metrics : public testing::Test {
 protected:
  HttpAnswer get(std::string_view path, std::vector<MetricSource> sources) {
    const auto server =
        MetricsServer::create(*reactor, SocketAddress::parse("127.0.0.1:0").value(), std::move(sources))
            .value();
    HttpClient http(*reactor, server->address());
    http.get(path);
    return http.next();
  }

  SystemClock clock;
  std::unique_ptr<LibeventReactor> reactor = LibeventReactor::create(clock).value();
};

TEST_F(Metrics, GivenTheTable_WhenRead_ThenNamesAreUniqueAndEveryEntryHasHelp) {
  std::set<std::string_view> names;
  for (const MetricSpec& spec : metric_table()) {
    EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
    EXPECT_FALSE(spec.help.empty()) << spec.name;
    EXPECT_TRUE(std::ranges::all_of(spec.name, [](char c) {
      return std::islower(c) || std::isdigit(c) || c == '_';
    })) << spec.name;
  }
}

TEST_F(Metrics, GivenTheTable_WhenRead_ThenTheUpstreamsNamesAreAllThere) {
  std::set<std::string_view> names;
  for (const MetricSpec& spec : metric_table()) names.insert(spec.name);
  for (const std::string_view name : {"taiko_client_info",
                                      "preconf_client_catchup_duration_seconds",
                                      "preconf_client_synced_total",
                                      "preconf_client_commitments_received_total",
                                      "preconf_client_txlists_received_total",
                                      "preconf_client_validation_failures_total",
                                      "preconf_client_driver_submit_success_total",
                                      "preconf_client_driver_submit_failure_total",
                                      "preconf_client_head_block",
                                      "preconf_client_awaiting_txlist_depth",
                                      "preconf_client_catchup_batches_total",
                                      "preconf_client_catchup_errors_total",
                                      "preconf_client_store_commitments_count",
                                      "preconf_client_store_txlists_count",
                                      "preconf_client_store_pending_commitments_count",
                                      "preconf_rpc_requests_total",
                                      "preconf_rpc_errors_total",
                                      "preconf_rpc_duration_seconds",
                                      "p2p_connected_peers",
                                      "p2p_gossip_valid",
                                      "p2p_gossip_invalid",
                                      "p2p_gossip_publish_error",
                                      "p2p_reqresp_success",
                                      "p2p_reqresp_error",
                                      "p2p_reqresp_not_found",
                                      "p2p_reqresp_rate_limited",
                                      "p2p_reqresp_rtt_seconds",
                                      "p2p_conn_error",
                                      "p2p_conn_rejected_total",
                                      "p2p_dial_throttled_total",
                                      "p2p_dial_blocked",
                                      "p2p_reputation_ban",
                                      "p2p_reputation_greylist"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

TEST_F(Metrics, M3_GivenTheListener_WhenAsked_ThenHealthTextAndTextFormat) {
  const HttpAnswer health = get("/", {});
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(health.body, "preconfd is running\n");
  const HttpAnswer page = get("/metrics", {});
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(page.headers.at("content-type").starts_with("text/plain; version=0.0.4"));
  EXPECT_EQ(get("/other", {}).status, 404);
}

TEST_F(Metrics, GivenNoSources_WhenScraped_ThenMetricsWithoutLabelsStandAtZero) {
  const std::string page = get("/metrics", {}).body;
  EXPECT_NE(page.find("\npreconf_client_synced_total 0\n"), std::string::npos) << page.substr(0, 500);
  EXPECT_NE(page.find("# TYPE preconf_client_head_block gauge\n"), std::string::npos);
  EXPECT_NE(page.find("preconf_client_catchup_duration_seconds_count 0\n"), std::string::npos);
}

TEST_F(Metrics, GivenASource_WhenScraped_ThenValuesLabelsAndHistogramsAreWritten) {
  Histogram histogram;
  histogram.observe(std::chrono::milliseconds(3));
  histogram.observe(std::chrono::seconds(100));
  histogram.observe(std::chrono::seconds(1000));
  int scrapes = 0;
  const std::string page = get("/metrics", {[&](MetricWriter& writer) {
                                 ++scrapes;
                                 writer.value("preconf_client_head_block", 42);
                                 writer.value("preconf_rpc_requests_total", 7, {"preconf_tip"});
                                 writer.value("preconf_rpc_requests_total", 8, {"preconf_getStatus"});
                                 writer.value("p2p_gossip_invalid", 1, {"commitment", "decode"});
                                 writer.histogram("preconf_client_catchup_duration_seconds", histogram);
                               }})
                               .body;
  EXPECT_EQ(scrapes, 1);
  for (const std::string_view line :
       {"preconf_client_head_block 42\n", "preconf_rpc_requests_total{method=\"preconf_tip\"} 7\n",
        "preconf_rpc_requests_total{method=\"preconf_getStatus\"} 8\n",
        "p2p_gossip_invalid{kind=\"commitment\",reason=\"decode\"} 1\n",
        "preconf_client_catchup_duration_seconds_bucket{le=\"0.002\"} 0\n",
        "preconf_client_catchup_duration_seconds_bucket{le=\"0.005\"} 1\n",
        "preconf_client_catchup_duration_seconds_bucket{le=\"120\"} 2\n",
        "preconf_client_catchup_duration_seconds_bucket{le=\"+Inf\"} 3\n",
        "preconf_client_catchup_duration_seconds_count 3\n"}) {
    EXPECT_NE(page.find(line), std::string::npos) << line;
  }
}

TEST_F(Metrics, M2_GivenTheCatchUpHistogram_WhenScraped_ThenItHasABucketOf120Seconds) {
  EXPECT_NE(get("/metrics", {}).body.find("preconf_client_catchup_duration_seconds_bucket{le=\"120\"}"),
            std::string::npos);
}

TEST_F(Metrics, GivenOneScraper_WhenItAsksOftenOnOneConnection_ThenThePageStaysTheSame) {
  const auto server =
      MetricsServer::create(*reactor, SocketAddress::parse("127.0.0.1:0").value(), {}).value();
  HttpClient http(*reactor, server->address());
  std::size_t size = 0;
  for (int i = 0; i < 50; ++i) {
    http.get("/metrics");
    const std::size_t now = http.next().body.size();
    EXPECT_TRUE(size == 0 || size == now);
    size = now;
  }
}

}  // namespace
}  // namespace libpreconf::rpc
