#pragma once
// The vocabulary in which simulations are written, and the scenarios that have a name.
//
//   given(100).nodes().with_latency(20ms, 150ms).promising(8).blocks()
//       .a_partition_of(0.3).at(5s).healed_after(4s)
//       .seed(7)

#include <optional>
#include <string_view>
#include <vector>

#include "sim/plan.h"

namespace libpreconf::sim {

/// A plan under construction. `at`, `healed_after` and `back_after` speak of the fault named last.
class Scenario {
 public:
  explicit Scenario(std::size_t count) { plan_.nodes = count; }

  Scenario& nodes() { return *this; }
  Scenario& blocks() { return *this; }
  Scenario& named(std::string_view name);
  Scenario& with_latency(Duration least, Duration most);
  Scenario& with_jitter(Duration most);
  Scenario& losing(double share_of_pieces);
  Scenario& with_bandwidth(std::uint64_t bytes_per_second);
  Scenario& promising(std::size_t blocks);
  /// The node before it, and others.
  Scenario& each_dialling(std::size_t peers);
  Scenario& peers() { return *this; }

  Scenario& a_partition_of(double share, double from = 0);
  Scenario& a_crash_of(double who) { return fault(Fault::Kind::crash, who); }
  Scenario& a_restart_of(double who) { return fault(Fault::Kind::restart, who); }
  Scenario& a_power_cut_of(double who) { return fault(Fault::Kind::power_cut, who); }
  Scenario& an_isolation_of(double who) { return fault(Fault::Kind::isolation, who); }
  Scenario& a_late_joiner(double who) { return fault(Fault::Kind::join, who); }
  Scenario& bad_links(double share_lost) { return fault(Fault::Kind::bad_link, 0, share_lost); }
  Scenario& a_wrong_clock_at(double who, Duration ahead);
  Scenario& an_equivocation() { return fault(Fault::Kind::equivocate, 0); }
  Scenario& a_replay() { return fault(Fault::Kind::replay, 0); }
  Scenario& rubbish_for(double who) { return fault(Fault::Kind::rubbish, who); }
  Scenario& fault(Fault::Kind kind, double who, double share = 0);
  Scenario& at(Duration when);
  Scenario& healed_after(Duration how_long);
  Scenario& back_after(Duration how_long) { return healed_after(how_long); }

  [[nodiscard]] Plan seed(std::uint64_t seed) const;

 private:
  Plan plan_;
};

[[nodiscard]] inline Scenario given(std::size_t count) {
  return Scenario(count);
}

struct NamedScenario {
  std::string_view name;
  std::string_view about;
  Plan (*make)(std::size_t nodes, std::uint64_t seed);
};

/// In the order in which they are listed.
[[nodiscard]] const std::vector<NamedScenario>& scenarios();
[[nodiscard]] const NamedScenario* find_scenario(std::string_view name);

}  // namespace libpreconf::sim
