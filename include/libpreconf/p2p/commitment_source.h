#pragma once
// What the node serves to peers over request-response. Declared here, implemented in preconf/ over the store.
// Only validated data is ever visible through it (node book I-11).

#include <optional>
#include <vector>

#include "libpreconf/p2p/messages.h"

namespace libpreconf::p2p {

class CommitmentSource {
 public:
  virtual ~CommitmentSource() = default;
  [[nodiscard]] virtual PreconfHead head() const = 0;
  /// Ascending from `start`, gaps skipped, at most `max_count` (already clamped to 256).
  [[nodiscard]] virtual std::vector<SignedCommitment> commitments_from(const U256& start,
                                                                       std::size_t max_count) const = 0;
  [[nodiscard]] virtual std::optional<RawTxList> tx_list(const Hash256& hash) const = 0;
};

}  // namespace libpreconf::p2p
