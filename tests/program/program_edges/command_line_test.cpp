// Exit codes and messages of the command line: each failure names the thing that is wrong.

#include <gtest/gtest.h>

#include <fstream>

#include "process/preconfd_process.h"

namespace libpreconf::test {
namespace {

constexpr const char* kSigner = "0x4a62316623ad457f02cdc5d997ded67a383ec569";

CommandResult preconfd(std::vector<std::string> arguments,
                       const ChildProcess::Environment& environment = {}) {
  arguments.insert(arguments.begin(), preconfd_program());
  return run_command(std::move(arguments), environment);
}

/// `run` on free ports with an identity in `folder`, and what the test adds.
CommandResult run_with(const TemporaryFolder& folder, std::vector<std::string> more,
                       const ChildProcess::Environment& environment = {}) {
  std::vector<std::string> arguments = {"run", "--p2p.disable-discovery", "--p2p.identity",
                                        folder.path() / "identity.key"};
  // CLI11 takes the last of a repeated option, so the test's own address wins.
  arguments.insert(arguments.end(), {"--p2p.listen", "127.0.0.1:0"});
  arguments.insert(arguments.end(), more.begin(), more.end());
  return preconfd(std::move(arguments), environment);
}

std::string write_file(const TemporaryFolder& folder, const std::string& name, const std::string& text) {
  const std::filesystem::path path = folder.path() / name;
  std::ofstream(path) << text;
  std::filesystem::permissions(path,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return path;
}

void expect_failure(const CommandResult& result, int code, const std::vector<std::string>& named) {
  EXPECT_EQ(result.exit_code, code) << result.output << result.errors;
  for (const std::string& text : named) {
    EXPECT_NE(result.errors.find(text), std::string::npos)
        << "the message does not name \"" << text << "\":\n"
        << result.errors;
  }
}

TEST(CommandLine, GivenVersionOrHelp_WhenRun_ThenItIsPrintedAndTheCodeIs0) {
  const CommandResult version = preconfd({"version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_TRUE(version.output.starts_with("preconfd 0.")) << version.output;
  const CommandResult help = preconfd({"run", "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.output.find("--preconf.expected-signer"), std::string::npos);
}

TEST(CommandLine, GivenNoSubcommandOrAnUnknownWord_WhenRun_ThenTheCodeIs2) {
  expect_failure(preconfd({}), 2, {});
  expect_failure(preconfd({"fly"}), 2, {"fly"});
  expect_failure(preconfd({"run", "--no.such-flag"}), 2, {"no.such-flag"});
  expect_failure(preconfd({"key"}), 2, {});
  expect_failure(preconfd({"key", "new"}), 2, {"FILE"});
}

TEST(CommandLine, GivenAValueThatDoesNotParse_WhenRun_ThenTheMessageNamesFlagAndValue) {
  const TemporaryFolder folder;
  const std::vector<std::string> signer = {"--preconf.expected-signer", kSigner};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), signer.begin(), signer.end());
    return run_with(folder, more);
  };
  expect_failure(with({"--chain-id", "x7"}), 2, {"chain-id", "x7"});
  expect_failure(with({"--metrics.port", "70000"}), 2, {"metrics.port", "70000"});
  expect_failure(with({"--p2p.listen", "nowhere"}), 3, {"p2p.listen", "nowhere"});
  expect_failure(with({"--metrics.addr", "house"}), 3, {"metrics.addr", "house"});
  expect_failure(with({"--preconf.rpc.addr", "127.0.0.1"}), 3, {"preconf.rpc.addr"});
  expect_failure(run_with(folder, {"--preconf.expected-signer", "0x12"}), 3, {"preconf.expected-signer"});
  expect_failure(preconfd({"devnet", "--nodes", "0"}), 2, {"nodes"});
}

TEST(CommandLine, GivenNeitherSignerNorSchedule_WhenRun_ThenBothAreNamedAndTheCodeIs2) {
  const TemporaryFolder folder;
  expect_failure(run_with(folder, {}), 2, {"preconf.expected-signer", "preconf.schedule"});
  expect_failure(run_with(folder, {"--preconf.expected-signer", kSigner, "--preconf.schedule", "x.json"}), 2,
                 {"preconf.expected-signer", "preconf.schedule"});
}

TEST(CommandLine, GivenABadEnvironmentValue_WhenRun_ThenTheMessageNamesTheVariable) {
  const TemporaryFolder folder;
  expect_failure(run_with(folder, {"--preconf.expected-signer", kSigner}, {{"CHAIN_ID", "x7"}}), 3,
                 {"CHAIN_ID", "x7"});
}

TEST(CommandLine, GivenAnRpcAddressThatIsNotLoopback_WhenRun_ThenItIsRefused) {
  const TemporaryFolder folder;
  expect_failure(
      run_with(folder, {"--preconf.expected-signer", kSigner, "--preconf.rpc.addr", "0.0.0.0:8550"}), 3,
      {"0.0.0.0:8550", "loopback"});
}

TEST(CommandLine, GivenAnAddressInUse_WhenRun_ThenTheMessageNamesItAndTheCodeIs3) {
  PreconfdProcess::Options options;
  options.expected_signer = kSigner;
  const PreconfdProcess first(options);
  const TemporaryFolder folder;
  const auto in_use = [&](const std::string& flag, std::uint16_t port) {
    const std::string address = "127.0.0.1:" + std::to_string(port);
    expect_failure(run_with(folder, {"--preconf.expected-signer", kSigner, flag, address}), 3, {address});
  };
  in_use("--p2p.listen", port_of(first.multiaddr()));
  in_use("--preconf.rpc.addr", first.rpc_port());
  const std::string metrics = std::to_string(first.metrics_port());
  expect_failure(run_with(folder, {"--preconf.expected-signer", kSigner, "--metrics.enabled",
                                   "--metrics.port", metrics}),
                 3, {"127.0.0.1:" + metrics});
}

TEST(CommandLine, GivenABadKeyFile_WhenRun_ThenTheMessageNamesItAndTheCodeIs3) {
  const TemporaryFolder folder;
  const std::string path = write_file(folder, "identity.key", "this is no key\n");
  expect_failure(run_with(folder, {"--preconf.expected-signer", kSigner}), 3, {path});
  ASSERT_EQ(preconfd({"key", "new", folder.path() / "open.key"}).exit_code, 0);
  std::filesystem::permissions(folder.path() / "open.key", std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  expect_failure(
      run_with(folder, {"--preconf.expected-signer", kSigner, "--p2p.identity", folder.path() / "open.key"}),
      3, {"chmod 600", folder.path() / "open.key"});
  expect_failure(run_with(folder, {"--preconf.expected-signer", kSigner, "--p2p.identity",
                                   folder.path() / "missing" / "identity.key"}),
                 3, {folder.path() / "missing" / "identity.key"});
}

TEST(CommandLine, GivenABadSchedule_WhenRun_ThenTheMessageNamesFileAndPlace) {
  const TemporaryFolder folder;
  const auto with = [&](const std::string& text) {
    return run_with(folder, {"--preconf.schedule", write_file(folder, "schedule.json", text)});
  };
  const std::string file = folder.path() / "schedule.json";
  const std::string signer = R"("signer":"0x4a62316623ad457f02cdc5d997ded67a383ec569")";
  const std::string good = R"({"from":100,"to":112,)" + signer + R"(,"windowEnd":112})";
  expect_failure(run_with(folder, {"--preconf.schedule", folder.path() / "none.json"}), 3,
                 {folder.path() / "none.json"});
  expect_failure(with("{"), 3, {file});
  expect_failure(with(R"({"windows":[)" + good + R"(],"colour":1})"), 3, {file, "colour"});
  expect_failure(with(R"({"windows":[{"from":100,"to":112,"size":4,)" + signer + R"(,"windowEnd":112}]})"), 3,
                 {file, "size"});
  expect_failure(with(R"({"windows":[)" + good + "," + good + "]}"), 3, {file});
  expect_failure(with(R"({"windows":[{"from":100,"to":112,"signer":"0x12","windowEnd":112}]})"), 3,
                 {file, "signer"});
}

TEST(CommandLine, GivenNoUsableStaticPeer_WhenRun_ThenEachIsNamedAndTheCodeIs3) {
  const TemporaryFolder folder;
  expect_failure(run_with(folder, {"--preconf.expected-signer", kSigner, "--p2p.static-peers",
                                   "elephant,/dnsaddr/example.org/p2p/"
                                   "12D3KooWGMz9mHM2g5p8VWoLPJ1LaRwcbzfPPQDiX5erg1T47bfA"}),
                 3, {"elephant", "dnsaddr"});
}

TEST(CommandLine, GivenOneUsableStaticPeerAmongBadOnes_WhenRun_ThenTheBadOneIsNamedAndTheNodeRuns) {
  PreconfdProcess::Options options;
  options.expected_signer = kSigner;
  PreconfdProcess first(options);
  options.static_peers = {"elephant", first.multiaddr()};
  PreconfdProcess second(options);
  second.wait_for_peers(1);
  EXPECT_NE(second.child().error_output().find("elephant"), std::string::npos)
      << second.child().error_output();
}

}  // namespace
}  // namespace libpreconf::test
