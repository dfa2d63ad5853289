#include "libpreconf/preconf/driver_client.h"

namespace libpreconf::preconf {

bool PreconfirmationInput::should_skip() const noexcept {
  return commitment.preconf().is_eop_only() && (transactions == nullptr || transactions->size() == 0);
}

Handle DriverClient::on_rejected(OnRejected) {
  return {};
}

}  // namespace libpreconf::preconf
