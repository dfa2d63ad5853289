#pragma once
// Counts what a program asks of the heap, by whatever route: operator new, malloc, and the C libraries'
// calls, all of which end in malloc. Linked only into the programs that want it (library
// `allocation_counter`), because it takes malloc's place in the whole program.
//
// Under a sanitizer, which owns malloc, the count comes from the sanitizer's own hook.

#include <cstddef>

namespace libpreconf::test {

/// Calls of malloc, calloc, realloc and their aligned kin since the program started.
[[nodiscard]] std::size_t allocation_count() noexcept;

/// How many allocations `work` makes.
template <class Work>
[[nodiscard]] std::size_t allocations_of(Work&& work) {
  const std::size_t before = allocation_count();
  work();
  return allocation_count() - before;
}

}  // namespace libpreconf::test
