#include "libpreconf/preconf/store_commitment_source.h"

namespace libpreconf::preconf {

p2p::PreconfHead StoreCommitmentSource::head() const {
  const auto highest = store_.highest();
  if (!highest) return {};
  const auto& preconf = highest->commitment.preconf();
  return {.block_number = preconf.block_number, .submission_window_end = preconf.submission_window_end};
}

std::vector<p2p::SignedCommitment> StoreCommitmentSource::commitments_from(const U256& start,
                                                                           std::size_t max_count) const {
  return store_.commitments_from(start, max_count);
}

std::optional<p2p::RawTxList> StoreCommitmentSource::tx_list(const Hash256& hash) const {
  return store_.tx_list(hash);
}

}  // namespace libpreconf::preconf
