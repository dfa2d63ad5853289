#pragma once
// A promised chain to catch up with: linked commitments of one signer, each with a list of its own.

#include <vector>

#include "libpreconf/p2p/messages.h"

namespace libpreconf::bench {

struct PromisedBlock {
  p2p::SignedCommitment commitment;
  p2p::RawTxList list;
};

/// The signer of every chain, so that both sides know it.
[[nodiscard]] Address chain_signer();
/// Lists have `list_size` bytes that no compressor can shorten; nobody decodes them here.
[[nodiscard]] std::vector<PromisedBlock> make_chain(std::size_t count, std::size_t list_size);

}  // namespace libpreconf::bench
