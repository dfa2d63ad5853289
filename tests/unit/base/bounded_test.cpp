#include "base/bounded.h"

#include <gtest/gtest.h>

#include <string>

namespace libpreconf {
namespace {

TEST(BoundedQueue, GivenAFullQueue_WhenPushing_ThenItRefusesAndKeepsTheValue) {
  BoundedQueue<std::string> queue(2);
  EXPECT_TRUE(queue.push("a"));
  EXPECT_TRUE(queue.push("b"));
  std::string third = "c";
  EXPECT_FALSE(queue.push(std::move(third)));
  EXPECT_EQ(third, "c");  // NOLINT(bugprone-use-after-move): the contract says untouched
  EXPECT_EQ(queue.pop(), "a");
  EXPECT_TRUE(queue.push(std::move(third)));
  EXPECT_EQ(queue.pop(), "b");
  EXPECT_EQ(queue.pop(), "c");
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(FifoMap, GivenAFullMap_WhenANewKeyComes_ThenTheOldestGoes) {
  FifoMap<int, std::string> map(2);
  map.put(1, "one");
  map.put(2, "two");
  const auto evicted = map.put(3, "three");
  ASSERT_TRUE(evicted);
  EXPECT_EQ(evicted->first, 1);
  EXPECT_EQ(map.find(1), nullptr);
  EXPECT_EQ(*map.find(3), "three");
}

TEST(FifoMap, GivenAKeyThatIsAskedForOften_WhenTheMapOverflows_ThenUseDoesNotSaveIt) {
  FifoMap<int, int> map(2);
  map.put(1, 10);
  map.put(2, 20);
  for (int i = 0; i < 10; ++i) EXPECT_NE(map.find(1), nullptr);
  map.put(1, 11);
  map.put(3, 30);
  EXPECT_EQ(map.find(1), nullptr);
  EXPECT_EQ(*map.find(2), 20);
}

TEST(FifoMap, GivenNoCapacity_WhenPutting_ThenTheEntryComesStraightBack) {
  FifoMap<int, int> map(0);
  const auto evicted = map.put(1, 10);
  ASSERT_TRUE(evicted);
  EXPECT_EQ(evicted->first, 1);
  EXPECT_TRUE(map.empty());
}

TEST(FifoMap, GivenEntries_WhenWalked_ThenTheyComeOldestFirst) {
  FifoMap<int, int> map(4);
  for (int key : {5, 3, 9}) map.put(key, key);
  map.erase(3);
  std::string order;
  for (const auto& [key, value] : map) order += std::to_string(key) + " ";
  EXPECT_EQ(order, "5 9 ");
}

}  // namespace
}  // namespace libpreconf
