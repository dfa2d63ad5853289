#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "node/options.h"

namespace libpreconf::cli {
namespace {

template <class Target>
std::string help_text(const node::OptionSpec<Target>& option) {
  std::string text(option.help);
  if (!option.default_text.empty() && option.kind != node::OptionKind::flag) {
    text += " [default " + std::string(option.default_text) + "]";
  }
  return text + " [env " + std::string(option.environment) + "]";
}

template <class Target>
void add_options(CLI::App& app, std::span<const node::OptionSpec<Target>> table, CommandLine& line) {
  for (const node::OptionSpec<Target>& option : table) {
    std::string names;
    if (option.short_name != 0) names.append({'-', option.short_name, ','});
    names.append("--").append(option.name);
    const std::string key(option.name);
    const auto store = [&line, key](const std::string& value) { line.given[key] = value; };
    CLI::Option* added = nullptr;
    if (option.kind == node::OptionKind::flag) {
      added = app.add_flag_callback(names, [store] { store("true"); }, help_text(option));
    } else {
      added = app.add_option_function<std::string>(names, store, help_text(option));
      added->type_name(std::string(option.placeholder));
    }
    added->take_last();
  }
}

struct Commands {
  CLI::App* run;
  CLI::App* devnet;
  CLI::App* key;
  CLI::App* key_new;
  CLI::App* key_show;
  CLI::App* version;
};

Commands add_commands(CLI::App& app, CommandLine& line) {
  Commands commands{};
  commands.run = app.add_subcommand("run", "Run a node");
  add_options(*commands.run, node::run_options(), line);
  commands.devnet = app.add_subcommand("devnet", "Run a whole network of nodes in this process");
  add_options(*commands.devnet, node::devnet_options(), line);
  commands.key = app.add_subcommand("key", "Make or show an identity key file");
  commands.key->require_subcommand(1);
  commands.key_new =
      commands.key->add_subcommand("new", "Make a key file; an existing file is never overwritten");
  commands.key_new->add_option("--type", line.key_type, "secp256k1 or ed25519 [default secp256k1]")
      ->type_name("TYPE");
  commands.key_new->add_option("FILE", line.key_file, "the file to make")->required()->type_name("");
  commands.key_show =
      commands.key->add_subcommand("show", "Print type, peer id and public key of a key file");
  commands.key_show->add_option("FILE", line.key_file, "the file to read")->required()->type_name("");
  commands.version = app.add_subcommand("version", "Print the version");
  return commands;
}

Command chosen(const Commands& commands) {
  if (commands.run->parsed()) return Command::run;
  if (commands.devnet->parsed()) return Command::devnet;
  if (commands.key_new->parsed()) return Command::key_new;
  if (commands.key_show->parsed()) return Command::key_show;
  if (commands.version->parsed()) return Command::version;
  return Command::none;
}

}  // namespace

std::optional<std::string> CommandLine::value(std::string_view name) const {
  const auto found = given.find(std::string(name));
  return found == given.end() ? std::nullopt : std::optional(found->second);
}

std::optional<CommandLine> parse_command_line(int argc, char** argv, int& exit_code) {
  CommandLine line;
  CLI::App app("preconfd: a Taiko permissionless preconfirmation node", "preconfd");
  app.set_version_flag("--version", "preconfd " PRECONF_VERSION);
  app.require_subcommand(1);
  const Commands commands = add_commands(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked_for_help = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
    // CLI11 says "a subcommand is required" and keeps the word that is none to itself.
    if (const auto rest = app.remaining(true); error.get_name() == "RequiredError" && !rest.empty()) {
      static_cast<void>(std::fprintf(stderr, "preconfd: \"%s\" is not understood\n", rest.front().c_str()));
    }
    app.exit(error);
    exit_code = static_cast<int>(asked_for_help ? node::ExitCode::ok : node::ExitCode::bad_command_line);
    return std::nullopt;
  }
  line.command = chosen(commands);
  return line;
}

}  // namespace libpreconf::cli
