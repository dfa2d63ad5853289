#include "sim/sweep/workers.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <memory>

#include "base/log.h"
#include "sim/simulation.h"

namespace libpreconf::sim {

namespace {

/// Real seconds that one seed may take before it counts as one that never ends.
constexpr unsigned kSeedLimit = 600;

/// What a child writes: when it begins a seed, and when it has played it.
struct Message {
  std::uint64_t seed = 0;
  std::uint64_t digest = 0;
  std::uint32_t done = 0;
  std::uint32_t text_size = 0;
};

void write_all(int fd, const void* bytes, std::size_t size) {
  const char* at = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t written = ::write(fd, at, size);
    if (written <= 0) ::_exit(3);  // nobody listens any more
    at += written;
    size -= static_cast<std::size_t>(written);
  }
}

bool read_all(int fd, void* bytes, std::size_t size) {
  char* at = static_cast<char*>(bytes);
  while (size > 0) {
    const ssize_t got = ::read(fd, at, size);
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

void send(int fd, const Message& message, const std::string& text) {
  write_all(fd, &message, sizeof message);
  write_all(fd, text.data(), text.size());
}

void play(int fd, const Arguments& arguments, std::uint64_t seed, const Reduction& reduction) {
  send(fd, {.seed = seed}, "");
  ::alarm(kSeedLimit);
  Simulation simulation(make_plan(arguments, seed, reduction), nullptr);
  const Outcome outcome = simulation.run();
  ::alarm(0);
  const std::string failure = outcome.failed() ? outcome.violation->to_string() : "";
  send(fd, {seed, outcome.digest, 1, static_cast<std::uint32_t>(failure.size())}, failure);
}

/// A child that plays every `stride`-th seed.
class Worker {
 public:
  Worker(const Arguments& arguments, std::uint64_t next, std::uint64_t stride, const Reduction& reduction)
      : arguments_(arguments), reduction_(reduction), next_(next), stride_(stride) {}

  [[nodiscard]] bool finished() const noexcept { return pid_ == 0 && next_ >= end(); }
  [[nodiscard]] int fd() const noexcept { return fd_; }

  void start() {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    std::fflush(nullptr);
    pid_ = ::fork();
    if (pid_ < 0) std::abort();
    if (pid_ == 0) {
      ::close(ends[0]);
      log_set_level(LogLevel::off);
      for (std::uint64_t seed = next_; seed < end(); seed += stride_) {
        play(ends[1], arguments_, seed, reduction_);
      }
      ::_exit(0);
    }
    ::close(ends[1]);
    fd_ = ends[0];
  }

  /// Something is to be read: a message, or the end.
  void on_readable(const std::function<void(const SeedResult&)>& on_result) {
    Message message;
    if (!read_all(fd_, &message, sizeof message)) return on_end(on_result);
    std::string text(message.text_size, '\0');
    if (!read_all(fd_, text.data(), text.size())) return on_end(on_result);
    if (message.done == 0) {
      under_way_ = true;
      return;
    }
    under_way_ = false;
    next_ = message.seed + stride_;
    on_result({message.seed, std::move(text), message.digest});
  }

 private:
  [[nodiscard]] std::uint64_t end() const noexcept { return arguments_.first + arguments_.seeds; }

  void on_end(const std::function<void(const SeedResult&)>& on_result) {
    ::close(std::exchange(fd_, -1));
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    if (!under_way_) return;
    under_way_ = false;
    const std::uint64_t seed = std::exchange(next_, next_ + stride_);
    const int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    on_result({seed,
               number == SIGALRM ? fmt::format("it did not end within {} s", kSeedLimit)
               : number != 0 ? fmt::format("the process ended by signal {}, {}", number, ::strsignal(number))
                             : fmt::format("the process ended with {}", WEXITSTATUS(status)),
               0});
  }

  const Arguments& arguments_;
  const Reduction& reduction_;
  std::uint64_t next_;
  std::uint64_t stride_;
  pid_t pid_ = 0;
  int fd_ = -1;
  bool under_way_ = false;
};

void run_workers(std::vector<std::unique_ptr<Worker>>& workers,
                 const std::function<void(const SeedResult&)>& on_result) {
  for (;;) {
    std::vector<pollfd> waits;
    std::vector<Worker*> whose;
    for (const auto& worker : workers) {
      if (worker->finished()) continue;
      if (worker->fd() < 0) worker->start();  // at first, and after a seed that took its process with it
      waits.push_back({worker->fd(), POLLIN, 0});
      whose.push_back(worker.get());
    }
    if (waits.empty()) return;
    if (::poll(waits.data(), waits.size(), -1) < 0) continue;
    for (std::size_t i = 0; i < waits.size(); ++i) {
      if (waits[i].revents != 0) whose[i]->on_readable(on_result);
    }
  }
}

}  // namespace

void play_seeds(const Arguments& arguments, const std::function<void(const SeedResult&)>& on_result) {
  const std::uint64_t jobs = std::min<std::uint64_t>(arguments.jobs, arguments.seeds);
  std::vector<std::unique_ptr<Worker>> workers;
  for (std::uint64_t i = 0; i < jobs; ++i) {
    workers.push_back(std::make_unique<Worker>(arguments, arguments.first + i, jobs, arguments.reduction));
  }
  run_workers(workers, on_result);
}

SeedResult play_alone(const Arguments& arguments, std::uint64_t seed, const Reduction& reduction) {
  Arguments one = arguments;
  one.first = seed;
  one.seeds = 1;
  SeedResult result;
  std::vector<std::unique_ptr<Worker>> workers;
  workers.push_back(std::make_unique<Worker>(one, seed, 1, reduction));
  run_workers(workers, [&](const SeedResult& each) { result = each; });
  return result;
}

}  // namespace libpreconf::sim
