#pragma once
// Doubts about our own code, in three grades. None of them is ever used for input.
//
//   PRECONF_ASSERT(c)   memory safety is at stake: aborts in every build.
//   PRECONF_BUG(c)      true if the doubt `c` came true; logs once with a backtrace, the caller bails out:
//                       `if (PRECONF_BUG(stream == nullptr)) return;`
//   PRECONF_DEBUG_ASSERT(c)  costs something; only builds without NDEBUG pay for it.

namespace libpreconf::detail {
[[noreturn]] void assert_failed(const char* condition, const char* file, int line) noexcept;
bool bug_found(const char* condition, const char* file, int line, bool& reported) noexcept;
}  // namespace libpreconf::detail

#define PRECONF_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::libpreconf::detail::assert_failed(#condition, __FILE__, __LINE__))

#define PRECONF_BUG(condition)                                                        \
  ((condition) && [] {                                                                \
    static bool reported = false;                                                     \
    return ::libpreconf::detail::bug_found(#condition, __FILE__, __LINE__, reported); \
  }())

#ifdef NDEBUG
#define PRECONF_DEBUG_ASSERT(condition) static_cast<void>(0)
#else
#define PRECONF_DEBUG_ASSERT(condition) PRECONF_ASSERT(condition)
#endif
