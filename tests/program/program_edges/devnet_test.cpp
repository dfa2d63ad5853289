// `preconfd devnet` as a script sees it: JSON lines, and an exit code that tells whether all nodes agree.

#include <gtest/gtest.h>
#include <signal.h>

#include "process/preconfd_process.h"

namespace libpreconf::test {
namespace {

std::vector<std::string> devnet(std::vector<std::string> more) {
  more.insert(more.begin(), {preconfd_program(), "devnet"});
  return more;
}

std::vector<JsonValue> json_lines(const std::string& text) {
  std::vector<JsonValue> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out.push_back(JsonValue::parse(text.substr(at, end - at)));
    at = end + 1;
  }
  return out;
}

std::vector<JsonValue> of_type(const std::vector<JsonValue>& lines, std::string_view type) {
  std::vector<JsonValue> out;
  for (const JsonValue& line : lines) {
    if (line["type"].text() == type) out.push_back(line);
  }
  return out;
}

TEST(Devnet, GivenAFewBlocks_WhenRunWithJson_ThenEachBlockIsALineAndAllNodesAgree) {
  const CommandResult result = run_command(
      devnet({"--nodes", "2", "--blocks", "8", "--slot-time", "1.2", "--json"}), {}, Milliseconds(60'000));
  ASSERT_EQ(result.exit_code, 0) << result.output << result.errors;
  const std::vector<JsonValue> lines = json_lines(result.output);
  ASSERT_GE(lines.size(), 10U) << result.output;
  EXPECT_EQ(lines.front()["type"].text(), "start");

  const std::vector<JsonValue> blocks = of_type(lines, "block");
  ASSERT_EQ(blocks.size(), 8U) << result.output;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    EXPECT_EQ(blocks[i]["height"].integer(), static_cast<std::int64_t>(i + 1));
    EXPECT_EQ(blocks[i]["hash"].text().size(), 66U) << blocks[i].dump();
    EXPECT_EQ(blocks[i]["preconfer"].text().size(), 42U) << blocks[i].dump();
    EXPECT_TRUE(blocks[i].has("transactions")) << blocks[i].dump();
    EXPECT_EQ(blocks[i]["latency_ms"].size(), 2U) << blocks[i].dump();
    EXPECT_TRUE(blocks[i]["agree"].is_true()) << blocks[i].dump();
  }
  EXPECT_GE(of_type(lines, "handover").size(), 1U) << result.output;

  const JsonValue summary = lines.back();
  EXPECT_EQ(summary["type"].text(), "summary");
  EXPECT_EQ(summary["blocks"].integer(), 8);
  EXPECT_TRUE(summary["same_chain"].is_true()) << summary.dump();
}

TEST(Devnet, GivenNoTerminal_WhenRun_ThenTheLinesArePlain) {
  const CommandResult result =
      run_command(devnet({"--nodes", "2", "--blocks", "3", "--slot-time", "0.6"}), {}, Milliseconds(60'000));
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  EXPECT_EQ(result.output.find('\x1b'), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("/p2p/"), std::string::npos) << result.output;
}

TEST(Devnet, GivenNoNumberOfBlocks_WhenInterrupted_ThenItSumsUpAndEndsWithCode0) {
  ChildProcess child(devnet({"--nodes", "2", "--slot-time", "0.6", "--json"}));
  std::size_t index = 0;
  for (int blocks = 0; blocks < 3; ++index) {
    const auto line = child.wait_line(index);
    ASSERT_TRUE(line) << child.last_words();
    if (JsonValue::parse(*line)["type"].text() == "block") ++blocks;
  }
  child.send_signal(SIGINT);
  const auto status = child.wait_exit(Milliseconds(5000));
  ASSERT_TRUE(status) << child.last_words();
  EXPECT_EQ(status->code, 0) << child.last_words();
  const JsonValue summary = json_lines(child.output()).back();
  EXPECT_EQ(summary["type"].text(), "summary");
  EXPECT_TRUE(summary["same_chain"].is_true()) << summary.dump();
}

}  // namespace
}  // namespace libpreconf::test
