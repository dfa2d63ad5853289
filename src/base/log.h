#pragma once
// Logging: a level per area, checked before anything is formatted. The sink is spdlog's, in log.cpp alone.
//
//   log_info(LogArea::swarm, "listening on {}", address);
//
// Text that came from outside is passed through `printable()` first, so that a peer cannot write to a
// terminal.

#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "libpreconf/base/result.h"

namespace libpreconf {

enum class LogLevel : std::uint8_t { trace, debug, info, warn, error, off };

enum class LogArea : std::uint8_t {
  base,
  reactor,
  libp2p,
  gossipsub,
  reqresp,
  p2p,
  preconf,
  driver,
  engine,
  preconfer,
  rpc,
  node,
  count_
};

[[nodiscard]] std::string_view to_string(LogArea area) noexcept;
[[nodiscard]] std::string_view to_string(LogLevel level) noexcept;

/// Sets up the sink: standard error, colour only on a terminal. Idempotent.
void log_init();
void log_set_level(LogLevel level) noexcept;
void log_set_level(LogArea area, LogLevel level) noexcept;
/// "info" or "warn,gossipsub=debug,rpc=trace": a level for all areas, then exceptions.
[[nodiscard]] Result<> log_configure(std::string_view spec);
[[nodiscard]] bool log_enabled(LogLevel level, LogArea area) noexcept;
/// Redirects lines to a function (tests); an empty one restores the sink.
void log_capture(void (*sink)(LogLevel, LogArea, std::string_view));

/// Control characters and bytes over 0x7e replaced by '?', cut at 200 characters.
[[nodiscard]] std::string printable(std::string_view text);

namespace detail {
void log_line(LogLevel level, LogArea area, fmt::string_view format, fmt::format_args args);
}

template <class... Args>
void log(LogLevel level, LogArea area, fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(level, area)) {
    detail::log_line(level, area, format, fmt::make_format_args(args...));
  }
}
template <class... Args>
void log_trace(LogArea area, fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::trace, area, format, std::forward<Args>(args)...);
}
template <class... Args>
void log_debug(LogArea area, fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::debug, area, format, std::forward<Args>(args)...);
}
template <class... Args>
void log_info(LogArea area, fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::info, area, format, std::forward<Args>(args)...);
}
template <class... Args>
void log_warn(LogArea area, fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::warn, area, format, std::forward<Args>(args)...);
}
template <class... Args>
void log_error(LogArea area, fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::error, area, format, std::forward<Args>(args)...);
}

}  // namespace libpreconf
