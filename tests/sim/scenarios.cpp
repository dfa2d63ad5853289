// The scenarios that have a name. Each is a function of the number of nodes and the seed, and of nothing
// else.

#include <algorithm>
#include <array>

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
  const std::size_t crashes = std::min<std::size_t>(12, count / 3);
  for (std::size_t i = 0; i < crashes; ++i) {
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

Plan equivocation(std::size_t count, std::uint64_t seed) {
  return usual(count)
      .named("equivocation")
      .promising(10)
      .an_equivocation()
      .at(5s + Duration(SeededRandom(seed).below(2'000'000)))
      .a_replay()
      .at(11s)
      .seed(seed);
}

Plan rubbish(std::size_t count, std::uint64_t seed) {
  return usual(count)
      .named("rubbish")
      .rubbish_for(0.1)
      .at(1s)
      .healed_after(10s)
      .rubbish_for(0.9)
      .at(4s)
      .healed_after(10s)
      .a_late_joiner(0.91)
      .at(8s)
      .seed(seed);
}

/// Whoever is elected has bad luck: crashes, restarts, cuts in the middle of its window.
Plan preconfers(std::size_t count, std::uint64_t seed) {
  Scenario scenario = usual(count).named("preconfers").promising(10).blocks();
  SeededRandom random(seed * 0x9e3779b97f4a7c15ULL + 0x707265);
  constexpr std::array kKinds = {Fault::Kind::crash, Fault::Kind::restart, Fault::Kind::power_cut,
                                 Fault::Kind::isolation, Fault::Kind::equivocate};
  const double share = static_cast<double>(Plan{}.preconfers) / static_cast<double>(count);
  for (std::uint64_t faults = 2 + random.below(4); faults > 0; --faults) {
    const auto kind = kKinds[random.below(kKinds.size())];
    scenario.fault(kind, share * random.unit()).at(2s + Duration(random.below(11'000'000)));
    if (kind != Fault::Kind::equivocate) scenario.healed_after(300ms + Duration(random.below(7'000'000)));
  }
  return scenario.seed(seed);
}

/// A few of all of them, as the seed has it.
Plan mix(std::size_t count, std::uint64_t seed) {
  SeededRandom random(seed * 0x9e3779b97f4a7c15ULL + 0x6d6978);
  const auto up_to = [&](Duration most) {
    return Duration(static_cast<Duration::rep>(random.below(static_cast<std::uint64_t>(most.count()) + 1)));
  };
  Scenario scenario = given(count).nodes().named("mix");
  const Duration least = 1ms + up_to(30ms);
  scenario.with_latency(least, least + up_to(150ms)).with_jitter(up_to(40ms));
  scenario.promising(5 + random.below(5)).blocks();
  scenario.each_dialling(random.below(4) == 0 ? 3 : 2).peers();
  if (random.below(3) == 0) scenario.losing(0.03 * random.unit());
  if (random.below(3) == 0) scenario.with_bandwidth(50'000 + random.below(1'000'000));
  const std::uint64_t faults = 1 + random.below(6);
  for (std::uint64_t i = 0; i < faults; ++i) {
    const auto kind = static_cast<Fault::Kind>(random.below(kFaultKinds));
    scenario.fault(kind, random.unit(), random.unit()).at(1s + up_to(10s));
    const bool lasts = kind != Fault::Kind::join && kind != Fault::Kind::equivocate &&
                       kind != Fault::Kind::replay && kind != Fault::Kind::skew;
    if (lasts) scenario.healed_after(200ms + up_to(6s));
  }
  return scenario.seed(seed);
}

}  // namespace

const std::vector<NamedScenario>& scenarios() {
  static const std::vector<NamedScenario> all = {
      {"calm", "nothing happens but blocks", calm},
      {"lossy", "lost pieces, jitter, narrow links", lossy},
      {"partition_and_heal", "four nodes in ten are cut off for five seconds", partition_and_heal},
      {"churn", "a dozen nodes, at most one in three, end and come back empty", churn},
      {"crash_restart", "crashes, power cuts and restarts, one of a preconfer", crash_restart},
      {"clock_skew", "wall clocks are up to an hour wrong", clock_skew},
      {"late_joiner", "two nodes come when blocks are there already", late_joiner},
      {"equivocation", "a preconfer promises two blocks for a height, an old promise is replayed",
       equivocation},
      {"rubbish", "hostile peers send what they can think of", rubbish},
      {"handover", "five windows, ended by eop and by markers in turn", handover},
      {"preconfers", "crashes, cuts and equivocations of those who are elected", preconfers},
      {"mix", "some of everything, as the seed has it", mix},
  };
  return all;
}

}  // namespace libpreconf::sim
