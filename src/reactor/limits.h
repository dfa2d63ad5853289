#pragma once
// Every bound of the reactor, with what it answers to.

#include <cstddef>

#include "libpreconf/base/clock.h"

namespace libpreconf::reactor_limits {

/// Pending connections that the kernel keeps for a listener (reactor.h promises it).
inline constexpr int kListenBacklog = 1024;
/// Connections accepted by one listener in one turn: about half a millisecond of system calls.
inline constexpr int kAcceptsPerTurn = 64;
/// How long a listener rests when the process is out of descriptors or memory (attack G5). Without the rest a
/// level-triggered listener would spin.
inline constexpr Duration kAcceptPause{100'000};
/// Bytes read from one connection in one turn; also the size of the buffer that all sockets of a loop share.
/// Two noise frames and a bit: fewer system calls than a frame each, and still well under a millisecond of
/// work.
inline constexpr std::size_t kReadBufferBytes = 128 << 10;
/// Datagrams read from one socket in one turn.
inline constexpr int kDatagramsPerTurn = 64;
/// Pieces of output handed to the kernel in one call.
inline constexpr std::size_t kGatherPieces = 64;
/// Unit of the output queues: a small message or a batch of them fits one.
inline constexpr std::size_t kChunkBytes = 16 << 10;
/// Free chunks that a loop keeps for the next turn; beyond it they go back to the heap.
inline constexpr std::size_t kPooledChunks = 16;
/// Bytes in flight or unread in one direction of a simulated TCP connection, as a kernel's buffers.
inline constexpr std::size_t kSimulatedWindowBytes = 256 << 10;

}  // namespace libpreconf::reactor_limits
