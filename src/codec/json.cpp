#include "codec/json.h"

#include <jansson.h>

#include <limits>

#include "libpreconf/base/hex.h"

namespace libpreconf::codec {
namespace {

// Enough to tell microseconds in seconds; 17 digits would print 0.1 as 0.10000000000000001.
constexpr int kRealDigits = 15;
constexpr int kMaxIndent = 31;

std::string position(int line, int column) {
  return " at line " + std::to_string(line) + ", column " + std::to_string(column);
}

// jansson recurses once a level, so the depth is counted before it starts. Brackets inside strings do not
// count.
Result<> check_depth(std::string_view text, std::size_t max_depth) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > max_depth) {
        return fail(ErrorCode::malformed, "JSON nested deeper than " + std::to_string(max_depth) +
                                              " levels at byte " + std::to_string(i));
      }
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return {};
}

int append_to_text(const char* part, std::size_t size, void* text) {
  static_cast<std::string*>(text)->append(part, size);
  return 0;
}

// What is not UTF-8 has no place in JSON; each byte over 0x7f of such a text becomes '?'.
json_t* string_or_ascii(std::string_view text) {
  if (json_t* value = json_stringn(text.data(), text.size())) return value;
  std::string ascii(text);
  for (char& c : ascii) {
    if (static_cast<unsigned char>(c) > 0x7f) c = '?';
  }
  return json_stringn(ascii.data(), ascii.size());
}

}  // namespace

Json::Json() : value_(json_null()) {}
// jansson answers a null pointer where memory or the type is missing; for us that is the null value.
Json::Json(json_t* owned) noexcept : value_(owned != nullptr ? owned : json_null()) {}
Json::Json(const Json& other) : value_(json_incref(other.value_)) {}
Json::Json(Json&& other) noexcept : value_(std::exchange(other.value_, json_null())) {}
Json& Json::operator=(Json other) noexcept {
  std::swap(value_, other.value_);
  return *this;
}
Json::~Json() {
  json_decref(value_);
}

Result<Json> Json::parse(std::string_view text, std::size_t max_depth) {
  PRECONF_CHECK_OK(check_depth(text, max_depth));
  json_error_t error;
  json_t* const value =
      json_loadb(text.empty() ? "" : text.data(), text.size(), JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
  if (value == nullptr) {
    return fail(ErrorCode::malformed,
                std::string("not JSON: ") + error.text + position(error.line, error.column));
  }
  return Json(value);
}

Json Json::object() {
  return Json(json_object());
}
Json Json::array() {
  return Json(json_array());
}
Json Json::string(std::string_view text) {
  return Json(string_or_ascii(text));
}
Json Json::boolean(bool value) {
  return Json(json_boolean(value));
}
Json Json::number(std::uint64_t value) {
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<json_int_t>::max());
  return value > kMax ? string(std::to_string(value)) : Json(json_integer(static_cast<json_int_t>(value)));
}
Json Json::integer(std::int64_t value) {
  return Json(json_integer(value));
}

Json Json::real(double value) {
  return Json(json_real(value));
}
Json Json::quantity(const U256& value) {
  return string(value.to_hex());
}
Json Json::hex(ByteView bytes) {
  return string(to_hex(bytes));
}

bool Json::is_null() const {
  return json_is_null(value_);
}
bool Json::is_object() const {
  return json_is_object(value_);
}
bool Json::is_array() const {
  return json_is_array(value_);
}
bool Json::is_string() const {
  return json_is_string(value_);
}
bool Json::is_integer() const {
  return json_is_integer(value_);
}
bool Json::is_number() const {
  return json_is_number(value_);
}
bool Json::is_boolean() const {
  return json_is_boolean(value_);
}

std::size_t Json::size() const {
  return is_array() ? json_array_size(value_) : json_object_size(value_);
}

Json Json::at(std::size_t index) const {
  return Json(json_incref(json_array_get(value_, index)));
}

Json Json::at(std::string_view key) const {
  return Json(json_incref(json_object_getn(value_, key.data(), key.size())));
}

bool Json::has(std::string_view key) const {
  return json_object_getn(value_, key.data(), key.size()) != nullptr;
}

std::vector<std::string> Json::keys() const {
  std::vector<std::string> out;
  for (void* at = json_object_iter(value_); at != nullptr; at = json_object_iter_next(value_, at)) {
    out.emplace_back(json_object_iter_key(at), json_object_iter_key_len(at));
  }
  return out;
}

std::string_view Json::as_string() const {
  return is_string() ? std::string_view(json_string_value(value_), json_string_length(value_))
                     : std::string_view();
}

std::optional<std::int64_t> Json::as_integer() const {
  return is_integer() ? std::optional<std::int64_t>(json_integer_value(value_)) : std::nullopt;
}

std::optional<bool> Json::as_boolean() const {
  return is_boolean() ? std::optional(json_boolean_value(value_)) : std::nullopt;
}

Result<U256> Json::as_u256() const {
  if (is_string()) return U256::parse(as_string());
  const std::optional<std::int64_t> integer = as_integer();
  if (!integer) {
    return fail(ErrorCode::malformed, "expected a hex string, a decimal string or a whole number");
  }
  if (*integer < 0) return fail(ErrorCode::out_of_range, "expected a number that is not negative");
  return U256(static_cast<std::uint64_t>(*integer));
}

Json& Json::set(std::string_view key, Json value) {
  json_object_setn_new(value_, key.data(), key.size(), std::exchange(value.value_, json_null()));
  return *this;
}

Json& Json::append(Json value) {
  json_array_append_new(value_, std::exchange(value.value_, json_null()));
  return *this;
}

std::string Json::dump(int indent) const {
  const int shape = indent > 0 ? JSON_INDENT(indent < kMaxIndent ? indent : kMaxIndent) : JSON_COMPACT;
  std::string text;
  json_dump_callback(value_, append_to_text, &text,
                     static_cast<std::size_t>(JSON_ENCODE_ANY | JSON_REAL_PRECISION(kRealDigits) | shape));
  return text;
}

}  // namespace libpreconf::codec
