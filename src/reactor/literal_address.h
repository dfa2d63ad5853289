#pragma once
// Host names that are addresses already.

#include <optional>
#include <string_view>
#include <vector>

#include "libpreconf/reactor/reactor.h"

namespace libpreconf {

/// The answer for "127.0.0.1", "::1" or "[::1]" (not_found where it is of the other family); nothing for a
/// name.
[[nodiscard]] std::optional<Result<std::vector<SocketAddress>>> literal_address(std::string_view name,
                                                                                AddressFamily family);

}  // namespace libpreconf
