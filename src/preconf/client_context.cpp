#include "preconf/client_context.h"

#include <algorithm>

#include "base/log.h"

namespace libpreconf::preconf {
namespace {

std::optional<std::uint64_t> narrow(const Result<U256>& tip) {
  return tip ? tip->to_u64() : std::nullopt;
}

}  // namespace

ClientContext::ClientContext(Reactor& the_reactor, ClientConfig the_config, CommitmentStore& the_store,
                             const p2p::SignerSchedule& schedule, DriverClient& the_driver)
    : reactor(the_reactor), config(std::move(the_config)), store(the_store), driver(the_driver) {
  rules.schedule = &schedule;
  rules.expected_slasher = config.expected_slasher;
  rules.signing_domain = config.signing_domain;
}

void ClientContext::refresh_tips() {
  const auto confirmed = narrow(driver.event_sync_tip());
  event_sync_tip_known = confirmed.has_value();
  if (confirmed && *confirmed != event_sync_tip) {
    event_sync_tip = *confirmed;
    store.confirmed_up_to(U256(event_sync_tip));
  }
  const auto executed_tip = narrow(driver.preconf_tip());
  if (executed_tip && executed_tip != preconf_tip) store.executed_up_to(*executed_tip);
  preconf_tip = executed_tip;
}

std::uint64_t ClientContext::tip() const noexcept {
  return std::max(event_sync_tip, preconf_tip.value_or(0));
}

void ClientContext::report_error(std::string text) {
  log_warn(LogArea::preconf, "{}", text);
  emit(ClientError{std::move(text)});
}

}  // namespace libpreconf::preconf
