#pragma once
// The loads, one function a subcommand. Each prints one line of JSON.

#include "common/arguments.h"
#include "libpreconf/base/random.h"
#include "libpreconf/reactor/libevent_reactor.h"

namespace libpreconf::bench {

/// What every load is made with.
struct Bench {
  LibeventReactor& reactor;
  Random& random;

  /// Runs the loop for a while.
  void pause(Duration time) {
    (void)reactor.run_until([] { return false; }, time);
  }
};

/// Rows 1 and 2: --to MULTIADDR --pid PID --kind first|duplicate|invalid|forged --count N [--rate R] [--peers
/// P] [--warm-up N].
void flood(Bench& bench, const Arguments& arguments);
/// Row 3: --to MULTIADDR --count N.
void echo(Bench& bench, const Arguments& arguments);
/// Row 4: --to MULTIADDR --pid PID --count N [--pause-ms MS].
void connect(Bench& bench, const Arguments& arguments);
/// Row 6: --to MULTIADDR --pid PID --steps 64,200 [--per-second N].
void peers(Bench& bench, const Arguments& arguments);
/// Row 7: --to MULTIADDR --pid PID --mib N.
void bulk(Bench& bench, const Arguments& arguments);

/// Row 10: --core N [--rpc-port PORT] -- COMMAND ... {dial} ...
void start(Bench& bench, const Arguments& arguments);

}  // namespace libpreconf::bench
