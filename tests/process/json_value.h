#pragma once
// A JSON value that a test looks into, over jansson directly: the node's own JSON code is under test.

#include <cstdint>
#include <string>
#include <string_view>

#include "support/vectors.h"

namespace libpreconf::test {

/// Shared, never null as an object: what is not there reads as JSON null, "" or 0.
class JsonValue {
 public:
  JsonValue() = default;
  /// Throws TestFailure with the text if it is not JSON.
  [[nodiscard]] static JsonValue parse(std::string_view text);

  [[nodiscard]] JsonValue operator[](const char* key) const;
  [[nodiscard]] JsonValue at(std::size_t index) const;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::int64_t integer() const;
  [[nodiscard]] bool is_null() const;
  [[nodiscard]] bool is_true() const;
  [[nodiscard]] bool is_array() const;
  [[nodiscard]] bool has(const char* key) const;
  /// For an array of strings.
  [[nodiscard]] bool contains_text(std::string_view wanted) const;
  [[nodiscard]] std::string dump() const;

 private:
  explicit JsonValue(std::shared_ptr<json_t> value) : value_(std::move(value)) {}
  [[nodiscard]] static JsonValue borrowed(json_t* value);
  std::shared_ptr<json_t> value_;
};

}  // namespace libpreconf::test
