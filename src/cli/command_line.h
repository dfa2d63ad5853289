#pragma once
// What the user typed, parsed by CLI11 (its header stands in command_line.cpp alone). Options come from the
// tables in node/options.h; nothing about them is written twice.

#include <map>
#include <optional>
#include <string>

namespace libpreconf::cli {

enum class Command { none, run, devnet, key_new, key_show, version };

struct CommandLine {
  Command command = Command::none;
  /// Option name without dashes -> text as given; flags are "true" or "false".
  std::map<std::string, std::string> given;
  /// `key new|show`: the file, and the type of a new key.
  std::string key_file;
  std::string key_type = "secp256k1";

  [[nodiscard]] std::optional<std::string> value(std::string_view name) const;
};

/// Parses. When there is nothing more to do (help, or a mistake, which has been told on standard error),
/// returns nothing and sets `exit_code`.
[[nodiscard]] std::optional<CommandLine> parse_command_line(int argc, char** argv, int& exit_code);

}  // namespace libpreconf::cli
