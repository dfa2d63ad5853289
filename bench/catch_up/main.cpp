// Row 8. bench_catch_up provide --count N: serves a chain without a rate limit; prints `listening` as a JSON
// line. bench_catch_up fetch --from MULTIADDR --count N: fetches all of it, validated as P2pService does
// (signer of each commitment, hash of each list), and prints how long that took.

#include <fmt/core.h>

#include <unistd.h>

#include <deque>
#include <map>
#include <unordered_map>

#include "catch_up/chain.h"
#include "common/arguments.h"
#include "common/names.h"
#include "common/server_watch.h"
#include "libp2p/identity.h"
#include "libpreconf/p2p/p2p_service.h"
#include "libpreconf/preconf/static_signer_schedule.h"
#include "libpreconf/reactor/libevent_reactor.h"

namespace libpreconf::bench {
namespace {

using namespace p2p;

constexpr std::size_t kListSize = 300;
/// Lists asked for at once. One connection may have a hundred exchanges of a protocol.
constexpr std::size_t kListsInFlight = 64;
constexpr std::size_t kPagesInFlight = 2;
constexpr Duration kPatience{std::chrono::minutes(2)};

P2pConfig config(Random& random) {
  P2pConfig out;
  out.chain_id = kChainId;
  out.identity = libp2p::Identity::generate(libp2p::KeyType::ed25519, random).private_key_protobuf();
  out.served_requests_per_window = 0;
  out.requests_per_window = 0;
  return out;
}

/// A chain in memory; block N at index N - 1.
class Chain final : public CommitmentSource {
 public:
  explicit Chain(std::vector<PromisedBlock> blocks) : blocks_(std::move(blocks)) {
    for (const PromisedBlock& block : blocks_) lists_[block.list.hash] = block.list;
  }
  [[nodiscard]] PreconfHead head() const override { return {U256(blocks_.size()), U256(0)}; }
  [[nodiscard]] std::vector<SignedCommitment> commitments_from(const U256& start,
                                                               std::size_t max_count) const override {
    std::vector<SignedCommitment> out;
    const std::uint64_t first = std::max<std::uint64_t>(start.to_u64().value_or(blocks_.size() + 1), 1);
    for (std::uint64_t n = first; n <= blocks_.size() && out.size() < max_count; ++n) {
      out.push_back(blocks_[n - 1].commitment);
    }
    return out;
  }
  [[nodiscard]] std::optional<RawTxList> tx_list(const Hash256& hash) const override {
    const auto found = lists_.find(hash);
    return found == lists_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::vector<PromisedBlock> blocks_;
  std::unordered_map<Hash256, RawTxList, FixedBytesHash> lists_;
};

/// Two pages at once, so that the next one is there when one is checked; lists of what has come beside them.
class Fetch {
 public:
  Fetch(P2pService& service, PeerId peer, std::size_t count) : service_(service), peer_(peer), count_(count) {
    ask_pages();
  }
  [[nodiscard]] bool done() const noexcept { return lists_ == count_; }

 private:
  void ask_pages() {
    while (asked_ < count_ && pages_.size() < kPagesInFlight) {
      const std::size_t start = asked_ + 1;
      asked_ += kMaxCommitmentsPerResponse;
      pages_[start] = service_.request_commitments(
          peer_, U256(start), kMaxCommitmentsPerResponse,
          [this, start](Result<CommitmentPage> page) { on_page(start, std::move(page)); });
    }
  }
  void on_page(std::size_t start, Result<CommitmentPage> page) {
    if (!page) die("a page did not come: " + page.error().message);
    const std::size_t expected = std::min(kMaxCommitmentsPerResponse, count_ - start + 1);
    if (page->commitments.size() != expected) die("a page is not full");
    pages_.erase(start);
    for (const SignedCommitment& commitment : page->commitments)
      wanted_.push_back(commitment.preconf().raw_tx_list_hash);
    ask_pages();
    ask_lists();
  }
  void ask_lists() {
    while (in_flight_.size() < kListsInFlight && !wanted_.empty()) {
      const Hash256 hash = wanted_.front();
      wanted_.pop_front();
      in_flight_[hash] = service_.request_raw_tx_list(peer_, hash, [this, hash](Result<RawTxList> list) {
        if (!list) die("a list did not come: " + list.error().message);
        ++lists_;
        in_flight_.erase(hash);
        ask_lists();
      });
    }
  }

