#pragma once
// Test vectors from tests/vectors/*.json, through jansson.

#include <jansson.h>

#include <memory>
#include <string>
#include <string_view>

#include "libpreconf/base/bytes.h"

namespace libpreconf::test {

struct JsonDelete {
  void operator()(json_t* value) const { json_decref(value); }
};
using JsonDocument = std::unique_ptr<json_t, JsonDelete>;

/// Loads tests/vectors/NAME (whole numbers over 2^63-1 become decimal strings); fails the calling test and
/// aborts if it cannot be read.
JsonDocument load_vectors(std::string_view name);
/// Member `key` of an object, which must exist.
json_t* member(json_t* object, const char* key);
/// A string member's text.
std::string text_of(json_t* object, const char* key);
/// A hex string (with or without 0x), decoded.
Bytes bytes_of(json_t* value);
Bytes bytes_of(json_t* object, const char* key);
/// Hex literal in a test.
Bytes unhex(std::string_view text);

}  // namespace libpreconf::test
