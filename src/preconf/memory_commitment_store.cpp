#include "libpreconf/preconf/memory_commitment_store.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "base/bounded.h"
#include "base/check.h"

namespace libpreconf::preconf {
namespace {

/// Lists of forgotten heights that are not taken again: as many as peers may still be gossiping about.
constexpr std::size_t kMaxForgottenLists = 1024;

/// Candidates and markers of one number.
struct Height {
  std::vector<StoredCommitment> candidates;
  std::vector<StoredCommitment> markers;
  [[nodiscard]] bool empty() const noexcept { return candidates.empty() && markers.empty(); }
};

/// How many commitments name a list, and the highest number among those that ever did.
struct Naming {
  std::size_t count = 0;
  std::uint64_t highest = 0;
};

struct HeldList {
  p2p::RawTxList list;
  bool named = false;
  std::uint64_t order = 0;  ///< named: the height it is filed under; else a sequence number
  Instant since{};
};

std::uint64_t number_of(const StoredCommitment& stored) {
  return stored.commitment.preconf().block_number.limbs()[0];
}

bool is_marker(const StoredCommitment& stored) {
  return stored.commitment.preconf().is_eop_only();
}

bool holds(const std::vector<StoredCommitment>& list, const StoredCommitment& commitment) {
  return std::ranges::any_of(list, [&](const StoredCommitment& held) {
    return held.digest == commitment.digest || held.hash == commitment.hash;
  });
}

}  // namespace

struct MemoryCommitmentStore::Impl {
  explicit Impl(Limits the_limits) : limits(the_limits) {}

  void evict_heights();
  void forget_height(std::map<std::uint64_t, Height>::iterator height);
  void name_list(const StoredCommitment& commitment);
  void unname_list(const StoredCommitment& commitment);
  bool make_room_for_named(std::size_t size, std::uint64_t height);
  void make_room_for_unnamed(std::size_t size);
  void file_named(HeldList& held, std::uint64_t height);
  void unfile(HeldList& held);
  void drop_list(const Hash256& hash);
  void cap_unnamed_count();
  const StoredCommitment* find(const Hash256& hash) const;

