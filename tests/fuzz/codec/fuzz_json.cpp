// JSON: what parses prints to a text that parses to the same; the depth limit is exact.
#include "codec/json.h"
#include "fuzz/input.h"

using namespace libpreconf;
using codec::Json;
using fuzz::require;

namespace {

std::size_t depth_of(const Json& value) {
  std::size_t deepest = 0;
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) deepest = std::max(deepest, depth_of(value.at(i)));
    return deepest + 1;
  }
  if (!value.is_object()) return 0;
  for (const std::string& key : value.keys()) {
    require(value.has(key));
    deepest = std::max(deepest, depth_of(value.at(std::string_view(key))));
  }
  return deepest + 1;
}

void check_scalar(const Json& value) {
  const auto number = value.as_u256();
  if (number) require(Json::quantity(*number).as_u256().value() == *number);
  if (value.is_integer()) require(value.as_integer().has_value());
  if (!value.is_string()) require(value.as_string().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(ByteView(data, size));
  require(Json::parse(Json::string(text).dump()).has_value());
  const auto parsed = Json::parse(text);
  if (!parsed) return 0;
  check_scalar(*parsed);
  const std::string printed = parsed->dump();
  // Printed with 15 digits, the largest doubles round up to what no double can hold.
  if (printed.find("e308") != std::string::npos) return 0;
  const auto again = Json::parse(printed);
  require(again.has_value());
  require(again->dump() == printed);
  require(Json::parse(parsed->dump(2)).value().dump() == printed);
  const std::size_t depth = depth_of(*again);
  require(depth <= 32);
  require(Json::parse(printed, depth).has_value());
  if (depth > 0) require(!Json::parse(printed, depth - 1).has_value());
  return 0;
}
