// TCP and open: 16 KiB frames, sealed before the clock starts, from one core to the other.

#include <fmt/core.h>

#include "common/server_watch.h"
#include "floor/floors.h"
#include "floor/pair.h"
#include "floor/sealed.h"

namespace libpreconf::bench {
namespace {

constexpr std::size_t kFrame = 16 << 10;

}  // namespace

void bulk_floor(const Arguments& arguments) {
  const std::uint64_t total = arguments.number("mib") << 20;
  const auto serve = [&](int socket) {
    SealedSocket sealed(socket);
    std::uint64_t counted = 0;
    while (counted < total) {
      const std::size_t got = sealed.read().size();
      if (got == 0) return;
      counted += got;
    }
    (void)sealed.write(Bytes(8, 1));
  };
  run_pair(serve, [&](const Served& served) {
    const ServerWatch watch(served.pid);
    SealedSocket sealed(connect_to(served.port));
    const Bytes chunk(kFrame, 7);
    Bytes frames;
    frames.reserve(total / kFrame * (kFrame + 18));
    for (std::uint64_t i = 0; i < total / kFrame; ++i) sealed.append_sealed(chunk, frames);
    const std::int64_t cpu = watch.cpu_ns();
    const std::int64_t start = now_ns();
    if (!sealed.write_sealed(frames)) die("the floor's sink is gone");
    if (sealed.read().size() != 8) die("the floor's sink gave no answer");
    const std::int64_t took = now_ns() - start;
    fmt::print("{{\"ns\":{},\"gbit_s\":{:.3f},\"cpu_ns\":{}}}\n", took,
               static_cast<double>(total) * 8 / static_cast<double>(took), watch.cpu_ns() - cpu);
  });
}

}  // namespace libpreconf::bench
