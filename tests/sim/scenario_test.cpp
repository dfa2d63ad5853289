// Whole networks of a hundred nodes in virtual time, with the real primitives.

#include <gtest/gtest.h>

#include "base/log.h"
#include "sim/scenario.h"
#include "sim/simulation.h"

namespace libpreconf::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kNodes = 100;

Outcome run(const Plan& plan, std::FILE* trace = nullptr) {
  log_set_level(LogLevel::off);
  Simulation simulation(plan, trace);
  return simulation.run();
}

class NamedScenarioTest : public testing::TestWithParam<NamedScenario> {};

TEST_P(NamedScenarioTest, GivenAHundredNodes_WhenItPlays_ThenNothingIsViolatedAndAllHoldOneChain) {
  const Outcome outcome = run(GetParam().make(kNodes, 1));
  ASSERT_FALSE(outcome.failed()) << outcome.violation->to_string();
  EXPECT_GE(outcome.blocks, GetParam().make(kNodes, 1).blocks);
}

INSTANTIATE_TEST_SUITE_P(Simulation, NamedScenarioTest, testing::ValuesIn(scenarios()),
                         [](const auto& scenario) { return std::string(scenario.param.name); });

std::string text_of(std::FILE* file) {
  std::string text(static_cast<std::size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  EXPECT_EQ(std::fread(text.data(), 1, text.size(), file), text.size());
  return text;
}

TEST(SimulationTest, GivenOneSeed_WhenItIsPlayedTwice_ThenTheTracesAreEqualByteForByte) {
  const Plan plan = find_scenario("churn")->make(30, 5);
  std::vector<std::string> traces;
  std::vector<Outcome> outcomes;
  for (int i = 0; i < 2; ++i) {
    std::FILE* file = std::tmpfile();
    ASSERT_NE(file, nullptr);
    outcomes.push_back(run(plan, file));
    traces.push_back(text_of(file));
    std::fclose(file);
  }
  EXPECT_GT(traces[0].size(), 10'000U);
  EXPECT_EQ(traces[0], traces[1]);
  EXPECT_EQ(outcomes[0].digest, outcomes[1].digest);
  EXPECT_EQ(outcomes[0].events, outcomes[1].events);
}

TEST(SimulationTest, GivenTwoSeeds_WhenTheyArePlayed_ThenTheTracesDiffer) {
  const NamedScenario& calm = *find_scenario("calm");
  EXPECT_NE(run(calm.make(10, 1)).digest, run(calm.make(10, 2)).digest);
}

TEST(SimulationTest, GivenANetworkThatStaysCutInTwo_WhenItShouldBeAtOne_ThenTheRefereeNamesANodeThatIsNot) {
  // Never healed: `healed_after` is missing.
  const Plan plan = given(10).nodes().promising(4).blocks().a_partition_of(0.5, 0.5).at(1s).seed(3);
  const Outcome outcome = run(plan);
  ASSERT_TRUE(outcome.failed());
  EXPECT_GE(outcome.violation->node, 5U);
  EXPECT_NE(outcome.violation->what.find("does not end with the chain of the others"), std::string::npos);
}

}  // namespace
}  // namespace libpreconf::sim
