// A script of insertions, removals and promotions: the budgets hold, what is served is ordered and held, and
// no marker stands on a page that does not reach the head.

#include <algorithm>

#include "libpreconf/preconf/memory_commitment_store.h"
#include "script.h"

namespace {

using namespace libpreconf;
using namespace libpreconf::preconf;
using fuzz::check;
using fuzz::Script;

constexpr MemoryCommitmentStore::Limits kLimits{.named_list_bytes = 300,
                                                .unnamed_list_bytes = 200,
                                                .unnamed_list_age = Duration(50),
                                                .retained_heights = 8,
                                                .served_tail = 3};

p2p::RawTxList list_of(std::uint8_t name) {
  Hash256 hash{};
  hash[0] = name;
  hash[1] = 1;
  return {.hash = hash, .tx_list = std::make_shared<const Bytes>(std::size_t{name} % 120, name)};
}

// Hashes are names here: the store compares them and never computes them.
StoredCommitment commitment_of(std::uint8_t number, std::uint8_t variant, bool marker) {
  StoredCommitment out;
  auto& preconf = out.commitment.commitment.preconf;
  preconf.block_number = number;
  preconf.eop = marker;
  if (!marker) preconf.raw_tx_list_hash = list_of(static_cast<std::uint8_t>(number * 3 + variant)).hash;
  out.hash = {number, variant, static_cast<std::uint8_t>(marker ? 1 : 0), 7};
  out.digest = out.hash;
  return out;
}

void check_page(const MemoryCommitmentStore& store, std::uint64_t start, std::size_t max_count) {
  const auto page = store.commitments_from(U256(start), max_count);
  check(page.size() <= max_count);
  U256 least(start);
  bool has_marker = false;
  for (const auto& commitment : page) {
    const auto& preconf = commitment.preconf();
    check(preconf.block_number >= least);
    has_marker = has_marker || preconf.is_eop_only();
    least = preconf.is_eop_only() ? preconf.block_number : preconf.block_number.saturating_add(U256(1));
  }
  if (!has_marker) return;
  const auto highest = store.highest();
  check(highest && page.back().preconf().block_number == highest->commitment.preconf().block_number);
}

void check_all(const MemoryCommitmentStore& store) {
  check(store.bytes_held() <= kLimits.named_list_bytes + kLimits.unnamed_list_bytes +
                                  store.commitment_count() * sizeof(StoredCommitment));
  check(store.commitment_count() <=
        kLimits.retained_heights * (CommitmentStore::kMaxCandidates + MemoryCommitmentStore::kMaxMarkers));
  std::size_t heights = 0;
  for (std::uint64_t number = 0; number < 256; ++number) {
    const auto candidates = store.candidates(number);
    const auto markers = store.markers(number);
    check(candidates.size() <= CommitmentStore::kMaxCandidates);
    check(markers.size() <= MemoryCommitmentStore::kMaxMarkers);
    if (!candidates.empty() || !markers.empty()) ++heights;
    for (const auto& candidate : candidates) check(store.by_hash(candidate.hash).has_value());
  }
  check(heights <= kLimits.retained_heights);
  check((store.highest() == std::nullopt) == (heights == 0));
}

}  // namespace

namespace libpreconf::preconf {
// Only whether there is one is compared above.
inline bool operator==(const StoredCommitment& a, const StoredCommitment& b) {
  return a.hash == b.hash;
}
}  // namespace libpreconf::preconf

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  MemoryCommitmentStore store(kLimits);
  Script script(data, std::min<std::size_t>(size, 600));
  Instant now{};
  while (!script.ended()) {
    const std::uint8_t action = script.byte();
    const std::uint8_t number = script.byte();
    now += Duration(action >> 4);
    switch (action % 8) {
      case 0:
      case 1:
        (void)store.insert_commitment(commitment_of(number, action >> 5, /*marker=*/false));
        break;
      case 2:
        (void)store.insert_commitment(commitment_of(number, action >> 5, /*marker=*/true));
        break;
      case 3:
        check(store.insert_tx_list(list_of(number), now) == store.tx_list(list_of(number).hash).has_value());
        break;
      case 4:
        store.remove_commitment(commitment_of(number, action >> 5, action % 16 >= 8).hash);
        break;
      case 5:
        store.prefer(commitment_of(number, action >> 5, false).hash);
        break;
      case 6:
        store.executed_up_to(number);
        store.expire_tx_lists(now);
        break;
      default:
        if (action > 200) store.confirmed_up_to(U256(number));
        check_page(store, number, action >> 4);
        break;
    }
  }
  check_all(store);
  check_page(store, 0, 256);
  return 0;
}
