#pragma once
// Two processes on two cores with one loopback TCP connection at a time: what a race costs at the least.

#include <functional>

namespace libpreconf::bench {

/// The child, which stands for the server, and how to reach it.
struct Served {
  int pid = 0;
  int port = 0;
};

/// Forks a child on core 0 that accepts connections and gives each to `serve` with its socket; this process
/// goes to core 1, runs `drive`, and ends the child.
void run_pair(const std::function<void(int socket)>& serve, const std::function<void(const Served&)>& drive);
/// A blocking connection without delay; dies if there is none.
[[nodiscard]] int connect_to(int port);

}  // namespace libpreconf::bench
