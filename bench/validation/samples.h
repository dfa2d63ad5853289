#pragma once
// One commitment of each class, as bytes from the wire: a valid one, and one for each check that refuses.

#include <string_view>
#include <vector>

#include "crypto/secp256k1.h"
#include "libpreconf/p2p/messages.h"
#include "p2p/findings.h"

namespace libpreconf::bench {

struct Sample {
  std::string_view name;
  p2p::Finding finding;  ///< what the gate must say of it
  bool cheap;            ///< decided without the signature
  Bytes ssz;
};

/// Window of the elected signer in which all of them lie.
inline constexpr std::uint64_t kWindowStart = 1764000000;
inline constexpr std::uint64_t kWindowEnd = 1764000012;

/// The valid commitment of a block, which no other one repeats.
[[nodiscard]] p2p::PreconfCommitment valid_commitment(std::uint64_t number, const Address& slasher);
[[nodiscard]] Bytes sign(const crypto::Secp256k1Key& key, const p2p::PreconfCommitment& commitment);
[[nodiscard]] std::vector<Sample> make_samples(const crypto::Secp256k1Key& elected,
                                               const crypto::Secp256k1Key& stranger, const Address& slasher);

}  // namespace libpreconf::bench
