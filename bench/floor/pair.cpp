#include "floor/pair.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "common/arguments.h"

namespace libpreconf::bench {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(static_cast<std::uint16_t>(port));
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

void pin(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  // A machine with one core runs both on it.
  (void)sched_setaffinity(0, sizeof set, &set);
}

void without_delay(int socket) {
  const int on = 1;
  (void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

void run_pair(const std::function<void(int socket)>& serve, const std::function<void(const Served&)>& drive) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 64) != 0 || getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    die("cannot listen on loopback");
  }
  const pid_t child = fork();
  if (child < 0) die("cannot fork");
  if (child == 0) {
    pin(0);
    for (;;) {
      const int socket = accept(listener, nullptr, nullptr);
      if (socket < 0) _exit(1);
      without_delay(socket);
      serve(socket);
      close(socket);
    }
  }
  close(listener);
  pin(1);
  drive({child, ntohs(address.sin_port)});
  (void)kill(child, SIGKILL);
  (void)waitpid(child, nullptr, 0);
}

int connect_to(int port) {
  const int out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (connect(out, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    die("the floor's server does not answer");
  }
  without_delay(out);
  return out;
}

}  // namespace libpreconf::bench
