#include "node/options.h"

#include <charconv>
#include <cmath>

#include "libpreconf/base/hex.h"

namespace libpreconf::node {
namespace {

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

Result<std::uint64_t> parse_integer(std::string_view text, std::uint64_t low, std::uint64_t high) {
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || value < low || value > high) {
    return fail(ErrorCode::invalid, quoted(text) + " is not a whole number from " + std::to_string(low) +
                                        " to " + std::to_string(high));
  }
  return value;
}

Result<double> parse_decimal(std::string_view text, double low, double high) {
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || !std::isfinite(value) || value < low ||
      value > high) {
    return fail(ErrorCode::invalid, quoted(text) + " is not a number in the allowed range");
  }
  return value;
}

Result<> store_integer(auto& target, std::string_view text, std::uint64_t low, std::uint64_t high) {
  PRECONF_TRY(const std::uint64_t value, parse_integer(text, low, high));
  target = static_cast<std::remove_reference_t<decltype(target)>>(value);
  return {};
}

Result<> store_decimal(double& target, std::string_view text, double low, double high) {
  PRECONF_TRY(target, parse_decimal(text, low, high));
  return {};
}

Result<> store_flag(bool& target, std::string_view text) {
  if (text != "true" && text != "false" && text != "1" && text != "0") {
    return fail(ErrorCode::invalid, quoted(text) + " is neither true nor false");
  }
  target = text == "true" || text == "1";
  return {};
}

template <std::size_t N>
Result<> store_fixed(std::optional<FixedBytes<N>>& target, std::string_view text) {
  PRECONF_TRY(target, from_hex_fixed<N>(text));
  return {};
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    if (const auto item = text.substr(0, comma); !item.empty()) out.emplace_back(item);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return out;
}

using Run = RunOptions;

constexpr OptionSpec<Run> kRunOptions[] = {
    {"chain-id", "CHAIN_ID", OptionKind::integer, "N", "167000",
     "L2 chain id; it names the topics and protocols that the node speaks",
     [](Run& o, std::string_view v) { return store_integer(o.chain_id, v, 1, INT64_MAX); }},
    {"p2p.listen", "P2P_LISTEN", OptionKind::address, "HOST:PORT", "0.0.0.0:9000",
     "TCP address for peers; port 0 takes a free one",
     [](Run& o, std::string_view v) -> Result<> {
       PRECONF_TRY(o.p2p_listen, SocketAddress::parse(v));
       return {};
     },
     ExitCode::bad_configuration},
    {"p2p.static-peers", "P2P_STATIC_PEERS", OptionKind::text, "MULTIADDR,...", "",
     "peers to dial and to dial again whenever they are lost, for example "
     "/ip4/192.0.2.1/tcp/9000/p2p/16Uiu2...",
     [](Run& o, std::string_view v) -> Result<> {
       o.static_peers = split_list(v);
       return {};
     },
     ExitCode::bad_configuration},
    {"p2p.disable-discovery", "P2P_DISABLE_DISCOVERY", OptionKind::flag, "", "false",
     "do not look for peers by discv5",
     [](Run& o, std::string_view v) { return store_flag(o.disable_discovery, v); }},
    {"p2p.identity", "P2P_IDENTITY", OptionKind::file, "FILE", "preconfd.key",
     "identity key file, mode 0600; made on first use",
     [](Run& o, std::string_view v) -> Result<> {
       o.identity_file = v;
       return {};
     },
     ExitCode::bad_configuration},
    {"preconf.rpc.addr", "PRECONF_RPC_ADDR", OptionKind::address, "HOST:PORT", "",
     "sidecar JSON-RPC address, loopback only; without it there is no RPC. Port 0 takes a free one",
     [](Run& o, std::string_view v) -> Result<> {
       PRECONF_TRY(o.rpc_address, SocketAddress::parse(v));
       return {};
     },
     ExitCode::bad_configuration},
    {"preconf.expected-signer", "PRECONF_EXPECTED_SIGNER", OptionKind::hex, "ADDRESS", "",
     "the one address whose commitments are accepted, at any time",
     [](Run& o, std::string_view v) { return store_fixed(o.expected_signer, v); },
     ExitCode::bad_configuration},
    {"preconf.schedule", "PRECONF_SCHEDULE", OptionKind::file, "FILE", "",
     "JSON file of submission windows and their signers",
     [](Run& o, std::string_view v) -> Result<> {
       o.schedule_file = std::string(v);
       return {};
     },
     ExitCode::bad_configuration},
    {"preconf.signing-domain", "PRECONF_SIGNING_DOMAIN", OptionKind::hex, "HEX", "",
     "32 bytes that every signature covers; without it the network's placeholder domain",
     [](Run& o, std::string_view v) { return store_fixed(o.signing_domain, v); },
     ExitCode::bad_configuration},
    {"preconf.expected-slasher", "PRECONF_EXPECTED_SLASHER", OptionKind::hex, "ADDRESS", "",
     "slasher contract that commitments must name; without it any",
     [](Run& o, std::string_view v) { return store_fixed(o.expected_slasher, v); },
     ExitCode::bad_configuration},
    {"metrics.enabled", "METRICS_ENABLED", OptionKind::flag, "", "false", "serve Prometheus metrics",
     [](Run& o, std::string_view v) { return store_flag(o.metrics_enabled, v); }},
    {"metrics.addr", "METRICS_ADDR", OptionKind::address, "HOST", "127.0.0.1",
     "address of the metrics listener",
     [](Run& o, std::string_view v) -> Result<> {
       PRECONF_CHECK_OK(
           SocketAddress::parse((v.contains(':') ? "[" + std::string(v) + "]" : std::string(v)) + ":0"));
       o.metrics_host = v;
       return {};
     },
     ExitCode::bad_configuration},
    {"metrics.port", "METRICS_PORT", OptionKind::integer, "N", "9090",
     "port of the metrics listener, 0 to 65535; 0 takes a free one",
     [](Run& o, std::string_view v) { return store_integer(o.metrics_port, v, 0, 65535); }},
    {"verbosity", "VERBOSITY", OptionKind::integer, "N", "2",
     "0 errors, 1 warnings, 2 information, 3 debug, 4 trace",
     [](Run& o, std::string_view v) { return store_integer(o.verbosity, v, 0, 4); },
     ExitCode::bad_command_line, 'v'},
    {"log", "PRECONF_LOG", OptionKind::text, "LEVELS", "",
     "levels per area on top of the verbosity, for example warn,gossipsub=debug,rpc=trace",
     [](Run& o, std::string_view v) -> Result<> {
       o.log = v;
       return {};
     }},
};

