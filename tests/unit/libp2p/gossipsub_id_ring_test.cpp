#include "libp2p/gossipsub_id_ring.h"

#include <gtest/gtest.h>

#include <deque>

#include "libpreconf/base/random.h"

namespace libpreconf::libp2p {
namespace {

MessageId id_of(std::uint64_t number) {
  MessageId id{};
  for (std::size_t i = 0; i < 8; ++i) id[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

TEST(IdRing, GivenManyEntries_WhenPushedAndPoppedAtRandom_ThenItAgreesWithAPlainQueue) {
  IdRing<std::uint64_t> ring(300);
  std::deque<std::uint64_t> model;
  SeededRandom random(7);
  std::uint64_t next = 0;
  for (int step = 0; step < 20000; ++step) {
    if (model.empty() || (random.below(2) == 0 && !ring.full())) {
      ring.push(id_of(next), next * 3);
      model.push_back(next++);
    } else {
      ASSERT_EQ(ring.front().value, model.front() * 3);
      ring.pop_front();
      model.pop_front();
    }
    ASSERT_EQ(ring.size(), model.size());
    const std::uint64_t asked = random.below(next + 3);
    const bool expected = !model.empty() && asked >= model.front() && asked <= model.back();
    ASSERT_EQ(ring.contains(id_of(asked)), expected) << asked;
    if (expected) {
      ASSERT_EQ(*ring.find(id_of(asked)), asked * 3);
      ASSERT_EQ(ring.at(asked - model.front()).value, asked * 3);
    }
  }
}

TEST(IdRing, GivenAFullRing_WhenLookedAt_ThenItSaysSoAndKeepsEveryEntry) {
  IdRing<int> ring(5);
  for (std::uint64_t i = 0; i < 5; ++i) ring.push(id_of(i), static_cast<int>(i));
  EXPECT_TRUE(ring.full());
  for (std::uint64_t i = 0; i < 5; ++i) EXPECT_TRUE(ring.contains(id_of(i)));
  ring.clear();
  EXPECT_TRUE(ring.empty());
  EXPECT_EQ(ring.memory(), 0U);
  EXPECT_FALSE(ring.contains(id_of(0)));
}

}  // namespace
}  // namespace libpreconf::libp2p
