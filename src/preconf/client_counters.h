#pragma once
// What the heart counts; the names in the comments are those of node book 15.1.

#include <array>

#include "base/counters.h"
#include "preconf/commitment_validation.h"

namespace libpreconf::preconf {

struct ClientCounters {
  Histogram catch_up_duration;       ///< preconf_client_catchup_duration_seconds
  Histogram event_sync_wait;         ///< preconf_client_event_sync_wait_duration_seconds
  Histogram driver_submit_duration;  ///< from submission to the driver's answer
  Counter synced = 0;                ///< preconf_client_synced_total
  Counter commitments_received = 0;  ///< preconf_client_commitments_received_total
  Counter tx_lists_received = 0;     ///< preconf_client_txlists_received_total
  /// preconf_client_validation_failures_total, by reason.
  std::array<Counter, kCommitmentFaults> validation_failures{};
  Counter driver_submit_success = 0;  ///< preconf_client_driver_submit_success_total
  Counter driver_submit_failure = 0;  ///< preconf_client_driver_submit_failure_total
  Counter catch_up_batches = 0;       ///< preconf_client_catchup_batches_total
  Counter catch_up_errors = 0;        ///< preconf_client_catchup_errors_total
  Counter catch_up_retries = 0;

  Counter commitments_accepted = 0;
  Counter duplicates = 0;
  Counter stale = 0;         ///< at or below what L1 confirmed
  Counter too_far = 0;       ///< over kMaxBlocksAhead above the tip
  Counter surplus = 0;       ///< a third candidate of one signer, or a height that is full
  Counter orphans_held = 0;  ///< wait for a marker that may be their parent
  Counter equivocations = 0;
  Counter handovers = 0;
  Counter bad_blocks = 0;     ///< lists that do not decode, blocks that the driver refused
  Counter resubmissions = 0;  ///< queued blocks that the driver never executed
  Counter tx_list_fetches = 0;
  Counter tx_list_fetch_failures = 0;
  Counter tx_lists_refused = 0;  ///< no room in the store
  Counter published = 0;
  Counter publish_failures = 0;
  Counter outbox_dropped = 0;  ///< published, but no peer took it in time

  // Gauges, brought up to date by PreconfirmationClient::counters().
  std::uint64_t head_block = 0;              ///< preconf_client_head_block
  std::uint64_t awaiting_tx_list_depth = 0;  ///< preconf_client_awaiting_txlist_depth
  std::uint64_t store_commitments = 0;       ///< preconf_client_store_commitments_count
  std::uint64_t store_tx_lists = 0;          ///< preconf_client_store_txlists_count
  std::uint64_t store_bytes = 0;
  std::uint64_t pending_commitments = 0;  ///< preconf_client_store_pending_commitments_count: orphans
  std::uint64_t contiguity_gap = 0;       ///< blocks that lack below the lowest stored one above the tip

  [[nodiscard]] Counter validation_failures_total() const noexcept {
    Counter sum = 0;
    for (const Counter count : validation_failures) sum += count;
    return sum;
  }
};

}  // namespace libpreconf::preconf