  Limits limits;
  std::map<std::uint64_t, Height> heights;
  std::unordered_map<Hash256, std::uint64_t, FixedBytesHash> numbers;  ///< by preconfirmation hash
  std::unordered_map<Hash256, Naming, FixedBytesHash> names;           ///< by list hash
  std::unordered_map<Hash256, HeldList, FixedBytesHash> lists;
  std::set<std::pair<std::uint64_t, Hash256>> named_order;  ///< by height
  std::map<std::uint64_t, Hash256> unnamed_order;           ///< by age
  FifoMap<Hash256, bool, FixedBytesHash> forgotten{kMaxForgottenLists};
  std::size_t named_bytes = 0;
  std::size_t unnamed_bytes = 0;
  std::size_t commitments = 0;
  std::uint64_t sequence = 0;
  std::uint64_t executed = 0;
  std::uint64_t floor = 0;  ///< numbers below it are not taken any more
};

MemoryCommitmentStore::MemoryCommitmentStore() : MemoryCommitmentStore(Limits{}) {}
MemoryCommitmentStore::MemoryCommitmentStore(Limits limits) : impl_(std::make_unique<Impl>(limits)) {}
MemoryCommitmentStore::~MemoryCommitmentStore() = default;

// --- Commitments -------------------------------------------------------------------------------------------

InsertOutcome MemoryCommitmentStore::insert_commitment(const StoredCommitment& commitment) {
  Impl& s = *impl_;
  const auto number = commitment.commitment.preconf().block_number.to_u64();
  if (!number || *number < s.floor || s.limits.retained_heights == 0) return InsertOutcome::full;
  const auto found = s.heights.find(*number);
  if (found == s.heights.end() && s.heights.size() >= s.limits.retained_heights &&
      *number < s.heights.begin()->first) {
    return InsertOutcome::full;
  }
  if (s.numbers.contains(commitment.hash)) return InsertOutcome::duplicate;
  const bool marker = is_marker(commitment);
  Height& height = found == s.heights.end() ? s.heights[*number] : found->second;
  auto& list = marker ? height.markers : height.candidates;
  if (holds(list, commitment)) return InsertOutcome::duplicate;
  if (list.size() >= (marker ? kMaxMarkers : kMaxCandidates)) return InsertOutcome::full;
  list.push_back(commitment);
  const bool first = marker || list.size() == 1;
  s.numbers.emplace(commitment.hash, *number);
  ++s.commitments;
  if (!marker) s.name_list(commitment);
  s.evict_heights();
  return first ? InsertOutcome::inserted : InsertOutcome::second;
}

void MemoryCommitmentStore::Impl::evict_heights() {
  while (heights.size() > limits.retained_heights) forget_height(heights.begin());
}

void MemoryCommitmentStore::Impl::forget_height(std::map<std::uint64_t, Height>::iterator height) {
  for (const auto& candidate : height->second.candidates) {
    numbers.erase(candidate.hash);
    unname_list(candidate);
    const Hash256& list = candidate.commitment.preconf().raw_tx_list_hash;
    if (!names.contains(list)) forgotten.put(list, true);
  }
  for (const auto& marker : height->second.markers) numbers.erase(marker.hash);
  commitments -= height->second.candidates.size() + height->second.markers.size();
  heights.erase(height);
}

std::vector<StoredCommitment> MemoryCommitmentStore::candidates(std::uint64_t block_number) const {
  const auto found = impl_->heights.find(block_number);
  return found == impl_->heights.end() ? std::vector<StoredCommitment>{} : found->second.candidates;
}

std::vector<StoredCommitment> MemoryCommitmentStore::markers(std::uint64_t block_number) const {
  const auto found = impl_->heights.find(block_number);
  return found == impl_->heights.end() ? std::vector<StoredCommitment>{} : found->second.markers;
}

const StoredCommitment* MemoryCommitmentStore::Impl::find(const Hash256& hash) const {
  const auto number = numbers.find(hash);
  if (number == numbers.end()) return nullptr;
  const auto height = heights.find(number->second);
  if (PRECONF_BUG(height == heights.end())) return nullptr;
  for (const auto* list : {&height->second.candidates, &height->second.markers}) {
    const auto found = std::ranges::find(*list, hash, &StoredCommitment::hash);
    if (found != list->end()) return &*found;
  }
  return nullptr;
}

std::optional<StoredCommitment> MemoryCommitmentStore::by_hash(const Hash256& preconfirmation_hash) const {
  const StoredCommitment* const found = impl_->find(preconfirmation_hash);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

std::optional<StoredCommitment> MemoryCommitmentStore::highest() const {
  if (impl_->heights.empty()) return std::nullopt;
  const Height& top = impl_->heights.rbegin()->second;
  return top.candidates.empty() ? top.markers.back() : top.candidates.front();
}

std::vector<p2p::SignedCommitment> MemoryCommitmentStore::commitments_from(const U256& start,
                                                                           std::size_t max_count) const {
  std::vector<p2p::SignedCommitment> page;
  const auto from = start.to_u64();
  if (!from) return page;
  const auto first = impl_->heights.lower_bound(*from);
  std::size_t blocks = 0;
  auto end = first;
  for (; end != impl_->heights.end(); ++end) {
    if (end->second.candidates.empty()) continue;
    if (blocks == max_count) break;
    ++blocks;
  }
  // Markers only on a page that reaches the head, because Rust requesters count what they get; the nearest
  // to the head first, because those are the links that newcomers lack.
  auto markers_from = end;
  if (end == impl_->heights.end()) {
    std::size_t room = max_count - blocks;
    while (markers_from != first && std::prev(markers_from)->second.markers.size() <= room) {
      --markers_from;
      room -= markers_from->second.markers.size();
    }
  }
  page.reserve(std::min(max_count, blocks + kMaxMarkers));
  bool with_markers = false;
  for (auto height = first; height != end; ++height) {
    with_markers = with_markers || height == markers_from;
    if (with_markers) {
      for (const auto& marker : height->second.markers) page.push_back(marker.commitment);
    }
    if (!height->second.candidates.empty()) page.push_back(height->second.candidates.front().commitment);
  }
  return page;
}

void MemoryCommitmentStore::prefer(const Hash256& preconfirmation_hash) {
  const auto number = impl_->numbers.find(preconfirmation_hash);
  if (number == impl_->numbers.end()) return;
  auto& candidates = impl_->heights[number->second].candidates;
  const auto found = std::ranges::find(candidates, preconfirmation_hash, &StoredCommitment::hash);
  if (found != candidates.end()) std::rotate(candidates.begin(), found, found + 1);
}

void MemoryCommitmentStore::remove_commitment(const Hash256& preconfirmation_hash) {
  Impl& s = *impl_;
  const auto number = s.numbers.find(preconfirmation_hash);
  if (number == s.numbers.end()) return;
  const auto height = s.heights.find(number->second);
  if (PRECONF_BUG(height == s.heights.end())) return;
  for (auto* list : {&height->second.candidates, &height->second.markers}) {
    const auto found = std::ranges::find(*list, preconfirmation_hash, &StoredCommitment::hash);
    if (found == list->end()) continue;
    const StoredCommitment removed = *found;
    list->erase(found);
    --s.commitments;
    if (!is_marker(removed)) s.unname_list(removed);
    break;
  }
  s.numbers.erase(number);
  if (height->second.empty()) s.heights.erase(height);
}

void MemoryCommitmentStore::executed_up_to(std::uint64_t block_number) {
  impl_->executed = block_number;
}

void MemoryCommitmentStore::confirmed_up_to(const U256& event_sync_tip) {
  Impl& s = *impl_;
  const auto tip = event_sync_tip.to_u64();
  if (!tip || *tip <= s.limits.served_tail) return;
  const std::uint64_t keep_from = *tip - s.limits.served_tail + 1;
  s.floor = std::max(s.floor, keep_from);
  while (!s.heights.empty() && s.heights.begin()->first < keep_from) s.forget_height(s.heights.begin());
}

std::size_t MemoryCommitmentStore::commitment_count() const {
  return impl_->commitments;
}

// --- Transaction lists -------------------------------------------------------------------------------------

void MemoryCommitmentStore::Impl::name_list(const StoredCommitment& commitment) {
  const Hash256& hash = commitment.commitment.preconf().raw_tx_list_hash;
  Naming& naming = names[hash];
  ++naming.count;
  naming.highest = std::max(naming.highest, number_of(commitment));
  const auto held = lists.find(hash);
  if (held == lists.end() || (held->second.named && held->second.order == naming.highest)) return;
  // Filed anew: out of the unnamed ones, or further up among the named ones.
  const std::size_t size = held->second.list.bytes().size();
  unfile(held->second);
  if (make_room_for_named(size, naming.highest)) {
    file_named(held->second, naming.highest);
  } else {
    lists.erase(held);
  }
}

void MemoryCommitmentStore::Impl::unname_list(const StoredCommitment& commitment) {
  const Hash256& hash = commitment.commitment.preconf().raw_tx_list_hash;
  const auto naming = names.find(hash);
  if (PRECONF_BUG(naming == names.end())) return;
  if (--naming->second.count > 0) return;
  names.erase(naming);
  drop_list(hash);
}

bool MemoryCommitmentStore::Impl::make_room_for_named(std::size_t size, std::uint64_t height) {
  if (size > limits.named_list_bytes) return false;
  while (named_bytes + size > limits.named_list_bytes) {
    const auto lowest = *named_order.begin();
    const auto highest = *named_order.rbegin();
    if (lowest.first <= executed) {
      drop_list(lowest.second);
    } else if (highest.first > height) {
      drop_list(highest.second);
    } else {
      return false;
    }
  }
  return true;
}

void MemoryCommitmentStore::Impl::make_room_for_unnamed(std::size_t size) {
  while (!unnamed_order.empty() && unnamed_bytes + size > limits.unnamed_list_bytes) {
    drop_list(Hash256(unnamed_order.begin()->second));
  }
}

void MemoryCommitmentStore::Impl::file_named(HeldList& held, std::uint64_t height) {
  held.named = true;
  held.order = height;
  named_order.emplace(height, held.list.hash);
  named_bytes += held.list.bytes().size();
}

void MemoryCommitmentStore::Impl::unfile(HeldList& held) {
  if (held.named) {
    named_order.erase({held.order, held.list.hash});
    named_bytes -= held.list.bytes().size();
  } else {
    unnamed_order.erase(held.order);
    unnamed_bytes -= held.list.bytes().size();
  }
}

void MemoryCommitmentStore::Impl::drop_list(const Hash256& hash) {
  const auto held = lists.find(hash);
  if (held == lists.end()) return;
  unfile(held->second);
  lists.erase(held);
}

// Many tiny lists must not grow the maps without end; those that a commitment names are capped by the
// heights.
void MemoryCommitmentStore::Impl::cap_unnamed_count() {
  while (unnamed_order.size() > limits.retained_heights) drop_list(Hash256(unnamed_order.begin()->second));
}

bool MemoryCommitmentStore::insert_tx_list(const p2p::RawTxList& list, Instant now) {
  Impl& s = *impl_;
  if (s.lists.contains(list.hash)) return true;
  const std::size_t size = list.bytes().size();
  const auto naming = s.names.find(list.hash);
  if (naming != s.names.end()) {
    const std::uint64_t height = naming->second.highest;
    if (!s.make_room_for_named(size, height)) return false;
    s.file_named(s.lists.emplace(list.hash, HeldList{.list = list, .since = now}).first->second, height);
  } else {
    if (size > s.limits.unnamed_list_bytes || s.forgotten.find(list.hash) != nullptr) return false;
    s.make_room_for_unnamed(size);
    const std::uint64_t order = s.sequence++;
    s.lists.emplace(list.hash, HeldList{.list = list, .named = false, .order = order, .since = now});
    s.unnamed_order.emplace(order, list.hash);
    s.unnamed_bytes += size;
  }
  s.cap_unnamed_count();
  return s.lists.contains(list.hash);
}

std::optional<p2p::RawTxList> MemoryCommitmentStore::tx_list(const Hash256& hash) const {
  const auto held = impl_->lists.find(hash);
  return held == impl_->lists.end() ? std::nullopt : std::optional(held->second.list);
}

void MemoryCommitmentStore::expire_tx_lists(Instant now) {
  Impl& s = *impl_;
  while (!s.unnamed_order.empty()) {
    const Hash256 oldest = s.unnamed_order.begin()->second;
    if (now - s.lists.find(oldest)->second.since < s.limits.unnamed_list_age) return;
    s.drop_list(oldest);
  }
}

std::size_t MemoryCommitmentStore::tx_list_count() const {
  return impl_->lists.size();
}

std::size_t MemoryCommitmentStore::bytes_held() const {
  return impl_->named_bytes + impl_->unnamed_bytes + impl_->commitments * sizeof(StoredCommitment);
}

}  // namespace libpreconf::preconf
