#pragma once
// JSON over jansson, behind types that own what they hold. Depth and size are compared before jansson sees a
// byte. (design.md rule 1: bodies with long strings go through a sliced scanner first; rpc/ does that.)

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"
#include "libpreconf/base/u256.h"

struct json_t;

namespace libpreconf::codec {

/// A JSON value: a counted reference to jansson's. Cheap to copy. Null by default.
class Json {
 public:
  Json();
  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(Json other) noexcept;
  ~Json();

  /// Parses one document. Deeper than `max_depth` or not JSON: malformed with line and column.
  [[nodiscard]] static Result<Json> parse(std::string_view text, std::size_t max_depth = 32);
  [[nodiscard]] static Json object();
  [[nodiscard]] static Json array();
  [[nodiscard]] static Json string(std::string_view text);
  [[nodiscard]] static Json boolean(bool value);
  /// Numbers up to 2^63-1 as JSON numbers, larger ones as decimal strings (program.md).
  [[nodiscard]] static Json number(std::uint64_t value);
  [[nodiscard]] static Json integer(std::int64_t value);
  [[nodiscard]] static Json real(double value);
  /// A uint256 as a minimal hex quantity string.
  [[nodiscard]] static Json quantity(const U256& value);
  /// Bytes as 0x hex.
  [[nodiscard]] static Json hex(ByteView bytes);

  [[nodiscard]] bool is_null() const;
  [[nodiscard]] bool is_object() const;
  [[nodiscard]] bool is_array() const;
  [[nodiscard]] bool is_string() const;
  [[nodiscard]] bool is_integer() const;
  [[nodiscard]] bool is_number() const;
  [[nodiscard]] bool is_boolean() const;

  /// Size of an array or object, else 0.
  [[nodiscard]] std::size_t size() const;
  /// Element or member; a null value if there is none.
  [[nodiscard]] Json at(std::size_t index) const;
  [[nodiscard]] Json at(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> keys() const;

  [[nodiscard]] std::string_view as_string() const;  ///< "" if it is none
  [[nodiscard]] std::optional<std::int64_t> as_integer() const;
  [[nodiscard]] std::optional<bool> as_boolean() const;
  /// uint256 from a hex string, decimal string or JSON number (node book 12.2).
  [[nodiscard]] Result<U256> as_u256() const;

  Json& set(std::string_view key, Json value);
  Json& append(Json value);

  /// Compact text; `indent` > 0 for people.
  [[nodiscard]] std::string dump(int indent = 0) const;

 private:
  explicit Json(json_t* owned) noexcept;
  json_t* value_;
};

}  // namespace libpreconf::codec
