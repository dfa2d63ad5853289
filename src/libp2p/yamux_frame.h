#pragma once
// The twelve bytes in front of every yamux frame (p2p-wire 3.3): version, type, flags, stream, length.

#include "libpreconf/base/bytes.h"

namespace libpreconf::libp2p {

enum class YamuxType : std::uint8_t { data = 0, window_update = 1, ping = 2, go_away = 3 };

inline constexpr std::uint16_t kYamuxSyn = 1;
inline constexpr std::uint16_t kYamuxAck = 2;
inline constexpr std::uint16_t kYamuxFin = 4;
inline constexpr std::uint16_t kYamuxRst = 8;

enum class YamuxGoAway : std::uint32_t { normal = 0, protocol_error = 1, internal_error = 2 };

struct YamuxHeader {
  static constexpr std::size_t kSize = 12;

  std::uint8_t version = 0;
  std::uint8_t type = 0;
  std::uint16_t flags = 0;
  std::uint32_t stream = 0;
  std::uint32_t length = 0;

  [[nodiscard]] static YamuxHeader decode(std::span<const std::uint8_t, kSize> in) noexcept {
    const auto u32 = [in](std::size_t at) {
      return static_cast<std::uint32_t>(in[at]) << 24 | static_cast<std::uint32_t>(in[at + 1]) << 16 |
             static_cast<std::uint32_t>(in[at + 2]) << 8 | in[at + 3];
    };
    return {in[0], in[1], static_cast<std::uint16_t>(in[2] << 8 | in[3]), u32(4), u32(8)};
  }
  void encode(std::span<std::uint8_t, kSize> out) const noexcept {
    const auto put_u32 = [out](std::size_t at, std::uint32_t value) {
      for (std::size_t i = 0; i < 4; ++i) out[at + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
    };
    out[0] = version;
    out[1] = type;
    out[2] = static_cast<std::uint8_t>(flags >> 8);
    out[3] = static_cast<std::uint8_t>(flags);
    put_u32(4, stream);
    put_u32(8, length);
  }
  [[nodiscard]] bool has(std::uint16_t flag) const noexcept { return (flags & flag) != 0; }
};

}  // namespace libpreconf::libp2p
