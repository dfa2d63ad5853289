#include <gtest/gtest.h>

#include <cstdio>

// GoogleTest calls a run in which the filter matched nothing a success; here it is none.
int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const int result = RUN_ALL_TESTS();
  if (testing::UnitTest::GetInstance()->test_to_run_count() == 0 && !testing::GTEST_FLAG(list_tests)) {
    std::fprintf(stderr, "no test matches the filter\n");
    return 1;
  }
  return result;
}
