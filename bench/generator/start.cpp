// How long a server takes from its start to its first RPC answer, and into the mesh of a peer that it dials.

#include <fcntl.h>
#include <fmt/core.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <optional>

#include "common/server_watch.h"
#include "generator/gossip_client.h"
#include "generator/races.h"

extern char** environ;

namespace libpreconf::bench {
namespace {

constexpr Duration kPatience{std::chrono::seconds(20)};
constexpr Duration kRetry{std::chrono::microseconds(200)};
constexpr std::string_view kQuestion = R"({"jsonrpc":"2.0","id":1,"method":"preconf_getStatus","params":[]})";

/// Puts what this process starts from now on on one core, until the object goes.
class OnCore {
 public:
  explicit OnCore(std::size_t core) {
    (void)sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    (void)sched_setaffinity(0, sizeof set, &set);
  }
  OnCore(const OnCore&) = delete;
  OnCore& operator=(const OnCore&) = delete;
  ~OnCore() { (void)sched_setaffinity(0, sizeof before_, &before_); }

 private:
  cpu_set_t before_{};
};

/// Starts a program whose arguments may name our address as {dial}.
pid_t start_program(std::vector<std::string> command, const std::string& address, std::size_t core) {
  const OnCore on_core(core);
  std::vector<char*> arguments;
  for (std::string& word : command) {
    if (word == "{dial}") word = address;
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int descriptor : {1, 2}) {
    posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0);
  }
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) die(fmt::format("cannot start {}", command.front()));
  return pid;
}

/// Asks again and again until somebody answers.
class RpcProbe {
 public:
  RpcProbe(Reactor& reactor, std::uint16_t port)
      : reactor_(reactor), address_(SocketAddress::v4({127, 0, 0, 1}, port)) {
    attempt();
  }
  /// When the answer came, on the scale of `now_ns`; 0 until then.
  [[nodiscard]] std::int64_t answered_at() const noexcept { return answered_at_; }

 private:
  void attempt() {
    connecting_ = reactor_.connect_tcp(address_, [this](Result<std::unique_ptr<TcpConnection>> made) {
      if (!made) return again();
      connection_ = *std::move(made);
      connection_->start({[this](ByteView bytes) { hear(bytes); }, {}, [this](const Error&) { again(); }});
      connection_->send(
          as_bytes(fmt::format("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                               "Content-Length: {}\r\n\r\n{}",
                               kQuestion.size(), kQuestion)));
    });
  }
  void again() {
    if (answered_at_ == 0) retry_ = reactor_.after(kRetry, [this] { attempt(); });
  }
  void hear(ByteView bytes) {
    heard_ += as_text(bytes);
    if (answered_at_ == 0 && heard_.find("\"result\"") != std::string::npos) answered_at_ = now_ns();
  }

  Reactor& reactor_;
  SocketAddress address_;
  Handle connecting_;
  Handle retry_;
  std::unique_ptr<TcpConnection> connection_;
  std::string heard_;
  std::int64_t answered_at_ = 0;
};

}  // namespace

void start(Bench& bench, const Arguments& arguments) {
  double rpc_ms = 0;
  double joined_ms = 0;
  pid_t pid = 0;
  {
    GossipClient client(bench.reactor, bench.random);
    client.stay_passive();
    const std::string address = client.listen();
    const std::int64_t begin = now_ns();
    pid = start_program(arguments.rest(), address, arguments.number("core"));
    std::optional<RpcProbe> probe;
    if (arguments.has("rpc-port")) {
      probe.emplace(bench.reactor, static_cast<std::uint16_t>(arguments.number("rpc-port")));
    }
    std::int64_t joined_at = 0;
    const bool done = bench.reactor.run_until(
        [&] {
          if (joined_at == 0 && client.grafted()) joined_at = now_ns();
          return joined_at != 0 && (!probe || probe->answered_at() != 0);
        },
        kPatience);
    if (done) {
      joined_ms = static_cast<double>(joined_at - begin) / 1e6;
      if (probe) rpc_ms = static_cast<double>(probe->answered_at() - begin) / 1e6;
    }
  }
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  if (joined_ms == 0) die("the server did not answer, or did not join");
  fmt::print("{{\"rpc_ms\":{:.2f},\"joined_ms\":{:.2f}}}\n", rpc_ms, joined_ms);
}

}  // namespace libpreconf::bench
