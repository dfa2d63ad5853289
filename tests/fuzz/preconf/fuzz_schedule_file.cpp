// Any text is a schedule or an error; a schedule answers as a linear search over its windows does.

#include <cstdlib>
#include <string_view>

#include "libpreconf/preconf/static_signer_schedule.h"

namespace {

using namespace libpreconf;

void check(bool condition) {
  if (!condition) std::abort();
}

void check_time(const preconf::StaticSignerSchedule& schedule, std::uint64_t time) {
  const auto answer = schedule.elected_at(U256(time));
  const preconf::SignerWindow* expected = nullptr;
  for (const auto& window : schedule.windows()) {
    if (window.from <= time && time < window.to) expected = &window;
  }
  const auto* elected = std::get_if<p2p::ElectedSigner>(&answer);
  check((expected != nullptr) == (elected != nullptr));
  if (expected == nullptr) return;
  check(elected->signer == expected->signer && !elected->any_window_end);
  check(elected->submission_window_end == U256(expected->window_end));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto schedule = preconf::StaticSignerSchedule::parse({reinterpret_cast<const char*>(data), size});
  if (!schedule) {
    check(!schedule.error().message.empty());
    return 0;
  }
  check(!schedule->windows().empty());
  for (std::size_t i = 0; i < schedule->windows().size() && i < 32; ++i) {
    const auto& window = schedule->windows()[i];
    check(window.from < window.to);
    if (i > 0) check(schedule->windows()[i - 1].to <= window.from);
    for (const std::uint64_t time : {window.from - 1, window.from, window.to - 1, window.to}) {
      check_time(*schedule, time);
    }
  }
  return 0;
}
