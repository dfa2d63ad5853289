#include "base/counters.h"

namespace libpreconf {

void Histogram::observe(Duration value) noexcept {
  const double seconds = std::chrono::duration<double>(value).count();
  std::size_t bucket = 0;
  while (bucket < kUpperBoundsSeconds.size() && seconds > kUpperBoundsSeconds[bucket]) ++bucket;
  ++buckets_[bucket];
  ++count_;
  sum_seconds_ += seconds;
}

}  // namespace libpreconf
