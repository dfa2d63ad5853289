#include "process/json_value.h"

#include "process/child_process.h"

namespace libpreconf::test {

JsonValue JsonValue::parse(std::string_view text) {
  json_error_t error;
  json_t* value = json_loadb(text.data(), text.size(), JSON_DECODE_ANY, &error);
  if (value == nullptr) {
    throw TestFailure("not JSON (" + std::string(error.text) + "): " + std::string(text.substr(0, 300)));
  }
  return JsonValue(std::shared_ptr<json_t>(value, JsonDelete()));
}

JsonValue JsonValue::borrowed(json_t* value) {
  return JsonValue(std::shared_ptr<json_t>(json_incref(value), JsonDelete()));
}

JsonValue JsonValue::operator[](const char* key) const {
  return borrowed(json_object_get(value_.get(), key));
}
JsonValue JsonValue::at(std::size_t index) const {
  return borrowed(json_array_get(value_.get(), index));
}
std::size_t JsonValue::size() const {
  return json_is_object(value_.get()) ? json_object_size(value_.get()) : json_array_size(value_.get());
}
std::string JsonValue::text() const {
  const char* text = json_string_value(value_.get());
  return text == nullptr ? std::string() : std::string(text, json_string_length(value_.get()));
}
std::int64_t JsonValue::integer() const {
  return json_integer_value(value_.get());
}
bool JsonValue::is_null() const {
  return value_ == nullptr || json_is_null(value_.get());
}
bool JsonValue::is_true() const {
  return json_is_true(value_.get());
}
bool JsonValue::is_array() const {
  return json_is_array(value_.get());
}
bool JsonValue::has(const char* key) const {
  return json_object_get(value_.get(), key) != nullptr;
}

bool JsonValue::contains_text(std::string_view wanted) const {
  for (std::size_t i = 0; i < json_array_size(value_.get()); ++i) {
    if (at(i).text() == wanted) return true;
  }
  return false;
}

std::string JsonValue::dump() const {
  char* text = json_dumps(value_.get(), JSON_COMPACT | JSON_ENCODE_ANY);
  std::string out = text == nullptr ? "null" : text;
  std::free(text);
  return out;
}

}  // namespace libpreconf::test
