#include "sim/sweep/arguments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

#include "base/log.h"
#include "sim/scenario.h"

namespace libpreconf::sim {

namespace {

Result<std::uint64_t> number(std::string_view option, std::string_view text, std::uint64_t least,
                             std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
    return fail(ErrorCode::invalid, fmt::format("{}: \"{}\" is not a number from {} to {}", option,
                                                printable(text), least, most));
  }
  return value;
}

Result<std::vector<std::size_t>> places(std::string_view text) {
  std::vector<std::size_t> out;
  if (text == "none") return out;
  while (true) {
    const std::size_t comma = text.find(',');
    PRECONF_TRY(const std::uint64_t place, number("--faults", text.substr(0, comma), 0, 10'000));
    out.push_back(place);
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

Result<> take(Arguments& out, const std::string& option, const std::string& value) {
  if (option == "--seeds") {
    PRECONF_TRY(out.seeds, number(option, value, 1, kMostSeeds));
  } else if (option == "--first") {
    PRECONF_TRY(out.first, number(option, value, 0, ~std::uint64_t{0} - kMostSeeds));
  } else if (option == "--nodes") {
    PRECONF_TRY(out.reduction.nodes, number(option, value, 2, kMostNodes));
  } else if (option == "--blocks") {
    PRECONF_TRY(out.reduction.blocks, number(option, value, 1, 1000));
  } else if (option == "--jobs") {
    PRECONF_TRY(out.jobs, number(option, value, 1, 256));
  } else if (option == "--faults") {
    PRECONF_TRY(out.reduction.faults, places(value));
  } else if (option == "--scenario") {
    out.scenario = value;
    if (find_scenario(value) == nullptr) {
      return fail(
          ErrorCode::invalid,
          fmt::format("--scenario: there is none called \"{}\"; --list names them", printable(value)));
    }
  } else if (option == "--trace") {
    out.trace_path = value;
  } else if (option == "--log") {
    out.log = value;
  } else {
    return fail(ErrorCode::invalid,
                fmt::format("there is no option {}; --help lists them", printable(option)));
  }
  return {};
}

}  // namespace

Result<Arguments> parse_arguments(const std::vector<std::string>& words) {
  Arguments out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--help" || word == "-h") {
      out.help = true;
    } else if (word == "--list") {
      out.list = true;
    } else if (word == "--no-shrink") {
      out.shrink = false;
    } else if (const std::size_t equals = word.find('='); equals != std::string::npos) {
      PRECONF_CHECK_OK(take(out, word.substr(0, equals), word.substr(equals + 1)));
    } else if (!word.starts_with("--")) {
      return fail(ErrorCode::invalid, fmt::format("\"{}\" is no option; --help lists them", printable(word)));
    } else {
      // An option that does not exist is named as such, with a value or without.
      if (i + 1 >= words.size()) {
        PRECONF_CHECK_OK(take(out, word, ""));
        return fail(ErrorCode::invalid, word + " needs a value");
      }
      PRECONF_CHECK_OK(take(out, word, words[++i]));
    }
  }
  if (out.log != "off" && out.trace_path.empty()) {
    return fail(ErrorCode::invalid, "--log goes with --trace: logs of many networks at once say nothing");
  }
  if (!out.trace_path.empty() && out.seeds != 1) {
    return fail(ErrorCode::invalid, "--trace writes one seed: give --seeds 1");
  }
  return out;
}

std::string help_text() {
  return R"(sim_sweep: whole networks in virtual time, one for each seed

  sim_sweep --seeds N [--first S] [--nodes 100] [--scenario mix] [--jobs 1]

  --seeds N       how many seeds are played (100)
  --first S       the first of them (1)
  --nodes N       nodes of each network (100)
  --scenario NAME what happens to them (mix); --list names all
  --jobs J        processes that share the seeds (1)
  --no-shrink     do not look for a smaller failure
  --trace FILE    writes the events of a single seed
  --log SPEC      and lets the nodes log, as preconfd does: "info", "warn,preconf=debug"
  --list          names the scenarios
  --help          this text

To play a shrunk failure again:
  --faults 0,3    only these of the seed's faults; "none" for no fault at all
  --blocks N      this many blocks

Ends with "N seeds, F failed, X seeds/s". Exit code: 0 nothing failed, 1 a seed failed, 2 bad command line.
)";
}

std::string list_text() {
  std::string text;
  for (const NamedScenario& each : scenarios()) text += fmt::format("  {:20} {}\n", each.name, each.about);
  return text;
}

Plan make_plan(const Arguments& arguments, std::uint64_t seed, const Reduction& reduction) {
  Plan plan = find_scenario(arguments.scenario)->make(reduction.nodes, seed);
  if (reduction.blocks) plan.blocks = *reduction.blocks;
  if (reduction.faults) {
    std::vector<Fault> kept;
    for (const std::size_t place : *reduction.faults) {
      if (place < plan.faults.size()) kept.push_back(plan.faults[place]);
    }
    plan.faults = std::move(kept);
  }
  return plan;
}

std::string replay_command(const Arguments& arguments, std::uint64_t seed, const Reduction& reduction) {
  std::string command = fmt::format("sim_sweep --seeds 1 --first {} --nodes {} --scenario {}", seed,
                                    reduction.nodes, arguments.scenario);
  if (reduction.blocks) command += fmt::format(" --blocks {}", *reduction.blocks);
  if (reduction.faults) {
    command += reduction.faults->empty() ? std::string(" --faults none")
                                         : fmt::format(" --faults {}", fmt::join(*reduction.faults, ","));
  }
  return command;
}

}  // namespace libpreconf::sim
