#include "reactor/literal_address.h"

namespace libpreconf {

std::optional<Result<std::vector<SocketAddress>>> literal_address(std::string_view name,
                                                                  AddressFamily family) {
  // Longer than any address, with brackets.
  if (name.size() > 48) return std::nullopt;
  const std::string text(name);
  auto address = SocketAddress::parse(text + ":0");
  if (!address) address = SocketAddress::parse("[" + text + "]:0");
  if (!address) return std::nullopt;
  if ((family == AddressFamily::v4 && address->is_v6()) ||
      (family == AddressFamily::v6 && !address->is_v6())) {
    return fail(ErrorCode::not_found, text + " is no address of the family that was asked for");
  }
  return std::vector<SocketAddress>{*address};
}

}  // namespace libpreconf
