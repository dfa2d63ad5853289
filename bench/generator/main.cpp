// bench_generator LOAD --option value ...: puts a load on a server under test and prints what it saw.

#include <string>

#include "generator/races.h"

int main(int argc, char** argv) {
  using namespace libpreconf;
  using namespace libpreconf::bench;
  const std::string load = argc > 1 ? argv[1] : "";
  const Arguments arguments(argc, argv, 2);
  SystemClock clock;
  SystemRandom random;
  auto reactor = LibeventReactor::create(clock);
  if (!reactor) die(reactor.error().message);
  Bench bench{**reactor, random};
  if (load == "flood") {
    flood(bench, arguments);
  } else if (load == "echo") {
    echo(bench, arguments);
  } else if (load == "connect") {
    connect(bench, arguments);
  } else if (load == "peers") {
    peers(bench, arguments);
  } else if (load == "bulk") {
    bulk(bench, arguments);
  } else if (load == "start") {
    start(bench, arguments);
  } else {
    die("usage: bench_generator flood|echo|connect|peers|bulk|start --option value ...");
  }
  return 0;
}
