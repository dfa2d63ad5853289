// Keccak-256 as Ethereum uses it: Keccak[c=512] of the original submission, padding byte 0x01 (SHA-3 has
// 0x06).
#include <algorithm>
#include <bit>
#include <cstring>

#include "crypto/hash.h"

namespace libpreconf::crypto {
namespace {

constexpr std::size_t kRate = 136;
constexpr std::size_t kLanes = kRate / 8;

constexpr std::uint64_t kRoundConstants[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b,
    0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088,
    0x0000000080008009, 0x000000008000000a, 0x000000008000808b, 0x800000000000008b, 0x8000000000008089,
    0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

std::uint64_t load(const std::uint8_t* from) noexcept {
  std::uint64_t value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap64(value);
  return value;
}

void store(std::uint8_t* to, std::uint64_t value) noexcept {
  if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap64(value);
  std::memcpy(to, &value, sizeof value);
}

// One output row of rho, pi and chi: five lanes of `a`, each with its column's theta word and its rotation.
template <int L0, int R0, int L1, int R1, int L2, int R2, int L3, int R3, int L4, int R4>
[[gnu::always_inline]] inline void row(const std::uint64_t* a, const std::uint64_t* theta,
                                       std::uint64_t* out) noexcept {
  const std::uint64_t b0 = std::rotl(a[L0] ^ theta[L0 % 5], R0);
  const std::uint64_t b1 = std::rotl(a[L1] ^ theta[L1 % 5], R1);
  const std::uint64_t b2 = std::rotl(a[L2] ^ theta[L2 % 5], R2);
  const std::uint64_t b3 = std::rotl(a[L3] ^ theta[L3 % 5], R3);
  const std::uint64_t b4 = std::rotl(a[L4] ^ theta[L4 % 5], R4);
  out[0] = b0 ^ (~b1 & b2);
  out[1] = b1 ^ (~b2 & b3);
  out[2] = b2 ^ (~b3 & b4);
  out[3] = b3 ^ (~b4 & b0);
  out[4] = b4 ^ (~b0 & b1);
}

// One round, from `a` into `e`; two arrays take turns, so that nothing is moved between rounds.
[[gnu::always_inline]] inline void round(const std::uint64_t* a, std::uint64_t* e,
                                         std::uint64_t constant) noexcept {
  const std::uint64_t c0 = a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20];
  const std::uint64_t c1 = a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21];
  const std::uint64_t c2 = a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22];
  const std::uint64_t c3 = a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23];
  const std::uint64_t c4 = a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24];
  const std::uint64_t theta[5] = {c4 ^ std::rotl(c1, 1), c0 ^ std::rotl(c2, 1), c1 ^ std::rotl(c3, 1),
                                  c2 ^ std::rotl(c4, 1), c3 ^ std::rotl(c0, 1)};
  row<0, 0, 6, 44, 12, 43, 18, 21, 24, 14>(a, theta, e);
  e[0] ^= constant;
  row<3, 28, 9, 20, 10, 3, 16, 45, 22, 61>(a, theta, e + 5);
  row<1, 1, 7, 6, 13, 25, 19, 8, 20, 18>(a, theta, e + 10);
  row<4, 27, 5, 36, 11, 10, 17, 15, 23, 56>(a, theta, e + 15);
  row<2, 62, 8, 55, 14, 39, 15, 41, 21, 2>(a, theta, e + 20);
}

void permute(std::uint64_t* state) noexcept {
  std::uint64_t a[25];
  std::uint64_t e[25];
  std::memcpy(a, state, sizeof a);
  for (int i = 0; i < 24; i += 2) {
    round(a, e, kRoundConstants[i]);
    round(e, a, kRoundConstants[i + 1]);
  }
  std::memcpy(state, a, sizeof a);
}

void absorb(std::uint64_t* state, const std::uint8_t* block) noexcept {
  for (std::size_t i = 0; i < kLanes; ++i) state[i] ^= load(block + 8 * i);
  permute(state);
}

}  // namespace

Keccak256::Keccak256() noexcept : state_{} {}

void Keccak256::update(ByteView data) noexcept {
  if (data.empty()) return;
  if (filled_ > 0) {
    const std::size_t taken = std::min(data.size(), kRate - filled_);
    std::memcpy(block_ + filled_, data.data(), taken);
    filled_ += taken;
    if (filled_ < kRate) return;
    absorb(state_, block_);
    filled_ = 0;
    data = data.subspan(taken);
  }
  for (; data.size() >= kRate; data = data.subspan(kRate)) absorb(state_, data.data());
  if (!data.empty()) std::memcpy(block_, data.data(), data.size());
  filled_ = data.size();
}

Hash256 Keccak256::finish() noexcept {
  std::memset(block_ + filled_, 0, kRate - filled_);
  block_[filled_] = 0x01;
  block_[kRate - 1] |= 0x80;
  absorb(state_, block_);
  Hash256 out;
  for (std::size_t i = 0; i < 4; ++i) store(out.data() + 8 * i, state_[i]);
  return out;
}

Hash256 keccak256(ByteView data) noexcept {
  Keccak256 hasher;
  hasher.update(data);
  return hasher.finish();
}

Hash256 keccak256(std::initializer_list<ByteView> pieces) noexcept {
  Keccak256 hasher;
  for (const ByteView piece : pieces) hasher.update(piece);
  return hasher.finish();
}

}  // namespace libpreconf::crypto
