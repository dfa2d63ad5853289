// Hex and uint256 texts: whatever parses prints to something that parses to the same value.
#include <cstdlib>

#include "libpreconf/base/hex.h"
#include "libpreconf/base/u256.h"

using namespace libpreconf;

namespace {
void require(bool holds) {
  if (!holds) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto bytes = from_hex(text, 4096)) {
    require(from_hex(to_hex(*bytes), 4096).value() == *bytes);
  }
  if (const auto value = U256::parse(text)) {
    require(U256::parse(value->to_hex()).value() == *value);
    require(U256::parse(value->to_decimal()).value() == *value);
    require(U256::from_big_endian(value->to_big_endian_trimmed()).value() == *value);
    if (const auto sum = value->checked_add(*value)) {
      require(sum->checked_subtract(*value) == *value);
      require(value->checked_multiply(2) == *sum);
    }
    const auto [quotient, rest] = value->divide(1'000'003);
    require(quotient.checked_multiply(1'000'003)->checked_add(rest) == *value);
  }
  return 0;
}
