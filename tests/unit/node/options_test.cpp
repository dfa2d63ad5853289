#include "node/options.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

namespace libpreconf::node {
namespace {

using Values = std::map<std::string, std::string, std::less<>>;

auto lookup(const Values& values) {
  return [values](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

constexpr const char* kSigner = "0x4a62316623ad457f02cdc5d997ded67a383ec569";

auto resolve(Values flags, Values environment = {}) {
  flags.try_emplace("preconf.expected-signer", kSigner);
  return resolve_run_options(lookup(flags), lookup(environment));
}

TEST(Options, GivenNothingButTheSigner_WhenResolved_ThenTheDefaultsHold) {
  const auto options = resolve({});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->chain_id, 167000U);
  EXPECT_EQ(options->p2p_listen.to_string(), "0.0.0.0:9000");
  EXPECT_FALSE(options->rpc_address);
  EXPECT_FALSE(options->metrics_enabled);
  EXPECT_EQ(options->metrics_host, "127.0.0.1");
  EXPECT_EQ(options->metrics_port, 9090);
}

TEST(Options, GivenFlagAndEnvironment_WhenResolved_ThenTheFlagWins) {
  EXPECT_EQ(resolve({{"chain-id", "1"}}, {{"CHAIN_ID", "2"}})->chain_id, 1U);
  EXPECT_EQ(resolve({}, {{"CHAIN_ID", "2"}})->chain_id, 2U);
  EXPECT_EQ(resolve({}, {{"CHAIN_ID", ""}})->chain_id, 167000U);
}

TEST(Options, GivenAListOfPeers_WhenResolved_ThenEachIsOneEntry) {
  const auto options = resolve({{"p2p.static-peers", "/ip4/127.0.0.1/tcp/1,/ip4/127.0.0.1/tcp/2,"}});
  EXPECT_EQ(options->static_peers,
            (std::vector<std::string>{"/ip4/127.0.0.1/tcp/1", "/ip4/127.0.0.1/tcp/2"}));
}

TEST(Options, GivenABadNumberOnTheCommandLine_WhenResolved_ThenCode2AndTheOptionIsNamed) {
  const auto options = resolve({{"chain-id", "0x1"}});
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().code, ExitCode::bad_command_line);
  EXPECT_EQ(options.error().message,
            "--chain-id: \"0x1\" is not a whole number from 1 to 9223372036854775807");
}

TEST(Options, GivenABadAddress_WhenResolved_ThenCode3AndTheOptionIsNamed) {
  for (const char* name : {"p2p.listen", "preconf.rpc.addr", "metrics.addr", "preconf.expected-signer"}) {
    const auto options = resolve({{name, "nonsense"}});
    ASSERT_FALSE(options) << name;
    EXPECT_EQ(options.error().code, ExitCode::bad_configuration);
    EXPECT_TRUE(options.error().message.starts_with("--" + std::string(name))) << options.error().message;
  }
}

TEST(Options, GivenABadValueInTheEnvironment_WhenResolved_ThenTheVariableIsNamed) {
  const auto options = resolve({}, {{"METRICS_PORT", "70000"}});
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().code, ExitCode::bad_configuration);
  EXPECT_TRUE(options.error().message.starts_with("METRICS_PORT")) << options.error().message;
}

TEST(Options, GivenNoSignerOrBothKinds_WhenResolved_ThenTheUserIsToldToGiveOne) {
  const auto neither = resolve_run_options(lookup({}), lookup({}));
  ASSERT_FALSE(neither);
  EXPECT_EQ(neither.error().code, ExitCode::bad_command_line);
  const auto both = resolve({{"preconf.schedule", "schedule.json"}});
  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().code, ExitCode::bad_command_line);
}

TEST(Options, GivenAnRpcAddressThatIsNotLoopback_WhenResolved_ThenItIsRefused) {
  const auto options = resolve({{"preconf.rpc.addr", "0.0.0.0:8550"}});
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().code, ExitCode::bad_configuration);
  EXPECT_TRUE(resolve({{"preconf.rpc.addr", "[::1]:8550"}}));
}

TEST(Options, GivenDevnetArguments_WhenResolved_ThenRangesAreChecked) {
  const auto devnet = [](Values flags) { return resolve_devnet_options(lookup(flags), lookup({})); };
  EXPECT_EQ(devnet({})->nodes, 4U);
  EXPECT_FALSE(devnet({})->blocks);
  EXPECT_EQ(devnet({{"blocks", "3"}})->blocks, 3U);
  EXPECT_FALSE(devnet({{"nodes", "0"}}));
  EXPECT_FALSE(devnet({{"slot-time", "nan"}}));
}

std::string man_page() {
  std::ifstream in(PRECONF_SOURCE_DIR "/man/preconfd.1");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

template <class Target>
void expect_documented(std::span<const OptionSpec<Target>> table, const std::string& section) {
  for (const auto& option : table) {
    std::string entry = "Fl -" + std::string(option.name);
    if (!option.placeholder.empty()) entry += " Ar " + std::string(option.placeholder);
    entry += " Pq Ev " + std::string(option.environment) + "\n";
    EXPECT_NE(section.find(entry), std::string::npos) << "the man page lacks: " << entry;
  }
}

TEST(ManPage, GivenTheOptionTables_WhenThePageIsRead_ThenEveryOptionStandsInIt) {
  const std::string page = man_page();
  const std::size_t run = page.find(".Sh OPTIONS OF RUN");
  const std::size_t devnet = page.find(".Sh OPTIONS OF DEVNET");
  const std::size_t files = page.find(".Sh FILES");
  ASSERT_NE(files, std::string::npos);
  expect_documented(run_options(), page.substr(run, devnet - run));
  expect_documented(devnet_options(), page.substr(devnet, files - devnet));
}

TEST(ManPage, GivenThePage_WhenItsOptionsAreCounted_ThenNoneIsInventedThere) {
  const std::string page = man_page();
  std::size_t count = 0;
  for (std::size_t at = page.find(" Pq Ev "); at != std::string::npos; at = page.find(" Pq Ev ", at + 1))
    ++count;
  EXPECT_EQ(count, run_options().size() + devnet_options().size());
}

}  // namespace
}  // namespace libpreconf::node
