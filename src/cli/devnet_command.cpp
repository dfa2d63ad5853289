#include "cli/devnet_command.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/log.h"
#include "cli/devnet_output.h"
#include "libpreconf/base/clock.h"
#include "libpreconf/base/random.h"
#include "libpreconf/reactor/libevent_reactor.h"
#include "node/devnet.h"

namespace libpreconf::cli {

namespace {

int fail_with(node::ExitCode code, const Error& error) {
  (void)std::fprintf(stderr, "preconfd: %s\n", error.message.c_str());
  return static_cast<int>(code);
}

void write_line(std::string_view line) {
  std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
  (void)std::fflush(stdout);
}

/// A terminal, and nobody who asked for none (no-color.org).
bool wants_colour() {
  const char* refused = std::getenv("NO_COLOR");
  return ::isatty(STDOUT_FILENO) == 1 && (refused == nullptr || *refused == '\0');
}

std::unique_ptr<node::DevnetOutput> make_output(bool json) {
  if (json) return std::make_unique<JsonDevnetOutput>(write_line);
  return std::make_unique<TextDevnetOutput>(write_line, wants_colour());
}

void set_log_level(std::uint64_t verbosity) {
  // The devnet's own lines are what one wants to see: the log begins at errors.
  static constexpr LogLevel kLevels[] = {LogLevel::error, LogLevel::warn, LogLevel::info, LogLevel::debug,
                                         LogLevel::trace};
  log_init();
  log_set_level(kLevels[std::min<std::uint64_t>(verbosity, std::size(kLevels) - 1)]);
}

}  // namespace

int run_devnet(const node::DevnetArguments& arguments) {
  set_log_level(arguments.verbosity);
  SystemClock clock;
  SystemRandom random;
  auto reactor = LibeventReactor::create(clock);
  if (!reactor) return fail_with(node::ExitCode::failed, reactor.error());
  const auto output = make_output(arguments.json);
  node::Devnet devnet(**reactor, random, arguments, *output);

  int exit_code = static_cast<int>(node::ExitCode::failed);
  const auto started = devnet.start([&](Result<bool> same_chain) {
    if (!same_chain) {
      exit_code = fail_with(node::ExitCode::failed, same_chain.error());
    } else if (*same_chain) {
      exit_code = static_cast<int>(node::ExitCode::ok);
    }
    (*reactor)->stop();
  });
  if (!started) return fail_with(node::ExitCode::bad_configuration, started.error());

  // The first signal ends in order; whoever is in a hurry sends another.
  bool asked = false;
  const auto on_signal = [&](int) {
    if (std::exchange(asked, true)) return (*reactor)->stop();
    devnet.stop();
  };
  const Handle interrupt = (*reactor)->on_signal(SIGINT, on_signal);
  const Handle terminate = (*reactor)->on_signal(SIGTERM, on_signal);
  (*reactor)->run();
  return exit_code;
}

}  // namespace libpreconf::cli
