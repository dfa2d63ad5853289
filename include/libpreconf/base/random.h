#pragma once
// Randomness is an argument, so that a seed gives the same trace.

#include <cstdint>

#include "libpreconf/base/bytes.h"

namespace libpreconf {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(MutableByteView out) = 0;

  [[nodiscard]] std::uint64_t next_u64();
  /// Uniform in [0, bound); `bound` must not be 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound);
  /// Uniform in [0, 1).
  [[nodiscard]] double unit();
};

/// The kernel's generator. Constructed in `node/` or by a test, nowhere else.
class SystemRandom final : public Random {
 public:
  void fill(MutableByteView out) override;
};

/// A reproducible generator (xoshiro256**) for simulations and tests. Not for keys.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed);
  void fill(MutableByteView out) override;

 private:
  std::uint64_t next();
  std::uint64_t state_[4];
};

}  // namespace libpreconf
