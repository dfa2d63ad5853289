// One stream, as fast as the server takes it.

#include <fmt/core.h>

#include "common/names.h"
#include "common/server_watch.h"
#include "generator/gossip_client.h"
#include "generator/races.h"

namespace libpreconf::bench {
namespace {

using namespace libp2p;

constexpr std::size_t kChunk = 256 << 10;
constexpr std::size_t kHighWater = 1 << 20;
constexpr std::size_t kWarmUpMib = 64;

/// Writes so many bytes, half-closes, and waits for the server's count of them.
class Transfer final : public StreamReceiver {
 public:
  Transfer(SharedBytes chunk, std::uint64_t total) : chunk_(std::move(chunk)), left_(total) {}

  void start(Stream& stream) {
    stream.set_receiver(this);
    pump(stream);
  }
  void on_data(Stream&, ByteView bytes) override {
    answer_.insert(answer_.end(), bytes.begin(), bytes.end());
  }
  void on_remote_closed(Stream&) override { done = true; }
  void on_writable(Stream& stream) override { pump(stream); }
  void on_reset(Stream&) override { die("the server reset the bulk stream"); }

  [[nodiscard]] std::uint64_t counted() const {
    std::uint64_t out = 0;
    for (const std::uint8_t byte : answer_) out = out << 8 | byte;
    return out;
  }
  /// Tops the queue up; also called from outside, because `on_writable` speaks only when it ran dry.
  void pump(Stream& stream) {
    if (finished_) return;
    while (left_ > 0 && stream.queued() < kHighWater) {
      stream.write(chunk_);
      left_ -= chunk_->size();
    }
    if (left_ > 0) return;
    finished_ = true;
    stream.close_write();
  }
  bool done = false;

 private:
  SharedBytes chunk_;
  std::uint64_t left_;
  Bytes answer_;
  bool finished_ = false;
};

/// Nanoseconds that `mib` MiB take.
std::int64_t transfer(Bench& bench, GossipClient& client, const SharedBytes& chunk, std::uint64_t mib) {
  const std::uint64_t total = mib << 20;
  Transfer transfer(chunk, total);
  Stream* stream = nullptr;
  const Handle opening = client.swarm().open_stream(client.connection(), {std::string(kSinkProtocol)},
                                                    [&](Result<Stream*> opened) {
                                                      if (!opened) die("no sink: " + opened.error().message);
                                                      stream = *opened;
                                                      transfer.start(*stream);
                                                    });
  const std::int64_t start = now_ns();
  const bool done = bench.reactor.run_until(
      [&] {
        if (stream != nullptr && !transfer.done) transfer.pump(*stream);
        return transfer.done;
      },
      std::chrono::minutes(2));
  if (!done || transfer.counted() != total) die("the server did not count all bytes of the bulk stream");
  return now_ns() - start;
}

}  // namespace

void bulk(Bench& bench, const Arguments& arguments) {
  const std::uint64_t mib = arguments.number("mib");
  GossipClient client(bench.reactor, bench.random);
  client.connect(arguments.text("to"));
  auto random_bytes = std::make_shared<Bytes>(kChunk);
  bench.random.fill(*random_bytes);
  const SharedBytes chunk = random_bytes;
  const ServerWatch server(static_cast<int>(arguments.number("pid")));
  (void)transfer(bench, client, chunk, kWarmUpMib);
  (void)server.wait_idle(bench.reactor);
  const std::int64_t cpu = server.cpu_ns();
  const std::int64_t took = transfer(bench, client, chunk, mib);
  (void)server.wait_idle(bench.reactor);
  fmt::print("{{\"mib\":{},\"ns\":{},\"gbit_s\":{:.3f},\"cpu_ns\":{}}}\n", mib, took,
             static_cast<double>(mib << 20) * 8 / static_cast<double>(took), server.cpu_ns() - cpu);
}

}  // namespace libpreconf::bench
