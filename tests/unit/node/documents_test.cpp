// The documents that people read, held to the tables that the program uses.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "rpc/json_rpc.h"
#include "rpc/metrics.h"
#include "rpc/preconf_api.h"

namespace libpreconf::node {
namespace {

std::string read(const std::string& path) {
  std::ifstream in(PRECONF_SOURCE_DIR "/" + path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string section(const std::string& page, const std::string& title) {
  const std::size_t start = page.find(".Sh " + title + "\n");
  if (start == std::string::npos) return {};
  return page.substr(start, page.find("\n.Sh ", start) - start);
}

TEST(Documents, GivenTheMetricTable_WhenTheManPageIsRead_ThenEachMetricStandsInItAsItIs) {
  const std::string metrics = section(read("man/preconfd.1"), "METRICS");
  std::size_t entries = 0;
  for (const rpc::MetricSpec& spec : rpc::metric_table()) {
    std::string labels;
    for (const char c : spec.labels) labels += c == ',' ? std::string(", ") : std::string(1, c);
    const std::string kind = spec.kind == rpc::MetricKind::counter ? "counter"
                             : spec.kind == rpc::MetricKind::gauge ? "gauge"
                                                                   : "histogram";
    const std::string entry = ".It Cm " + std::string(spec.name) + " Pq " + kind +
                              (labels.empty() ? std::string() : ": " + labels) + "\n" +
                              std::string(spec.help) + ".\n";
    EXPECT_NE(metrics.find(entry), std::string::npos) << "the man page lacks: " << entry;
    ++entries;
  }
  std::size_t documented = 0;
  for (std::size_t at = metrics.find(".It Cm "); at != std::string::npos;
       at = metrics.find(".It Cm ", at + 1)) {
    ++documented;
  }
  EXPECT_EQ(documented, entries);
}

TEST(Documents, GivenTheMethodTable_WhenManPageAndReadmeAreRead_ThenEachMethodStandsInThem) {
  rpc::MethodTable table;
  const rpc::PreconfBackend backend;
  rpc::add_preconf_methods(table, backend);
  const std::string manual = section(read("man/preconfd.1"), "JSON-RPC");
  const std::string readme = read("README.md");
  for (const auto& [name, method] : table.methods()) {
    EXPECT_NE(manual.find(".It Cm " + name + "\n"), std::string::npos) << name;
    EXPECT_NE(readme.find("`" + name + "`"), std::string::npos) << name;
  }
}

TEST(Documents, GivenTheErrorCodes_WhenTheManPageIsRead_ThenEachCodeStandsInIt) {
  const std::string manual = section(read("man/preconfd.1"), "JSON-RPC");
  using Kind = preconf::PublishErrorKind;
  for (const Kind kind :
       {Kind::invalid_commitment, Kind::invalid_tx_list, Kind::not_synced, Kind::stale, Kind::window_mismatch,
        Kind::invalid_signer, Kind::slasher_mismatch, Kind::lookahead_unavailable,
        Kind::lookahead_out_of_range, Kind::conflict, Kind::busy, Kind::internal}) {
    EXPECT_NE(manual.find(".It " + std::to_string(rpc::code_of(kind)) + "\n"), std::string::npos);
  }
  for (const int code : {rpc::kParseError, rpc::kInvalidRequest, rpc::kMethodNotFound, rpc::kInvalidParams,
                         rpc::kInternalError, rpc::kOversizedRequest}) {
    EXPECT_NE(manual.find(".It " + std::to_string(code) + "\n"), std::string::npos) << code;
  }
}

}  // namespace
}  // namespace libpreconf::node
