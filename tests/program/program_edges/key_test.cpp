// `preconfd key`, and the identity that `run` makes for itself.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "process/preconfd_process.h"

namespace libpreconf::test {
namespace {

CommandResult key(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {preconfd_program(), "key"});
  return run_command(std::move(arguments));
}

std::string content_of(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

unsigned mode_of(const std::filesystem::path& path) {
  struct stat found{};
  return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 0777 : 0;
}

/// True if `output` holds a piece of the secret: of the file's base64 text, of which the first characters
/// only name the key type.
bool shows_secret(const std::string& output, const std::string& file) {
  for (std::size_t i = 8; i + 12 <= file.size(); ++i) {
    if (output.find(file.substr(i, 12)) != std::string::npos) return true;
  }
  return false;
}

class Key : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(Key, GivenANewKey_WhenMadeAndShown_ThenThePeerIdIsTheSameAndTheSecretIsNeverPrinted) {
  const auto [type, prefix] = GetParam();
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "identity.key";
  const CommandResult made = key({"new", "--type", type, file});
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  EXPECT_EQ(mode_of(file), 0600U);
  const std::string content = content_of(file);
  EXPECT_EQ(content.find('\n'), content.size() - 1);

  const CommandResult shown = key({"show", file});
  ASSERT_EQ(shown.exit_code, 0) << shown.errors;
  EXPECT_NE(shown.output.find(type), std::string::npos);
  const std::size_t at = shown.output.find(prefix);
  ASSERT_NE(at, std::string::npos) << shown.output;
  const std::string peer_id = shown.output.substr(at, shown.output.find('\n', at) - at);
  EXPECT_NE(made.output.find(peer_id), std::string::npos);
  for (const std::string* output : {&made.output, &made.errors, &shown.output, &shown.errors}) {
    EXPECT_FALSE(shows_secret(*output, content)) << *output;
  }
}

INSTANTIATE_TEST_SUITE_P(Types, Key,
                         testing::Values(std::pair("secp256k1", "16Uiu2HA"),
                                         std::pair("ed25519", "12D3KooW")),
                         [](const auto& chosen) { return std::string(chosen.param.first); });

TEST(KeyFile, GivenAFileThatExists_WhenAKeyIsMade_ThenItIsNotOverwritten) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "identity.key";
  ASSERT_EQ(key({"new", file}).exit_code, 0);
  const std::string before = content_of(file);
  const CommandResult again = key({"new", file});
  EXPECT_EQ(again.exit_code, 3);
  EXPECT_NE(again.errors.find(file), std::string::npos) << again.errors;
  EXPECT_EQ(content_of(file), before);
}

TEST(KeyFile, GivenAnUnknownTypeOrFile_WhenAsked_ThenTheMessageNamesIt) {
  const TemporaryFolder folder;
  const CommandResult type = key({"new", "--type", "rsa", folder.path() / "x.key"});
  EXPECT_EQ(type.exit_code, 2);
  EXPECT_NE(type.errors.find("rsa"), std::string::npos) << type.errors;
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "x.key"));
  const CommandResult missing = key({"show", folder.path() / "none.key"});
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_NE(missing.errors.find("none.key"), std::string::npos) << missing.errors;
}

TEST(KeyFile, GivenNoKeyFile_WhenTheNodeRuns_ThenItMakesOneAndKeepsItsIdentity) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "identity.key";
  std::string first_id;
  for (int round = 0; round < 2; ++round) {
    ChildProcess node({preconfd_program(), "run", "--p2p.disable-discovery", "--p2p.listen", "127.0.0.1:0",
                       "--p2p.identity", file, "--preconf.expected-signer",
                       "0x4a62316623ad457f02cdc5d997ded67a383ec569"});
    const std::string id = peer_id_of(node.wait_line_after("listening p2p "));
    EXPECT_EQ(mode_of(file), 0600U);
    EXPECT_TRUE(id.starts_with("16Uiu2HA")) << id;
    if (round == 0) first_id = id;
    EXPECT_EQ(id, first_id);
    EXPECT_FALSE(shows_secret(node.output() + node.error_output(), content_of(file)));
  }
}

}  // namespace
}  // namespace libpreconf::test
