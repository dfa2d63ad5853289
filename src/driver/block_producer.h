#pragma once
// The consumer of the embedded driver: takes inputs from its channel and makes blocks of them on an execution
// engine, one at a time and in order (node book 4.5, chapter 11).
//
//   idle --input--> parent header --> grandparent header --> build --> tip moves --> idle
//     |  \-- marker, stale, duplicate, malformed: done with at once        |
//     \<-- retry after 1 to 12 s <-- the engine is not available now <-----/
//
// An input is done with when its block stands, when nothing is to be built for it, or when it cannot ever
// become a block (a number out of range, no parent, refused by the engine): those are counted, logged and
// rejected, so that the heart may offer another candidate, and the next input is taken. Only an engine that
// is not available now is asked again. A block at or below the head replaces it and what stands above;
// nothing at or below the event sync tip is ever touched.
//
// Owned by node/. States: created -start-> running. Destroying it stops at once and closes the channel.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "base/counters.h"
#include "l2/execution_engine.h"
#include "libpreconf/driver/embedded_driver_client.h"

namespace libpreconf::driver {

struct BlockProducerConfig {
  std::uint64_t chain_id = 167000;
  /// `basefeeSharingPctg` of the inbox configuration, which stands in each block's extra data.
  std::uint8_t base_fee_sharing_percentage = 75;
};

class BlockProducer {
 public:
  /// The names in node book 15.2, with driver_preconf_ before them.
  struct Counters {
    Counter injection_success = 0;
    Counter injection_failures = 0;
    Counter parent_hash_lookup_failures = 0;
    Counter retry_attempts = 0;
    Counter stale_dropped = 0;
    Counter duplicates = 0;  ///< the block stands already
    Counter markers_skipped = 0;
    Counter transactions_left_out = 0;  ///< listed, and not in the block
    Histogram injection_duration;
    Histogram parent_hash_lookup_duration;
  };

  /// What became of an input. `header` of a block that stands now, else null with what was wrong; both null
  /// for a marker or a stale input.
  struct Outcome {
    const preconf::PreconfirmationInput& input;
    const l2::BlockHeader* header = nullptr;
    const Error* error = nullptr;
    Duration took{0};
  };
  /// Called when an input is done with. Must not destroy the producer.
  using OnOutcome = std::move_only_function<void(const Outcome&)>;

  /// `reactor` and `engine` must outlive the producer.
  BlockProducer(Reactor& reactor, DriverChannels channels, l2::ExecutionEngine& engine,
                BlockProducerConfig config, OnOutcome on_outcome = {});
  ~BlockProducer();
  BlockProducer(const BlockProducer&) = delete;
  BlockProducer& operator=(const BlockProducer&) = delete;

  /// Reads the engine's head, says it as the tip, and begins to take inputs.
  void start();
  /// The highest block that L1 confirmed; at the start 0.
  void set_event_sync_tip(const U256& block_number);
  /// While held, no input is taken and no engine asked again: L1 derivation and promises have the engine in
  /// turns (node book I-7). Wait for `idle` before the engine is touched.
  void hold(bool held);
  /// Somebody else (L1 derivation) has built on the engine, from this block up: what was produced there is
  /// forgotten, and the engine's head is said as the tip.
  void engine_changed(std::uint64_t from);
  /// The engine is not asked anything. An input may still be in hand while the producer is held.
  [[nodiscard]] bool idle() const noexcept { return !current_ || (held_ && engine_unavailable_); }
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }

 private:
  /// The input in hand, and what is known of its block so far.
  struct Work {
    preconf::PreconfirmationInput input;
    l2::BlockAttributes attributes;
    std::uint64_t proposal_id = 0;
    l2::BlockHeader parent;
    Instant started;
  };

  void read_head();
  void say_head();
  void take_inputs();
  [[nodiscard]] bool needs_no_block(const preconf::PreconfirmationInput& input);
  [[nodiscard]] Result<Work> prepare(preconf::PreconfirmationInput& input) const;
  [[nodiscard]] bool became_stale();
  void look_up_parent();
  void look_up_grandparent();
  void parent_lookup_failed(const Error& error);
  void build(const l2::BlockHeader& grandparent);
  void built(const l2::BlockHeader& header);
  void failed(const Error& error);
  void retry_later();
  [[nodiscard]] Duration next_pause();
  void remember(const preconf::PreconfirmationInput& input, std::uint64_t number);
  void report(const Outcome& outcome);

  Reactor& reactor_;
  DriverChannels channels_;
  l2::ExecutionEngine& engine_;
  BlockProducerConfig config_;
  OnOutcome on_outcome_;
  U256 event_sync_tip_;
  bool held_ = false;
  bool engine_unavailable_ = false;  ///< the input in hand waits to be tried again
  std::optional<Work> current_;
  /// What the newest blocks were made from, to know a duplicate.
  std::map<std::uint64_t, p2p::Preconfirmation> produced_;
  Duration retry_delay_{0};
  Handle input_;
  Handle pending_;    ///< the one engine call or timer that is under way
  Handle head_read_;  ///< after `engine_changed`
  Counters counters_;
};

}  // namespace libpreconf::driver
