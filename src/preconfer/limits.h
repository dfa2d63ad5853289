#pragma once
// Every bound of the preconfer room, with what it answers to.

#include <cstddef>

namespace libpreconf::preconfer {

/// Transactions that wait; several full blocks of transfers.
inline constexpr std::size_t kMaxPoolTransactions = 4096;
/// What they may weigh together: four lists of the largest size.
inline constexpr std::size_t kMaxPoolBytes = 8 * 1024 * 1024;
/// One account's share, so that no sender fills the pool: a tenth of a block's transfers.
inline constexpr std::size_t kMaxTransactionsPerAccount = 64;
/// One transaction; go-ethereum's pool has the same bound.
inline constexpr std::size_t kMaxPoolTransactionBytes = 128 * 1024;
/// A replacement must pay this much more in both fees, in percent, or it would be free to flood with them.
inline constexpr unsigned kReplacementBumpPercent = 10;

/// What deflate may add to bytes that do not compress: 5 bytes a block of at most 16 KiB, and the frame
/// (zlib's compressBound gives 653 for 2 MiB). A list this much below the cap stays below it when compressed.
inline constexpr std::size_t kCompressionReserve = 1024;
/// The RLP header of a transaction of at most kMaxPoolTransactionBytes, as a string of a list.
inline constexpr std::size_t kTransactionHeaderBytes = 4;
/// RLP that is compressed in one slice: about half a millisecond.
inline constexpr std::size_t kDeflateSliceBytes = 16 * 1024;

/// Accounts of the load generator.
inline constexpr std::size_t kMaxLoadAccounts = 256;

}  // namespace libpreconf::preconfer
