#pragma once
// Asks peers for lists that gossip did not bring (node book 6.8 hole 2): by hash, one peer after another,
// lowest height first, a few at a time, until the list is there or its height is decided.
//
// A list is asked for after `tx_list_fetch_delay`; when every connected peer has failed, the round begins
// again after 1, 2, 4, 8, 12 s. An engine that was there before the node may hold blocks that L1 has not
// confirmed: their lists are fetched to be served, one at a time, when nothing that is to be executed is
// being asked for, and given up when no connected peer has them.
//
// Owned by PreconfirmationClient; its hook runs inside a reactor turn.

#include <functional>
#include <optional>
#include <unordered_map>

#include "preconf/awaiting_tx_lists.h"
#include "preconf/client_context.h"
#include "preconf/limits.h"

namespace libpreconf::preconf {

class TxListFetcher {
 public:
  /// Keeps a list that arrived; false if there is no room for it now.
  using OnList = std::move_only_function<bool(const p2p::RawTxList&)>;

  TxListFetcher(ClientContext& context, OnList on_list);

  /// The list of this commitment is missing. Says so as often as it likes.
  void want(const StoredCommitment& commitment);
  /// The list is there.
  void arrived(const Hash256& list);
  /// Heights up to this one are executed; those just above come first.
  void advance_to(std::uint64_t block_number);
  void on_peer_connected();
  void stop();

  /// True if the list has been asked for in vain for kTxListOverdue.
  [[nodiscard]] bool is_overdue(const Hash256& list) const;
  [[nodiscard]] std::size_t depth() const noexcept { return awaiting_.size(); }

 private:
  struct Fetch {
    Instant wanted_at{};
    Instant next_try{};
    Duration backoff{0};
    std::vector<p2p::PeerId> tried;
    Handle request;
  };

  void want_to_serve(const Hash256& list, std::uint64_t block_number);
  void begin(const Hash256& list);
  void pump();
  [[nodiscard]] std::optional<Instant> ask_for_due();
  [[nodiscard]] std::optional<Instant> ask_for_unserved();
  void schedule(Instant due);
  /// False if no connected peer is left to be asked.
  [[nodiscard]] bool ask(const Hash256& list, Fetch& fetch);
  void pause(Fetch& fetch) const;
  void on_answer(Hash256 list, Result<p2p::RawTxList> answer);
  [[nodiscard]] const p2p::PeerId* choose(const Fetch& fetch, const std::vector<p2p::PeerId>& peers);
  void forget(const Hash256& list);
  void give_up(const Hash256& list);

  ClientContext& context_;
  OnList on_list_;
  AwaitingTxLists awaiting_{kMaxAwaitingTxLists};
  AwaitingTxLists unserved_{kMaxCatchUpSpan};  ///< of executed heights; none of those that are awaited
  std::unordered_map<Hash256, Fetch, FixedBytesHash> fetches_;
  std::size_t in_flight_ = 0;
  std::size_t rotation_ = 0;
  std::uint64_t base_ = 0;
  Instant due_{};
  Handle timer_;
};

}  // namespace libpreconf::preconf
