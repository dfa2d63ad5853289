#include "include_order/checker.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <set>

namespace libpreconf::test {
namespace {

namespace fs = std::filesystem;

// A header that costs seconds or megabytes, and the one room whose one source file may include it.
struct HeavyHeader {
  std::string prefix;
  std::string home;
};

const std::vector<HeavyHeader>& heavy_headers() {
  static const std::vector<HeavyHeader> headers = {
      {"spdlog/", "base"},    {"CLI/", "cli"},         {"toml++/", "node"},    {"toml.hpp", "node"},
      {"prometheus/", "rpc"}, {"microhttpd.h", "rpc"}, {"jansson.h", "codec"}, {"sqlite3.h", "store"}};
  return headers;
}

struct Include {
  std::size_t line = 0;
  std::string path;
  bool quoted = false;
};

struct SourceFile {
  std::string name;  ///< relative to the root
  std::string room;
  bool is_public = false;
  std::vector<Include> includes;
};

std::optional<Include> parse_include(std::string_view line) {
  const auto skip = [&line] { line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size())); };
  skip();
  if (!line.starts_with('#')) return std::nullopt;
  line.remove_prefix(1);
  skip();
  if (!line.starts_with("include")) return std::nullopt;
  line.remove_prefix(7);
  skip();
  if (!line.starts_with('"') && !line.starts_with('<')) return std::nullopt;
  const bool quoted = line[0] == '"';
  const std::size_t end = line.find(quoted ? '"' : '>', 1);
  if (end == std::string_view::npos) return std::nullopt;
  return Include{.line = 0, .path = std::string(line.substr(1, end - 1)), .quoted = quoted};
}

std::vector<Include> includes_of(const fs::path& file) {
  std::ifstream in(file);
  std::vector<Include> out;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (auto found = parse_include(line)) {
      found->line = number;
      out.push_back(*std::move(found));
    }
  }
  return out;
}

std::string first_part(const std::string& path) {
  return path.substr(0, path.find('/'));
}

bool is_room(const std::string& name) {
  return std::any_of(design_order().begin(), design_order().end(),
                     [&name](const Room& room) { return room.name == name; });
}

// The room of a path below src/ or include/libpreconf/; empty for a file that stands in none.
std::string room_of(const fs::path& relative) {
  return relative.has_parent_path() ? relative.begin()->string() : std::string();
}

class Checker {
 public:
  explicit Checker(const fs::path& root) : root_(root) {}

  std::vector<std::string> run() {
    read_folders();
    read_sources(root_ / "src", false);
    read_sources(root_ / "include" / "libpreconf", true);
    for (const SourceFile& file : files_) check_file(file);
    check_heavy_users();
    std::sort(violations_.begin(), violations_.end());
    return std::move(violations_);
  }

 private:
  void violation(std::string sentence) { violations_.push_back(std::move(sentence)); }

  void violation(const SourceFile& file, const Include& include, const std::string& why) {
    violation(file.name + ":" + std::to_string(include.line) + ": includes " + include.path + ", " + why);
  }

  void read_folders() {
    if (!fs::is_directory(root_ / "src")) return violation("src: there is no such folder");
    for (const auto& entry : fs::directory_iterator(root_ / "src")) {
      if (!entry.is_directory()) continue;
      const std::string room = entry.path().filename().string();
      if (!is_room(room)) {
        violation("src/" + room + ": the design knows no such room");
      } else {
        read_may_include(room, entry.path() / ".may_include");
      }
    }
  }

  void read_may_include(const std::string& room, const fs::path& path) {
    const std::string name = "src/" + room + "/.may_include";
    std::ifstream in(path);
    if (!in) return violation(name + ": there is no such file");
    std::set<std::string>& allowed = may_include_[room];
    for (std::string line; std::getline(in, line);) {
      if (line.empty()) continue;
      if (!is_room(line)) {
        violation(name + ": names " + line + ", which is no room");
      } else if (!design_allows(room, line)) {
        violation(name + ": allows " + line + ", which the design does not");
      }
      allowed.insert(line);
    }
  }

