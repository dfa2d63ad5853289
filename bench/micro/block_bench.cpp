// A full block: its list inflated and taken apart, its roots, its execution, and the longest slice of that.

#include <benchmark/benchmark.h>
#include <zlib.h>

#include <algorithm>
#include <ctime>

#include "codec/rlp.h"
#include "codec/trie.h"
#include "codec/txlist.h"
#include "crypto/hash.h"
#include "l2/block_execution.h"
#include "l2/in_memory_engine.h"
#include "micro/samples.h"

namespace libpreconf::bench {
namespace {

using benchmark::DoNotOptimize;

void tx_list_decode(benchmark::State& state) {
  const Bytes compressed = codec::encode_tx_list(transfers()).value();
  for (auto _ : state) {
    const auto list = codec::decode_tx_list(compressed);
    if (!list || list->size() != kTransfersPerBlock) state.SkipWithError("not decoded");
  }
}
void tx_list_floor(benchmark::State& state) {
  const Bytes compressed = codec::encode_tx_list(transfers()).value();
  const std::size_t size = codec::decode_tx_list(compressed)->rlp.size();
  for (auto _ : state) {
    Bytes out(size);
    uLongf written = size;
    if (uncompress(out.data(), &written, compressed.data(), compressed.size()) != Z_OK) {
      state.SkipWithError("not inflated");
    }
    DoNotOptimize(out.data());
  }
}
BENCHMARK(tx_list_decode)->Name("block/tx_list")->Unit(benchmark::kMicrosecond);
BENCHMARK(tx_list_floor)->Name("block/tx_list/floor")->Unit(benchmark::kMicrosecond);

void trie_root(benchmark::State& state) {
  for (auto _ : state) DoNotOptimize(codec::ordered_trie_root(transfers()));
}
/// Each value hashed once; the branches above them are a fifteenth more.
void trie_root_floor(benchmark::State& state) {
  for (auto _ : state) {
    for (const Bytes& value : transfers()) DoNotOptimize(crypto::keccak256(value));
  }
}
BENCHMARK(trie_root)->Name("block/trie_root")->Unit(benchmark::kMicrosecond);
BENCHMARK(trie_root_floor)->Name("block/trie_root/floor")->Unit(benchmark::kMicrosecond);

l2::AccountTrie funded() {
  l2::AccountTrie state;
  state.set(l2::account_key(key_of(1).address()), {0, U256(1'000'000'000'000'000'000)});
  return state;
}
l2::BlockAttributes attributes() {
  codec::RlpBuilder list;
  for (const Bytes& transfer : transfers()) list.string(transfer);
  l2::BlockAttributes out;
  out.number = 1;
  out.timestamp = 2;
  out.gas_limit = 15'000'000;
  out.base_fee = 25'000'000;
  out.coinbase = Address{0xc0};
  out.tx_list_rlp = std::make_shared<const Bytes>(list.finish_list());
  return out;
}
/// Processor time of this thread: a slice that the system interrupted is not longer for that.
double thread_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}
void execution(benchmark::State& state) {
  const l2::AccountTrie parent = funded();
  const l2::BlockAttributes block = attributes();
  double longest = 0;
  for (auto _ : state) {
    l2::BlockExecution run(kChainId, block, parent);
    bool done = false;
    double worst = 0;
    while (!done) {
      const double start = thread_ns();
      done = run.step();
      worst = std::max(worst, thread_ns() - start);
    }
    longest = longest == 0 ? worst : std::min(longest, worst);
    if (run.included().size() != kTransfersPerBlock) state.SkipWithError("transfers left out");
  }
  state.counters["longest_slice_us"] = longest / 1000;
}
/// The senders' recoveries alone.
void execution_floor(benchmark::State& state) {
  std::vector<l2::Transaction> decoded;
  for (const Bytes& transfer : transfers()) decoded.push_back(l2::decode_transaction(transfer).value());
  for (auto _ : state) {
    for (const l2::Transaction& transaction : decoded) DoNotOptimize(transaction.sender());
  }
}
BENCHMARK(execution)->Name("block/execution")->Unit(benchmark::kMillisecond);
BENCHMARK(execution_floor)->Name("block/execution/floor")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace libpreconf::bench
