#include "libpreconf/base/random.h"

#include <sys/random.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace libpreconf {

std::uint64_t Random::next_u64() {
  FixedBytes<8> raw;
  fill(raw);
  std::uint64_t value = 0;
  std::memcpy(&value, raw.data(), sizeof value);
  return value;
}

std::uint64_t Random::below(std::uint64_t bound) {
  PRECONF_ASSERT(bound != 0);
  // Values in the incomplete last stretch would favour small results; draw again.
  const std::uint64_t limit = ~0ULL - ~0ULL % bound;
  std::uint64_t value = next_u64();
  while (value >= limit) value = next_u64();
  return value % bound;
}

double Random::unit() {
  return static_cast<double>(next_u64() >> 11) * 0x1.0p-53;
}

void SystemRandom::fill(MutableByteView out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = getrandom(out.data() + done, out.size() - done, 0);
    if (got < 0 && errno == EINTR) continue;
    // Keys made without randomness would be worse than no process.
    PRECONF_ASSERT(got > 0);
    done += static_cast<std::size_t>(got);
  }
}

SeededRandom::SeededRandom(std::uint64_t seed) {
  // splitmix64 spreads a small seed over the state, as xoshiro's authors advise.
  for (std::uint64_t& word : state_) {
    seed += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = seed;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    word = z ^ z >> 31;
  }
}

std::uint64_t SeededRandom::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

void SeededRandom::fill(MutableByteView out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const std::uint64_t word = next();
    const std::size_t step = std::min(sizeof word, out.size() - done);
    std::memcpy(out.data() + done, &word, step);
    done += step;
  }
}

}  // namespace libpreconf
