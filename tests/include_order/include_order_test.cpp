#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "include_order/checker.h"

namespace libpreconf::test {
namespace {

namespace fs = std::filesystem;

/// A small tree in a folder of its own, gone with the object.
class Tree {
 public:
  Tree() {
    std::string pattern = (fs::temp_directory_path() / "include_order_XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no temporary folder";
    root_ = pattern;
    room("base", "");
    room("codec", "crypto\nbase\n");
    room("reactor", "codec\ncrypto\nbase\n");
    room("rpc", "p2p\nreactor\ncodec\nbase\n");
    room("p2p", "libp2p\nbase\n");
    file("src/codec/text.cpp", "#include \"codec/text.h\"\n#include \"base/check.h\"\n#include <string>\n");
    file("src/codec/json.cpp", "#include <jansson.h>\n");
    file("include/libpreconf/codec/public.h", "#include \"libpreconf/base/bytes.h\"\n");
    file("src/reactor/loop.cpp", "  #  include <event2/event.h>\n#include \"libpreconf/codec/public.h\"\n");
  }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  ~Tree() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }

  void room(const std::string& name, const std::string& may_include) {
    file("src/" + name + "/.may_include", may_include);
  }
  void file(const std::string& name, const std::string& text) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }
  void remove(const std::string& name) { fs::remove(root_ / name); }

  [[nodiscard]] std::vector<std::string> violations() const { return check_includes(root_); }
  /// The one violation that is expected; what was found instead if there is not exactly one.
  [[nodiscard]] std::string violation() const {
    const auto found = violations();
    if (found.size() == 1) return found[0];
    std::string all = std::to_string(found.size()) + " violations";
    for (const std::string& one : found) all += "\n" + one;
    return all;
  }