using Devnet = DevnetArguments;

constexpr OptionSpec<Devnet> kDevnetOptions[] = {
    {"nodes", "DEVNET_NODES", OptionKind::integer, "N", "4", "full nodes in the process, 1 to 32",
     [](Devnet& o, std::string_view v) { return store_integer(o.nodes, v, 1, 32); }},
    {"blocks", "DEVNET_BLOCKS", OptionKind::integer, "N", "",
     "end after this many blocks; without it run until a signal",
     [](Devnet& o, std::string_view v) { return store_integer(o.blocks.emplace(), v, 1, UINT32_MAX); }},
    {"slot-time", "DEVNET_SLOT_TIME", OptionKind::decimal, "S", "6",
     "wall seconds that one 12-second slot of the simulated clock takes, 0.1 to 60",
     [](Devnet& o, std::string_view v) { return store_decimal(o.slot_time, v, 0.1, 60); }},
    {"tx-rate", "DEVNET_TX_RATE", OptionKind::decimal, "R", "20",
     "transfers that the load generator signs each simulated second, 0 to 500",
     [](Devnet& o, std::string_view v) { return store_decimal(o.tx_rate, v, 0, 500); }},
    {"p2p.port-base", "DEVNET_P2P_PORT_BASE", OptionKind::integer, "P", "0",
     "first P2P port, one more for each node; 0 takes free ones",
     [](Devnet& o, std::string_view v) { return store_integer(o.p2p_port_base, v, 0, 65500); }},
    {"rpc.port-base", "DEVNET_RPC_PORT_BASE", OptionKind::integer, "P", "0",
     "first RPC port, one more for each node; 0 takes free ones",
     [](Devnet& o, std::string_view v) { return store_integer(o.rpc_port_base, v, 0, 65500); }},
    {"json", "DEVNET_JSON", OptionKind::flag, "", "false", "one JSON object a line instead of text",
     [](Devnet& o, std::string_view v) { return store_flag(o.json, v); }},
    {"verbosity", "VERBOSITY", OptionKind::integer, "N", "0",
     "0 errors, 1 warnings, 2 information, 3 debug, 4 trace",
     [](Devnet& o, std::string_view v) { return store_integer(o.verbosity, v, 0, 4); },
     ExitCode::bad_command_line, 'v'},
};

template <class Target>
std::expected<Target, ConfigurationError> resolve(std::span<const OptionSpec<Target>> table,
                                                  const GivenValue& given,
                                                  const EnvironmentValue& environment) {
  Target target;
  for (const OptionSpec<Target>& option : table) {
    if (const auto value = given(option.name)) {
      if (const auto done = option.apply(target, *value); !done) {
        return std::unexpected(ConfigurationError{
            option.bad_value, "--" + std::string(option.name) + ": " + done.error().message});
      }
      continue;
    }
    if (const auto value = environment(option.environment); value && !value->empty()) {
      if (const auto done = option.apply(target, *value); !done) {
        return std::unexpected(
            ConfigurationError{ExitCode::bad_configuration,
                               std::string(option.environment) + " (environment): " + done.error().message});
      }
      continue;
    }
    if (option.default_text.empty()) continue;
    if (const auto done = option.apply(target, option.default_text); !done) {
      return std::unexpected(ConfigurationError{
          ExitCode::failed, "default of --" + std::string(option.name) + ": " + done.error().message});
    }
  }
  return target;
}

}  // namespace

std::span<const OptionSpec<RunOptions>> run_options() {
  return kRunOptions;
}
std::span<const OptionSpec<DevnetArguments>> devnet_options() {
  return kDevnetOptions;
}

std::expected<RunOptions, ConfigurationError> resolve_run_options(const GivenValue& given,
                                                                  const EnvironmentValue& environment) {
  auto options = resolve(run_options(), given, environment);
  if (!options) return options;
  if (options->expected_signer.has_value() == options->schedule_file.has_value()) {
    return std::unexpected(ConfigurationError{ExitCode::bad_command_line,
                                              "give exactly one of --preconf.expected-signer ADDRESS and "
                                              "--preconf.schedule FILE: it says whose commitments "
                                              "are accepted"});
  }
  if (options->rpc_address && !options->rpc_address->is_loopback()) {
    return std::unexpected(
        ConfigurationError{ExitCode::bad_configuration,
                           "--preconf.rpc.addr " + options->rpc_address->to_string() +
                               ": the RPC has no authentication yet and is only served on loopback; use "
                               "127.0.0.1:PORT or [::1]:PORT"});
  }
  return options;
}

std::expected<DevnetArguments, ConfigurationError> resolve_devnet_options(
    const GivenValue& given, const EnvironmentValue& environment) {
  return resolve(devnet_options(), given, environment);
}

}  // namespace libpreconf::node
