#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <memory>
#include <optional>

namespace libpreconf {
namespace {

constexpr auto kAreas = static_cast<std::size_t>(LogArea::count_);

std::array<LogLevel, kAreas>& levels() {
  static std::array<LogLevel, kAreas> value = [] {
    std::array<LogLevel, kAreas> all;
    all.fill(LogLevel::info);
    return all;
  }();
  return value;
}

std::shared_ptr<spdlog::logger>& logger() {
  static std::shared_ptr<spdlog::logger> value;
  return value;
}

void (*capture)(LogLevel, LogArea, std::string_view) = nullptr;

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
      return spdlog::level::trace;
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

std::optional<LogLevel> parse_level(std::string_view text) {
  for (auto level :
       {LogLevel::trace, LogLevel::debug, LogLevel::info, LogLevel::warn, LogLevel::error, LogLevel::off}) {
    if (text == to_string(level)) return level;
  }
  return std::nullopt;
}

std::optional<LogArea> parse_area(std::string_view text) {
  for (std::size_t i = 0; i < kAreas; ++i) {
    if (text == to_string(static_cast<LogArea>(i))) return static_cast<LogArea>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(LogArea area) noexcept {
  switch (area) {
    case LogArea::base:
      return "base";
    case LogArea::reactor:
      return "reactor";
    case LogArea::libp2p:
      return "libp2p";
    case LogArea::gossipsub:
      return "gossipsub";
    case LogArea::reqresp:
      return "reqresp";
    case LogArea::p2p:
      return "p2p";
    case LogArea::preconf:
      return "preconf";
    case LogArea::driver:
      return "driver";
    case LogArea::engine:
      return "engine";
    case LogArea::preconfer:
      return "preconfer";
    case LogArea::rpc:
      return "rpc";
    case LogArea::node:
      return "node";
    case LogArea::count_:
      break;
  }
  return "?";
}

std::string_view to_string(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::trace:
      return "trace";
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
    case LogLevel::off:
      return "off";
  }
  return "?";
}

void log_init() {
  if (logger()) return;
  logger() =
      std::make_shared<spdlog::logger>("preconfd", std::make_shared<spdlog::sinks::stderr_color_sink_st>());
  logger()->set_level(spdlog::level::trace);
  logger()->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%-5l%$ %v");
  logger()->flush_on(spdlog::level::trace);
}

void log_set_level(LogLevel level) noexcept {
  levels().fill(level);
}
void log_set_level(LogArea area, LogLevel level) noexcept {
  levels()[static_cast<std::size_t>(area)] = level;
}

Result<> log_configure(std::string_view spec) {
  while (!spec.empty()) {
    const std::size_t comma = spec.find(',');
    const std::string_view item = spec.substr(0, comma);
    spec = comma == std::string_view::npos ? std::string_view() : spec.substr(comma + 1);
    const std::size_t equals = item.find('=');
    const auto level = parse_level(equals == std::string_view::npos ? item : item.substr(equals + 1));
    if (!level) {
      return fail(ErrorCode::invalid,
                  "log level \"" + std::string(item) +
                      "\": expected trace, debug, info, warn, error or off, or AREA=LEVEL");
    }
    if (equals == std::string_view::npos) {
      log_set_level(*level);
      continue;
    }
    const auto area = parse_area(item.substr(0, equals));
    if (!area)
      return fail(ErrorCode::invalid,
                  "no log area is called \"" + std::string(item.substr(0, equals)) + "\"");
    log_set_level(*area, *level);
  }
  return {};
}

bool log_enabled(LogLevel level, LogArea area) noexcept {
  return level >= levels()[static_cast<std::size_t>(area)] && level != LogLevel::off;
}

void log_capture(void (*sink)(LogLevel, LogArea, std::string_view)) {
  capture = sink;
}

std::string printable(std::string_view text) {
  constexpr std::size_t kMax = 200;
  std::string out;
  for (const char c : text.substr(0, kMax)) out.push_back(c >= 0x20 && c <= 0x7e ? c : '?');
  if (text.size() > kMax) out += "...";
  return out;
}

namespace detail {
void log_line(LogLevel level, LogArea area, fmt::string_view format, fmt::format_args args) {
  const std::string line = fmt::vformat(format, args);
  if (capture != nullptr) return capture(level, area, line);
  log_init();
  logger()->log(to_spdlog(level), "{:<9} {}", to_string(area), line);
}
}  // namespace detail

}  // namespace libpreconf
