// What one gossip message costs the router, with real signatures and seven peers to forward to.

#include <benchmark/benchmark.h>

#include <cstring>

#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "libp2p/gossipsub.h"
#include "micro/samples.h"
#include "p2p/topics.h"

namespace libpreconf::bench {
namespace {

using benchmark::DoNotOptimize;
using namespace libp2p;

struct Router {
  static constexpr std::size_t kPeers = 8;

  Router() {
    GossipsubConfig config;
    config.self = Identity::generate(KeyType::ed25519, random).peer_id();
    config.topics = {{topic, 382, true}};
    GossipsubHooks hooks;
    hooks.validate = [this](const GossipMessage& message) {
      router->report(message.id, Verdict::accept, now);
    };
    hooks.send = [this](GossipPeer, const SharedBytes&, FrameKind) {
      ++sent;
      return true;
    };
    hooks.verify = [](ByteView key, ByteView text, ByteView signature) {
      return verify_signature(key, text, signature);
    };
    router = std::make_unique<Gossipsub>(std::move(config), std::move(hooks), random);
    for (std::size_t i = 0; i < kPeers; ++i) {
      const PeerId id = Identity::generate(KeyType::ed25519, random).peer_id();
      peers.push_back(*router->add_peer(id, Direction::outbound, PeerKind::gossipsub_1_2, now));
      for (const SharedBytes& frame : {encode_subscription(topic, true), encode_graft(topic)}) {
        DoNotOptimize(router->handle_rpc(peers.back(), ByteView(*frame).subspan(1), now));
      }
    }
  }
  void receive(std::size_t peer, ByteView rpc) { DoNotOptimize(router->handle_rpc(peers[peer], rpc, now)); }

  SeededRandom random{1};
  const std::string topic = p2p::NetworkNames(kChainId).topic(p2p::Topic::commitments);
  Identity author = Identity::generate(KeyType::ed25519, random);
  Instant now{std::chrono::seconds(1000)};
  std::size_t sent = 0;
  std::unique_ptr<Gossipsub> router;
  std::vector<GossipPeer> peers;
};

/// First copies of messages that were made before, forwarded to the other peers of the mesh.
void gossip_first(benchmark::State& state) {
  Router router;
  const auto peers = static_cast<std::size_t>(state.range(0));
  for (std::size_t i = peers; i < Router::kPeers; ++i)
    router.router->remove_peer(router.peers[i], router.now);
  Bytes data = random_bytes(382);
  std::uint64_t number = 0;
  constexpr std::size_t kBatch = 256;
  while (state.KeepRunningBatch(kBatch)) {
    state.PauseTiming();
    std::vector<Bytes> rpcs;
    for (std::size_t i = 0; i < kBatch; ++i) {
      ++number;
      std::memcpy(data.data() + 8, &number, sizeof number);
      rpcs.push_back(gossip_rpc(router.author, number, data));
    }
    state.ResumeTiming();
    for (const Bytes& rpc : rpcs) router.receive(0, rpc);
  }
  state.counters["sent"] = static_cast<double>(router.sent) / static_cast<double>(number);
}
void gossip_first_floor(benchmark::State& state) {
  SeededRandom random(1);
  const Identity author = Identity::generate(KeyType::ed25519, random);
  const Bytes text = random_bytes(500);
  const Bytes signature = author.sign(text);
  const ByteView key = author.public_key_protobuf().last(32);
  for (auto _ : state) {
    DoNotOptimize(crypto::sha256(ByteView(text).first(386)));
    if (!crypto::ed25519_verify(key, text, signature)) state.SkipWithError("not verified");
  }
}
BENCHMARK(gossip_first)->Name("gossip/first")->Arg(1)->Arg(8);
BENCHMARK(gossip_first_floor)->Name("gossip/first/floor");

void gossip_duplicate(benchmark::State& state) {
  Router router;
  const Bytes rpc = gossip_rpc(router.author, 1, random_bytes(382));
  router.receive(0, rpc);
  std::size_t peer = 0;
  for (auto _ : state) router.receive(++peer % Router::kPeers, rpc);
}
void message_id_floor(benchmark::State& state) {
  const Bytes text = random_bytes(386);
  for (auto _ : state) DoNotOptimize(crypto::sha256(text));
}
BENCHMARK(gossip_duplicate)->Name("gossip/duplicate");
BENCHMARK(message_id_floor)->Name("gossip/duplicate/floor");

void message_id(benchmark::State& state) {
  const Bytes data = commitment_bytes(1);
  for (auto _ : state) DoNotOptimize(op_stack_message_id(data));
}
BENCHMARK(message_id)->Name("gossip/message_id");
BENCHMARK(message_id_floor)->Name("gossip/message_id/floor");

void rpc_decode(benchmark::State& state) {
  SeededRandom random(1);
  const Bytes rpc = gossip_rpc(Identity::generate(KeyType::ed25519, random), 1, random_bytes(382));
  for (auto _ : state) {
    RpcSummary summary;
    DoNotOptimize(scan_rpc(rpc, summary));
    for_each_field(rpc, kRpcPublish, [](ByteView bytes) {
      PubsubMessageView message;
      DoNotOptimize(parse_pubsub_message(bytes, message));
    });
  }
}
/// The bytes, once.
void rpc_decode_floor(benchmark::State& state) {
  const Bytes rpc = random_bytes(560);
  Bytes out(rpc.size());
  for (auto _ : state) {
    std::memcpy(out.data(), rpc.data(), rpc.size());
    DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(rpc_decode)->Name("gossip/rpc_decode");
BENCHMARK(rpc_decode_floor)->Name("gossip/rpc_decode/floor");

/// Two minutes of messages at a thousand a second.
constexpr std::size_t kSeen = 120'000;

std::vector<MessageId> ids() {
  SeededRandom random(3);
  std::vector<MessageId> out(kSeen);
  for (MessageId& id : out) random.fill(id);
  return out;
}
void seen_probe(benchmark::State& state) {
  IdRing<std::uint64_t> ring(kSeen);
  const std::vector<MessageId> all = ids();
  for (const MessageId& id : all) ring.push(id, 1);
  std::size_t i = 0;
  for (auto _ : state) DoNotOptimize(ring.find(all[(i += 7919) % kSeen]));
}
/// One hash and one access at a place that no cache expects.
void seen_probe_floor(benchmark::State& state) {
  const std::vector<MessageId> all = ids();
  const std::vector<std::uint64_t> table(std::size_t{1} << 18, 1);
  std::size_t i = 0;
  for (auto _ : state) DoNotOptimize(table[hash_bytes(all[(i += 7919) % kSeen]) % table.size()]);
}
BENCHMARK(seen_probe)->Name("gossip/seen_probe");
BENCHMARK(seen_probe_floor)->Name("gossip/seen_probe/floor");

}  // namespace
}  // namespace libpreconf::bench
