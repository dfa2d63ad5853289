#include "rpc/json_scanner.h"

#include <algorithm>
#include <charconv>
#include <utility>

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
  const std::size_t looked_at = end - at_;
  PRECONF_CHECK_OK(scan(end));
  // What scanning leaves of a slice goes to hex digits; they cost about as much.
  if (looked_at < kSlice) decode(kSlice - looked_at);
  if (at_ < body_.size()) return false;
  if (!std::exchange(finished_, true)) {
    if (in_string_) return fail(ErrorCode::malformed, "the body ends inside a string");
    short_.append(body_.substr(copied_));
    copied_ = body_.size();
  }
  return decoding_ == cuts_.size();
}

Result<> JsonScanner::scan(std::size_t end) {
  while (at_ < end) {
    if (in_string_) {
      PRECONF_TRY(at_, scan_string(at_, end));
      continue;
    }
    const char c = body_[at_++];
    if (c == '"') {
      in_string_ = true;
      plain_ = true;
      control_ = false;
      string_start_ = at_;
    } else if (c == '{' || c == '[') {
      PRECONF_CHECK_OK(enter());
    } else if (c == ',') {
      PRECONF_CHECK_OK(count_value());
    } else if ((c == '}' || c == ']') && depth_ > 0) {
      --depth_;
    }
  }
  return check_rest();
}

Result<> JsonScanner::enter() {
  if (++depth_ > kMaxDepth) {
    return fail(ErrorCode::malformed, "nested deeper than " + std::to_string(kMaxDepth) + " levels");
  }
  return count_value();
}

Result<> JsonScanner::count_value() {
  if (++values_ <= kMaxValues) return {};
  return fail(ErrorCode::too_large, "more than " + std::to_string(kMaxValues) + " values");
}

Result<> JsonScanner::check_rest() const {
  // A string that is still open may be cut; before it, what stays is known.
  const std::size_t seen = in_string_ ? string_start_ : at_;
  if (short_.size() + (seen - copied_) <= kMaxRest) return {};
  return fail(ErrorCode::too_large, "more than " + std::to_string(kMaxRest) + " bytes beside long strings");
}

/// Goes on inside a string; returns where to look next.
Result<std::size_t> JsonScanner::scan_string(std::size_t at, std::size_t end) {
  for (; at < end; ++at) {
    const char c = body_[at];
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      plain_ = false;
      control_ |= byte < 0x20;
    }
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
      plain_ = false;
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
  if (control_) return fail(ErrorCode::malformed, "a control character in a string");
  // Only hex strings are that long; anything else in one is nothing that a caller means.
  if (!plain_) {
    return fail(ErrorCode::unsupported,
                "a string over " + std::to_string(kCutOver) + " bytes that is not plain ASCII");
  }
  if (cuts_.size() >= kMaxCuts) {
    return fail(ErrorCode::too_large, "more than " + std::to_string(kMaxCuts) + " long strings");
  }
  short_.append(body_.substr(copied_, string_start_ - copied_));
  short_.append(token_).append(std::to_string(cuts_.size()));
  copied_ = quote;
  cuts_.push_back({string_start_, size, std::nullopt, {}});
  return {};
}

void JsonScanner::decode(std::size_t budget) {
  while (budget > 0 && decoding_ < cuts_.size()) {
    CutString& cut = cuts_[decoding_];
    std::string_view digits = text(cut);
    if (digits.starts_with("0x") || digits.starts_with("0X")) digits.remove_prefix(2);
    if (digits.size() % 2 != 0) {
      finish_decoding("an odd number of hex digits");
      continue;
    }
    if (!cut.bytes) cut.bytes.emplace(digits.size() / 2);
    const std::size_t part = std::min(digits.size() - decoded_to_, (budget + 1) & ~std::size_t{1});
    const MutableByteView out = MutableByteView(*cut.bytes).subspan(decoded_to_ / 2, part / 2);
    const bool hex = from_hex_into(digits.substr(decoded_to_, part), out).has_value();
    decoded_to_ += part;
    budget -= std::min(budget, part);
    if (!hex) {
      finish_decoding("not hex digits");
    } else if (decoded_to_ == digits.size()) {
      finish_decoding({});
    }
  }
}

void JsonScanner::finish_decoding(std::string_view flaw) {
  CutString& cut = cuts_[decoding_++];
  cut.flaw = flaw;
  if (!flaw.empty()) cut.bytes.reset();
  decoded_to_ = 0;
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
