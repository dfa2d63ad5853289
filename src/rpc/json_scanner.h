#pragma once
// A first look at a JSON body, in slices that yield: enforces the depth limit and cuts long strings out, so
// that jansson (65 ms for one 4 MiB string) parses only the short rest (design.md, rule 1). Strings that were
// cut and are hex are decoded on the way, in the same slices.
//
// Not a validator: whatever is not JSON for another reason is left for jansson to refuse. What is cut out is
// replaced by a token that no body can contain by chance: it carries a nonce of the request.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"

namespace libpreconf::rpc {

/// A long string of the body, without its quotes.
struct CutString {
  std::size_t offset = 0;
  std::size_t size = 0;
  /// Where it is an even number of hex digits, with or without 0x: what they stand for.
  std::optional<Bytes> bytes;
  /// Otherwise what is wrong with them.
  std::string_view flaw;
};

class JsonScanner {
 public:
  /// Longer strings are cut out. Far below design.md's 64 KiB, so that a batch of a hundred lists of some
  /// KiB leaves as little to jansson as one large list.
  static constexpr std::size_t kCutOver = 1024;
  /// Bytes a slice; about 0.2 ms.
  static constexpr std::size_t kSlice = 128 * 1024;
  static constexpr std::size_t kMaxDepth = 32;  // program.md "RPC limits and codes"
  /// A batch of 100 calls with two long strings each, and some.
  static constexpr std::size_t kMaxCuts = 256;
  /// What is left for jansson: 100 calls of 2 KiB. It takes 15 ns a byte, and there is no yielding inside.
  static constexpr std::size_t kMaxRest = 256 * 1024;
  /// Values in the rest: each costs jansson an allocation or two (4 MB of "1," would become 100 MB).
  static constexpr std::size_t kMaxValues = 8192;

  /// `body` must stay in place until the scanner and what it found are done with.
  JsonScanner(std::string_view body, std::uint64_t nonce);

  /// Looks at one more slice; true when the whole body was seen. `malformed`: too deep, a control character
  /// in a long string, or an open string at the end. `unsupported`: a long string that is not plain ASCII
  /// without escapes. `too_large`: more than one of the bounds above.
  [[nodiscard]] Result<bool> step();

  /// The body with its long strings replaced by tokens. Once, after `step` returned true.
  [[nodiscard]] std::string take_short_body();
  /// The cut behind a token, or nothing if `value` is none: an ordinary string.
  [[nodiscard]] const CutString* find(std::string_view value) const;
  [[nodiscard]] std::string_view text(const CutString& cut) const {
    return body_.substr(cut.offset, cut.size);
  }
  [[nodiscard]] std::size_t cut_count() const { return cuts_.size(); }

 private:
  [[nodiscard]] Result<> scan(std::size_t end);
  [[nodiscard]] Result<> enter();
  [[nodiscard]] Result<> count_value();
  [[nodiscard]] Result<> end_string(std::size_t quote);
  [[nodiscard]] Result<std::size_t> scan_string(std::size_t at, std::size_t end);
  [[nodiscard]] Result<> check_rest() const;
  void decode(std::size_t budget);
  void finish_decoding(std::string_view flaw);

  std::string_view body_;
  std::string token_;  ///< what every token begins with
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t values_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;  ///< the next character belongs to an escape
  bool plain_ = true;     ///< the current string is ASCII without escapes so far
  bool control_ = false;  ///< it has a control character, which JSON forbids
  bool finished_ = false;
  std::size_t string_start_ = 0;
  std::size_t copied_ = 0;  ///< how far the body went into short_
  std::string short_;
  std::vector<CutString> cuts_;
  std::size_t decoding_ = 0;    ///< the cut that is being decoded
  std::size_t decoded_to_ = 0;  ///< digits of it that are done
};

}  // namespace libpreconf::rpc
