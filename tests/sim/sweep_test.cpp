// The parts of sim_sweep that are not the simulation: its command line, and how it makes failures smaller.

#include <gtest/gtest.h>

#include <algorithm>

#include "sim/scenario.h"
#include "sim/sweep/shrink.h"

namespace libpreconf::sim {
namespace {

std::string error_of(const std::vector<std::string>& words) {
  const auto parsed = parse_arguments(words);
  return parsed ? std::string("none") : parsed.error().message;
}

TEST(SweepArguments, GivenEachOption_WhenRead_ThenItHasItsValue) {
  const auto parsed = parse_arguments({"--seeds", "7", "--first=9", "--nodes", "30", "--scenario", "churn",
                                       "--jobs", "2", "--faults", "0,3", "--blocks", "4", "--no-shrink"});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->seeds, 7U);
  EXPECT_EQ(parsed->first, 9U);
  EXPECT_EQ(parsed->scenario, "churn");
  EXPECT_EQ(parsed->jobs, 2U);
  EXPECT_EQ(parsed->reduction.nodes, 30U);
  EXPECT_EQ(parsed->reduction.blocks, 4U);
  EXPECT_EQ(parsed->reduction.faults, (std::vector<std::size_t>{0, 3}));
  EXPECT_FALSE(parsed->shrink);
}

TEST(SweepArguments, GivenWhatCannotBeMeant_WhenRead_ThenTheErrorNamesIt) {
  EXPECT_NE(error_of({"--seeds", "many"}).find("--seeds: \"many\" is not a number"), std::string::npos);
  EXPECT_NE(error_of({"--seeds", "0"}).find("from 1 to"), std::string::npos);
  EXPECT_NE(error_of({"--nodes", "1"}).find("from 2 to"), std::string::npos);
  EXPECT_NE(error_of({"--scenario", "peace"}).find("none called \"peace\""), std::string::npos);
  EXPECT_NE(error_of({"--sedes", "1"}).find("no option --sedes"), std::string::npos);
  EXPECT_NE(error_of({"--sedes"}).find("no option --sedes"), std::string::npos);
  EXPECT_NE(error_of({"seeds"}).find("\"seeds\" is no option"), std::string::npos);
  EXPECT_NE(error_of({"--seeds"}).find("--seeds"), std::string::npos);
  EXPECT_NE(error_of({"--trace", "x"}).find("--seeds 1"), std::string::npos);
}

TEST(SweepArguments, GivenAReducedPlan_WhenItsCommandIsReadAgain_ThenThePlanIsTheSame) {
  Arguments arguments;
  arguments.scenario = "churn";
  const Reduction reduction{.nodes = 15, .faults = std::vector<std::size_t>{1, 4}, .blocks = 3};
  const std::string command = replay_command(arguments, 77, reduction);
  std::vector<std::string> words;
  for (std::size_t at = command.find("--"); at < command.size();) {
    const std::size_t end = std::min(command.find(' ', at), command.size());
    words.push_back(command.substr(at, end - at));
    at = end + 1;
  }
  const auto parsed = parse_arguments(words);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->first, 77U);
  const Plan plan = make_plan(*parsed, parsed->first, parsed->reduction);
  EXPECT_EQ(plan.nodes, 15U);
  EXPECT_EQ(plan.blocks, 3U);
  ASSERT_EQ(plan.faults.size(), 2U);
  const Plan whole = find_scenario("churn")->make(15, 77);
  EXPECT_EQ(plan.faults[1].at, whole.faults[4].at);
}

TEST(Shrink, GivenAFailureOfTwoFaultsAndSomeNodes_WhenShrunk_ThenOnlyTheseAreLeft) {
  const auto fails = [](const Reduction& reduction) {
    const auto has = [&](std::size_t place) {
      return std::ranges::find(*reduction.faults, place) != reduction.faults->end();
    };
    return has(2) && has(7) && reduction.nodes >= 9 && *reduction.blocks >= 3;
  };
  const Reduction shrunk = shrink({.nodes = 100}, 10, 8, fails);
  EXPECT_EQ(shrunk.faults, (std::vector<std::size_t>{2, 7}));
  EXPECT_EQ(shrunk.blocks, 3U);
  EXPECT_GE(shrunk.nodes, 9U);
  EXPECT_LE(shrunk.nodes, 11U);
}

TEST(Shrink, GivenAFailureThatNothingMakesSmaller_WhenShrunk_ThenItStaysAndTheTriesAreBounded) {
  std::size_t tries = 0;
  const Reduction shrunk = shrink(
      {.nodes = 50}, 4, 5,
      [&](const Reduction&) {
        ++tries;
        return false;
      },
      20);
  EXPECT_EQ(shrunk.nodes, 50U);
  EXPECT_EQ(shrunk.faults->size(), 4U);
  EXPECT_LE(tries, 20U);
}

}  // namespace
}  // namespace libpreconf::sim
