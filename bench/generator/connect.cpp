// Connections, one after the other: dial, upgrade, identify, go away.

#include <fmt/core.h>

#include "common/server_watch.h"
#include "common/statistics.h"
#include "generator/races.h"
#include "libp2p/identify.h"
#include "libp2p/ping.h"
#include "libp2p/swarm.h"

namespace libpreconf::bench {
namespace {

using namespace libp2p;

constexpr std::size_t kWarmUp = 20;
constexpr Duration kPatience{std::chrono::seconds(10)};

/// A peer without gossip: what is measured is the connection and identify.
class Dialer {
 public:
  Dialer(LibeventReactor& reactor, Random& random, Multiaddr to)
      : reactor_(reactor),
        to_(std::move(to)),
        swarm_(reactor, random, Identity::generate(KeyType::ed25519, random), SwarmConfig{}, events()),
        identify_(swarm_, {"preconf-p2p/0.1", "bench"},
                  [this](const PeerId&, const IdentifyMessage&) { identified_at_ = now_ns(); }),
        ping_(swarm_) {
    swarm_.add_protocol(identify_);
    swarm_.add_protocol(ping_);
  }

  /// Microseconds from the dial to the connection, and to the server's identify message.
  struct Times {
    double connected = 0;
    double identified = 0;
  };
  Times round() {
    connected_at_ = identified_at_ = 0;
    gone_ = false;
    const std::int64_t start = now_ns();
    if (const auto started = swarm_.dial(to_); !started) die("dial: " + started.error().message);
    wait([this] { return identified_at_ != 0; }, "identify");
    swarm_.close_connection(connection_, Error{ErrorCode::closed, "done"});
    wait([this] { return gone_; }, "the end of the connection");
    return {static_cast<double>(connected_at_ - start) / 1000,
            static_cast<double>(identified_at_ - start) / 1000};
  }

 private:
  SwarmEvents events() {
    SwarmEvents out;
    out.on_connected = [this](const ConnectionInfo& info) {
      connection_ = info.id;
      connected_at_ = now_ns();
    };
    out.on_disconnected = [this](const ConnectionInfo&, const Error&) { gone_ = true; };
    out.on_dial_failed = [](const Multiaddr&, const Error& cause) { die("dial: " + cause.message); };
    return out;
  }
  void wait(std::move_only_function<bool()> done, std::string_view what) {
    if (!reactor_.run_until(std::move(done), kPatience)) die(fmt::format("waited in vain for {}", what));
  }

  LibeventReactor& reactor_;
  Multiaddr to_;
  Swarm swarm_;
  Identify identify_;
  Ping ping_;
  ConnectionId connection_ = 0;
  std::int64_t connected_at_ = 0;
  std::int64_t identified_at_ = 0;
  bool gone_ = false;
};

}  // namespace

void connect(Bench& bench, const Arguments& arguments) {
  const std::size_t count = arguments.number("count");
  const Duration rest = std::chrono::milliseconds(arguments.number_or("pause-ms", 0));
  const auto to = Multiaddr::parse(arguments.text("to"));
  if (!to) die(to.error().message);
  Dialer dialer(bench.reactor, bench.random, *to);
  const ServerWatch server(static_cast<int>(arguments.number("pid")));
  for (std::size_t i = 0; i < std::min(kWarmUp, count); ++i) {
    (void)dialer.round();
    if (rest.count() > 0) bench.pause(rest);
  }
  (void)server.wait_idle(bench.reactor);

  const std::int64_t cpu = server.cpu_ns();
  std::vector<double> connected;
  std::vector<double> identified;
  for (std::size_t i = 0; i < count; ++i) {
    const Dialer::Times times = dialer.round();
    connected.push_back(times.connected);
    identified.push_back(times.identified);
    if (rest.count() > 0) bench.pause(rest);
  }
  (void)server.wait_idle(bench.reactor);
  const Summary connect = summarize(connected);
  const Summary identify = summarize(identified);
  fmt::print(
      "{{\"count\":{},\"connect_p50_us\":{:.1f},\"connect_p99_us\":{:.1f},\"identify_p50_us\":{:.1f},"
      "\"identify_p99_us\":{:.1f},\"cpu_us\":{:.1f}}}\n",
      count, connect.p50, connect.p99, identify.p50, identify.p99,
      static_cast<double>(server.cpu_ns() - cpu) / 1000 / static_cast<double>(count));
}

}  // namespace libpreconf::bench
