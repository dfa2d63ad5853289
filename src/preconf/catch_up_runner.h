#pragma once
// Runs TipCatchUp against the connected peers: one at a time, the next one after a failure, a pause of 1 to
// 12 s after a round of failures, never fatal. The node is live meanwhile.
//
//   idle --start / request / first peer--> asking --Done--> replaying --> idle
//                                          | Failed: next peer, or pause when all were tried
//
// A chain that ends below a hole is replayed, and the next peer asked.
//
// Owned by PreconfirmationClient. Its hooks run inside a reactor turn.

#include <functional>
#include <optional>

#include "preconf/client_context.h"
#include "preconf/tip_catch_up.h"

namespace libpreconf::preconf {

class CatchUpRunner {
 public:
  struct Hooks {
    /// One commitment of a validated chain, ascending.
    std::move_only_function<void(const StoredCommitment&)> on_commitment;
    /// A chain is replayed to its end, or a peer said that nothing is missing (not where `tick` alone asked).
    std::move_only_function<void()> on_finished;
  };

  CatchUpRunner(ClientContext& context, Hooks hooks);

  /// False if there is no peer to ask: it begins with the first one that connects.
  bool start();
  void stop();
  void on_peer_connected();
  /// Something is missing; asks again, at most every kGapCooldown.
  void request();
  /// Every kTick. A peer that said "nothing is missing" may have been behind itself, or have lied, and while
  /// nobody gossips nothing else would tell: now and then the next peer is asked.
  void tick();
  [[nodiscard]] bool idle() const noexcept { return !attempt_ && replay_.empty() && !timer_; }

 private:
  void begin_round();
  void next_peer();
  void advance();
  void run_step(const TipCatchUp::AskHead&);
  void run_step(const TipCatchUp::AskCommitments& ask);
  void run_step(const TipCatchUp::Validate&);
  void run_step(const TipCatchUp::Done&);
  void run_step(const TipCatchUp::Failed& failed);
  void replay_slice();
  void finish();
  [[nodiscard]] std::uint64_t boundary() const;

  ClientContext& context_;
  Hooks hooks_;
  bool running_ = false;
  bool succeeded_ = false;
  bool probing_ = false;           ///< the round under way was asked for by `tick` alone
  bool missing_ = false;           ///< the round under way was asked for because something is missing
  bool has_hole_ = false;          ///< the chain that is replayed ends below a hole
  std::size_t peers_without_ = 0;  ///< in this round, that had nothing for us, or not all
  Instant probe_at_{};
  Duration probe_pause_{0};
  std::optional<TipCatchUp> attempt_;
  p2p::PeerId peer_;
  std::vector<p2p::PeerId> tried_;
  std::size_t rotation_ = 0;
  std::vector<StoredCommitment> replay_;
  std::size_t replayed_ = 0;
  Instant began_{};
  std::optional<Instant> last_request_;
  Duration backoff_{0};
  Handle request_;
  Handle timer_;
};

}  // namespace libpreconf::preconf
