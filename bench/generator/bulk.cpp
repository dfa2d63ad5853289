// One stream, as fast as the server takes it, out of frames that were sealed before the clock started.

#include <fmt/core.h>

#include "common/names.h"
#include "common/server_watch.h"
#include "generator/races.h"
#include "generator/raw_connection.h"

namespace libpreconf::bench {
namespace {

constexpr std::uint64_t kWarmUp = std::uint64_t{64} << 20;
/// The server has given up its own streams by then.
constexpr Duration kSettle{std::chrono::milliseconds(700)};

std::uint64_t number_of(ByteView answer) {
  std::uint64_t out = 0;
  for (const std::uint8_t byte : answer) out = out << 8 | byte;
  return out;
}

}  // namespace

void bulk(Bench& bench, const Arguments& arguments) {
  const std::uint64_t wanted = arguments.number("mib") << 20;
  const ServerWatch server(static_cast<int>(arguments.number("pid")));
  RawConnection connection(arguments.text("to"), bench.random);
  connection.open_stream(kSinkProtocol);
  connection.settle(kSettle);
  const std::uint64_t total = connection.seal(kWarmUp + wanted, bench.random);
  connection.transfer(kWarmUp);
  (void)server.wait_idle(bench.reactor);
  const std::int64_t cpu = server.cpu_ns();
  const std::int64_t start = now_ns();
  const Bytes answer = connection.finish();
  const std::int64_t took = now_ns() - start;
  if (number_of(answer) != total) die("the server did not count all bytes of the bulk stream");
  (void)server.wait_idle(bench.reactor);
  const auto bits = static_cast<double>(total - kWarmUp) * 8;
  fmt::print("{{\"bytes\":{},\"ns\":{},\"gbit_s\":{:.3f},\"cpu_ns\":{}}}\n", total - kWarmUp, took,
             bits / static_cast<double>(took), server.cpu_ns() - cpu);
}

}  // namespace libpreconf::bench
