// A commitment after gossip: view, hash, validation, store.

#include <benchmark/benchmark.h>

#include <cstring>
#include <unordered_map>

#include "crypto/hash.h"
#include "libpreconf/preconf/memory_commitment_store.h"
#include "libpreconf/preconf/static_signer_schedule.h"
#include "micro/samples.h"
#include "p2p/commitment_view.h"
#include "preconf/commitment_validation.h"

namespace libpreconf::bench {
namespace {

using benchmark::DoNotOptimize;

void view(benchmark::State& state) {
  const Bytes ssz = commitment_bytes(1);
  for (auto _ : state) {
    const auto read = p2p::CommitmentView::of(ssz);
    DoNotOptimize(read->block_number());
    DoNotOptimize(read->timestamp());
    DoNotOptimize(read->submission_window_end());
    DoNotOptimize(read->has_zero_list_hash());
  }
}
void decode(benchmark::State& state) {
  const Bytes ssz = commitment_bytes(1);
  for (auto _ : state) DoNotOptimize(p2p::CommitmentView::of(ssz)->decode());
}
void copy(benchmark::State& state) {
  const Bytes ssz = commitment_bytes(1);
  Bytes out(ssz.size());
  for (auto _ : state) {
    std::memcpy(out.data(), ssz.data(), ssz.size());
    DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(view)->Name("commitment/view");
BENCHMARK(decode)->Name("commitment/decode");
BENCHMARK(copy)->Name("commitment/decode/floor");

void hash(benchmark::State& state) {
  const Bytes ssz = commitment_bytes(1);
  for (auto _ : state) DoNotOptimize(p2p::CommitmentView::of(ssz)->signing_digest(p2p::placeholder_domain()));
}
void hash_floor(benchmark::State& state) {
  const Bytes bytes = random_bytes(349);
  for (auto _ : state) DoNotOptimize(crypto::keccak256(bytes));
}
BENCHMARK(hash)->Name("commitment/hash");
BENCHMARK(hash_floor)->Name("commitment/hash/floor");

void validate(benchmark::State& state) {
  const auto schedule = preconf::StaticSignerSchedule::one_signer(key_of(7).address());
  const preconf::ValidationRules rules{.schedule = &schedule, .signing_domain = p2p::placeholder_domain()};
  const p2p::SignedCommitment signed_commitment = commitment(1);
  for (auto _ : state) {
    if (!preconf::validate_commitment(rules, signed_commitment)) state.SkipWithError("not valid");
  }
}
/// Where the network layer has recovered the signer already.
void validate_recovered(benchmark::State& state) {
  const auto schedule = preconf::StaticSignerSchedule::one_signer(key_of(7).address());
  const preconf::ValidationRules rules{.schedule = &schedule, .signing_domain = p2p::placeholder_domain()};
  const p2p::SignedCommitment signed_commitment = commitment(1);
  const auto signer = p2p::recover_signer(p2p::placeholder_domain(), signed_commitment).value();
  for (auto _ : state) {
    if (!preconf::validate_commitment(rules, signed_commitment, signer)) state.SkipWithError("not valid");
  }
}
void validate_floor(benchmark::State& state) {
  const p2p::SignedCommitment signed_commitment = commitment(1);
  const Hash256 digest = p2p::signing_digest(p2p::placeholder_domain(), signed_commitment.commitment);
  for (auto _ : state) DoNotOptimize(crypto::recover_address(digest, signed_commitment.signature));
}
BENCHMARK(validate)->Name("commitment/validate");
BENCHMARK(validate_recovered)->Name("commitment/validate_recovered");
BENCHMARK(validate_floor)->Name("commitment/validate/floor");

constexpr std::size_t kHeights = 3840;

std::vector<preconf::StoredCommitment> chain() {
  std::vector<preconf::StoredCommitment> out(2 * kHeights);
  const p2p::SignedCommitment sample = commitment(1);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].commitment = sample;
    out[i].commitment.commitment.preconf.block_number = i + 1;
    std::memcpy(out[i].hash.data(), &i, sizeof i);
    out[i].digest = crypto::keccak256(out[i].hash);
    std::memcpy(out[i].commitment.commitment.preconf.raw_tx_list_hash.data(), &i, sizeof i);
  }
  return out;
}
/// A store that is full: each new height pushes the oldest one out.
void store_insert(benchmark::State& state) {
  const auto commitments = chain();
  preconf::MemoryCommitmentStore store;
  std::uint64_t number = 0;
  for (auto _ : state) {
    preconf::StoredCommitment next = commitments[number % commitments.size()];
    next.commitment.commitment.preconf.block_number = ++number;
    std::memcpy(next.hash.data() + 8, &number, sizeof number);
    DoNotOptimize(store.insert_commitment(next));
  }
}
void store_insert_floor(benchmark::State& state) {
  const auto commitments = chain();
  std::unordered_map<std::uint64_t, preconf::StoredCommitment> map;
  std::uint64_t number = 0;
  for (auto _ : state) {
    ++number;
    map.emplace(number, commitments[number % commitments.size()]);
    if (number > kHeights) map.erase(number - kHeights);
  }
}
void store_get(benchmark::State& state) {
  const auto commitments = chain();
  preconf::MemoryCommitmentStore store;
  for (std::size_t i = 0; i < kHeights; ++i) DoNotOptimize(store.insert_commitment(commitments[i]));
  std::size_t i = 0;
  for (auto _ : state) DoNotOptimize(store.by_hash(commitments[(i += 977) % kHeights].hash));
}
void store_get_floor(benchmark::State& state) {
  const auto commitments = chain();
  std::unordered_map<Hash256, preconf::StoredCommitment, FixedBytesHash> map;
  for (std::size_t i = 0; i < kHeights; ++i) map.emplace(commitments[i].hash, commitments[i]);
  std::size_t i = 0;
  for (auto _ : state) {
    const preconf::StoredCommitment copied = map.find(commitments[(i += 977) % kHeights].hash)->second;
    DoNotOptimize(&copied);
  }
}
BENCHMARK(store_insert)->Name("store/insert");
BENCHMARK(store_insert_floor)->Name("store/insert/floor");
BENCHMARK(store_get)->Name("store/get");
BENCHMARK(store_get_floor)->Name("store/get/floor");

}  // namespace
}  // namespace libpreconf::bench
