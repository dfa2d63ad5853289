#include "node/runner.h"

#include <csignal>
#include <memory>

#include "base/log.h"
#include "crypto/hash.h"
#include "libpreconf/preconf/static_signer_schedule.h"
#include "node/full_node.h"
#include "node/identity_file.h"

namespace libpreconf::node {
namespace {

using Say = std::function<void(std::string_view)>;

LogLevel level_of(std::uint64_t verbosity) {
  constexpr LogLevel levels[] = {LogLevel::error, LogLevel::warn, LogLevel::info, LogLevel::debug,
                                 LogLevel::trace};
  return levels[std::min<std::uint64_t>(verbosity, 4)];
}

Result<> set_up_log(const RunOptions& options) {
  log_init();
  log_set_level(level_of(options.verbosity));
  return log_configure(options.log);
}

Result<SocketAddress> metrics_address(const RunOptions& options) {
  const bool v6 = options.metrics_host.contains(':');
  PRECONF_TRY(const SocketAddress host,
              SocketAddress::parse((v6 ? "[" + options.metrics_host + "]" : options.metrics_host) + ":0"));
  return host.with_port(options.metrics_port);
}

Result<preconf::StaticSignerSchedule> make_schedule(const RunOptions& options) {
  if (options.expected_signer) return preconf::StaticSignerSchedule::one_signer(*options.expected_signer);
  return preconf::StaticSignerSchedule::load(*options.schedule_file);
}

Result<FullNodeConfig> make_config(const RunOptions& options, const libpreconf::libp2p::Identity& identity) {
  FullNodeConfig config;
  p2p::P2pConfig& network = config.node.p2p;
  network.chain_id = options.chain_id;
  network.listen = {options.p2p_listen};
  network.static_peers = options.static_peers;
  network.identity = identity.private_key_protobuf();
  network.expected_slasher = options.expected_slasher;
  if (options.signing_domain) network.signing_domain = *options.signing_domain;
  network.agent_version = "preconfd/" PRECONF_VERSION;
  config.engine.chain_id = options.chain_id;
  config.rpc_address = options.rpc_address;
  if (options.metrics_enabled) {
    PRECONF_TRY(config.metrics_address, metrics_address(options));
  }
  return config;
}

/// The node while it runs: signals in, an orderly stop out.
class Run {
 public:
  Run(LibeventReactor& reactor, FullNode& node) : reactor_(reactor), node_(node) {}

  void until_signal() {
    const auto on_signal = [this](int number) { stop(number); };
    interrupt_ = reactor_.on_signal(SIGINT, on_signal);
    terminate_ = reactor_.on_signal(SIGTERM, on_signal);
    reactor_.run();
  }

 private:
  void stop(int number) {
    if (stopping_) return;
    stopping_ = true;
    log_info(LogArea::node, "signal {}: stopping", number);
    last_resort_ = reactor_.after(kStopLimit, [this] {
      log_warn(LogArea::node, "not everything ended in time; leaving all the same");
      reactor_.stop();
    });
    node_.stop(kStopLimit, [this] { reactor_.stop(); });
  }

  LibeventReactor& reactor_;
  FullNode& node_;
  bool stopping_ = false;
  Handle interrupt_;
  Handle terminate_;
  TimerHandle last_resort_;
};

void tell_addresses(const FullNode& node, const Say& say) {
  for (const std::string& address : node.p2p_addresses()) say("listening p2p " + address);
  if (const std::string url = node.rpc_url(); !url.empty()) say("listening rpc " + url);
  if (const std::string url = node.metrics_url(); !url.empty()) say("listening metrics " + url);
}

}  // namespace

ExitCode run_node(const RunOptions& options, const Say& say, const Say& complain) {
  const auto refuse = [&](const Error& error, ExitCode code) {
    complain(error.message);
    return code;
  };
  if (const auto log = set_up_log(options); !log) return refuse(log.error(), ExitCode::bad_command_line);
  SystemClock clock;
  SystemRandom random;
  const auto schedule = make_schedule(options);
  if (!schedule) return refuse(schedule.error(), ExitCode::bad_configuration);
  const auto identity = read_or_make_identity_file(options.identity_file, random);
  if (!identity) return refuse(identity.error(), ExitCode::bad_configuration);
  auto config = make_config(options, *identity);
  if (!config) return refuse(config.error(), ExitCode::bad_configuration);

  auto reactor = LibeventReactor::create(clock);
  if (!reactor) return refuse(reactor.error(), ExitCode::failed);
  auto node = FullNode::create(**reactor, random, *std::move(config), *schedule);
  if (!node) return refuse(node.error(), ExitCode::bad_configuration);
  if (const auto started = (*node)->start(); !started)
    return refuse(started.error(), ExitCode::bad_configuration);
  if (!options.disable_discovery && options.static_peers.empty()) {
    log_warn(LogArea::node, "this version looks for no peers by itself; name some with --p2p.static-peers");
  }
  tell_addresses(**node, say);
  Run(**reactor, **node).until_signal();
  return ExitCode::ok;
}

}  // namespace libpreconf::node