  void read_sources(const fs::path& folder, bool is_public) {
    if (!fs::is_directory(folder)) return;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const std::string extension = entry.path().extension().string();
      if (!entry.is_regular_file() || (extension != ".h" && extension != ".cpp")) continue;
      SourceFile file{.name = entry.path().lexically_relative(root_).generic_string(),
                      .room = room_of(entry.path().lexically_relative(folder)),
                      .is_public = is_public,
                      .includes = includes_of(entry.path())};
      if (!is_room(file.room)) {
        violation(file.name + ": stands in no room of the design");
        continue;
      }
      files_.push_back(std::move(file));
    }
  }

  void check_file(const SourceFile& file) {
    for (const Include& include : file.includes) {
      check_room(file, include);
      check_heavy(file, include);
      if (first_part(include.path) == "event2" &&
          (file.is_public || (file.room != "reactor" && file.room != "rpc"))) {
        violation(file, include, "but libevent belongs to reactor/ and rpc/");
      }
    }
  }

  void check_room(const SourceFile& file, const Include& include) {
    const bool is_public = include.path.starts_with("libpreconf/");
    const std::string to = first_part(is_public ? include.path.substr(11) : include.path);
    if (!include.quoted && !is_public) return;
    if (!is_room(to)) return violation(file, include, "which names no room");
    if (file.is_public && !is_public) {
      return violation(file, include, "but a public header may include public ones alone");
    }
    if (to == file.room) return;
    if (!design_allows(file.room, to)) {
      violation(file, include, "but " + file.room + " may not know " + to);
    } else if (!may_include_[file.room].contains(to)) {
      violation(file, include, "but src/" + file.room + "/.may_include does not allow " + to);
    }
  }

  void check_heavy(const SourceFile& file, const Include& include) {
    for (const HeavyHeader& heavy : heavy_headers()) {
      if (!include.path.starts_with(heavy.prefix)) continue;
      heavy_users_[heavy.prefix].insert(file.name);
      if (file.room != heavy.home || !file.name.ends_with(".cpp")) {
        violation(file, include, "but that belongs to one source file of " + heavy.home);
      }
    }
  }

  void check_heavy_users() {
    for (const auto& [prefix, users] : heavy_users_) {
      if (users.size() < 2) continue;
      std::string names;
      for (const std::string& name : users) names += " " + name;
      violation(prefix + ": may be included by one source file, but is by" + names);
    }
  }

  fs::path root_;
  std::map<std::string, std::set<std::string>> may_include_;
  std::map<std::string, std::set<std::string>> heavy_users_;
  std::vector<SourceFile> files_;
  std::vector<std::string> violations_;
};

}  // namespace

const std::vector<Room>& design_order() {
  static const std::vector<Room> rooms = {
      {"cli", {}},
      {"node", {}},
      {"rpc", {"libp2p", "discv5", "store"}},
      {"preconfer", {"libp2p", "discv5"}},
      {"driver", {"p2p", "libp2p", "discv5"}},
      {"preconf", {"libp2p", "discv5"}},
      {"l1", {"l2", "p2p", "libp2p", "discv5", "store"}},
      {"l2", {"p2p", "libp2p", "discv5", "store"}},
      {"p2p", {}},
      {"discv5", {"libp2p", "store"}},
      {"libp2p", {"store"}},
      {"store", {}},
      {"reactor", {}},
      {"codec", {}},
      {"crypto", {}},
      {"base", {}},
  };
  return rooms;
}

bool design_allows(const std::string& from, const std::string& to) {
  const auto& rooms = design_order();
  const auto place = [&rooms](const std::string& name) {
    return std::find_if(rooms.begin(), rooms.end(), [&name](const Room& room) { return room.name == name; });
  };
  const auto upper = place(from);
  const auto lower = place(to);
  if (upper == rooms.end() || lower == rooms.end() || lower <= upper) return false;
  return std::find(upper->but_not.begin(), upper->but_not.end(), to) == upper->but_not.end();
}

std::vector<std::string> check_includes(const fs::path& root) {
  return Checker(root).run();
}

}  // namespace libpreconf::test
