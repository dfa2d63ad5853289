#include "rpc/json_scanner.h"

#include <algorithm>
#include <charconv>

#include "libpreconf/base/hex.h"

namespace libpreconf::rpc {
namespace {

std::string token_of(std::uint64_t nonce) {
  FixedBytes<8> raw;
  for (std::size_t i = 0; i < raw.size(); ++i) raw[i] = static_cast<std::uint8_t>(nonce >> (8 * i));
  return "cut-" + to_hex_digits(raw) + "-";
}

}  // namespace

JsonScanner::JsonScanner(std::string_view body, std::uint64_t nonce) : body_(body), token_(token_of(nonce)) {}

Result<bool> JsonScanner::step() {
  const std::size_t end = std::min(body_.size(), at_ + kSlice);
  while (at_ < end) {
    if (in_string_) {
      PRECONF_TRY(at_, scan_string(at_, end));
      continue;
    }
    const char c = body_[at_++];
    if (c == '"') {
      in_string_ = true;
      has_escape_ = false;
      string_start_ = at_;
    } else if (c == '{' || c == '[') {
      PRECONF_CHECK_OK(open());
    } else if ((c == '}' || c == ']') && depth_ > 0) {
      --depth_;
    }
  }
  if (at_ < body_.size()) return false;
  if (in_string_) return fail(ErrorCode::malformed, "the body ends inside a string");
  short_.append(body_.substr(copied_));
  copied_ = body_.size();
  return true;
}

Result<> JsonScanner::open() {
  if (++depth_ > kMaxDepth) {
    return fail(ErrorCode::malformed, "nested deeper than " + std::to_string(kMaxDepth) + " levels");
  }
  return {};
}

/// Goes on inside a string; returns where to look next.
Result<std::size_t> JsonScanner::scan_string(std::size_t at, std::size_t end) {
  for (; at < end; ++at) {
    const char c = body_[at];
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
      has_escape_ = true;
    } else if (c == '"') {
      in_string_ = false;
      PRECONF_CHECK_OK(end_string(at));
      return at + 1;
    }
  }
  return at;
}

Result<> JsonScanner::end_string(std::size_t quote) {
  const std::size_t size = quote - string_start_;
  if (size <= kCutOver) return {};
  // Only hex strings are that long; an escape in one is nothing that a caller means.
  if (has_escape_) return fail(ErrorCode::malformed, "a string over 64 KiB with an escape in it");
  if (cuts_.size() >= kMaxCuts) return fail(ErrorCode::too_large, "too many strings over 64 KiB");
  short_.append(body_.substr(copied_, string_start_ - copied_));
  short_.append(token_).append(std::to_string(cuts_.size()));
  copied_ = quote;
  cuts_.push_back({string_start_, size});
  return {};
}

std::string JsonScanner::take_short_body() {
  return std::move(short_);
}

const CutString* JsonScanner::find(std::string_view value) const {
  if (!value.starts_with(token_)) return nullptr;
  const std::string_view digits = value.substr(token_.size());
  std::size_t index = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (fault != std::errc() || end != digits.data() + digits.size() || index >= cuts_.size()) return nullptr;
  return &cuts_[index];
}

}  // namespace libpreconf::rpc
