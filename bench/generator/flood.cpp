// Signed 382-byte messages, as fast as the server takes them or at a rate.

#include <fmt/core.h>

#include <algorithm>
#include <memory>

#include "common/message_pool.h"
#include "common/names.h"
#include "common/server_watch.h"
#include "generator/gossip_client.h"
#include "generator/races.h"

namespace libpreconf::bench {
namespace {

using libp2p::SharedBytes;

/// What may wait in our own stream while the server is busy.
constexpr std::size_t kHighWater = 256 << 10;
constexpr Duration kPacerTick{std::chrono::microseconds(500)};
constexpr Duration kSettle{std::chrono::milliseconds(1200)};
constexpr std::size_t kRepeated = 1000;
/// Messages a second before the clock starts: nobody loses any of them.
constexpr std::uint64_t kWarmUpRate = 2500;

/// Writes chunks to all clients in turn; each chunk begins at another client.
class Writer {
 public:
  Writer(LibeventReactor& reactor, std::vector<std::unique_ptr<GossipClient>>& clients)
      : reactor_(reactor), clients_(clients) {}

  /// Until all chunks are on their way. `rate` in chunks a second; 0: as fast as it goes.
  void run(const std::vector<SharedBytes>& chunks, std::uint64_t rate) {
    const std::int64_t start = now_ns();
    std::size_t sent = 0;
    const auto advance = [&] {
      std::size_t due = chunks.size();
      if (rate > 0) {
        due = std::min<std::size_t>(due,
                                    static_cast<std::uint64_t>(now_ns() - start) * rate / 1'000'000'000 + 1);
      }
      while (sent < due && (rate > 0 || has_room())) write(chunks[sent++]);
    };
    for (auto& client : clients_) client->on_writable([&] { advance(); });
    const TimerHandle pacer = reactor_.every(kPacerTick, [&] { advance(); });
    (void)reactor_.run_until([&] { return sent == chunks.size() && drained(); }, std::chrono::minutes(2));
    for (auto& client : clients_) client->on_writable({});
    if (sent < chunks.size()) die("the server stopped reading");
  }

 private:
  void write(const SharedBytes& chunk) {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      clients_[(first_ + i) % clients_.size()]->stream().write(chunk);
    }
    ++first_;
  }
  [[nodiscard]] bool has_room() const {
    return std::ranges::all_of(clients_, [](auto& client) { return client->stream().queued() < kHighWater; });
  }
  [[nodiscard]] bool drained() const {
    return std::ranges::all_of(clients_, [](auto& client) { return client->stream().queued() == 0; });
  }

  LibeventReactor& reactor_;
  std::vector<std::unique_ptr<GossipClient>>& clients_;
  std::size_t first_ = 0;
};

Flaw flaw_of(const std::string& kind) {
  if (kind == "invalid") return Flaw::form;
  return kind == "forged" ? Flaw::signature : Flaw::none;
}

/// The same few messages again and again; the server has seen all of them.
std::vector<SharedBytes> repeat(const std::vector<SharedBytes>& seen, std::size_t chunks) {
  std::vector<SharedBytes> out;
  for (std::size_t i = 0; i < chunks; ++i) out.push_back(seen[i % seen.size()]);
  return out;
}

}  // namespace

void flood(Bench& bench, const Arguments& arguments) {
  const std::string kind = arguments.text("kind");
  const std::uint64_t count = arguments.number("count");
  const std::uint64_t rate = arguments.number_or("rate", 0);
  const std::uint64_t warm_up = arguments.number_or("warm-up", 1000);
  const std::uint64_t peers = arguments.number_or("peers", 1);
  // Single messages at a rate, and where several peers race with the same one; else pieces of 28 KB.
  const std::size_t per_chunk = rate > 0 ? 1 : (peers > 1 ? 8 : 50);

  std::vector<std::unique_ptr<GossipClient>> clients;
  for (std::uint64_t i = 0; i < peers; ++i) {
    clients.push_back(std::make_unique<GossipClient>(bench.reactor, bench.random));
    clients.back()->connect(arguments.text("to"));
  }
  const libp2p::Identity& author = clients.front()->identity();
  const auto warm = make_messages(author, kFirstCounter, std::max<std::size_t>(warm_up, kRepeated), per_chunk,
                                  Flaw::none, bench.random);
  const auto chunks = kind == "duplicate" ? repeat(warm, count / per_chunk)
                                          : make_messages(author, 2 * kFirstCounter, count, per_chunk,
                                                          flaw_of(kind), bench.random);
  // Both sides graft at their heartbeats.
  bench.pause(kSettle);

  const ServerWatch server(static_cast<int>(arguments.number("pid")));
  Writer writer(bench.reactor, clients);
  writer.run(warm, std::max<std::uint64_t>(kWarmUpRate / per_chunk, 1));
  (void)server.wait_idle(bench.reactor);
  const std::int64_t cpu = server.cpu_ns();
  const std::int64_t start = now_ns();
  writer.run(chunks, rate);
  const std::int64_t sent = now_ns();
  const std::int64_t end = server.wait_idle(bench.reactor);
  std::uint64_t heard = 0;
  for (const auto& client : clients) heard += client->bytes_heard();
  fmt::print(
      "{{\"kind\":\"{}\",\"count\":{},\"warm_up\":{},\"cpu_ns\":{},\"busy_ns\":{},\"sent_ns\":{},\"heard\":{}"
      "}}\n",
      kind, count, warm.size() * per_chunk, server.cpu_ns() - cpu, std::max(end, sent) - start, sent - start,
      heard);
}

}  // namespace libpreconf::bench
