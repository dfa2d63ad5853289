#include "common/arguments.h"

#include <fmt/core.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace libpreconf::bench {

void die(std::string_view message) {
  fmt::print(stderr, "error: {}\n", message);
  std::exit(1);
}

Arguments::Arguments(int count, char** values, int first) {
  for (int i = first; i < count; ++i) {
    const std::string name = values[i];
    if (name == "--") {
      rest_.assign(values + i + 1, values + count);
      return;
    }
    if (!name.starts_with("--") || i + 1 == count)
      die(fmt::format("'{}' is not an option with a value", name));
    values_[name.substr(2)] = values[++i];
  }
}

const std::string& Arguments::text(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) die(fmt::format("--{} is missing", name));
  return found->second;
}

std::string Arguments::text_or(const std::string& name, std::string fallback) const {
  return has(name) ? text(name) : std::move(fallback);
}

std::uint64_t Arguments::number(const std::string& name) const {
  const std::string& value = text(name);
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
  if (error != std::errc() || end != value.data() + value.size()) {
    die(fmt::format("--{}: '{}' is not a number", name, value));
  }
  return out;
}

std::uint64_t Arguments::number_or(const std::string& name, std::uint64_t fallback) const {
  return has(name) ? number(name) : fallback;
}

}  // namespace libpreconf::bench
