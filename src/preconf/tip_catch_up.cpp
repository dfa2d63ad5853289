#include "preconf/tip_catch_up.h"

#include <algorithm>

#include "base/check.h"
#include "preconf/limits.h"

namespace libpreconf::preconf {
namespace {

bool is_marker(const StoredCommitment& stored) {
  return stored.commitment.preconf().is_eop_only();
}

}  // namespace

TipCatchUp::TipCatchUp(std::uint64_t boundary, std::uint32_t page_size, Validator validator)
    : start_(boundary + 1), page_size_(page_size), validator_(std::move(validator)) {}

void TipCatchUp::on_failure(const Error& error) {
  if (std::holds_alternative<AskHead>(step_)) return fail_with("failed to get peer head: " + error.message);
  if (!tip_known_) return fail_with("failed to fetch tip: " + error.message);
  fail_with("failed to fetch commitments: " + error.message);
}

// --- Head and tip ------------------------------------------------------------------------------------------

void TipCatchUp::on_head(const p2p::PreconfHead& head) {
  if (!std::holds_alternative<AskHead>(step_)) return fail_with("peer sent a head that was not asked for");
  // A head is a bare claim: how far it may be is decided before anything is fetched for it.
  const auto number = head.block_number.to_u64();
  if (number && *number < start_) {
    step_ = Done{};
    return;
  }
  if (!number || *number - start_ >= kMaxCatchUpSpan) {
    return fail_with("peer claims head " + head.block_number.to_decimal() + ", more than " +
                     std::to_string(kMaxCatchUpSpan) + " blocks above " + std::to_string(start_ - 1));
  }
  head_ = *number;
  step_ = AskCommitments{.start = head_, .max_count = 1};
}

void TipCatchUp::on_commitments(std::vector<p2p::SignedCommitment> page,
                                std::vector<p2p::RecoveredSigner> signers) {
  if (!std::holds_alternative<AskCommitments>(step_)) {
    return fail_with("peer sent commitments that were not asked for");
  }
  if (!signers.empty() && PRECONF_BUG(signers.size() != page.size())) signers.clear();
  if (tip_known_) return on_page(std::move(page), signers);
  on_tip(page, signers);
}

void TipCatchUp::on_tip(const std::vector<p2p::SignedCommitment>& page,
                        const std::vector<p2p::RecoveredSigner>& signers) {
  const std::string at = " for tip at " + std::to_string(head_);
  if (page.empty()) return fail_with("peer returned no commitment" + at);
  if (page.size() > 1) return fail_with("peer returned more than one commitment" + at);
  if (page.front().preconf().block_number != U256(head_)) {
    return fail_with("peer returned commitment " + page.front().preconf().block_number.to_decimal() + at);
  }
  auto tip = validator_(page.front(), signers.empty() ? Signer() : signers.front());
  if (!tip) return fail_with("peer returned an invalid commitment" + at + ": " + tip.error().text());
  tip_known_ = true;
  reached_start_ = head_ == start_;
  chain_.push_back(*std::move(tip));
  // Even where the tip is all that is missing: the markers below it come with a page.
  ask_page(start_);
}

// --- Pages -------------------------------------------------------------------------------------------------

void TipCatchUp::ask_page(std::uint64_t from) {
  cursor_ = from;
  if (pages_ == kMaxCatchUpPages) return fail_with("peer serves its commitments in too many pages");
  step_ = AskCommitments{.start = from, .max_count = page_size_};
}

// Ascending within what was asked for; a marker may share its number with what follows it.
bool TipCatchUp::page_in_order(const std::vector<p2p::SignedCommitment>& page) const {
  U256 least(cursor_);
  const U256 end = U256(cursor_).saturating_add(U256(page_size_));
  for (const auto& commitment : page) {
    const p2p::Preconfirmation& preconf = commitment.preconf();
    if (preconf.block_number < least || preconf.block_number >= end) return false;
    least = preconf.block_number.saturating_add(U256(preconf.is_eop_only() ? 0 : 1));
  }
  return page.size() <= page_size_;
}

void TipCatchUp::on_page(std::vector<p2p::SignedCommitment> page,
                         const std::vector<p2p::RecoveredSigner>& signers) {
  ++pages_;
  if (page.empty()) return fail_with("peer returned empty commitment batch during catch-up");
  if (!page_in_order(page)) return fail_with("peer returned commitments out of order or out of range");
  const p2p::Preconfirmation& last = page.back().preconf();
  // In range, so it fits. A marker at the end may be followed by the block of its number.
  const std::uint64_t last_number = last.block_number.limbs()[0];
  const std::uint64_t next = std::max(cursor_ + 1, last_number + (last.is_eop_only() ? 0 : 1));
  for (std::size_t i = 0; i < page.size(); ++i) {
    index_.emplace(p2p::preconfirmation_hash(page[i].preconf()), fetched_.size());
    fetched_.push_back({page[i], signers.empty() ? Signer() : signers[i]});
  }
  if (last_number >= head_ || next > head_) {
    step_ = Validate{};
  } else {
    ask_page(next);
  }
}

// --- The walk back -----------------------------------------------------------------------------------------

void TipCatchUp::validate_slice() {
  if (!std::holds_alternative<Validate>(step_)) return;
  for (std::size_t i = 0; i < kValidationsPerSlice; ++i) {
    if (!walk()) return;
  }
}

bool TipCatchUp::walk() {
  const StoredCommitment& child = chain_.back();
  const auto found = index_.find(child.commitment.preconf().parent_preconfirmation_hash);
  if (found == index_.end() || chain_.size() > fetched_.size()) {
    if (!reached_start_) return walk_below(block_number_of(child), not_reached());
    finish();
    return false;
  }
  const auto& [parent, signer] = fetched_[found->second];
  const std::uint64_t number = parent.preconf().block_number.limbs()[0];
  if (!parent.preconf().is_eop_only()) {
    // Below the first block that is missing; a marker that leads there is as far as the chain goes.
    if (reached_start_) {
      finish();
      return false;
    }
    const auto above = std::ranges::find_if_not(chain_.rbegin(), chain_.rend(), is_marker);
    const std::uint64_t expected = above != chain_.rend() ? block_number_of(*above) - 1 : head_ - 1;
    // A marker at the tip may bear the number of the block before it.
    if (number != expected && !(above == chain_.rend() && number == head_)) {
      return walk_below(block_number_of(child), not_reached() + " (block " + std::to_string(number) +
                                                    " is linked where " + std::to_string(expected) +
                                                    " belongs)");
    }
    reached_start_ = number == start_;
  }
  return take(parent, signer);
}

bool TipCatchUp::take(const p2p::SignedCommitment& commitment, const Signer& signer) {
  auto valid = validator_(commitment, signer);
  if (!valid) {
    fail_with(not_reached() + " (" + valid.error().text() + ")");
    return false;
  }
  chain_.push_back(*std::move(valid));
  return true;
}

// What lies above a hole cannot be executed before the hole is filled, by gossip or by L1; what lies below it
// can. Every block is walked once: the next walk begins below all that were seen.
bool TipCatchUp::walk_below(std::uint64_t number, std::string why) {
  if (first_hole_.empty()) first_hole_ = std::move(why);
  while (!fetched_.empty()) {
    const Fetched& top = fetched_.back();
    const p2p::Preconfirmation& preconf = top.commitment.preconf();
    const std::uint64_t top_number = preconf.block_number.limbs()[0];
    if (!preconf.is_eop_only() && top_number < number) {
      chain_.clear();
      reached_start_ = top_number == start_;
      return take(top.commitment, top.signer);
    }
    index_.erase(p2p::preconfirmation_hash(preconf));
    fetched_.pop_back();
  }
  fail_with(first_hole_);
  return false;
}

std::string TipCatchUp::not_reached() const {
  return "catch-up chain did not reach the driver sync boundary: expected " + std::to_string(start_) +
         (chain_.empty() ? "" : ", got " + std::to_string(block_number_of(chain_.back())));
}

void TipCatchUp::finish() {
  std::ranges::reverse(chain_);
  index_.clear();
  fetched_.clear();
  if (PRECONF_BUG(chain_.empty())) return fail_with("no valid commitments found during catch-up");
  step_ = Done{};
}

}  // namespace libpreconf::preconf
