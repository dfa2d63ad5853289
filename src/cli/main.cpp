// preconfd: parses the command line and hands over to one subcommand.

#include <cstdio>
#include <cstdlib>

#include "cli/command_line.h"
#include "cli/devnet_command.h"
#include "cli/key_command.h"
#include "node/options.h"
#include "node/runner.h"

namespace {

using namespace libpreconf;

std::optional<std::string> environment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

void say(std::string_view line) {
  std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
  (void)std::fflush(stdout);
}

void complain(std::string_view line) {
  (void)std::fprintf(stderr, "preconfd: %.*s\n", static_cast<int>(line.size()), line.data());
}

int run(const cli::CommandLine& line) {
  const auto options =
      node::resolve_run_options([&](std::string_view name) { return line.value(name); }, environment);
  if (!options) {
    complain(options.error().message);
    return static_cast<int>(options.error().code);
  }
  return static_cast<int>(node::run_node(*options, say, complain));
}

int devnet(const cli::CommandLine& line) {
  const auto arguments =
      node::resolve_devnet_options([&](std::string_view name) { return line.value(name); }, environment);
  if (!arguments) {
    complain(arguments.error().message);
    return static_cast<int>(arguments.error().code);
  }
  return cli::run_devnet(*arguments);
}

}  // namespace

int main(int argc, char** argv) {
  int exit_code = 0;
  const auto line = cli::parse_command_line(argc, argv, exit_code);
  if (!line) return exit_code;
  switch (line->command) {
    case cli::Command::run:
      return run(*line);
    case cli::Command::devnet:
      return devnet(*line);
    case cli::Command::key_new:
      return cli::run_key_new(line->key_file, line->key_type);
    case cli::Command::key_show:
      return cli::run_key_show(line->key_file);
    case cli::Command::version:
      say("preconfd " PRECONF_VERSION);
      return 0;
    case cli::Command::none:
      break;
  }
  return static_cast<int>(node::ExitCode::bad_command_line);
}
