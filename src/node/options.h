#pragma once
// The one table of options: name, environment name, type, default, range and help text of each. It feeds the
// command line parser, --help and the man page; a test holds the documents to it.
//
// Precedence: flag, then environment, then default. An empty environment variable counts as not set.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"
#include "libpreconf/reactor/reactor.h"

namespace libpreconf::node {

/// Exit codes of the program (program.md "Exit codes").
enum class ExitCode : int {
  ok = 0,
  failed = 1,  ///< failed while running
  bad_command_line = 2,
  bad_configuration = 3,  ///< file, key file, schedule file, address, address in use
  unreachable = 4,        ///< a needed dependency cannot be reached at start
  data_directory = 5,     ///< locked or damaged
};

/// Everything that `preconfd run` can be told.
struct RunOptions {
  std::uint64_t chain_id = 167000;
  SocketAddress p2p_listen;
  std::vector<std::string> static_peers;
  bool disable_discovery = false;
  std::string identity_file;
  std::optional<SocketAddress> rpc_address;
  std::optional<Address> expected_signer;
  std::optional<std::string> schedule_file;
  std::optional<Hash256> signing_domain;
  std::optional<Address> expected_slasher;
  bool metrics_enabled = false;
  std::string metrics_host;
  std::uint16_t metrics_port = 0;
  std::uint64_t verbosity = 2;
  std::string log;
};

/// Everything that `preconfd devnet` can be told.
struct DevnetArguments {
  std::uint64_t nodes = 4;
  std::optional<std::uint64_t> blocks;
  double slot_time = 6;
  double tx_rate = 20;
  std::uint16_t p2p_port_base = 0;
  std::uint16_t rpc_port_base = 0;
  bool json = false;
  std::uint64_t verbosity = 0;
};

enum class OptionKind : std::uint8_t { flag, integer, decimal, address, text, hex, file };

template <class Target>
struct OptionSpec {
  std::string_view name;         ///< without the dashes: "p2p.listen"
  std::string_view environment;  ///< "P2P_LISTEN"
  OptionKind kind;
  std::string_view placeholder;   ///< "HOST:PORT"; empty for flags
  std::string_view default_text;  ///< empty: none
  std::string_view help;          ///< with range and unit
  /// Parses and stores; the error says what was expected.
  Result<> (*apply)(Target&, std::string_view);
  /// What a value that does not parse means when it comes from the command line.
  ExitCode bad_value = ExitCode::bad_command_line;
  char short_name = 0;
};

[[nodiscard]] std::span<const OptionSpec<RunOptions>> run_options();
[[nodiscard]] std::span<const OptionSpec<DevnetArguments>> devnet_options();

/// A failure to configure, with the exit code that it means.
struct ConfigurationError {
  ExitCode code;
  std::string message;
};

/// The value that the command line gave for an option, if it did ("true" for a flag).
using GivenValue = std::function<std::optional<std::string>(std::string_view name)>;
/// getenv, or a test's.
using EnvironmentValue = std::function<std::optional<std::string>(std::string_view name)>;

/// Fills the options from command line, environment and defaults, and checks what concerns several of them.
[[nodiscard]] std::expected<RunOptions, ConfigurationError> resolve_run_options(
    const GivenValue& given, const EnvironmentValue& environment);
[[nodiscard]] std::expected<DevnetArguments, ConfigurationError> resolve_devnet_options(
    const GivenValue& given, const EnvironmentValue& environment);

}  // namespace libpreconf::node
