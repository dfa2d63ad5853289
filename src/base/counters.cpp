#include "base/counters.h"

#include <algorithm>

#include "base/check.h"

namespace libpreconf {

Histogram::Histogram(HistogramBounds upper_bounds) noexcept : bounds_(upper_bounds) {
  PRECONF_ASSERT(bounds_.size() < buckets_.size() && std::ranges::is_sorted(bounds_));
}

void Histogram::observe(Duration value) noexcept {
  std::size_t bucket = 0;
  while (bucket < bounds_.size() && value > bounds_[bucket]) ++bucket;
  ++buckets_[bucket];
  ++count_;
  sum_ += value;
}

}  // namespace libpreconf
