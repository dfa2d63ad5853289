#pragma once
// The sponge straight from FIPS 202's definitions, slow and obvious: an oracle for crypto/hash.h. With the
// suffix 0x06 it is SHA3-256, which OpenSSL can check; with 0x01 it is Ethereum's Keccak-256.

#include <array>
#include <cstdint>

#include "libpreconf/base/bytes.h"

namespace libpreconf::test {

using KeccakLanes = std::array<std::array<std::uint64_t, 5>, 5>;  // [x][y]

inline std::uint64_t rotate_left(std::uint64_t value, unsigned by) {
  by %= 64;
  return by == 0 ? value : (value << by | value >> (64 - by));
}

/// FIPS 202, 3.2.5: bit `t` of the linear feedback shift register.
inline bool round_constant_bit(unsigned t) {
  unsigned state = 1;
  for (unsigned i = 0; i < t % 255; ++i) {
    state <<= 1;
    if ((state & 0x100) != 0) state ^= 0x171;
  }
  return (state & 1) != 0;
}

inline void naive_permute(KeccakLanes& a) {
  for (unsigned round = 0; round < 24; ++round) {
    std::array<std::uint64_t, 5> column{};
    for (unsigned x = 0; x < 5; ++x) column[x] = a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4];
    for (unsigned x = 0; x < 5; ++x) {
      const std::uint64_t theta = column[(x + 4) % 5] ^ rotate_left(column[(x + 1) % 5], 1);
      for (std::uint64_t& lane : a[x]) lane ^= theta;
    }
    KeccakLanes b = a;
    unsigned x = 1;
    unsigned y = 0;
    b[0][0] = a[0][0];
    for (unsigned t = 0; t < 24; ++t) {
      const unsigned next = (2 * x + 3 * y) % 5;
      b[y][next] = rotate_left(a[x][y], (t + 1) * (t + 2) / 2);
      x = y;
      y = next;
    }
    for (unsigned i = 0; i < 5; ++i) {
      for (unsigned j = 0; j < 5; ++j) a[i][j] = b[i][j] ^ (~b[(i + 1) % 5][j] & b[(i + 2) % 5][j]);
    }
    for (unsigned j = 0; j <= 6; ++j) {
      if (round_constant_bit(j + 7 * round)) a[0][0] ^= 1ULL << ((1U << j) - 1);
    }
  }
}

inline Hash256 naive_sponge(ByteView data, std::uint8_t suffix) {
  constexpr std::size_t kRateBytes = 136;
  Bytes padded = to_bytes(data);
  padded.push_back(suffix);
  while (padded.size() % kRateBytes != 0) padded.push_back(0);
  padded.back() |= 0x80;
  KeccakLanes lanes{};
  for (std::size_t block = 0; block < padded.size(); block += kRateBytes) {
    for (std::size_t i = 0; i < kRateBytes; ++i) {
      lanes[(i / 8) % 5][i / 40] ^= static_cast<std::uint64_t>(padded[block + i]) << (8 * (i % 8));
    }
    naive_permute(lanes);
  }
  Hash256 out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::uint8_t>(lanes[(i / 8) % 5][i / 40] >> (8 * (i % 8)));
  }
  return out;
}

}  // namespace libpreconf::test
