#pragma once
// Linked, signed commitments with their transaction lists, as a preconfer makes them.

#include <string>
#include <vector>

#include "crypto/secp256k1.h"
#include "libpreconf/p2p/messages.h"

namespace libpreconf::test {

/// One promised block in the forms in which it travels.
struct PromisedBlock {
  p2p::SignedCommitment commitment;
  Bytes commitment_ssz;  ///< 382 bytes
  p2p::RawTxList list;
  Bytes list_ssz;  ///< gossip payload and get_raw_txlist answer
};

/// Makes blocks 1, 2, 3, ... one after the other. Lists are zlib of RLP with one EIP-1559 transfer of a
/// sender without funds and some call data that does not compress, so that each list is another one.
class PromisedChain {
 public:
  PromisedChain();

  /// "0x..." for --preconf.expected-signer.
  [[nodiscard]] std::string signer() const;
  /// The next block; its list has about `list_size` bytes.
  PromisedBlock next(std::size_t list_size = 200);
  std::vector<PromisedBlock> next_blocks(std::size_t count);
  /// A commitment of the same content under the key of somebody who is not elected.
  [[nodiscard]] Bytes signed_by_stranger(const PromisedBlock& block) const;

 private:
  crypto::Secp256k1Key key_;
  std::uint64_t height_ = 0;
  Hash256 parent_{};
};

/// A transaction list gossip payload whose content is exactly `size` bytes and is nothing but its hash's
/// name.
[[nodiscard]] Bytes opaque_list_ssz(std::size_t size, std::uint8_t fill);

}  // namespace libpreconf::test
