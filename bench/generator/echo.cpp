// The round trip of a gossip message: published on one topic, answered by the server on the other.

#include <fmt/core.h>

#include "common/message_pool.h"
#include "common/names.h"
#include "common/server_watch.h"
#include "common/statistics.h"
#include "generator/gossip_client.h"
#include "generator/races.h"

namespace libpreconf::bench {
namespace {

constexpr Duration kSettle{std::chrono::milliseconds(1500)};
constexpr Duration kPatience{std::chrono::seconds(2)};
constexpr std::size_t kWarmUp = 300;

std::uint64_t counter_of(ByteView data) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 8 && i < data.size(); ++i) out = out << 8 | data[i];
  return out;
}

}  // namespace

void echo(Bench& bench, const Arguments& arguments) {
  const std::size_t count = arguments.number("count") + kWarmUp;
  GossipClient client(bench.reactor, bench.random);
  client.connect(arguments.text("to"));
  const auto messages = make_messages(client.identity(), kFirstCounter, count, 1, Flaw::none, bench.random);
  bench.pause(kSettle);

  std::vector<double> micros;
  std::size_t lost = 0;
  std::size_t next = 0;
  std::int64_t sent_at = 0;
  bool waiting = false;
  const auto send_next = [&] {
    if (next == count) return;
    waiting = true;
    sent_at = now_ns();
    client.stream().write(messages[next]);
  };
  client.on_message([&](std::string_view topic, ByteView data) {
    if (!waiting || topic != kTxListsTopic || counter_of(data) != kFirstCounter + next) return;
    waiting = false;
    if (next >= kWarmUp) micros.push_back(static_cast<double>(now_ns() - sent_at) / 1000);
    ++next;
    send_next();
  });
  const TimerHandle watchdog = bench.reactor.every(std::chrono::milliseconds(50), [&] {
    if (!waiting || now_ns() - sent_at < std::chrono::nanoseconds(kPatience).count()) return;
    ++lost;
    ++next;
    send_next();
  });
  send_next();
  (void)bench.reactor.run_until([&] { return next == count || lost > 10; }, std::chrono::minutes(3));
  const Summary summary = summarize(micros);
  fmt::print("{{\"count\":{},\"p50_us\":{:.1f},\"p99_us\":{:.1f},\"max_us\":{:.1f},\"lost\":{}}}\n",
             summary.count, summary.p50, summary.p99, summary.max, lost);
}

}  // namespace libpreconf::bench
