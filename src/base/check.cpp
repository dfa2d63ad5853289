#include "base/check.h"

#include <execinfo.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace libpreconf::detail {
namespace {

void report(const char* kind, const char* condition, const char* file, int line) noexcept {
  (void)std::fprintf(stderr, "%s: %s (%s:%d)\n", kind, condition, file, line);
  void* frames[32];
  const int depth = backtrace(frames, 32);
  backtrace_symbols_fd(frames, depth, STDERR_FILENO);
}

}  // namespace

void assert_failed(const char* condition, const char* file, int line) noexcept {
  report("assertion failed", condition, file, line);
  std::abort();
}

bool bug_found(const char* condition, const char* file, int line, bool& reported) noexcept {
  if (!reported) {
    reported = true;
    report("bug, please report it", condition, file, line);
  }
  return true;
}

}  // namespace libpreconf::detail
