#pragma once
// A schedule that is known beforehand: one signer for all times, or windows from a file or a program
// (program.md "Who is elected").

#include <string>
#include <string_view>
#include <vector>

#include "libpreconf/base/result.h"
#include "libpreconf/p2p/signer_schedule.h"

namespace libpreconf::preconf {

/// `from` inclusive, `to` exclusive, in seconds.
struct SignerWindow {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  Address signer{};
  std::uint64_t window_end = 0;
};

class StaticSignerSchedule final : public p2p::SignerSchedule {
 public:
  /// About 2,000 windows a MiB: more than three days of epochs of 32 slots.
  static constexpr std::size_t kMaxFileBytes = 4U << 20;

  /// This address for every timestamp, and any window end.
  [[nodiscard]] static StaticSignerSchedule one_signer(const Address& signer);
  /// Sorted, not empty, not overlapping; else `invalid`, naming the window.
  [[nodiscard]] static Result<StaticSignerSchedule> from_windows(std::vector<SignerWindow> windows);
  /// The text of a schedule file. Errors name the place, as in "windows[3].signer: ...".
  [[nodiscard]] static Result<StaticSignerSchedule> parse(std::string_view json);
  /// Reads and parses a file. Errors name it.
  [[nodiscard]] static Result<StaticSignerSchedule> load(const std::string& path);

  [[nodiscard]] p2p::ScheduleAnswer elected_at(const U256& timestamp) const override;
  /// Empty where one signer holds all times.
  [[nodiscard]] const std::vector<SignerWindow>& windows() const noexcept { return windows_; }

 private:
  StaticSignerSchedule() = default;
  Address one_signer_{};
  std::vector<SignerWindow> windows_;
};

}  // namespace libpreconf::preconf
