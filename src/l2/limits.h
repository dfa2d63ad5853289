#pragma once
// Every bound of the l2 room, with what it answers to.

#include <cstddef>
#include <cstdint>

namespace libpreconf::l2 {

/// A transaction inside a list cannot be larger than the list (node book 2.3).
inline constexpr std::size_t kMaxTransactionBytes = 2 * 1024 * 1024;

/// Sender recoveries in one slice: about 60 us each with what belongs to them, so that a slice stays near a
/// millisecond (design rule 1).
inline constexpr std::size_t kRecoveriesPerSlice = 16;
/// Transactions looked at in one slice; most of a slice's work is a recovery, the others are cheap refusals.
inline constexpr std::size_t kTransactionsPerSlice = 512;

/// Builds that wait for the one that runs. The driver has one at a time; the rest is for embedding programs.
inline constexpr std::size_t kMaxQueuedBuilds = 8;

/// Headers kept below the head. The driver asks for the parent and the grandparent.
inline constexpr std::size_t kKeptHeaders = 1024;
/// Blocks below the head whose state is kept, so that they can become a parent again: far more than one
/// preconfer's window of 12 s, the longest stretch that L1 takes back without being an event of its own.
inline constexpr std::size_t kKeptStates = 64;

/// Accounts of the in-memory state. A transfer that would make one more is left out: the state is for tests
/// and the devnet, and must not grow with what strangers send.
inline constexpr std::size_t kMaxAccounts = 65'536;

/// Ethereum's header rule for extra data; Taiko's are 7 bytes.
inline constexpr std::size_t kMaxExtraDataBytes = 32;
/// Gas limits are 63-bit numbers in every engine.
inline constexpr std::uint64_t kMaxGasLimit = (std::uint64_t{1} << 63) - 1;

}  // namespace libpreconf::l2
