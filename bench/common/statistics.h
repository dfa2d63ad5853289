#pragma once
// Order statistics of a series of measurements.

#include <cstddef>
#include <span>
#include <vector>

namespace libpreconf::bench {

/// The value below which `share` (0 to 1) of the sorted series lies, interpolated. 0 for an empty one.
[[nodiscard]] double quantile(std::vector<double> series, double share);

struct Summary {
  std::size_t count = 0;
  double p50 = 0;
  double p99 = 0;
  double max = 0;
};
[[nodiscard]] Summary summarize(std::span<const double> series);

}  // namespace libpreconf::bench
