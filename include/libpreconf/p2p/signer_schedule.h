#pragma once
// Who may sign for which time. Declared here because the validation gate asks it; implemented in preconf/
// (static: one signer or a file; later the on-chain lookahead).

#include <variant>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/u256.h"

namespace libpreconf::p2p {

/// The preconfer of a timestamp and the end of its submission window.
struct ElectedSigner {
  Address signer{};
  U256 submission_window_end;
  /// The schedule knows one signer for all times and does not judge window ends
  /// (`--preconf.expected-signer`).
  bool any_window_end = false;
};
/// Not known yet; may become known. Hold the message, blame nobody.
struct ScheduleUnknown {};
/// The timestamp lies outside what can ever be judged (before genesis, too old, too new).
struct ScheduleOutOfRange {
  enum class Reason : std::uint8_t { before_genesis, too_old, too_new } reason = Reason::too_old;
};

using ScheduleAnswer = std::variant<ElectedSigner, ScheduleUnknown, ScheduleOutOfRange>;

/// Synchronous: an answer never waits for I/O.
class SignerSchedule {
 public:
  virtual ~SignerSchedule() = default;
  /// Asked by the commitment's timestamp (program.md "Who is elected").
  [[nodiscard]] virtual ScheduleAnswer elected_at(const U256& timestamp) const = 0;
};

}  // namespace libpreconf::p2p
