#pragma once
// What happened, in order, as text: one line an event. The digest covers every line and every turn of the
// loop, so that two runs with equal digests did the same, byte for byte.

#include <fmt/format.h>

#include <cstdio>
#include <iterator>
#include <string>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/clock.h"

namespace libpreconf::sim {

/// Nobody's: what the simulation itself does.
inline constexpr std::size_t kNoNode = ~std::size_t{0};

class Trace {
 public:
  /// `file` may be null; else lines are written to it. Not owned.
  explicit Trace(std::FILE* file) : file_(file) {}

  template <class... Args>
  void note(Instant now, std::size_t node, fmt::format_string<Args...> format, Args&&... args) {
    line_.clear();
    begin_line(now, node);
    fmt::format_to(std::back_inserter(line_), format, std::forward<Args>(args)...);
    end_line();
  }
  /// A turn of the loop; not written, but part of the digest.
  void turn(Instant now, std::uint64_t host) noexcept {
    mix(static_cast<std::uint64_t>(now.time_since_epoch().count()));
    mix(host);
  }
  [[nodiscard]] std::uint64_t digest() const noexcept { return digest_; }
  [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }

 private:
  void begin_line(Instant now, std::size_t node);
  void end_line();
  void mix(std::uint64_t value) noexcept {
    digest_ = (digest_ ^ value) * 0x9e3779b97f4a7c15ULL;
    digest_ ^= digest_ >> 32;
  }

  std::FILE* file_;
  std::string line_;
  std::uint64_t digest_ = 0xcbf29ce484222325ULL;
  std::uint64_t lines_ = 0;
};

/// "12.345678", seconds of virtual time.
[[nodiscard]] std::string time_text(Instant time);
/// The first four bytes of a hash, enough to tell it from the others.
[[nodiscard]] std::string short_hash(const FixedBytes<32>& hash);

}  // namespace libpreconf::sim
