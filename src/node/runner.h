#pragma once
// `preconfd run`: builds the node that the options describe, runs the loop until SIGINT or SIGTERM, and stops
// within five seconds.
//
// Start-up order: log, key file, schedule, reactor, node, listeners. What cannot be had is told with its name
// and the exit code of program.md.

#include <functional>
#include <string_view>

#include "node/options.h"

namespace libpreconf::node {

/// How long an orderly stop may take before the rest is dropped.
inline constexpr Duration kStopLimit = std::chrono::seconds(5);

/// Runs to the end; `say` gets the lines for standard output ("listening p2p ..."), `complain` the one line
/// that explains a failure.
[[nodiscard]] ExitCode run_node(const RunOptions& options, const std::function<void(std::string_view)>& say,
                                const std::function<void(std::string_view)>& complain);

}  // namespace libpreconf::node
