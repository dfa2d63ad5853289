#include "node/identity_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "codec/base64.h"

namespace libpreconf::node {
namespace {

class IdentityFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "identity-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = folder_ + "/key";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(std::string_view content, int mode = 0600) {
    std::ofstream(path_) << content;
    chmod(path_.c_str(), static_cast<mode_t>(mode));
  }

  SeededRandom random_{1};
  std::string folder_;
  std::string path_;
};

TEST_F(IdentityFile, GivenEitherKeyType_WhenWrittenAndRead_ThenThePeerIdIsTheSame) {
  for (const auto type : {libp2p::KeyType::secp256k1, libp2p::KeyType::ed25519}) {
    const auto made = libp2p::Identity::generate(type, random_);
    ASSERT_TRUE(write_identity_file(path_, made));
    const auto read = read_identity_file(path_);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->peer_id(), made.peer_id());
    EXPECT_EQ(read->type(), type);
    std::filesystem::remove(path_);
  }
}

TEST_F(IdentityFile, GivenANewFile_WhenWritten_ThenOnlyItsOwnerMayReadIt) {
  ASSERT_TRUE(read_or_make_identity_file(path_, random_));
  struct stat status{};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(IdentityFile, GivenTheSecp256k1Form_WhenDecoded_ThenItIsThePrefixAnd32Bytes) {
  ASSERT_TRUE(read_or_make_identity_file(path_, random_));
  std::string line;
  std::ifstream in(path_);
  std::getline(in, line);
  const Bytes protobuf = codec::base64_decode(line, 100).value();
  ASSERT_EQ(protobuf.size(), 36U);
  EXPECT_EQ((Bytes{protobuf.begin(), protobuf.begin() + 4}), (Bytes{0x08, 0x02, 0x12, 0x20}));
}

TEST_F(IdentityFile, GivenAFileThatOthersCanRead_WhenRead_ThenItIsRefusedWithTheCommandThatMendsIt) {
  ASSERT_TRUE(read_or_make_identity_file(path_, random_));
  chmod(path_.c_str(), 0640);
  const auto read = read_identity_file(path_);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::permission);
  EXPECT_NE(read.error().message.find("chmod 600 " + path_), std::string::npos);
}

TEST_F(IdentityFile, GivenAFileOfThatName_WhenWritten_ThenItIsNotOverwritten) {
  write("something else");
  const auto made = libp2p::Identity::generate(libp2p::KeyType::ed25519, random_);
  EXPECT_EQ(write_identity_file(path_, made).error().code, ErrorCode::conflict);
}

TEST_F(IdentityFile, GivenRubbish_WhenRead_ThenTheErrorNamesTheFileAndNeverItsContent) {
  const std::vector<std::string> contents = {"", "not base64!", "c2VjcmV0", std::string(5000, 'A')};
  for (const std::string& content : contents) {
    write(content);
    const auto read = read_identity_file(path_);
    ASSERT_FALSE(read) << content;
    EXPECT_NE(read.error().message.find(path_), std::string::npos);
    if (!content.empty()) {
      EXPECT_EQ(read.error().message.find(content), std::string::npos);
    }
  }
  EXPECT_EQ(read_identity_file(folder_).error().code, ErrorCode::malformed);
  EXPECT_EQ(read_identity_file(folder_ + "/none").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace libpreconf::node
