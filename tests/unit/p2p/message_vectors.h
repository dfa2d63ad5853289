#pragma once
// The cases of p2p-messages.json as values.

#include "libpreconf/p2p/messages.h"
#include "support/vectors.h"

namespace libpreconf::p2p::test {

using libpreconf::test::bytes_of;
using libpreconf::test::load_vectors;
using libpreconf::test::member;
using libpreconf::test::text_of;
using libpreconf::test::unhex;

template <std::size_t N>
FixedBytes<N> fixed_of(json_t* object, const char* key) {
  return take_fixed<N>(bytes_of(object, key));
}

/// A JSON number, or a decimal string where it does not fit one.
inline U256 number_of(json_t* object, const char* key) {
  json_t* value = member(object, key);
  if (json_is_integer(value)) return U256(static_cast<std::uint64_t>(json_integer_value(value)));
  return U256::parse(json_string_value(value)).value();
}

inline PreconfCommitment commitment_of(json_t* sample) {
  json_t* fields = member(sample, "preconfirmation");
  PreconfCommitment out;
  out.preconf.eop = json_is_true(member(fields, "eop"));
  out.preconf.block_number = number_of(fields, "blockNumber");
  out.preconf.timestamp = number_of(fields, "timestamp");
  out.preconf.gas_limit = number_of(fields, "gasLimit");
  out.preconf.coinbase = fixed_of<20>(fields, "coinbase");
  out.preconf.anchor_block_number = number_of(fields, "anchorBlockNumber");
  out.preconf.raw_tx_list_hash = fixed_of<32>(fields, "rawTxListHash");
  out.preconf.parent_preconfirmation_hash = fixed_of<32>(fields, "parentPreconfirmationHash");
  out.preconf.submission_window_end = number_of(fields, "submissionWindowEnd");
  out.preconf.prover_auth = fixed_of<20>(fields, "proverAuth");
  out.preconf.proposal_id = number_of(fields, "proposalId");
  out.slasher_address = fixed_of<20>(sample, "slasherAddress");
  return out;
}

}  // namespace libpreconf::p2p::test
