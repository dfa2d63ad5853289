#include "support/allocation_counter.h"

#include <cerrno>
#include <cstdlib>

#if defined(__SANITIZE_ADDRESS__)
#define PRECONF_SANITIZED_HEAP
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define PRECONF_SANITIZED_HEAP
#endif
#endif

namespace {
std::size_t allocations = 0;
}  // namespace

#ifdef PRECONF_SANITIZED_HEAP

#include <sanitizer/allocator_interface.h>

namespace {
[[maybe_unused]] const int hooked = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { ++allocations; }, [](const volatile void*) {});
}  // namespace

#else

// glibc's own entries, under the names that it keeps for those who take malloc's place. What they hand out,
// its free takes back, so that one stays as it is.
extern "C" {
void* __libc_malloc(std::size_t size) noexcept;
void* __libc_calloc(std::size_t count, std::size_t size) noexcept;
void* __libc_realloc(void* memory, std::size_t size) noexcept;
void* __libc_memalign(std::size_t alignment, std::size_t size) noexcept;

void* malloc(std::size_t size) noexcept {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  ++allocations;
  return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  ++allocations;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) noexcept {
  ++allocations;
  void* const memory = __libc_memalign(alignment, size);
  if (memory == nullptr) return ENOMEM;
  *out = memory;
  return 0;
}
}

#endif

namespace libpreconf::test {

std::size_t allocation_count() noexcept {
  return allocations;
}

}  // namespace libpreconf::test
