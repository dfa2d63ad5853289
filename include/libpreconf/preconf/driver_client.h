#pragma once
// The heart's view of the driver that builds blocks (node book, chapter 4).

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"
#include "libpreconf/base/u256.h"
#include "libpreconf/p2p/messages.h"
#include "libpreconf/reactor/reactor.h"

namespace libpreconf::preconf {

/// The decoded transactions of a list: the RLP list as the engine takes it, and where each one stands in it.
struct DecodedTransactions {
  Bytes rlp;
  struct Span {
    std::uint32_t offset;
    std::uint32_t size;
  };
  std::vector<Span> spans;
  [[nodiscard]] std::size_t size() const noexcept { return spans.size(); }
  [[nodiscard]] ByteView transaction(std::size_t index) const noexcept {
    return ByteView(rlp).subspan(spans[index].offset, spans[index].size);
  }
};

/// One validated input for the driver. Value; payloads are shared.
struct PreconfirmationInput {
  p2p::SignedCommitment commitment;
  /// Absent for a hand-over marker.
  std::shared_ptr<const DecodedTransactions> transactions;
  /// The list as it travelled, for audit; may be null.
  std::shared_ptr<const Bytes> compressed;

  /// The skip rule of node book 4.1: eop, all-zero list hash, and no transactions.
  [[nodiscard]] bool should_skip() const noexcept;
};

/// What became of a submission.
enum class SubmitStatus : std::uint8_t {
  executed,  ///< the block is in the engine
  queued,    ///< accepted; the tip will tell
  skipped,   ///< a marker: nothing to build
  stale,     ///< at or below what L1 confirmed: without effect
};

/// Callbacks run exactly once, never inside the call, unless the handle is destroyed first.
class DriverClient {
 public:
  using OnSubmitted = std::move_only_function<void(Result<SubmitStatus>)>;
  using OnSynced = std::move_only_function<void(Result<>)>;
  using OnRejected = std::move_only_function<void(const Hash256& preconfirmation_hash, const Error& why)>;

  virtual ~DriverClient() = default;
  /// Hands over one input. Errors: `limit` (queue full: `on_room` will call), `closed`, `unavailable` (retry
  /// later), `invalid` (the engine refused the block: do not retry).
  [[nodiscard]] virtual Handle submit_preconfirmation(PreconfirmationInput input,
                                                      OnSubmitted on_submitted) = 0;
  /// Calls back when L1 event sync has caught up with the inbox.
  [[nodiscard]] virtual Handle wait_event_sync(OnSynced on_synced) = 0;
  /// Highest L2 block covered by confirmed L1 events; `unavailable` when not known (fail closed).
  [[nodiscard]] virtual Result<U256> event_sync_tip() const = 0;
  /// Highest L2 block in the engine, confirmed or preconfirmed.
  [[nodiscard]] virtual Result<U256> preconf_tip() const = 0;
  /// Calls back after each change of either tip.
  [[nodiscard]] virtual Handle on_tip_change(std::move_only_function<void()> callback) = 0;
  /// Calls back when a queue that refused with `limit` has room again.
  [[nodiscard]] virtual Handle on_room(std::move_only_function<void()> callback) = 0;
  /// Calls back when a block that was `queued` turned out to be one that the engine refuses. Drivers that
  /// answer a submission only after execution have nothing to say here.
  [[nodiscard]] virtual Handle on_rejected(OnRejected callback);
};

}  // namespace libpreconf::preconf
