#pragma once
// Where validated commitments and transaction lists are kept (node book, chapter 7 with its REC). An
// interface because there are two: in memory (MemoryCommitmentStore), and later on SQLite.
//
// Candidates: several commitments may compete for one height (at most kMaxCandidates, first accepted first).
// Markers (EOP-only) stand beside the blocks, in a table of their own: a marker never consumes a height and
// never replaces a block or is replaced by one.

#include <optional>
#include <vector>

#include "libpreconf/base/clock.h"
#include "libpreconf/base/u256.h"
#include "libpreconf/p2p/messages.h"

namespace libpreconf::preconf {

struct StoredCommitment {
  p2p::SignedCommitment commitment;
  Hash256 hash{};    ///< preconfirmation hash (parent link)
  Hash256 digest{};  ///< signing digest: same for both signature forms
  Address signer{};
};

enum class InsertOutcome : std::uint8_t {
  inserted,   ///< first for its height, or a new marker
  second,     ///< a competing candidate: evidence of equivocation
  duplicate,  ///< the same content is held already
  full,       ///< kMaxCandidates compete for this height, or the number lies below the kept range
};

class CommitmentStore {
 public:
  static constexpr std::size_t kMaxCandidates = 4;

  virtual ~CommitmentStore() = default;

  virtual InsertOutcome insert_commitment(const StoredCommitment& commitment) = 0;
  /// Candidates of a height in order of acceptance (markers not included).
  [[nodiscard]] virtual std::vector<StoredCommitment> candidates(std::uint64_t block_number) const = 0;
  [[nodiscard]] virtual std::optional<StoredCommitment> by_hash(
      const Hash256& preconfirmation_hash) const = 0;
  [[nodiscard]] virtual std::vector<StoredCommitment> markers(std::uint64_t block_number) const = 0;
  /// The highest commitment; a block before a marker of the same number.
  [[nodiscard]] virtual std::optional<StoredCommitment> highest() const = 0;
  /// The first candidate of each height, ascending from `start`, gaps skipped. What peers are served, with
  /// the markers only on a page that reaches the head (node book 6.9).
  [[nodiscard]] virtual std::vector<p2p::SignedCommitment> commitments_from(const U256& start,
                                                                            std::size_t max_count) const = 0;
  /// Moves a candidate to the front of its height (it was executed) or removes it (its block is bad).
  virtual void prefer(const Hash256& preconfirmation_hash) = 0;
  virtual void remove_commitment(const Hash256& preconfirmation_hash) = 0;

  /// True if it is held now. Lists that no commitment names yet have a budget and an age of their own.
  virtual bool insert_tx_list(const p2p::RawTxList& list, Instant now) = 0;
  [[nodiscard]] virtual std::optional<p2p::RawTxList> tx_list(const Hash256& hash) const = 0;
  /// Forgets lists that nobody named for a window.
  virtual void expire_tx_lists(Instant now) = 0;

  /// The engine holds blocks up to this one: lists at or below it may go first when room is needed.
  virtual void executed_up_to(std::uint64_t block_number) = 0;
  /// Drops what lies at or below the confirmed tip, but a tail that is still served.
  virtual void confirmed_up_to(const U256& event_sync_tip) = 0;

  [[nodiscard]] virtual std::size_t commitment_count() const = 0;
  [[nodiscard]] virtual std::size_t tx_list_count() const = 0;
  [[nodiscard]] virtual std::size_t bytes_held() const = 0;
};

}  // namespace libpreconf::preconf
