#pragma once
// Owns "next height": takes what is stored above the tip and hands it to the driver, one block at a time and
// in order. Gossip never waits for it.
//
//   Empty -> HaveCommitment -> HaveBoth (decoding) -> Submitting -> Executed = Empty of the next height
//                |                  |                    |
//            NeedTxList         Bad (removed)    Retry(at) | waiting for room | Bad
//
// Woken by: commitment stored, list stored, tip changed, room in the driver's queue, a timer. Owned by
// PreconfirmationClient; its hooks run inside its calls.

#include <functional>
#include <optional>

#include "base/bounded.h"
#include "preconf/client_context.h"
#include "preconf/limits.h"
#include "preconf/tx_list_decoder.h"

namespace libpreconf::preconf {

class Submitter {
 public:
  enum class State : std::uint8_t { empty, need_tx_list, have_both, submitting, no_room, retry };

  struct Hooks {
    /// The list of this commitment was asked for long enough: the next candidate gets its chance.
    std::move_only_function<bool(const StoredCommitment&)> is_overdue;
    /// The driver took it; the block (not the marker) is what the next one builds on.
    std::move_only_function<void(const StoredCommitment&)> on_taken;
    /// It can never be executed.
    std::move_only_function<void(const StoredCommitment&, const Error&)> on_bad;
    /// It does not follow what was executed.
    std::move_only_function<void(const StoredCommitment&, ParentLink)> on_unlinked;
    /// The driver failed for now; it is tried again.
    std::move_only_function<void(const StoredCommitment&, const Error&)> on_failure;
  };

  Submitter(ClientContext& context, Hooks hooks);

  void start();
  void stop();
  /// Something may have become possible.
  void wake();
  /// Every kTick: retries what no event woke, and finds queued blocks that the driver lost.
  void tick();
  /// A tip moved: whatever waits for its pause is looked at anew.
  void on_tip_change();
  /// The driver's queue has room again.
  void on_room();
  /// The driver refused a block that it had taken before.
  void on_rejected(const Hash256& preconfirmation_hash, const Error& why);
  /// A list that a publication has decoded already.
  void offer_decoded(const Hash256& tx_list_hash, std::shared_ptr<const DecodedTransactions> decoded);

  /// Highest block that is in the engine, or on its way there.
  [[nodiscard]] std::uint64_t reached() const noexcept { return reached_; }
  [[nodiscard]] State state() const noexcept { return state_; }

 private:
  /// What is in the hand: a block being decoded or submitted, or a marker being submitted.
  struct Current {
    StoredCommitment commitment;
    std::shared_ptr<const Bytes> compressed;
    std::shared_ptr<const DecodedTransactions> decoded;
  };

  [[nodiscard]] bool refresh();
  [[nodiscard]] bool try_next();
  [[nodiscard]] bool take_marker(std::uint64_t number);
  [[nodiscard]] bool take_block(std::uint64_t number);
  [[nodiscard]] bool follows(const StoredCommitment& commitment);
  [[nodiscard]] bool decode_slice();
  [[nodiscard]] bool still_next() const;
  void submit();
  void on_answer(Result<SubmitStatus> answer);
  void taken(const StoredCommitment& commitment, SubmitStatus status);
  void failed(const StoredCommitment& commitment, const Error& error);
  void retry_later();
  void go_back_to(std::uint64_t number);

  ClientContext& context_;
  Hooks hooks_;
  bool running_ = false;
  bool advancing_ = false;
  bool wanted_ = false;
  State state_ = State::empty;

  std::uint64_t reached_ = 0;
  std::optional<std::uint64_t> seen_tip_;
  Instant progress_{};

  std::optional<Current> current_;
  std::optional<TxListDecoder> decoder_;
  std::optional<std::pair<Hash256, std::shared_ptr<const DecodedTransactions>>> offered_;
  FifoMap<Hash256, bool, FixedBytesHash> markers_done_{kMaxMarkersRemembered};
  Instant submitted_at_{};
  Duration backoff_{0};
  Handle slice_;
  Handle submission_;
  Handle deadline_;
  Handle retry_;
};

}  // namespace libpreconf::preconf
