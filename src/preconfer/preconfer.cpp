#include "preconfer/preconfer.h"

#include <algorithm>
#include <utility>

#include "codec/txlist.h"
#include "p2p/signing.h"
#include "preconfer/limits.h"

namespace libpreconf::preconfer {

Hash256 parent_link(const preconf::CommitmentStore& store, std::uint64_t head) {
  const auto candidates = store.candidates(head);
  Hash256 link = candidates.empty() ? Hash256{} : candidates.front().hash;
  // A marker carries the number of the block to come. Each may be followed once: there cannot be a cycle.
  auto markers = store.markers(head + 1);
  for (bool found = true; found;) {
    const auto next =
        std::find_if(markers.begin(), markers.end(), [&link](const preconf::StoredCommitment& marker) {
          return marker.commitment.preconf().parent_preconfirmation_hash == link;
        });
    found = next != markers.end();
    if (found) {
      link = next->hash;
      markers.erase(next);
    }
  }
  return link;
}

Preconfer::Preconfer(Reactor& reactor, TransactionPool& pool, crypto::Secp256k1Key key,
                     PreconferConfig config, Publish publish)
    : reactor_(reactor),
      pool_(pool),
      key_(std::move(key)),
      config_(std::move(config)),
      publish_(std::move(publish)) {}

Result<> Preconfer::begin(const Parent& parent, const Slot& slot, OnDone on_done) {
  if (draft_) return fail(ErrorCode::conflict, "a promise is under way already");
  draft_.emplace();
  draft_->on_done = std::move(on_done);
  draft_->commitment.slasher_address = config_.slasher;
  p2p::Preconfirmation& preconf = draft_->commitment.preconf;
  preconf.eop = slot.end_of_preconf;
  preconf.block_number = U256(parent.block_number).saturating_add(1);
  preconf.timestamp = slot.timestamp;
  preconf.gas_limit = config_.gas_limit;
  preconf.coinbase = config_.coinbase;
  preconf.anchor_block_number = slot.anchor_block_number;
  preconf.parent_preconfirmation_hash = parent.preconfirmation_hash;
  preconf.submission_window_end = slot.window_end;
  preconf.prover_auth = config_.prover_auth;
  preconf.proposal_id = slot.proposal_id;
  return {};
}

Result<> Preconfer::promise_block(const Parent& parent, const Slot& slot, OnDone on_done) {
  PRECONF_CHECK_OK(begin(parent, slot, std::move(on_done)));
  step_ = reactor_.after(Duration(0), [this, base_fee = parent.next_base_fee] { pick(base_fee); });
  return {};
}

Result<> Preconfer::promise_marker(const Parent& parent, const Slot& slot, OnDone on_done) {
  PRECONF_CHECK_OK(begin(parent, slot, std::move(on_done)));
  draft_->commitment.preconf.eop = true;
  step_ = reactor_.after(Duration(0), [this] { sign_and_publish(); });
  return {};
}

void Preconfer::pick(std::uint64_t base_fee) {
  constexpr std::size_t kMaxBytes = codec::kMaxTxListBytes - kCompressionReserve;
  const auto picked = pool_.pick(base_fee, config_.gas_limit, kMaxBytes, codec::kMaxTxListTransactions);
  auto rlp = codec::join_tx_list(picked);
  if (!rlp) return finish(std::unexpected(rlp.error()));
  draft_->promise.transactions = picked.size();
  draft_->rlp = *std::move(rlp);
  draft_->deflater.emplace(draft_->rlp);
  compress_some();
}

void Preconfer::compress_some() {
  const auto done = draft_->deflater->step(kDeflateSliceBytes);
  if (!done) return finish(std::unexpected(done.error()));
  if (!*done) {
    step_ = reactor_.after(Duration(0), [this] { compress_some(); });
    return;
  }
  draft_->promise.tx_list = std::make_shared<const Bytes>(draft_->deflater->take_output());
  draft_->commitment.preconf.raw_tx_list_hash = p2p::tx_list_hash(*draft_->promise.tx_list);
  sign_and_publish();
}

void Preconfer::sign_and_publish() {
  Promise& promise = draft_->promise;
  promise.commitment = p2p::sign_commitment(key_, config_.signing_domain, draft_->commitment);
  promise.commitment_ssz = to_bytes(p2p::encode(promise.commitment));
  step_ = publish_(promise, [this](Result<> published) { finish(std::move(published)); });
}

void Preconfer::finish(Result<> result) {
  Draft draft = *std::exchange(draft_, std::nullopt);
  step_.reset();
  if (!result) {
    ++counters_.failures;
    return draft.on_done(std::unexpected(result.error()));
  }
  ++(draft.promise.tx_list ? counters_.blocks : counters_.markers);
  draft.on_done(std::move(draft.promise));
}

}  // namespace libpreconf::preconfer
