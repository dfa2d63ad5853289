// Memory of the server with many idle gossip peers.

#include <fmt/core.h>

#include <memory>
#include <sstream>

#include "common/server_watch.h"
#include "generator/gossip_client.h"
#include "generator/races.h"

namespace libpreconf::bench {
namespace {

constexpr Duration kSettle{std::chrono::seconds(3)};

}  // namespace

void peers(Bench& bench, const Arguments& arguments) {
  const std::uint64_t per_second = arguments.number_or("per-second", 200);
  const ServerWatch server(static_cast<int>(arguments.number("pid")));
  std::vector<std::unique_ptr<GossipClient>> clients;
  const auto add_peer = [&] {
    clients.push_back(std::make_unique<GossipClient>(bench.reactor, bench.random));
    clients.back()->connect(arguments.text("to"));
    bench.pause(std::chrono::microseconds(1'000'000 / per_second));
  };
  // The first peer pays for code and shared buffers; the figure is that of each further one.
  add_peer();
  bench.pause(kSettle);
  const std::int64_t base = server.memory("VmRSS");
  std::string steps;
  std::istringstream list(arguments.text("steps"));
  for (std::string step; std::getline(list, step, ',');) {
    const std::size_t goal = std::stoul(step);
    while (clients.size() < goal) add_peer();
    bench.pause(kSettle);
    const std::int64_t grown = server.memory("VmRSS") - base;
    steps += fmt::format("{}{{\"peers\":{},\"bytes_per_peer\":{}}}", steps.empty() ? "" : ",", goal,
                         grown / static_cast<std::int64_t>(goal - 1));
  }
  fmt::print("{{\"rss_with_one_peer\":{},\"steps\":[{}]}}\n", base, steps);
}

}  // namespace libpreconf::bench
