// bench_floor message|echo|connect|bulk|recover: the bare primitives of a race, without a protocol around
// them. Prints one line of JSON.

#include <string>

#include "common/arguments.h"
#include "floor/floors.h"

int main(int argc, char** argv) {
  using namespace libpreconf::bench;
  const std::string name = argc > 1 ? argv[1] : "";
  const Arguments arguments(argc, argv, 2);
  if (name == "message") {
    message_floor(arguments);
  } else if (name == "echo") {
    echo_floor(arguments);
  } else if (name == "connect") {
    connect_floor(arguments);
  } else if (name == "bulk") {
    bulk_floor(arguments);
  } else if (name == "recover") {
    recover_floor(arguments);
  } else {
    die("usage: bench_floor message|echo|connect|bulk|recover --option value ...");
  }
  return 0;
}
