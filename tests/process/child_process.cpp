#include "process/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace libpreconf::test {
namespace {

struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw TestFailure("pipe2: " + std::string(std::strerror(errno)));
  return {ends[0], ends[1]};
}

/// The environment of the child as one block of "NAME=value" texts.
std::vector<std::string> merged_environment(const ChildProcess::Environment& added) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::string name = text.substr(0, text.find('='));
    bool replaced = false;
    for (const auto& [key, value] : added) replaced |= key == name;
    if (!replaced) out.push_back(text);
  }
  for (const auto& [key, value] : added) {
    if (!value.empty()) out.push_back(key + "=" + value);
  }
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::string tail(const std::string& text, std::size_t size) {
  return text.size() <= size ? text : "..." + text.substr(text.size() - size);
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> command, const Environment& environment)
    : name_(std::filesystem::path(command.at(0)).filename()) {
  // A child that ended early must be an error of the write, not the end of the test program.
  static const bool ignoring = ::signal(SIGPIPE, SIG_IGN) != SIG_ERR;
  (void)ignoring;
  const Pipe input = make_pipe();
  const Pipe output = make_pipe();
  const Pipe errors = make_pipe();
  std::vector<std::string> variables = merged_environment(environment);
  const std::vector<char*> arguments = pointers(command);
  const std::vector<char*> block = pointers(variables);
  const pid_t parent = ::getpid();

  pid_ = ::fork();
  if (pid_ < 0) throw TestFailure("fork: " + std::string(std::strerror(errno)));
  if (pid_ == 0) {
    // No orphan survives a test program that was killed.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    ::signal(SIGPIPE, SIG_DFL);
    ::dup2(input.read_end, 0);
    ::dup2(output.write_end, 1);
    ::dup2(errors.write_end, 2);
    ::execvpe(arguments[0], arguments.data(), block.data());
    ::_exit(127);
  }
  ::close(input.read_end);
  ::close(output.write_end);
  ::close(errors.write_end);
  input_ = input.write_end;
  output_reader_ = std::thread([this, end = output.read_end] { read_lines(end); });
  error_reader_ = std::thread([this, end = errors.read_end] { read_errors(end); });
}

ChildProcess::~ChildProcess() {
  kill_now();
  if (input_ >= 0) ::close(input_);
}

void ChildProcess::read_lines(int descriptor) {
  std::vector<char> buffer(1 << 16);
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    const std::scoped_lock lock(mutex_);
    if (got <= 0) break;
    std::string_view rest(buffer.data(), static_cast<std::size_t>(got));
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      partial_line_ += rest.substr(0, end);
      lines_.push_back(std::move(partial_line_));
      partial_line_.clear();
      rest.remove_prefix(end + 1);
    }
    partial_line_ += rest;
    changed_.notify_all();
  }
  const std::scoped_lock lock(mutex_);
  if (!partial_line_.empty()) lines_.push_back(std::move(partial_line_));
  output_ended_ = true;
  changed_.notify_all();
  ::close(descriptor);
}

void ChildProcess::read_errors(int descriptor) {
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    const std::scoped_lock lock(mutex_);
    errors_.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(descriptor);
}

void ChildProcess::write_line(std::string_view line) {
  std::string text(line);
  text += '\n';
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = ::write(input_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw TestFailure("writing to " + name_ + ": " + std::strerror(errno) + last_words());
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

void ChildProcess::send_signal(int number) const {
  if (!status_) ::kill(pid_, number);
}

std::size_t ChildProcess::line_count() const {
  const std::scoped_lock lock(mutex_);
  return lines_.size();
}

std::string ChildProcess::line(std::size_t index) const {
  const std::scoped_lock lock(mutex_);
  return lines_.at(index);
}

std::optional<std::string> ChildProcess::wait_line(std::size_t index, Milliseconds limit) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, limit, [&] { return lines_.size() > index || output_ended_; });
  if (lines_.size() <= index) return std::nullopt;
  return lines_[index];
}

std::string ChildProcess::wait_line_after(std::string_view prefix, Milliseconds limit) const {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (std::size_t index = 0;; ++index) {
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline - std::chrono::steady_clock::now());
    const auto text = wait_line(index, std::max(left, Milliseconds(0)));
    if (!text)
      throw TestFailure(name_ + " printed no line \"" + std::string(prefix) + "...\"" + last_words());
    if (text->starts_with(prefix)) return text->substr(prefix.size());
  }
}

std::optional<ExitStatus> ChildProcess::wait_exit(Milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!status_) {
    int status = 0;
    const pid_t done = ::waitpid(pid_, &status, WNOHANG);
    if (done == pid_) {
      status_.emplace();
      if (WIFEXITED(status)) status_->code = WEXITSTATUS(status);
      if (WIFSIGNALED(status)) status_->signal = WTERMSIG(status);
    } else if (std::chrono::steady_clock::now() > deadline) {
      return std::nullopt;
    } else {
      std::this_thread::sleep_for(Milliseconds(2));
    }
  }
  if (output_reader_.joinable()) output_reader_.join();
  if (error_reader_.joinable()) error_reader_.join();
  return status_;
}

void ChildProcess::kill_now() {
  send_signal(SIGKILL);
  (void)wait_exit(Milliseconds(60'000));
}

std::string ChildProcess::output() const {
  const std::scoped_lock lock(mutex_);
  std::string out;
  for (const std::string& text : lines_) out += text + "\n";
  return out + partial_line_;
}

std::string ChildProcess::error_output() const {
  const std::scoped_lock lock(mutex_);
  return errors_;
}

std::string ChildProcess::last_words() const {
  const std::scoped_lock lock(mutex_);
  std::string out = "\n--- the last output of " + name_ + " ---\n";
  const std::size_t first = lines_.size() > 12 ? lines_.size() - 12 : 0;
  for (std::size_t i = first; i < lines_.size(); ++i) out += tail(lines_[i], 400) + "\n";
  return out + "--- stderr ---\n" + tail(errors_, 2000);
}

CommandResult run_command(std::vector<std::string> command, const ChildProcess::Environment& environment,
                          Milliseconds limit) {
  ChildProcess child(std::move(command), environment);
  const auto status = child.wait_exit(limit);
  if (!status) throw TestFailure("the command did not end in time" + child.last_words());
  return {status->code ? *status->code : 128 + status->signal.value_or(0), child.output(),
          child.error_output()};
}

void wait_until(std::string_view what, const std::function<bool()>& condition, Milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      throw TestFailure("waited " + std::to_string(limit.count()) + " ms in vain: " + std::string(what));
    }
    std::this_thread::sleep_for(Milliseconds(10));
  }
}

}  // namespace libpreconf::test
