#include "p2p/findings.h"

namespace libpreconf::p2p {

std::string_view to_string(Finding finding) noexcept {
  switch (finding) {
    case Finding::accepted:
      return "accepted";
    case Finding::undecodable:
      return "undecodable";
    case Finding::too_large:
      return "too_large";
    case Finding::wrong_slasher:
      return "wrong_slasher";
    case Finding::zero_list_hash:
      return "zero_list_hash";
    case Finding::bad_signature:
      return "bad_signature";
    case Finding::hash_mismatch:
      return "hash_mismatch";
    case Finding::wrong_window:
      return "wrong_window";
    case Finding::wrong_signer:
      return "wrong_signer";
    case Finding::out_of_schedule:
      return "out_of_schedule";
    case Finding::number_too_large:
      return "number_too_large";
    case Finding::too_new:
      return "too_new";
    case Finding::schedule_unknown:
      return "schedule_unknown";
    case Finding::hold_full:
      return "hold_full";
    case Finding::duplicate:
      return "duplicate";
    case Finding::own:
      return "own";
    case Finding::declined:
      return "declined";
    case Finding::busy:
      return "busy";
    case Finding::unknown_topic:
      return "unknown_topic";
    case Finding::count_:
      break;
  }
  return "unknown";
}

}  // namespace libpreconf::p2p
