#include "support/vectors.h"

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "libpreconf/base/hex.h"

namespace libpreconf::test {
namespace {

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "test vectors: %s\n", what.c_str());
  std::abort();
}

// jansson refuses whole numbers over 2^63-1; the vectors' uint256 fields become decimal strings before it
// reads.
std::string with_large_numbers_quoted(const std::string& text) {
  constexpr std::size_t kDigitsThatFit = 19;
  std::string out;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '"' && (i == 0 || text[i - 1] != '\\')) in_string = !in_string;
    std::size_t end = i;
    while (!in_string && end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0) ++end;
    const bool large = end - i > kDigitsThatFit;
    if (end == i) end = i + 1;
    const std::string part = text.substr(i, end - i);
    out += large ? '"' + part + '"' : part;
    i = end;
  }
  return out;
}

std::string contents_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) give_up(path + ": cannot be read");
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

JsonDocument load_vectors(std::string_view name) {
  const std::string path = std::string(PRECONF_SOURCE_DIR "/tests/vectors/").append(name);
  const std::string text = with_large_numbers_quoted(contents_of(path));
  json_error_t error;
  JsonDocument document(json_loadb(text.data(), text.size(), 0, &error));
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
