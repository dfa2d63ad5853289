#pragma once
// What gossip brings, checked and stored (node book, chapter 6 with its REC).
//
//   commitment: self? -> stale? -> valid? -> within the bound? -> accept
//   accept:     known bad? duplicate? surplus? -> parent link -> store -> events -> orphans that waited for
//   it
//
// Owned by PreconfirmationClient. Its hooks run inside its calls.

#include <functional>

#include "base/bounded.h"
#include "preconf/client_context.h"
#include "preconf/limits.h"

namespace libpreconf::preconf {

/// What became of a commitment that is valid by itself.
enum class Acceptance : std::uint8_t {
  accepted,   ///< stored; the first for its height, or a marker
  second,     ///< stored; competes with another one
  duplicate,  ///< held already
  orphaned,   ///< held aside: its parent may be a marker that has not come yet
  stale,      ///< at or below what L1 confirmed
  surplus,    ///< the signer has placed enough at this height, or the height is full
  bad,        ///< known to be bad, or its parent is not the executed one
};

class EventHandler {
 public:
  struct Hooks {
    /// A commitment is in the store now.
    std::move_only_function<void(const StoredCommitment&)> on_stored;
    /// A list is in the store now.
    std::move_only_function<void(const Hash256&)> on_tx_list;
    /// Something points at commitments that this node lacks.
    std::move_only_function<void()> on_gap;
  };

  EventHandler(ClientContext& context, Hooks hooks);

  p2p::GossipDecision on_commitment(const p2p::PeerId& from, const p2p::SignedCommitment& commitment,
                                    const p2p::RecoveredSigner& signer);
  p2p::GossipDecision on_tx_list(const p2p::PeerId& from, const p2p::RawTxList& list);

  /// For commitments that validate_commitment passed, from wherever.
  Acceptance accept(const StoredCommitment& commitment);
  /// Keeps a list whose hash was checked; false if there is no room.
  bool keep_tx_list(const p2p::RawTxList& list);

  /// The block cannot ever be executed: removed, and not taken again.
  void mark_bad(const StoredCommitment& commitment);
  [[nodiscard]] bool is_bad(const Hash256& preconfirmation_hash) const;
  /// The height below was executed, and this one does not follow it: removed from the store, held aside if
  /// its parent may still come.
  void unlinked(const StoredCommitment& commitment, ParentLink link);
  /// Forgets orphans that waited long enough.
  void expire_orphans();
  [[nodiscard]] std::size_t orphans() const noexcept { return orphans_.size(); }

 private:
  struct Orphan {
    StoredCommitment commitment;
    Instant since;
  };

  [[nodiscard]] bool from_self(const p2p::PeerId& from) const;
  [[nodiscard]] ParentLink link_of(const StoredCommitment& commitment) const;
  void hold_orphan(const StoredCommitment& commitment);
  void adopt_orphans_of(const Hash256& parent);
  void announce(const StoredCommitment& commitment);

  ClientContext& context_;
  Hooks hooks_;
  FifoMap<Hash256, Orphan, FixedBytesHash> orphans_{kMaxOrphans};
  FifoMap<Hash256, bool, FixedBytesHash> bad_{kMaxBadBlocksRemembered};
};

}  // namespace libpreconf::preconf
