// The scanner and jansson agree on what is JSON, and what was cut out is what stood there.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "codec/json.h"
#include "libpreconf/base/hex.h"
#include "rpc/json_scanner.h"

namespace {

using libpreconf::ErrorCode;
using libpreconf::codec::Json;
using libpreconf::rpc::JsonScanner;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "property broken: %s\n", what);
  std::abort();
}

/// Two bytes that JSON forbids stand for long runs, so that short inputs reach the bound of cut strings.
std::string expand(const std::uint8_t* data, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == 1) {
      out.append(600, 'a');
    } else if (data[i] == 2) {
      out.append(700, 'z');
    } else {
      out.push_back(static_cast<char>(data[i]));
    }
  }
  return out;
}

void check_cut(const JsonScanner& scanner, std::string_view token, std::string_view original) {
  const auto* cut = scanner.find(token);
  if (cut == nullptr) return require(token == original, "a string that was not cut is the same");
  require(scanner.text(*cut) == original, "a cut string is what stood there");
  const auto bytes = libpreconf::from_hex(original, original.size());
  require(bytes.has_value() == cut->bytes.has_value(), "hex is told from what is not");
  if (bytes) require(*bytes == *cut->bytes, "hex is decoded right");
}

void compare(const JsonScanner& scanner, const Json& cut, const Json& full) {
  if (full.is_string()) return check_cut(scanner, cut.as_string(), full.as_string());
  if (full.is_array()) {
    require(cut.size() == full.size(), "arrays have the same length");
    for (std::size_t i = 0; i < full.size(); ++i) compare(scanner, cut.at(i), full.at(i));
    return;
  }
  if (!full.is_object()) return require(cut.dump() == full.dump(), "other values are the same");
  for (const std::string& key : full.keys()) {
    // A long key has a token for a name.
    if (cut.has(key)) compare(scanner, cut.at(key), full.at(key));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  const std::string body = expand(data, size);
  const auto full = Json::parse(body, JsonScanner::kMaxDepth);
  JsonScanner scanner(body, 0x0123456789abcdefULL);
  libpreconf::Result<bool> done = false;
  while (done && !*done) done = scanner.step();
  if (!done) {
    if (done.error().code == ErrorCode::malformed)
      require(!full, "what the scanner calls malformed is no JSON");
    return 0;
  }
  const auto cut = Json::parse(scanner.take_short_body(), JsonScanner::kMaxDepth);
  require(cut.has_value() == full.has_value(), "the rest is JSON exactly if the body is");
  if (full) compare(scanner, *cut, *full);
  return 0;
}
