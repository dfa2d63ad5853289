#pragma once
// What peers are served: the accepted part of a CommitmentStore. Everything in the store was validated
// before it got there, so nothing else is ever visible (node book I-11). The head is the highest commitment
// that the store can serve (I-20): it rises with acceptance, and falls only when a block proved bad.

#include "libpreconf/p2p/commitment_source.h"
#include "libpreconf/preconf/commitment_store.h"

namespace libpreconf::preconf {

/// `store` must outlive it.
class StoreCommitmentSource final : public p2p::CommitmentSource {
 public:
  explicit StoreCommitmentSource(const CommitmentStore& store) : store_(store) {}

  [[nodiscard]] p2p::PreconfHead head() const override;
  [[nodiscard]] std::vector<p2p::SignedCommitment> commitments_from(const U256& start,
                                                                    std::size_t max_count) const override;
  [[nodiscard]] std::optional<p2p::RawTxList> tx_list(const Hash256& hash) const override;

 private:
  const CommitmentStore& store_;
};

}  // namespace libpreconf::preconf
