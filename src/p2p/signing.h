#pragma once
// The signing side of a commitment, for the preconfer.

#include "crypto/secp256k1.h"
#include "libpreconf/p2p/messages.h"

namespace libpreconf::p2p {

/// Low s and the RFC 6979 nonce: byte-equal to what the reference peers sign (p2p-wire 11).
[[nodiscard]] SignedCommitment sign_commitment(const crypto::Secp256k1Key& key, const Hash256& domain,
                                               const PreconfCommitment& commitment);

}  // namespace libpreconf::p2p
