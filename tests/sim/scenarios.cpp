// The scenarios that have a name. Each is a function of the number of nodes and the seed, and of nothing
// else.

#include <algorithm>

#include "libpreconf/base/random.h"
#include "sim/scenario.h"

namespace libpreconf::sim {

using namespace std::chrono_literals;

namespace {

/// Cities of one continent, and a few overseas.
Scenario usual(std::size_t count) {
  return given(count).nodes().with_latency(10ms, 120ms).with_jitter(5ms).promising(8).blocks();
}

Plan calm(std::size_t count, std::uint64_t seed) {
  return usual(count).named("calm").seed(seed);
}

Plan lossy(std::size_t count, std::uint64_t seed) {
  return usual(count)
      .named("lossy")
      .with_jitter(60ms)
      .losing(0.03)
      .with_bandwidth(250'000)
      .bad_links(0.2)
      .at(6s)
      .healed_after(3s)
      .seed(seed);
}

Plan partition_and_heal(std::size_t count, std::uint64_t seed) {
  return usual(count).named("partition_and_heal").a_partition_of(0.4, 0.5).at(5s).healed_after(5s).seed(seed);
}

Plan churn(std::size_t count, std::uint64_t seed) {
  Scenario scenario = usual(count).named("churn");
  SeededRandom random(seed);
  for (int i = 0; i < 12; ++i) {
    scenario.a_crash_of(0.1 + 0.9 * random.unit())
        .at(2s + Duration(random.below(8'000'000)))
        .back_after(500ms + Duration(random.below(4'000'000)));
  }
  return scenario.seed(seed);
}

Plan crash_restart(std::size_t count, std::uint64_t seed) {
  return usual(count)
      .named("crash_restart")
      .a_crash_of(0.3)
      .at(5s)
      .back_after(2s)
      .a_restart_of(0.5)
      .at(6s)
      .back_after(2s)
      .a_power_cut_of(0.7)
      .at(6s)
      .back_after(3s)
      .a_restart_of(0)  // a preconfer
      .at(7s)
      .back_after(1s)
      .seed(seed);
}

Plan clock_skew(std::size_t count, std::uint64_t seed) {
  Scenario scenario = usual(count).named("clock_skew");
  SeededRandom random(seed);
  for (int i = 0; i < 10; ++i) {
    scenario.a_wrong_clock_at(random.unit(), Duration(random.below(7'200'000'000)) - 1h)
        .at(Duration(random.below(10'000'000)));
  }
  return scenario.seed(seed);
}

Plan late_joiner(std::size_t count, std::uint64_t seed) {
  return usual(count).named("late_joiner").a_late_joiner(0.4).at(7s).a_late_joiner(0.8).at(12s).seed(seed);
}

Plan handover(std::size_t count, std::uint64_t seed) {
  return usual(count).named("handover").promising(20).blocks().seed(seed);
}

}  // namespace

const std::vector<NamedScenario>& scenarios() {
  static const std::vector<NamedScenario> all = {
      {"calm", "nothing happens but blocks", calm},
      {"lossy", "lost pieces, jitter, narrow links", lossy},
      {"partition_and_heal", "four nodes in ten are cut off for five seconds", partition_and_heal},
      {"churn", "a dozen nodes end and come back empty", churn},
      {"crash_restart", "crashes, power cuts and restarts, one of a preconfer", crash_restart},
      {"clock_skew", "wall clocks are up to an hour wrong", clock_skew},
      {"late_joiner", "two nodes come when blocks are there already", late_joiner},
      {"handover", "five windows, ended by eop and by markers in turn", handover},
  };
  return all;
}

}  // namespace libpreconf::sim
