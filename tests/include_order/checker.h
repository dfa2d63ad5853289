#pragma once
// Holds the design's order of rooms and finds includes that break it. A function over a folder, so that the
// test can plant a violation in a small tree and see it found.

#include <filesystem>
#include <string>
#include <vector>

namespace libpreconf::test {

/// A folder of src/ and what stands below it but is forbidden all the same.
struct Room {
  std::string name;
  std::vector<std::string> but_not;
};

/// From the top floor to the ground floor: a room may include what comes after it.
[[nodiscard]] const std::vector<Room>& design_order();

/// True if the design lets a file of `from` include a header of `to`.
[[nodiscard]] bool design_allows(const std::string& from, const std::string& to);

/// Checks `root`/src and `root`/include/libpreconf; one sentence a violation, sorted.
[[nodiscard]] std::vector<std::string> check_includes(const std::filesystem::path& root);

}  // namespace libpreconf::test
