#include "libpreconf/base/result.h"

namespace libpreconf {

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::malformed:
      return "malformed";
    case ErrorCode::too_large:
      return "too_large";
    case ErrorCode::out_of_range:
      return "out_of_range";
    case ErrorCode::invalid:
      return "invalid";
    case ErrorCode::bad_signature:
      return "bad_signature";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::limit:
      return "limit";
    case ErrorCode::refused:
      return "refused";
    case ErrorCode::timed_out:
      return "timed_out";
    case ErrorCode::closed:
      return "closed";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::io:
      return "io";
    case ErrorCode::permission:
      return "permission";
    case ErrorCode::internal:
      return "internal";
  }
  return "unknown";
}

std::unexpected<Error> fail_with_context(Error error, std::string_view context) {
  error.message.insert(0, ": ").insert(0, context);
  return std::unexpected<Error>(std::move(error));
}

}  // namespace libpreconf
