#pragma once
// Errors are values: `Result<T>` is what every function returns that can fail for a reason outside the
// program. An `Error` has a typed code for callers that branch, and a message for a person that says
// what was wrong, with what, and what to do.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace libpreconf {

enum class ErrorCode : std::uint8_t {
  malformed,      ///< bytes or text that do not decode
  too_large,      ///< a length or count over its named limit
  out_of_range,   ///< a number that does not fit where it must go
  invalid,        ///< decodes, but breaks a rule
  bad_signature,  ///< a signature that does not verify or recover
  unsupported,    ///< a protocol, key type or option that is not offered
  not_found,      ///< nothing under that name
  unavailable,    ///< not possible now; may work later
  limit,          ///< a bound of ours is reached; try later
  refused,        ///< the other side said no
  timed_out,      ///< a deadline passed
  closed,         ///< the connection, stream or channel has ended
  conflict,       ///< contradicts what is already held
  io,             ///< the operating system failed a call
  permission,     ///< a file or port that must not or may not be used
  internal,       ///< a doubt about our own code
};

/// The code's name, as it appears in logs and metrics labels.
[[nodiscard]] std::string_view to_string(ErrorCode code) noexcept;

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
};

template <class T = void>
using Result = std::expected<T, Error>;

/// `return fail(ErrorCode::malformed, "...")` in a function that returns a Result.
[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected<Error>(Error{code, std::move(message)});
}

/// Puts "context: " in front of an error's message on its way up.
[[nodiscard]] std::unexpected<Error> fail_with_context(Error error, std::string_view context);

}  // namespace libpreconf

/// `PRECONF_TRY(auto header, decode_header(bytes));` declares `header`, or returns the error.
#define PRECONF_TRY(declaration, expression) \
  PRECONF_TRY_NAMED(PRECONF_TRY_JOIN(preconf_try_, __LINE__), declaration, expression)
#define PRECONF_TRY_JOIN(a, b) PRECONF_TRY_JOIN_(a, b)
#define PRECONF_TRY_JOIN_(a, b) a##b
#define PRECONF_TRY_NAMED(name, declaration, expression)      \
  auto name = (expression);                                   \
  if (!name) return std::unexpected(std::move(name).error()); \
  declaration = *std::move(name)

/// The same for a `Result<>` without a value.
#define PRECONF_CHECK_OK(expression)                             \
  do {                                                           \
    if (auto preconf_result = (expression); !preconf_result)     \
      return std::unexpected(std::move(preconf_result).error()); \
  } while (false)
