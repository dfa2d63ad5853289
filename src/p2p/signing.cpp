#include "p2p/signing.h"

#include "crypto/hash.h"
#include "p2p/commitment_view.h"

namespace libpreconf::p2p {

Hash256 preconfirmation_hash(const Preconfirmation& value) {
  return crypto::keccak256(encode(value));
}

Hash256 signing_digest(const Hash256& domain, const PreconfCommitment& value) {
  return crypto::keccak256({domain, encode(value)});
}

Hash256 CommitmentView::signing_digest(const Hash256& domain) const noexcept {
  return crypto::keccak256({domain, commitment_bytes()});
}

std::optional<RecoveredSigner> recover_signer(const Hash256& domain, const SignedCommitment& value) {
  const Hash256 digest = signing_digest(domain, value.commitment);
  const auto address = crypto::recover_address(digest, value.signature);
  if (!address) return std::nullopt;
  return RecoveredSigner{*address, digest};
}

Hash256 tx_list_hash(ByteView compressed) {
  return crypto::keccak256(compressed);
}

SignedCommitment sign_commitment(const crypto::Secp256k1Key& key, const Hash256& domain,
                                 const PreconfCommitment& commitment) {
  return {commitment, key.sign_recoverable(signing_digest(domain, commitment))};
}

}  // namespace libpreconf::p2p
