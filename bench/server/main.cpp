// bench_server [--port N] [--echo 1] [--dial MULTIADDR]: our P2P stack as a server under test. Speaks the
// foreign peers' JSON lines as far as the races need them: the event `listening`, the command `usage`.

#include <fmt/core.h>
#include <unistd.h>

#include <csignal>

#include "common/arguments.h"
#include "libpreconf/reactor/libevent_reactor.h"
#include "server/p2p_server.h"

namespace libpreconf::bench {
namespace {

void print(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

int serve(const Arguments& arguments) {
  SystemClock clock;
  SystemRandom random;
  auto reactor = LibeventReactor::create(clock);
  if (!reactor) die(reactor.error().message);
  ServerConfig config;
  config.port = static_cast<std::uint16_t>(arguments.number_or("port", 0));
  config.echo = arguments.number_or("echo", 0) != 0;
  P2pServer server(**reactor, random, config);
  const auto address = server.start();
  if (!address) die(address.error().message);
  if (arguments.has("dial")) {
    if (const auto dialed = server.dial(arguments.text("dial")); !dialed) die(dialed.error().message);
  }
  print(fmt::format("{{\"event\":\"listening\",\"addrs\":[\"{}\"]}}", *address));

  const auto stop = [&](int) { (*reactor)->stop(); };
  const Handle terminated = (*reactor)->on_signal(SIGTERM, stop);
  // Every line is the one command there is.
  const Handle commands = (*reactor)->on_readable(STDIN_FILENO, [&] {
    char buffer[4096];
    if (read(STDIN_FILENO, buffer, sizeof buffer) <= 0) return (*reactor)->stop();
    print(fmt::format("{{\"event\":\"result\",\"cmd\":\"usage\",\"gossip_received\":{}}}",
                      server.gossip_received()));
  });
  (*reactor)->run();
  return 0;
}

}  // namespace
}  // namespace libpreconf::bench

int main(int argc, char** argv) {
  return libpreconf::bench::serve(libpreconf::bench::Arguments(argc, argv, 1));
}
