#pragma once
// A first look at a JSON body, in slices that yield: enforces the depth limit and cuts long strings out, so
// that jansson (65 ms for one 4 MiB string) parses only the short rest (design.md, rule 1).
//
// Not a validator: whatever is not JSON for another reason is left for jansson to refuse. What is cut out is
// replaced by a token that no body can contain by chance: it carries a nonce of the request.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libpreconf/base/result.h"

namespace libpreconf::rpc {

/// A long string of the body, without its quotes.
struct CutString {
  std::size_t offset = 0;
  std::size_t size = 0;
};

class JsonScanner {
 public:
  /// Longer strings are cut out (design.md, rule 1).
  static constexpr std::size_t kCutOver = 64 * 1024;
  /// Bytes a slice; about 0.2 ms.
  static constexpr std::size_t kSlice = 256 * 1024;
  static constexpr std::size_t kMaxDepth = 32;  // program.md "RPC limits and codes"
  /// A publishBlock batch has one long string a call; more are no use to anybody.
  static constexpr std::size_t kMaxCuts = 256;

  /// `body` must stay in place until the scanner and what it found are done with.
  JsonScanner(std::string_view body, std::uint64_t nonce);

  /// Looks at one more slice; true when the whole body was seen. `malformed`: too deep, a long string with an
  /// escape in it, or an open string at the end. `too_large`: too many long strings.
  [[nodiscard]] Result<bool> step();

  /// The body with its long strings replaced by tokens. Once, after `step` returned true.
  [[nodiscard]] std::string take_short_body();
  /// The text behind a token, or nothing if `value` is none: an ordinary string.
  [[nodiscard]] const CutString* find(std::string_view value) const;
  [[nodiscard]] std::string_view text(const CutString& cut) const {
    return body_.substr(cut.offset, cut.size);
  }
  [[nodiscard]] std::size_t cut_count() const { return cuts_.size(); }

 private:
  [[nodiscard]] Result<> open();
  [[nodiscard]] Result<> end_string(std::size_t quote);
  [[nodiscard]] Result<std::size_t> scan_string(std::size_t at, std::size_t end);

  std::string_view body_;
  std::string token_;  ///< what every token begins with
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;     ///< the next character belongs to an escape
  bool has_escape_ = false;  ///< the current string has one
  std::size_t string_start_ = 0;
  std::size_t copied_ = 0;  ///< how far the body went into short_
  std::string short_;
  std::vector<CutString> cuts_;
};

}  // namespace libpreconf::rpc
