#include "p2p/answer_check.h"

#include <fmt/core.h>

#include <algorithm>

#include "libpreconf/base/hex.h"
#include "p2p/commitment_view.h"
#include "p2p/limits.h"

namespace libpreconf::p2p {
namespace {

std::unexpected<Error> bad_commitment(const SignedCommitment& commitment, std::string_view what) {
  return fail(ErrorCode::invalid, fmt::format("commitment of block {}: {}",
                                              commitment.preconf().block_number.to_decimal(), what));
}

}  // namespace

Result<> PageCheck::begin(ByteView body) {
  PRECONF_TRY(page_.commitments, decode_commitments_response(body));
  if (page_.commitments.size() > request_.max_count) {
    return fail(ErrorCode::invalid, fmt::format("{} commitments, asked for at most {}",
                                                page_.commitments.size(), request_.max_count));
  }
  const Preconfirmation* previous = nullptr;
  for (const SignedCommitment& commitment : page_.commitments) {
    const Preconfirmation& preconf = commitment.preconf();
    if (preconf.block_number < request_.start_block_number) {
      return bad_commitment(commitment, "below the start that was asked for");
    }
    // A hand-over marker consumes no height: the block of its number follows it (node book 6.9).
    if (previous != nullptr &&
        (preconf.block_number < previous->block_number ||
         (preconf.block_number == previous->block_number && !previous->is_eop_only()))) {
      return bad_commitment(commitment, "not above the one before it");
    }
    if (slasher_ && commitment.commitment.slasher_address != *slasher_) {
      return bad_commitment(commitment, "names another slasher");
    }
    if (!preconf.eop && preconf.raw_tx_list_hash == Hash256{}) {
      return bad_commitment(commitment, "has neither a transaction list nor the end-of-window mark");
    }
    previous = &preconf;
  }
  return {};
}

Result<bool> PageCheck::step() {
  const auto& [commitments, signers] = page_;
  page_.signers.reserve(commitments.size());
  const std::size_t end = std::min(commitments.size(), signers.size() + limits::kRecoveriesPerTurn);
  while (signers.size() < end) {
    const SignedCommitment& commitment = commitments[signers.size()];
    const auto signer = recover_signer(domain_, commitment);
    if (!signer) return bad_commitment(commitment, "its signature does not recover");
    page_.signers.push_back(*signer);
  }
  return signers.size() == commitments.size();
}

Result<> ListCheck::begin(Bytes body) {
  PRECONF_TRY(const RawTxListView view, RawTxListView::of(body));
  if (view.hash() != hash_) {
    return fail(ErrorCode::invalid,
                fmt::format("asked for list {}, got {}", to_hex(hash_), to_hex(view.hash())));
  }
  if (view.list().empty()) {
    return fail(ErrorCode::not_found, fmt::format("the peer has no list {}", to_hex(hash_)));
  }
  list_ = std::move(body);
  return {};
}

Result<bool> ListCheck::step() {
  const ByteView rest = ByteView(list_).subspan(RawTxListView::kFixedSize + hashed_);
  const ByteView slice = rest.first(std::min(rest.size(), limits::kHashSliceBytes));
  hasher_.update(slice);
  hashed_ += slice.size();
  if (slice.size() < rest.size()) return false;
  if (hasher_.finish() != hash_) {
    return fail(ErrorCode::invalid, fmt::format("the bytes do not hash to {}", to_hex(hash_)));
  }
  return true;
}

RawTxList ListCheck::take() {
  list_.erase(list_.begin(), list_.begin() + RawTxListView::kFixedSize);
  return RawTxList{hash_, std::make_shared<const Bytes>(std::move(list_))};
}

}  // namespace libpreconf::p2p
