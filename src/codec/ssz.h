#pragma once
// SSZ basics read and written in place: little-endian integers at named offsets. The containers of Taiko's
// messages stand in libpreconf/p2p/messages.h.

#include <cstdint>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/u256.h"

namespace libpreconf::codec {

[[nodiscard]] inline std::uint32_t ssz_read_u32(const std::uint8_t* at) noexcept {
  return static_cast<std::uint32_t>(at[0]) | static_cast<std::uint32_t>(at[1]) << 8 |
         static_cast<std::uint32_t>(at[2]) << 16 | static_cast<std::uint32_t>(at[3]) << 24;
}
inline void ssz_write_u32(std::uint8_t* at, std::uint32_t value) noexcept {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<std::uint8_t>(value >> (8 * i));
}
[[nodiscard]] inline U256 ssz_read_u256(const std::uint8_t* at) noexcept {
  return U256::from_little_endian(std::span<const std::uint8_t, 32>(at, 32));
}
inline void ssz_write_u256(std::uint8_t* at, const U256& value) noexcept {
  value.to_little_endian(std::span<std::uint8_t, 32>(at, 32));
}

}  // namespace libpreconf::codec
