#include "interop/promised_chain.h"

#include <cstdlib>

#include "codec/rlp.h"
#include "codec/txlist.h"
#include "crypto/hash.h"
#include "libpreconf/base/hex.h"
#include "process/child_process.h"

namespace libpreconf::test {
namespace {

constexpr std::uint64_t kFirstTimestamp = 1'764'000'000;

crypto::Secp256k1Key key_of(std::uint8_t fill) {
  return crypto::Secp256k1Key::from_bytes(Bytes(32, fill)).value();
}

/// Bytes that no compressor can shorten, always the same for a seed.
Bytes noise(std::uint64_t seed, std::size_t size) {
  Bytes out;
  Hash256 state{};
  for (int i = 0; i < 8; ++i) state[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(seed >> (8 * i));
  while (out.size() < size) {
    state = crypto::sha256(state);
    out.insert(out.end(), state.begin(), state.end());
  }
  out.resize(size);
  return out;
}

/// An EIP-1559 transaction: type 2 || rlp(chain, nonce, tip, cap, gas, to, value, data, access list, v, r,
/// s).
Bytes transfer(const crypto::Secp256k1Key& key, std::uint64_t nonce, ByteView data) {
  const auto fields = [&](codec::RlpBuilder& rlp) {
    rlp.integer(167'001);
    rlp.integer(nonce);
    rlp.integer(1);
    rlp.integer(1'000'000'000);
    rlp.integer(21'000 + 16 * data.size());
    rlp.string(Bytes(20, 0x77));
    rlp.integer(1);
    rlp.string(data);
    rlp.raw(Bytes{0xc0});
  };
  const Bytes type{0x02};
  codec::RlpBuilder unsigned_fields;
  fields(unsigned_fields);
  const auto signature = key.sign_recoverable(crypto::keccak256({type, unsigned_fields.finish_list()}));
  codec::RlpBuilder signed_fields;
  fields(signed_fields);
  signed_fields.integer(signature[64]);
  signed_fields.integer(U256::from_big_endian(ByteView(signature).first(32)).value());
  signed_fields.integer(U256::from_big_endian(ByteView(signature).subspan(32, 32)).value());
  Bytes out = type;
  const Bytes body = signed_fields.finish_list();
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

Bytes signed_ssz(const crypto::Secp256k1Key& key, p2p::SignedCommitment commitment) {
  commitment.signature =
      key.sign_recoverable(p2p::signing_digest(p2p::placeholder_domain(), commitment.commitment));
  const auto ssz = p2p::encode(commitment);
  return to_bytes(ssz);
}

p2p::RawTxList list_of(Bytes bytes) {
  p2p::RawTxList list;
  list.hash = p2p::tx_list_hash(bytes);
  list.tx_list = std::make_shared<const Bytes>(std::move(bytes));
  return list;
}

}  // namespace

PromisedChain::PromisedChain() : key_(key_of(0x07)) {}

std::string PromisedChain::signer() const {
  return to_hex(key_.address());
}

PromisedBlock PromisedChain::next(std::size_t list_size) {
  ++height_;
  const std::size_t data_size = list_size > 160 ? list_size - 160 : 0;
  PromisedBlock block;
  block.list =
      list_of(codec::encode_tx_list({transfer(key_of(0x55), height_, noise(height_, data_size))}).value());
  block.list_ssz = p2p::encode(block.list);

  p2p::Preconfirmation& preconf = block.commitment.commitment.preconf;
  preconf.block_number = height_;
  preconf.timestamp = kFirstTimestamp + 2 * height_;
  preconf.gas_limit = 15'000'000;
  preconf.coinbase = key_.address();
  preconf.anchor_block_number = 100 + height_ / 6;
  preconf.raw_tx_list_hash = block.list.hash;
  preconf.parent_preconfirmation_hash = parent_;
  preconf.submission_window_end = kFirstTimestamp + 12 * (1 + height_ / 6);
  preconf.proposal_id = 1;
  block.commitment_ssz = signed_ssz(key_, block.commitment);
  block.commitment = p2p::decode_signed_commitment(block.commitment_ssz).value();
  parent_ = p2p::preconfirmation_hash(preconf);
  return block;
}

std::vector<PromisedBlock> PromisedChain::next_blocks(std::size_t count) {
  std::vector<PromisedBlock> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(next());
  return out;
}

Bytes PromisedChain::signed_by_stranger(const PromisedBlock& block) const {
  return signed_ssz(key_of(0x66), block.commitment);
}

Bytes opaque_list_ssz(std::size_t size, std::uint8_t fill) {
  return p2p::encode(list_of(Bytes(size, fill)));
}

}  // namespace libpreconf::test
