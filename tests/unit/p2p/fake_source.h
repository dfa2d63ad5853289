#pragma once
// What a node serves, in a map.

#include <map>

#include "libpreconf/p2p/commitment_source.h"

namespace libpreconf::p2p::test {

class FakeSource final : public CommitmentSource {
 public:
  PreconfHead served_head;
  std::map<U256, SignedCommitment> commitments;
  std::map<Hash256, RawTxList> lists;

  void put(const SignedCommitment& commitment) {
    commitments[commitment.preconf().block_number] = commitment;
  }
  Hash256 put(Bytes list) {
    const Hash256 hash = tx_list_hash(list);
    lists[hash] = RawTxList{hash, std::make_shared<const Bytes>(std::move(list))};
    return hash;
  }

  PreconfHead head() const override { return served_head; }
  std::vector<SignedCommitment> commitments_from(const U256& start, std::size_t max_count) const override {
    std::vector<SignedCommitment> out;
    for (auto at = commitments.lower_bound(start); at != commitments.end() && out.size() < max_count; ++at) {
      out.push_back(at->second);
    }
    return out;
  }
  std::optional<RawTxList> tx_list(const Hash256& hash) const override {
    const auto found = lists.find(hash);
    return found == lists.end() ? std::nullopt : std::optional(found->second);
  }
};

}  // namespace libpreconf::p2p::test
