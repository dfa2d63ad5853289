#pragma once
// Reads a fuzz input as a script of small numbers.

#include <cstdint>
#include <cstdlib>

#include "libpreconf/base/bytes.h"

namespace libpreconf::fuzz {

class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}
  [[nodiscard]] bool ended() const { return rest_.empty(); }
  /// 0 after the end.
  [[nodiscard]] std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }

 private:
  ByteView rest_;
};

inline void check(bool condition) {
  if (!condition) std::abort();
}

}  // namespace libpreconf::fuzz
