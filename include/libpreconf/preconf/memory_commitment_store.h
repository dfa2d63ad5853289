#pragma once
// The commitment store in memory.
//
//   heights   number -> candidates (first accepted first) and markers; at most `retained_heights`
//   lists     hash -> bytes; named by a commitment: `named_list_bytes` together,
//             not named yet: `unnamed_list_bytes`, for `unnamed_list_age`
//
// At a limit: the lowest height goes first. A list goes in the order: below what was executed, lowest first;
// then, for the sake of a lower height, the highest; a list that would push out one that is needed sooner is
// refused (it can be fetched again). Lists without a name go oldest first. Nothing depends on hash order.

#include <memory>

#include "libpreconf/preconf/commitment_store.h"

namespace libpreconf::preconf {

class MemoryCommitmentStore final : public CommitmentStore {
 public:
  struct Limits {
    std::size_t named_list_bytes = 16U << 20;    ///< program.md "Bounds"
    std::size_t unnamed_list_bytes = 16U << 20;  ///< program.md "Bounds"
    Duration unnamed_list_age{384'000'000};      ///< the lookahead window, node book 2.3
    std::size_t retained_heights = 3840;         ///< node book 2.3
    std::uint64_t served_tail = 256;             ///< node book 7.5
  };
  /// Markers that one height may hold.
  static constexpr std::size_t kMaxMarkers = 4;

  MemoryCommitmentStore();
  explicit MemoryCommitmentStore(Limits limits);
  ~MemoryCommitmentStore() override;
  MemoryCommitmentStore(const MemoryCommitmentStore&) = delete;
  MemoryCommitmentStore& operator=(const MemoryCommitmentStore&) = delete;

  InsertOutcome insert_commitment(const StoredCommitment& commitment) override;
  [[nodiscard]] std::vector<StoredCommitment> candidates(std::uint64_t block_number) const override;
  [[nodiscard]] std::optional<StoredCommitment> by_hash(const Hash256& preconfirmation_hash) const override;
  [[nodiscard]] std::vector<StoredCommitment> markers(std::uint64_t block_number) const override;
  [[nodiscard]] std::optional<StoredCommitment> highest() const override;
  [[nodiscard]] std::vector<p2p::SignedCommitment> commitments_from(const U256& start,
                                                                    std::size_t max_count) const override;
  void prefer(const Hash256& preconfirmation_hash) override;
  void remove_commitment(const Hash256& preconfirmation_hash) override;
  bool insert_tx_list(const p2p::RawTxList& list, Instant now) override;
  [[nodiscard]] std::optional<p2p::RawTxList> tx_list(const Hash256& hash) const override;
  void expire_tx_lists(Instant now) override;
  void executed_up_to(std::uint64_t block_number) override;
  void confirmed_up_to(const U256& event_sync_tip) override;
  [[nodiscard]] std::size_t commitment_count() const override;
  [[nodiscard]] std::size_t tx_list_count() const override;
  [[nodiscard]] std::size_t bytes_held() const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace libpreconf::preconf
