#pragma once
// Unsigned LEB128 integers, as protobuf and the libp2p framings use them.

#include <cstdint>
#include <optional>

#include "libpreconf/base/bytes.h"

namespace libpreconf::codec {

enum class VarintStatus : std::uint8_t { ok, incomplete, malformed };

struct VarintRead {
  VarintStatus status = VarintStatus::incomplete;
  std::uint64_t value = 0;
  std::size_t size = 0;  ///< bytes used when ok
};

/// Reads a varint of at most `max_bytes` (10 for 64 bits, 5 for 32). With `minimal`, a last byte of 0 after
/// others is malformed (multiformats rule); protobuf readers pass false.
[[nodiscard]] VarintRead read_varint(ByteView in, std::size_t max_bytes = 10, bool minimal = true) noexcept;
[[nodiscard]] std::size_t varint_size(std::uint64_t value) noexcept;
/// Writes into `out`, which has room for varint_size(value) bytes; returns that size.
std::size_t write_varint(std::uint64_t value, MutableByteView out) noexcept;
void append_varint(Bytes& out, std::uint64_t value);

}  // namespace libpreconf::codec
