#include "validation/samples.h"

#include "p2p/signing.h"

namespace libpreconf::bench {

using p2p::Finding;

p2p::PreconfCommitment valid_commitment(std::uint64_t number, const Address& slasher) {
  p2p::PreconfCommitment out;
  out.preconf.block_number = number;
  out.preconf.timestamp = kWindowStart + 2;
  out.preconf.gas_limit = 30'000'000;
  out.preconf.raw_tx_list_hash.fill(7);
  out.preconf.submission_window_end = kWindowEnd;
  out.slasher_address = slasher;
  return out;
}

Bytes sign(const crypto::Secp256k1Key& key, const p2p::PreconfCommitment& commitment) {
  return to_bytes(ByteView(p2p::encode(p2p::sign_commitment(key, p2p::placeholder_domain(), commitment))));
}

std::vector<Sample> make_samples(const crypto::Secp256k1Key& elected, const crypto::Secp256k1Key& stranger,
                                 const Address& slasher) {
  const p2p::PreconfCommitment valid = valid_commitment(5, slasher);
  const auto changed = [&](auto&& change) {
    p2p::PreconfCommitment other = valid;
    change(other);
    return sign(elected, other);
  };

  std::vector<Sample> out;
  out.push_back({"wrong signer", Finding::wrong_signer, false, sign(stranger, valid)});
  out.push_back({"signature of nobody", Finding::bad_signature, false, sign(elected, valid)});
  // The x coordinate of no point: the recovery begins and fails.
  std::fill_n(out.back().ssz.end() - 65, 32, std::uint8_t{0});
  out.back().ssz[out.back().ssz.size() - 65 + 31] = 5;
  out.push_back({"short", Finding::undecodable, true, sign(elected, valid)});
  out.back().ssz.pop_back();
  out.push_back({"bool of 2", Finding::undecodable, true, sign(elected, valid)});
  out.back().ssz[0] = 2;
  out.push_back(
      {"wrong slasher", Finding::wrong_slasher, true, changed([](auto& c) { c.slasher_address.fill(8); })});
  out.push_back({"no list hash", Finding::zero_list_hash, true,
                 changed([](auto& c) { c.preconf.raw_tx_list_hash.fill(0); })});
  out.push_back({"number over 64 bits", Finding::number_too_large, true,
                 changed([](auto& c) { c.preconf.block_number = U256::max(); })});
  out.push_back({"wrong window", Finding::wrong_window, true,
                 changed([](auto& c) { c.preconf.submission_window_end = kWindowEnd + 1; })});
  out.push_back({"before the schedule", Finding::out_of_schedule, true,
                 changed([](auto& c) { c.preconf.timestamp = kWindowStart - 1; })});
  return out;
}

}  // namespace libpreconf::bench