 private:
  fs::path root_;
};

TEST(IncludeOrder, GivenTheSources_WhenChecked_ThenNoIncludeReachesUpOrGoesWhereItMayNot) {
  for (const std::string& violation : check_includes(PRECONF_SOURCE_DIR)) ADD_FAILURE() << violation;
}

TEST(IncludeOrder, GivenTheSources_WhenTheirFoldersAreCounted_ThenEveryRoomOfTheDesignIsThere) {
  for (const Room& room : design_order()) {
    EXPECT_TRUE(fs::is_regular_file(fs::path(PRECONF_SOURCE_DIR) / "src" / room.name / ".may_include"))
        << room.name;
  }
}

TEST(IncludeOrder, GivenTheDesign_WhenAsked_ThenItAllowsDownwardsExceptWhatItForbids) {
  EXPECT_TRUE(design_allows("cli", "base"));
  EXPECT_TRUE(design_allows("p2p", "store"));
  EXPECT_TRUE(design_allows("driver", "store"));
  EXPECT_FALSE(design_allows("base", "cli"));
  EXPECT_FALSE(design_allows("base", "base"));
  EXPECT_FALSE(design_allows("rpc", "node"));
  EXPECT_FALSE(design_allows("rpc", "libp2p"));
  EXPECT_FALSE(design_allows("driver", "p2p"));
  EXPECT_FALSE(design_allows("l1", "l2"));
  EXPECT_FALSE(design_allows("libp2p", "store"));
  EXPECT_FALSE(design_allows("base", "attic"));
}

TEST(IncludeOrder, GivenAGoodTree_WhenChecked_ThenThereIsNoViolation) {
  EXPECT_TRUE(Tree().violations().empty()) << Tree().violation();
}

TEST(IncludeOrder, GivenAPlantedIncludeThatReachesUp_WhenChecked_ThenItIsFoundWithItsPlace) {
  Tree tree;
  tree.file("src/base/bad.h", "#pragma once\n#include <string>\n#include \"codec/text.h\"\n");
  EXPECT_EQ(tree.violation(), "src/base/bad.h:3: includes codec/text.h, but base may not know codec");
}

TEST(IncludeOrder, GivenAPlantedIncludeOfAForbiddenRoomBelow_WhenChecked_ThenItIsFound) {
  Tree tree;
  tree.file("src/rpc/bad.cpp", "#include \"libp2p/stream.h\"\n");
  EXPECT_EQ(tree.violation(), "src/rpc/bad.cpp:1: includes libp2p/stream.h, but rpc may not know libp2p");
}

TEST(IncludeOrder, GivenAPublicHeader_WhenItReachesUpOrIsReachedFromBelow_ThenItCountsAsItsRoom) {
  Tree above;
  above.file("include/libpreconf/base/bad.h", "#include <libpreconf/codec/public.h>\n");
  EXPECT_EQ(
      above.violation(),
      "include/libpreconf/base/bad.h:1: includes libpreconf/codec/public.h, but base may not know codec");
  Tree below;
  below.file("src/base/bad.cpp", "#include \"libpreconf/codec/public.h\"\n");
  EXPECT_EQ(below.violation(),
            "src/base/bad.cpp:1: includes libpreconf/codec/public.h, but base may not know codec");
}

TEST(IncludeOrder, GivenAPublicHeaderThatNeedsAPrivateOne_WhenChecked_ThenItIsFound) {
  Tree tree;
  tree.file("include/libpreconf/codec/bad.h", "#include \"codec/text.h\"\n");
  EXPECT_EQ(
      tree.violation(),
      "include/libpreconf/codec/bad.h:1: includes codec/text.h, but a public header may include public ones "
      "alone");
}

TEST(IncludeOrder, GivenAMayIncludeFile_WhenItForbidsMoreThanTheDesign_ThenItHolds) {
  Tree tree;
  tree.room("codec", "crypto\n");
  tree.remove("include/libpreconf/codec/public.h");
  tree.remove("src/reactor/loop.cpp");
  EXPECT_EQ(tree.violation(),
            "src/codec/text.cpp:2: includes base/check.h, but src/codec/.may_include does not allow base");
}

TEST(IncludeOrder, GivenAMayIncludeFile_WhenItAllowsMoreThanTheDesignOrNamesNoRoom_ThenItIsFound) {
  Tree upwards;
  upwards.room("base", "codec\n");
  EXPECT_EQ(upwards.violation(), "src/base/.may_include: allows codec, which the design does not");
  Tree unknown;
  unknown.room("base", "attic\n");
  EXPECT_EQ(unknown.violation(), "src/base/.may_include: names attic, which is no room");
}

TEST(IncludeOrder, GivenAFolderWithoutItsFileOrOutsideTheDesign_WhenChecked_ThenItIsFound) {
  Tree missing;
  missing.remove("src/base/.may_include");
  EXPECT_EQ(missing.violation(), "src/base/.may_include: there is no such file");
  Tree unknown;
  unknown.room("attic", "");
  EXPECT_EQ(unknown.violation(), "src/attic: the design knows no such room");
  Tree loose;
  loose.file("src/loose.cpp", "");
  EXPECT_EQ(loose.violation(), "src/loose.cpp: stands in no room of the design");
}

TEST(IncludeOrder, GivenAnIncludeWithoutARoom_WhenChecked_ThenItIsFound) {
  Tree tree;
  tree.file("src/codec/bad.cpp", "#include \"text.h\"\n#include \"../base/check.h\"\n");
  EXPECT_EQ(tree.violations().size(), 2U);
}

TEST(IncludeOrder, GivenAHeavyHeader_WhenASecondFileAnotherRoomOrAHeaderTakesIt_ThenItIsFound) {
  Tree second;
  second.file("src/codec/more.cpp", "#include <jansson.h>\n");
  EXPECT_EQ(second.violation(),
            "jansson.h: may be included by one source file, but is by src/codec/json.cpp src/codec/more.cpp");
  Tree elsewhere;
  elsewhere.file("src/rpc/log.cpp", "#include <spdlog/spdlog.h>\n");
  EXPECT_EQ(elsewhere.violation(),
            "src/rpc/log.cpp:1: includes spdlog/spdlog.h, but that belongs to one source file of base");
  Tree header;
  header.file("src/base/log.h", "#include <spdlog/spdlog.h>\n");
  EXPECT_EQ(header.violation(),
            "src/base/log.h:1: includes spdlog/spdlog.h, but that belongs to one source file of base");
}

TEST(IncludeOrder, GivenLibevent_WhenAnotherRoomOrAPublicHeaderIncludesIt_ThenItIsFound) {
  Tree room;
  room.file("src/codec/bad.cpp", "#include <event2/buffer.h>\n");
  EXPECT_EQ(room.violation(),
            "src/codec/bad.cpp:1: includes event2/buffer.h, but libevent belongs to reactor/ and rpc/");
  Tree header;
  header.file("include/libpreconf/reactor/bad.h", "#include <event2/event.h>\n");
  EXPECT_EQ(header.violation(),
            "include/libpreconf/reactor/bad.h:1: includes event2/event.h, but libevent belongs to reactor/ "
            "and rpc/");
}

}  // namespace
}  // namespace libpreconf::test
