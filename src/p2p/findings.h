#pragma once
// What the gate can find about a gossip message, and what follows from each finding (p2p-wire 12.4).

#include <cstdint>
#include <string_view>

#include "libp2p/gossipsub.h"

namespace libpreconf::p2p {

enum class Finding : std::uint8_t {
  accepted,
  // No honest relayer passes these on: REJECT.
  undecodable,
  too_large,
  wrong_slasher,
  zero_list_hash,
  bad_signature,
  hash_mismatch,
  // Honest relayers of the reference do pass these on: IGNORE, and application score with a cap.
  wrong_window,
  wrong_signer,
  out_of_schedule,
  number_too_large,
  // Nobody's fault: IGNORE.
  too_new,
  schedule_unknown,  ///< held for a slot, and the schedule did not become known
  hold_full,
  duplicate,
  own,
  declined,  ///< the heart did not want it
  busy,      ///< too many large lists at once
  unknown_topic,
  count_
};
inline constexpr std::size_t kFindingCount = static_cast<std::size_t>(Finding::count_);

enum class Blame : std::uint8_t { none, reward, relayed, full };

[[nodiscard]] constexpr libp2p::Verdict verdict_of(Finding finding) noexcept {
  switch (finding) {
    case Finding::accepted:
      return libp2p::Verdict::accept;
    case Finding::undecodable:
    case Finding::too_large:
    case Finding::wrong_slasher:
    case Finding::zero_list_hash:
    case Finding::bad_signature:
    case Finding::hash_mismatch:
      return libp2p::Verdict::reject;
    case Finding::wrong_window:
    case Finding::wrong_signer:
    case Finding::out_of_schedule:
    case Finding::number_too_large:
    case Finding::too_new:
    case Finding::schedule_unknown:
    case Finding::hold_full:
    case Finding::duplicate:
    case Finding::own:
    case Finding::declined:
    case Finding::busy:
    case Finding::unknown_topic:
    case Finding::count_:
      break;
  }
  return libp2p::Verdict::ignore;
}

/// `published_it`: the peer that handed the message over is its libp2p author as well.
[[nodiscard]] constexpr Blame blame_of(Finding finding, bool published_it) noexcept {
  switch (finding) {
    case Finding::accepted:
      return Blame::reward;
    case Finding::wrong_window:
    case Finding::wrong_signer:
    case Finding::out_of_schedule:
    case Finding::number_too_large:
      return published_it ? Blame::full : Blame::relayed;
    default:
      return verdict_of(finding) == libp2p::Verdict::reject ? Blame::full : Blame::none;
  }
}

/// The label of metrics and logs.
[[nodiscard]] std::string_view to_string(Finding finding) noexcept;

}  // namespace libpreconf::p2p
