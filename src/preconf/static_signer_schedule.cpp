#include "libpreconf/preconf/static_signer_schedule.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>

#include "codec/json.h"
#include "libpreconf/base/hex.h"

namespace libpreconf::preconf {
namespace {

using codec::Json;

std::string window_name(std::size_t index) {
  return "windows[" + std::to_string(index) + "]";
}

Result<> refuse_unknown_keys(const Json& object, std::span<const std::string_view> known,
                             const std::string& place) {
  for (const std::string& key : object.keys()) {
    if (std::ranges::find(known, key) == known.end()) {
      return fail(ErrorCode::invalid, place + key.substr(0, 64) + ": unknown key");
    }
  }
  return {};
}

Result<std::uint64_t> read_seconds(const Json& window, std::string_view key, const std::string& place) {
  const auto value = window.at(key).as_integer();
  if (!value || *value < 0) {
    return fail(ErrorCode::invalid,
                place + "." + std::string(key) + ": expected a whole number of seconds, 0 or more");
  }
  return static_cast<std::uint64_t>(*value);
}

Result<SignerWindow> read_window(const Json& json, const std::string& place) {
  static constexpr std::array<std::string_view, 4> kKeys{"from", "to", "signer", "windowEnd"};
  if (!json.is_object()) return fail(ErrorCode::invalid, place + ": expected an object");
  PRECONF_CHECK_OK(refuse_unknown_keys(json, kKeys, place + "."));
  SignerWindow window;
  PRECONF_TRY(window.from, read_seconds(json, "from", place));
  PRECONF_TRY(window.to, read_seconds(json, "to", place));
  PRECONF_TRY(window.window_end, read_seconds(json, "windowEnd", place));
  const Json signer = json.at("signer");
  auto address = from_hex_fixed<20>(signer.as_string());
  if (!signer.is_string() || !address || !signer.as_string().starts_with("0x")) {
    return fail(ErrorCode::invalid, place + ".signer: expected an address, 0x and 40 hex digits");
  }
  window.signer = *address;
  return window;
}

Result<> check_order(const std::vector<SignerWindow>& windows) {
  for (std::size_t i = 0; i < windows.size(); ++i) {
    if (windows[i].from >= windows[i].to) {
      return fail(ErrorCode::invalid, window_name(i) + ": \"from\" " + std::to_string(windows[i].from) +
                                          " is not before \"to\" " + std::to_string(windows[i].to));
    }
    if (i > 0 && windows[i].from < windows[i - 1].to) {
      return fail(ErrorCode::invalid, window_name(i) + ": begins at " + std::to_string(windows[i].from) +
                                          ", before " + window_name(i - 1) + " ends at " +
                                          std::to_string(windows[i - 1].to) +
                                          "; windows must be sorted and must not overlap");
    }
  }
  return {};
}

}  // namespace

StaticSignerSchedule StaticSignerSchedule::one_signer(const Address& signer) {
  StaticSignerSchedule schedule;
  schedule.one_signer_ = signer;
  return schedule;
}

Result<StaticSignerSchedule> StaticSignerSchedule::from_windows(std::vector<SignerWindow> windows) {
  if (windows.empty()) return fail(ErrorCode::invalid, "windows: expected at least one window");
  PRECONF_CHECK_OK(check_order(windows));
  StaticSignerSchedule schedule;
  schedule.windows_ = std::move(windows);
  return schedule;
}

Result<StaticSignerSchedule> StaticSignerSchedule::parse(std::string_view json) {
  static constexpr std::array<std::string_view, 1> kKeys{"windows"};
  if (json.size() > kMaxFileBytes) {
    return fail(ErrorCode::too_large, "schedule has " + std::to_string(json.size()) + " bytes, more than " +
                                          std::to_string(kMaxFileBytes));
  }
  PRECONF_TRY(const Json document, Json::parse(json, /*max_depth=*/4));
  if (!document.is_object()) return fail(ErrorCode::invalid, "expected an object with \"windows\"");
  PRECONF_CHECK_OK(refuse_unknown_keys(document, kKeys, ""));
  const Json list = document.at("windows");
  if (!list.is_array()) return fail(ErrorCode::invalid, "windows: expected an array");
  std::vector<SignerWindow> windows;
  windows.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    PRECONF_TRY(windows.emplace_back(), read_window(list.at(i), window_name(i)));
  }
  return from_windows(std::move(windows));
}

Result<StaticSignerSchedule> StaticSignerSchedule::load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorCode::io, "cannot open schedule file " + path);
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return fail(ErrorCode::io, "cannot read schedule file " + path);
  text.resize(static_cast<std::size_t>(file.gcount()));
  auto schedule = parse(text);
  if (!schedule) return fail_with_context(std::move(schedule).error(), "schedule file " + path);
  return schedule;
}

p2p::ScheduleAnswer StaticSignerSchedule::elected_at(const U256& timestamp) const {
  if (windows_.empty()) {
    return p2p::ElectedSigner{.signer = one_signer_, .submission_window_end = {}, .any_window_end = true};
  }
  using Reason = p2p::ScheduleOutOfRange::Reason;
  const auto seconds = timestamp.to_u64();
  if (!seconds || *seconds >= windows_.back().to) return p2p::ScheduleOutOfRange{Reason::too_new};
  // The first window that ends after the timestamp is the only one that can contain it.
  const auto window = std::ranges::upper_bound(windows_, *seconds, {}, &SignerWindow::to);
  // Before the first window, or between two: nobody is elected, and nobody ever will be.
  if (window == windows_.end() || *seconds < window->from) return p2p::ScheduleOutOfRange{Reason::too_old};
  return p2p::ElectedSigner{.signer = window->signer, .submission_window_end = U256(window->window_end)};
}

}  // namespace libpreconf::preconf
