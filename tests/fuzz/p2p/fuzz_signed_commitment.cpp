// A commitment's two readers agree, decoding and encoding undo each other, and both forms of a signature that
// recovers name the same signer.
#include "crypto/secp256k1.h"
#include "fuzz/input.h"
#include "p2p/commitment_view.h"

using namespace libpreconf;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView ssz(data, size);
  const auto view = p2p::CommitmentView::of(ssz);
  const auto value = p2p::decode_signed_commitment(ssz);
  require(view.has_value() == value.has_value());
  if (!value) return 0;

  require(equal(p2p::encode(*value), ssz));
  require(view->decode() == *value);
  require(view->eop() == value->preconf().eop);
  require(view->block_number() == value->preconf().block_number);
  require(view->timestamp() == value->preconf().timestamp);
  require(view->submission_window_end() == value->preconf().submission_window_end);
  require(equal(view->slasher_address(), value->commitment.slasher_address));
  require((view->eop() && view->has_zero_list_hash()) == value->preconf().is_eop_only());

  const Hash256& domain = p2p::placeholder_domain();
  require(view->signing_digest(domain) == p2p::signing_digest(domain, value->commitment));
  const auto signer = p2p::recover_signer(domain, *value);
  if (!signer) return 0;
  p2p::SignedCommitment other = *value;
  const auto form = crypto::other_form(value->signature);
  require(form.has_value());
  other.signature = *form;
  require(p2p::recover_signer(domain, other) == signer);
  require(p2p::preconfirmation_hash(other.preconf()) == p2p::preconfirmation_hash(value->preconf()));
  return 0;
}
