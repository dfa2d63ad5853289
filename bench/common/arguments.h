#pragma once
// The command line of the bench programs: `--name value` pairs behind a subcommand. A mistake ends the
// program with a sentence; races.py is the only caller.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace libpreconf::bench {

/// Prints `error: message` and exits with 1.
[[noreturn]] void die(std::string_view message);

class Arguments {
 public:
  /// Everything from `first` on. What follows `--` is kept as `rest()`.
  Arguments(int count, char** values, int first);

  [[nodiscard]] bool has(const std::string& name) const { return values_.contains(name); }
  /// Dies if it is missing.
  [[nodiscard]] const std::string& text(const std::string& name) const;
  [[nodiscard]] std::string text_or(const std::string& name, std::string fallback) const;
  [[nodiscard]] std::uint64_t number(const std::string& name) const;
  [[nodiscard]] std::uint64_t number_or(const std::string& name, std::uint64_t fallback) const;
  [[nodiscard]] const std::vector<std::string>& rest() const noexcept { return rest_; }

 private:
  std::map<std::string, std::string> values_;
  std::vector<std::string> rest_;
};

}  // namespace libpreconf::bench
