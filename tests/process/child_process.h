#pragma once
// A child process with its three pipes: started by the constructor, killed and reaped by the destructor.
//
// One thread per pipe reads what the child prints, so that a child never blocks on a full pipe. Waits have
// deadlines; a wait that fails throws TestFailure with what the child printed last.

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace libpreconf::test {

using Milliseconds = std::chrono::milliseconds;
/// How long anything on loopback may take on a busy machine before it counts as not happening.
inline constexpr Milliseconds kPatience{20'000};

/// A wait that ran out, or a process that did not do as asked. GoogleTest reports it as a failed test.
class TestFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// How a process ended: by exit code, or by a signal.
struct ExitStatus {
  std::optional<int> code;
  std::optional<int> signal;
};

class ChildProcess {
 public:
  using Environment = std::vector<std::pair<std::string, std::string>>;

  /// `command[0]` is looked up in PATH. `environment` is added to this process's own; an empty value removes.
  explicit ChildProcess(std::vector<std::string> command, const Environment& environment = {});
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Writes `line` and a line end to the child's stdin; throws if the child no longer reads.
  void write_line(std::string_view line);
  void send_signal(int number) const;

  /// Lines of stdout so far.
  [[nodiscard]] std::size_t line_count() const;
  [[nodiscard]] std::string line(std::size_t index) const;
  /// Waits until stdout has more than `index` lines; nothing if time runs out or stdout has ended.
  [[nodiscard]] std::optional<std::string> wait_line(std::size_t index, Milliseconds limit = kPatience) const;
  /// Waits for the first line of stdout that begins with `prefix`, and gives the rest of it.
  [[nodiscard]] std::string wait_line_after(std::string_view prefix, Milliseconds limit = kPatience) const;

  /// Waits for the end, and for the last output; nothing if time runs out.
  [[nodiscard]] std::optional<ExitStatus> wait_exit(Milliseconds limit = kPatience);
  void kill_now();

  [[nodiscard]] std::string output() const;
  [[nodiscard]] std::string error_output() const;
  /// The last lines of both outputs, for the message of a failure.
  [[nodiscard]] std::string last_words() const;

 private:
  void read_lines(int descriptor);
  void read_errors(int descriptor);

  std::string name_;
  pid_t pid_ = -1;
  int input_ = -1;
  std::optional<ExitStatus> status_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::string> lines_;
  std::string partial_line_;
  std::string errors_;
  bool output_ended_ = false;
  std::thread output_reader_;
  std::thread error_reader_;
};

/// What a process printed and how it ended, for commands that run to their end.
struct CommandResult {
  int exit_code = -1;  ///< 128 + signal, as a shell has it, if a signal ended it
  std::string output;
  std::string errors;
};
[[nodiscard]] CommandResult run_command(std::vector<std::string> command,
                                        const ChildProcess::Environment& environment = {},
                                        Milliseconds limit = kPatience);

/// Asks `condition` again and again until it holds; throws TestFailure naming `what` after `limit`.
void wait_until(std::string_view what, const std::function<bool()>& condition,
                Milliseconds limit = kPatience);

}  // namespace libpreconf::test
