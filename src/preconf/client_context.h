#pragma once
// What the parts of the client share: the references it was made with, the tips as last read, counters and
// events. Owned by PreconfirmationClient; the parts hold plain references to it.

#include <optional>
#include <string>

#include "libpreconf/preconf/preconfirmation_client.h"
#include "preconf/client_counters.h"
#include "preconf/executed_chain.h"
#include "preconf/subscribers.h"

namespace libpreconf::preconf {

struct ClientContext {
  ClientContext(Reactor& the_reactor, ClientConfig the_config, CommitmentStore& the_store,
                const p2p::SignerSchedule& schedule, DriverClient& the_driver);

  Reactor& reactor;
  ClientConfig config;
  CommitmentStore& store;
  DriverClient& driver;
  ValidationRules rules;
  ExecutedChain executed;
  ClientCounters counters;
  Subscribers<const ClientEvent&> events;
  ClientNetwork* network = nullptr;  ///< from start to stop

  /// Highest block that L1 confirmed, as last read; 0 before the first answer (node book I-2).
  std::uint64_t event_sync_tip = 0;
  /// False while the driver does not know it.
  bool event_sync_tip_known = false;
  /// Highest block in the engine; absent while the driver does not know it.
  std::optional<std::uint64_t> preconf_tip;

  /// Reads both tips from the driver, and tells the store.
  void refresh_tips();
  /// The higher of the two tips.
  [[nodiscard]] std::uint64_t tip() const noexcept;
  [[nodiscard]] ParentLink parent_link(const StoredCommitment& child) const {
    return check_parent_link(store, executed, event_sync_tip, child);
  }
  void reject(CommitmentFault fault) noexcept {
    ++counters.validation_failures[static_cast<std::size_t>(fault)];
  }
  void emit(const ClientEvent& event) { events.call(event); }
  /// Logs, and tells the subscribers.
  void report_error(std::string text);
};

}  // namespace libpreconf::preconf
