// What the optimised program costs: its size on disk, its memory when idle and after rubbish. The yardstick
// is an empty program that links and initialises the same libraries, measured in the same run.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "process/preconfd_process.h"

namespace libpreconf::test {
namespace {

constexpr std::int64_t kMegabyte = 1'000'000;
constexpr std::int64_t kMebibyte = 1 << 20;

/// PRECONF_RELEASE_PROGRAM, else what packaging/quickstart.sh builds.
std::string release_program() {
  const char* named = std::getenv("PRECONF_RELEASE_PROGRAM");
  const std::string path = named != nullptr ? named : PRECONF_SOURCE_DIR "/build/quickstart/preconfd";
  if (!std::filesystem::exists(path)) {
    throw TestFailure("no optimised program at " + path +
                      ": build it (cmake --preset quickstart && cmake --build --preset quickstart) or name "
                      "one in PRECONF_RELEASE_PROGRAM");
  }
  return path;
}

/// A line of /proc/PID/status in bytes, for example "VmRSS".
std::int64_t memory_of(pid_t pid, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + ":")) return std::strtoll(line.c_str() + name.size() + 1, nullptr, 10) * 1024;
  }
  throw TestFailure("no " + name + " in the status of process " + std::to_string(pid));
}

PreconfdProcess::Options node_options() {
  PreconfdProcess::Options options;
  options.program = release_program();
  options.expected_signer = "0x4a62316623ad457f02cdc5d997ded67a383ec569";
  return options;
}

TEST(Memory, GivenAnIdleNodeWithRpcAndMetrics_WhenMeasured_ThenItStaysWithinItsBudget) {
  ChildProcess empty({PRECONF_EMPTY_PROGRAM});
  (void)empty.wait_line_after("ready ");
  PreconfdProcess node(node_options());
  ASSERT_EQ(http_get(node.metrics_port(), "/metrics").status, 200);
  ASSERT_EQ(node.tip(), 0U);

  const std::int64_t own = memory_of(node.pid(), "RssAnon");
  const std::int64_t whole = memory_of(node.pid(), "VmRSS");
  const std::int64_t yardstick = memory_of(empty.pid(), "VmRSS");
  std::printf("idle: RssAnon %ld kB, RSS %ld kB; empty program: RssAnon %ld kB, RSS %ld kB\n", own / 1000,
              whole / 1000, memory_of(empty.pid(), "RssAnon") / 1000, yardstick / 1000);
  EXPECT_LE(own, 4 * kMegabyte);
  EXPECT_LE(whole, yardstick + 3 * kMegabyte);
}

TEST(Memory, GivenTheStrippedProgram_WhenMeasured_ThenItHasAtMost4Megabytes) {
  const TemporaryFolder folder;
  const std::string stripped = folder.path() / "preconfd";
  const CommandResult result = run_command({"strip", "-o", stripped, release_program()});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  std::printf("stripped: %ju bytes\n", std::filesystem::file_size(stripped));
  EXPECT_LE(std::filesystem::file_size(stripped), 4U * kMegabyte);
}

TEST(Memory, GivenAHundredHugeBodies_WhenPosted_ThenTheyAreRefusedAndNothingIsKept) {
  constexpr std::size_t kBodySize = 64 << 20;
  const std::string piece(1 << 20, ' ');
  PreconfdProcess node(node_options());
  ASSERT_EQ(node.tip(), 0U);
  const std::int64_t before = memory_of(node.pid(), "VmRSS");
  int refused = 0;
  for (int round = 0; round < 100; ++round) {
    // One that is announced is refused unread; one in chunks must be read and thrown away.
    const bool chunked = round % 5 == 4;
    LoopbackConnection connection(node.rpc_port());
    bool open = connection.send(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Connection: close\r\n" +
        (chunked ? std::string("Transfer-Encoding: chunked\r\n\r\n")
                 : "Content-Length: " + std::to_string(kBodySize) + "\r\n\r\n"));
    for (std::size_t sent = 0; open && sent < kBodySize; sent += piece.size()) {
      open = connection.send(chunked ? "100000\r\n" + piece + "\r\n" : piece);
    }
    if (open && chunked) (void)connection.send("0\r\n\r\n");
    // A server that answers early may have reset the connection before its answer was read.
    const HttpResponse response = parse_response(connection.receive_until_closed());
    EXPECT_TRUE(response.status == 413 || (response.status == 0 && !open)) << response.status;
    refused += response.status == 413 ? 1 : 0;
  }
  EXPECT_GE(refused, 20);
  EXPECT_EQ(node.tip(), 0U);
  EXPECT_LE(memory_of(node.pid(), "VmRSS"), before + 8 * kMebibyte);
}

TEST(Memory, GivenAHundredDeeplyNestedBodies_WhenPosted_ThenTheyAreRefusedAndNothingIsKept) {
  PreconfdProcess node(node_options());
  ASSERT_EQ(node.tip(), 0U);
  const std::int64_t before = memory_of(node.pid(), "VmRSS");
  for (int round = 0; round < 100; ++round) {
    const std::string opening = round % 2 == 0 ? "[" : "{\"a\":";
    std::string body;
    for (int depth = 0; depth < 5000; ++depth) body += opening;
    const JsonValue answer = JsonValue::parse(http_post(node.rpc_port(), "/", body).body);
    EXPECT_EQ(answer["error"]["code"].integer(), -32700) << answer.dump();
  }
  EXPECT_LE(memory_of(node.pid(), "VmRSS"), before + 8 * kMebibyte);
}

}  // namespace
}  // namespace libpreconf::test
