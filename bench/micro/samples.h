#pragma once
// What the micro-benchmarks work on: signed gossip messages, commitments, and a full block of transfers.

#include <vector>

#include "crypto/secp256k1.h"
#include "libp2p/identity.h"
#include "libpreconf/base/random.h"
#include "libpreconf/p2p/messages.h"

namespace libpreconf::bench {

/// Transfers that fill a block of 15 million gas.
inline constexpr std::size_t kTransfersPerBlock = 714;
inline constexpr std::uint64_t kChainId = 167001;

[[nodiscard]] Bytes random_bytes(std::size_t size);
[[nodiscard]] crypto::Secp256k1Key key_of(std::uint8_t byte);
/// Signed by key 7.
[[nodiscard]] p2p::SignedCommitment commitment(std::uint64_t number);
[[nodiscard]] Bytes commitment_bytes(std::uint64_t number);
/// The body of an RPC that publishes `data` on the commitments' topic, signed by `author`.
[[nodiscard]] Bytes gossip_rpc(const libp2p::Identity& author, std::uint64_t sequence, ByteView data);
/// Raw transfers of the account of key 1, nonces ascending from 0.
[[nodiscard]] const std::vector<Bytes>& transfers();

}  // namespace libpreconf::bench
