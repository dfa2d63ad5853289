// The counter itself: every route to the heap is seen, and nothing else.
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <vector>

#include "support/allocation_counter.h"

namespace libpreconf::test {
namespace {

void* volatile kept = nullptr;  // what the compiler cannot see through, it cannot leave out

TEST(AllocationCounter, GivenEachWayToAllocate_WhenTaken_ThenItCountsOne) {
  EXPECT_EQ(allocations_of([] {
              kept = std::malloc(10);
              std::free(kept);
            }),
            1U);
  EXPECT_EQ(allocations_of([] {
              kept = std::calloc(2, 10);
              kept = std::realloc(kept, 1000);
              std::free(kept);
            }),
            2U);
  EXPECT_EQ(allocations_of([] {
              kept = ::operator new(10);
              ::operator delete(kept);
            }),
            1U);
  EXPECT_EQ(allocations_of([] {
              kept = ::operator new(64, std::align_val_t(64));
              ::operator delete(kept, std::align_val_t(64));
            }),
            1U);
}

TEST(AllocationCounter, GivenWorkInMemoryThatIsHeld_WhenDone_ThenNothingIsCounted) {
  std::vector<int> numbers;
  numbers.reserve(100);
  EXPECT_EQ(allocations_of([&] {
              for (int i = 0; i < 100; ++i) numbers.push_back(i);
            }),
            0U);
  EXPECT_EQ(allocations_of([&] { numbers.push_back(100); }), 1U);
}

}  // namespace
}  // namespace libpreconf::test
