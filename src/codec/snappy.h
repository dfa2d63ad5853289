#pragma once
// Raw snappy blocks (not the framed format): decoding only. The verdict "valid or not" decides gossip message
// ids (p2p-wire 7.4), so it must agree with the snap crate bit for bit.

#include <optional>

#include "libpreconf/base/bytes.h"

namespace libpreconf::codec {

/// The declared length of the block's content if the length prefix is well formed and at most `max`.
[[nodiscard]] std::optional<std::size_t> snappy_declared_length(ByteView block, std::size_t max) noexcept;

/// True if `block` is a valid snappy block whose content has at most `max` bytes; decided without
/// allocating, by walking the tags.
[[nodiscard]] bool snappy_is_valid(ByteView block, std::size_t max) noexcept;

/// Decompresses a valid block; nothing otherwise. Allocates only after `snappy_is_valid` held.
[[nodiscard]] std::optional<Bytes> snappy_decompress(ByteView block, std::size_t max);

}  // namespace libpreconf::codec