  P2pService& service_;
  PeerId peer_;
  std::size_t count_;
  std::size_t asked_ = 0;
  std::size_t lists_ = 0;
  std::deque<Hash256> wanted_;
  std::map<Hash256, Handle> in_flight_;
  std::map<std::size_t, Handle> pages_;
};

std::unique_ptr<P2pService> make_service(Reactor& reactor, Random& random, P2pConfig config,
                                         const SignerSchedule& schedule, const CommitmentSource& source,
                                         NetworkEvents events) {
  auto service = P2pService::create(reactor, random, std::move(config), schedule, source, std::move(events));
  if (!service) die(service.error().message);
  if (const auto started = (*service)->start(); !started) die(started.error().message);
  return *std::move(service);
}

void provide(LibeventReactor& reactor, Random& random, const SignerSchedule& schedule,
             const Arguments& arguments) {
  const Chain chain(make_chain(arguments.number("count"), kListSize));
  P2pConfig network = config(random);
  network.listen = {SocketAddress::v4({127, 0, 0, 1}, 0)};
  NetworkEvents events;
  events.on_listening = [](const std::string& address) {
    fmt::print("{{\"event\":\"listening\",\"addrs\":[\"{}\"]}}\n", address);
    std::fflush(stdout);
  };
  const auto service = make_service(reactor, random, std::move(network), schedule, chain, std::move(events));
  reactor.run();
}

void fetch(LibeventReactor& reactor, Random& random, const SignerSchedule& schedule,
           const Arguments& arguments) {
  const Chain nothing({});
  std::optional<PeerId> peer;
  NetworkEvents events;
  events.on_peer_connected = [&](const PeerId& connected) { peer = connected; };
  const auto service = make_service(reactor, random, config(random), schedule, nothing, std::move(events));
  if (const auto dialed = service->dial(arguments.text("from")); !dialed) die(dialed.error().message);
  if (!reactor.run_until([&] { return peer.has_value(); }, kPatience)) die("no connection");
  // Identify and gossip have their say first.
  (void)reactor.run_until([] { return false; }, std::chrono::milliseconds(300));

  const ServerWatch self(getpid());
  const std::int64_t cpu = self.cpu_ns();
  const std::int64_t start = now_ns();
  Fetch fetch(*service, *peer, arguments.number("count"));
  if (!reactor.run_until([&] { return fetch.done(); }, kPatience)) die("the catch-up did not end");
  fmt::print("{{\"ns\":{},\"cpu_ns\":{}}}\n", now_ns() - start, self.cpu_ns() - cpu);
}

}  // namespace
}  // namespace libpreconf::bench

int main(int argc, char** argv) {
  using namespace libpreconf;
  using namespace libpreconf::bench;
  const Arguments arguments(argc, argv, 2);
  const std::string role = argc > 1 ? argv[1] : "";
  SystemClock clock;
  SystemRandom random;
  auto reactor = LibeventReactor::create(clock);
  if (!reactor) die(reactor.error().message);
  const auto schedule = preconf::StaticSignerSchedule::one_signer(chain_signer());
  if (role == "provide") {
    provide(**reactor, random, schedule, arguments);
  } else if (role == "fetch") {
    fetch(**reactor, random, schedule, arguments);
  } else {
    die("usage: bench_catch_up provide --count N | fetch --from MULTIADDR --count N");
  }
  return 0;
}
