#include "common/statistics.h"

#include <algorithm>
#include <cmath>

namespace libpreconf::bench {

double quantile(std::vector<double> series, double share) {
  if (series.empty()) return 0;
  std::ranges::sort(series);
  const double place = share * static_cast<double>(series.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(place));
  const std::size_t above = std::min(below + 1, series.size() - 1);
  return series[below] + (series[above] - series[below]) * (place - std::floor(place));
}

Summary summarize(std::span<const double> series) {
  const std::vector<double> values(series.begin(), series.end());
  return {values.size(), quantile(values, 0.5), quantile(values, 0.99), quantile(values, 1)};
}

}  // namespace libpreconf::bench
