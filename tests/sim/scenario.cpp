#include "sim/scenario.h"

#include <algorithm>

namespace libpreconf::sim {

Scenario& Scenario::named(std::string_view name) {
  plan_.scenario = name;
  return *this;
}

Scenario& Scenario::with_latency(Duration least, Duration most) {
  plan_.link.latency = least;
  plan_.link.spread = most - least;
  return *this;
}

Scenario& Scenario::with_jitter(Duration most) {
  plan_.link.jitter = most;
  return *this;
}

Scenario& Scenario::losing(double share_of_pieces) {
  plan_.link.segment_loss = share_of_pieces;
  return *this;
}

Scenario& Scenario::with_bandwidth(std::uint64_t bytes_per_second) {
  plan_.link.bandwidth = bytes_per_second;
  return *this;
}

Scenario& Scenario::promising(std::size_t blocks) {
  plan_.blocks = blocks;
  return *this;
}

Scenario& Scenario::each_dialling(std::size_t peers) {
  plan_.dials = peers > 0 ? peers - 1 : 0;
  return *this;
}

Scenario& Scenario::a_partition_of(double share, double from) {
  return fault(Fault::Kind::partition, from, share);
}

Scenario& Scenario::a_wrong_clock_at(double who, Duration ahead) {
  const double hours = static_cast<double>(ahead.count()) / 3.6e9;
  return fault(Fault::Kind::skew, who, std::clamp(hours / 2 + 0.5, 0.0, 1.0));
}

Scenario& Scenario::fault(Fault::Kind kind, double who, double share) {
  plan_.faults.push_back({.kind = kind, .who = who, .share = share});
  return *this;
}

Scenario& Scenario::at(Duration when) {
  plan_.faults.back().at = when;
  return *this;
}

Scenario& Scenario::healed_after(Duration how_long) {
  plan_.faults.back().lasts = how_long;
  return *this;
}

Plan Scenario::seed(std::uint64_t seed) const {
  Plan plan = plan_;
  plan.seed = seed;
  return plan;
}

const NamedScenario* find_scenario(std::string_view name) {
  const auto found = std::ranges::find(scenarios(), name, &NamedScenario::name);
  return found == scenarios().end() ? nullptr : &*found;
}

}  // namespace libpreconf::sim
