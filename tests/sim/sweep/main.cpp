// sim_sweep: plays seeds of a scenario, and shrinks those that fail.

#include <fmt/format.h>
#include <malloc.h>

#include <chrono>
#include <cstdio>

#include "base/log.h"
#include "sim/simulation.h"
#include "sim/sweep/shrink.h"
#include "sim/sweep/workers.h"

namespace {

using namespace libpreconf;
using namespace libpreconf::sim;

constexpr int kFailed = 1;
constexpr int kBadCommandLine = 2;
/// Failures that are told in full and shrunk; of more, the seeds alone.
constexpr std::size_t kMostTold = 5;
constexpr std::uint64_t kProgressEvery = 500;

void tell(const char* stream_name, const std::string& text) {
  std::FILE* stream = std::string_view(stream_name) == "out" ? stdout : stderr;
  fmt::print(stream, "{}\n", text);
  std::fflush(stream);
}

void tell_failure(const Arguments& arguments, const SeedResult& result) {
  tell("out", fmt::format("seed {} failed: {}", result.seed, result.failure));
  tell("out", "  replay: " + replay_command(arguments, result.seed, arguments.reduction));
  if (!arguments.shrink) return;
  const Plan plan = make_plan(arguments, result.seed, arguments.reduction);
  SeedResult smallest = result;
  const Reduction reduction =
      shrink(arguments.reduction, plan.faults.size(), plan.blocks, [&](const Reduction& smaller) {
        SeedResult again = play_alone(arguments, result.seed, smaller);
        const bool failed = !again.failure.empty();
        if (failed) smallest = std::move(again);
        return failed;
      });
  tell("out", fmt::format("  shrunk to {} nodes, {} faults, {} blocks: {}", reduction.nodes,
                          reduction.faults->size(), *reduction.blocks, smallest.failure));
  for (const Fault& fault : make_plan(arguments, result.seed, reduction).faults) {
    tell("out", "    " + describe(fault, reduction.nodes));
  }
  tell("out", "  replay: " + replay_command(arguments, result.seed, reduction));
}

int write_trace(const Arguments& arguments) {
  std::FILE* file = std::fopen(arguments.trace_path.c_str(), "w");
  if (file == nullptr) {
    tell("err", fmt::format("sim_sweep: cannot write {}", arguments.trace_path));
    return kFailed;
  }
  if (const auto logged = log_configure(arguments.log); !logged) {
    tell("err", "sim_sweep: --log: " + logged.error().message);
    std::fclose(file);
    return kBadCommandLine;
  }
  Simulation simulation(make_plan(arguments, arguments.first, arguments.reduction), file);
  const Outcome outcome = simulation.run();
  std::fclose(file);
  tell("out", fmt::format("seed {}: {} events, {} lines, {} blocks, {} turns missed, {:.1f} virtual seconds, "
                          "digest {:016x}",
                          arguments.first, outcome.events, outcome.lines, outcome.blocks, outcome.missed,
                          static_cast<double>(outcome.took.count()) / 1e6, outcome.digest));
  if (!outcome.failed()) return 0;
  tell("out", "failed: " + outcome.violation->to_string());
  return kFailed;
}

int sweep(const Arguments& arguments) {
  const auto begin = std::chrono::steady_clock::now();
  std::vector<SeedResult> failures;
  std::uint64_t played = 0;
  const auto rate = [&] {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    return static_cast<double>(played) / std::max(took.count(), 1e-9);
  };
  play_seeds(arguments, [&](const SeedResult& result) {
    ++played;
    if (!result.failure.empty()) {
      tell("err", fmt::format("seed {} failed: {}", result.seed, result.failure));
      failures.push_back(result);
    }
    if (played % kProgressEvery == 0) {
      tell("err", fmt::format("{} of {} seeds, {} failed, {:.1f} seeds/s", played, arguments.seeds,
                              failures.size(), rate()));
    }
  });
  const double seeds_per_second = rate();
  for (std::size_t i = 0; i < failures.size(); ++i) {
    if (i < kMostTold) {
      tell_failure(arguments, failures[i]);
    } else {
      tell("out", "  replay: " + replay_command(arguments, failures[i].seed, arguments.reduction));
    }
  }
  tell("out", fmt::format("{} seeds, {} failed, {:.1f} seeds/s", played, failures.size(), seeds_per_second));
  return failures.empty() ? 0 : kFailed;
}

}  // namespace

int main(int argc, char** argv) {
  // Memory goes round from seed to seed; giving it back in between is half of the allocator's work.
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_MMAP_THRESHOLD, 1 << 28);
  const auto arguments = parse_arguments({argv + 1, argv + argc});
  if (!arguments) {
    tell("err", "sim_sweep: " + arguments.error().message);
    return kBadCommandLine;
  }
  if (arguments->help || arguments->list) {
    fmt::print("{}", arguments->help ? help_text() : list_text());
    return 0;
  }
  return arguments->trace_path.empty() ? sweep(*arguments) : write_trace(*arguments);
}
