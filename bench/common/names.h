#pragma once
// What the generator, our server and the foreign peers agree on.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace libpreconf::bench {

/// The chain of the foreign peers' defaults.
inline constexpr std::uint64_t kChainId = 167001;
inline constexpr std::string_view kCommitmentsTopic = "/taiko/167001/0/preconfirmationCommitments";
inline constexpr std::string_view kTxListsTopic = "/taiko/167001/0/rawTxLists";
/// Counts what comes until the writer half-closes; answers with the number of bytes, 8 big-endian.
inline constexpr std::string_view kSinkProtocol = "/bench/sink/1.0.0";
/// A SignedCommitment.
inline constexpr std::size_t kCommitmentSize = 382;
/// First counter of the messages. Its bytes `00 01` cannot begin raw snappy, as those of a commitment cannot.
inline constexpr std::uint64_t kFirstCounter = std::uint64_t{1} << 48;

}  // namespace libpreconf::bench
