#pragma once
// `preconfd devnet`.

#include "node/options.h"

namespace libpreconf::cli {

/// Runs to the end of the blocks or to a signal; the exit code is 0 only if all nodes hold the same chain.
[[nodiscard]] int run_devnet(const node::DevnetArguments& arguments);

}  // namespace libpreconf::cli
