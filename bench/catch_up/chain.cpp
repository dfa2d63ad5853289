#include "catch_up/chain.h"

#include "crypto/secp256k1.h"
#include "libpreconf/base/random.h"
#include "p2p/signing.h"

namespace libpreconf::bench {
namespace {

constexpr std::uint64_t kFirstTimestamp = 1'764'000'000;

crypto::Secp256k1Key signer_key() {
  return crypto::Secp256k1Key::from_bytes(Bytes(32, 7)).value();
}

}  // namespace

Address chain_signer() {
  return signer_key().address();
}

std::vector<PromisedBlock> make_chain(std::size_t count, std::size_t list_size) {
  const crypto::Secp256k1Key key = signer_key();
  SeededRandom random(1);
  std::vector<PromisedBlock> out;
  Hash256 parent{};
  for (std::size_t i = 1; i <= count; ++i) {
    PromisedBlock block;
    auto bytes = std::make_shared<Bytes>(list_size);
    random.fill(*bytes);
    block.list = {p2p::tx_list_hash(*bytes), std::move(bytes)};
    p2p::PreconfCommitment commitment;
    commitment.preconf.block_number = i;
    commitment.preconf.timestamp = kFirstTimestamp + 2 * i;
    commitment.preconf.gas_limit = 15'000'000;
    commitment.preconf.coinbase = key.address();
    commitment.preconf.anchor_block_number = 100 + i / 6;
    commitment.preconf.raw_tx_list_hash = block.list.hash;
    commitment.preconf.parent_preconfirmation_hash = parent;
    commitment.preconf.submission_window_end = kFirstTimestamp + 12 * (1 + i / 6);
    commitment.preconf.proposal_id = 1;
    parent = p2p::preconfirmation_hash(commitment.preconf);
    block.commitment = p2p::sign_commitment(key, p2p::placeholder_domain(), commitment);
    out.push_back(std::move(block));
  }
  return out;
}

}  // namespace libpreconf::bench
