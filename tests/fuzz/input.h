#pragma once
// What fuzz targets share: a check that ends the run, and a reader that cuts the input into parts.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "libpreconf/base/bytes.h"

namespace libpreconf::fuzz {

/// Aborts where a property does not hold; libFuzzer keeps the input.
inline void require(bool holds) {
  if (!holds) std::abort();
}

/// Takes parts from the front of a fuzz input; zeros and shorter parts where it has ended.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }
  [[nodiscard]] ByteView rest() const noexcept { return rest_; }
  [[nodiscard]] ByteView take(std::size_t size) noexcept {
    const ByteView out = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(out.size());
    return out;
  }
  [[nodiscard]] std::uint8_t byte() noexcept {
    const ByteView one = take(1);
    return one.empty() ? std::uint8_t{0} : one[0];
  }
  template <std::size_t N>
  [[nodiscard]] FixedBytes<N> fixed() noexcept {
    FixedBytes<N> out{};
    const ByteView from = take(N);
    std::copy(from.begin(), from.end(), out.begin());
    return out;
  }
  [[nodiscard]] std::uint64_t number() noexcept {
    std::uint64_t value = 0;
    for (const std::uint8_t one : fixed<8>()) value = value << 8 | one;
    return value;
  }

 private:
  ByteView rest_;
};

}  // namespace libpreconf::fuzz
