#include "sim/sweep/shrink.h"

#include <algorithm>
#include <numeric>

namespace libpreconf::sim {

namespace {

class Shrinker {
 public:
  Shrinker(Reduction from, const StillFails& still_fails, std::size_t most_tries)
      : best_(std::move(from)), still_fails_(still_fails), tries_left_(most_tries) {}

  bool drop_faults() {
    bool any = false;
    for (std::size_t chunk = std::max<std::size_t>(best_.faults->size() / 2, 1); chunk > 0; chunk /= 2) {
      for (std::size_t at = 0; at < best_.faults->size();) {
        std::vector<std::size_t> fewer = best_.faults.value();
        const auto begin = fewer.begin() + static_cast<std::ptrdiff_t>(at);
        fewer.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(chunk, fewer.size() - at)));
        Reduction smaller = best_;
        smaller.faults = std::move(fewer);
        if (try_out(smaller)) {
          any = true;
        } else {
          at += chunk;
        }
      }
    }
    return any;
  }

  bool drop_nodes() {
    bool any = false;
    for (const auto& [numerator, denominator] : {std::pair{1U, 4U}, {1U, 2U}, {3U, 4U}, {9U, 10U}}) {
      for (;;) {
        Reduction smaller = best_;
        smaller.nodes = std::max<std::size_t>(best_.nodes * numerator / denominator, 2);
        if (smaller.nodes == best_.nodes || !try_out(smaller)) break;
        any = true;
      }
    }
    return any;
  }

  bool drop_blocks() {
    bool any = false;
    for (std::size_t fewer = 1; fewer < *best_.blocks; ++fewer) {
      Reduction smaller = best_;
      smaller.blocks = fewer;
      if (!try_out(smaller)) continue;
      any = true;
      break;
    }
    return any;
  }

  [[nodiscard]] bool exhausted() const noexcept { return tries_left_ == 0; }
  [[nodiscard]] const Reduction& best() const noexcept { return best_; }

 private:
  bool try_out(const Reduction& smaller) {
    if (tries_left_ == 0) return false;
    --tries_left_;
    if (!still_fails_(smaller)) return false;
    best_ = smaller;
    return true;
  }

  Reduction best_;
  const StillFails& still_fails_;
  std::size_t tries_left_;
};

}  // namespace

Reduction shrink(Reduction from, std::size_t faults, std::size_t blocks, const StillFails& still_fails,
                 std::size_t most_tries) {
  if (!from.faults) {
    from.faults.emplace(faults);
    std::iota(from.faults->begin(), from.faults->end(), std::size_t{0});
  }
  if (!from.blocks) from.blocks = blocks;
  Shrinker shrinker(std::move(from), still_fails, most_tries);
  for (bool gave_way = true; gave_way && !shrinker.exhausted();) {
    gave_way = shrinker.drop_faults();
    gave_way = shrinker.drop_nodes() || gave_way;
    gave_way = shrinker.drop_blocks() || gave_way;
  }
  return shrinker.best();
}

}  // namespace libpreconf::sim
