#include "support/vectors.h"

#include <cstdio>
#include <cstdlib>

#include "libpreconf/base/hex.h"

namespace libpreconf::test {
namespace {

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "test vectors: %s\n", what.c_str());
  std::abort();
}

}  // namespace

JsonDocument load_vectors(std::string_view name) {
  const std::string path = std::string(PRECONF_SOURCE_DIR "/tests/vectors/").append(name);
  json_error_t error;
  JsonDocument document(json_load_file(path.c_str(), 0, &error));
  if (!document) give_up(path + ": " + error.text);
  return document;
}

json_t* member(json_t* object, const char* key) {
  json_t* value = json_object_get(object, key);
  if (value == nullptr) give_up(std::string("no member ") + key);
  return value;
}

std::string text_of(json_t* object, const char* key) {
  const char* text = json_string_value(member(object, key));
  if (text == nullptr) give_up(std::string("no text in ") + key);
  return text;
}

Bytes bytes_of(json_t* value) {
  const char* text = json_string_value(value);
  if (text == nullptr) give_up("not a hex string");
  return unhex(text);
}

Bytes bytes_of(json_t* object, const char* key) {
  return bytes_of(member(object, key));
}

Bytes unhex(std::string_view text) {
  auto bytes = from_hex(text, 64 << 20);
  if (!bytes) give_up(bytes.error().message);
  return *std::move(bytes);
}

}  // namespace libpreconf::test
