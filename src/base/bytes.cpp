#include "libpreconf/base/bytes.h"

#include <unistd.h>

#include <sys/random.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace libpreconf {
namespace {

std::uint64_t process_seed() noexcept {
  // Not a source of observable behaviour: it only decides the places of entries inside hash tables.
  static const std::uint64_t seed = [] {
    std::uint64_t value = 0x9e3779b97f4a7c15ULL;
    if (getrandom(&value, sizeof value, GRND_NONBLOCK) != static_cast<ssize_t>(sizeof value)) {
      value ^= static_cast<std::uint64_t>(getpid());
    }
    return value;
  }();
  return seed;
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t load(const std::uint8_t* from, std::size_t size) noexcept {
  std::uint64_t value = 0;
  std::memcpy(&value, from, size);
  return value;
}

}  // namespace

bool equal(ByteView a, ByteView b) noexcept {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

std::uint64_t hash_bytes(ByteView view) noexcept {
  std::uint64_t state = process_seed() ^ (view.size() * 0xa0761d6478bd642fULL);
  const std::uint8_t* at = view.data();
  std::size_t left = view.size();
  for (; left >= 16; left -= 16, at += 16) {
    state = mix(load(at, 8) ^ 0xe7037ed1a0b428dbULL, load(at + 8, 8) ^ state);
  }
  const std::uint64_t first = left >= 8 ? load(at, 8) : (left > 0 ? load(at, left) : 0);
  const std::uint64_t second = left > 8 ? load(at + 8, left - 8) : 0;
  return mix(first ^ 0x8ebc6af09c88c6e3ULL, mix(second ^ 0x589965cc75374cc3ULL, state));
}

namespace detail {
void take_fixed_failed() noexcept {
  static_cast<void>(std::fputs("take_fixed: the view is shorter than the array\n", stderr));
  std::abort();
}
}  // namespace detail

}  // namespace libpreconf
