#pragma once
// What the driver must know of the L1 inbox to say whether event sync has caught up.

#include <functional>

#include "libpreconf/base/result.h"
#include "libpreconf/reactor/reactor.h"

namespace libpreconf::driver {

class InboxReader {
 public:
  virtual ~InboxReader() = default;
  /// The id that the next proposal will get; 0 on an inbox that has never seen one. Calls back once, never
  /// inside the call.
  [[nodiscard]] virtual Handle next_proposal_id(
      std::move_only_function<void(Result<std::uint64_t>)> on_id) = 0;
};

}  // namespace libpreconf::driver
