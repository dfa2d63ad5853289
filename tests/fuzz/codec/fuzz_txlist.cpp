// Txlists: a list that parses lies inside its bytes and, joined again, parses to the same transactions.
#include "codec/txlist.h"
#include "fuzz/input.h"

using namespace libpreconf;
using fuzz::require;

namespace {

std::vector<Bytes> transactions_of(const codec::TxList& list) {
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < list.size(); ++i) out.push_back(to_bytes(list.transaction(i)));
  return out;
}

void check(const codec::TxList& list, ByteView input) {
  require(list.rlp.size() <= input.size() && equal(list.rlp, input.first(list.rlp.size())));
  const std::vector<Bytes> transactions = transactions_of(list);
  const auto joined = codec::join_tx_list(transactions);
  // A string element whose content looks like a list, and an empty one, have no form of their own.
  if (!joined) return;
  const auto again = codec::parse_tx_list(*joined);
  require(again.has_value() && transactions_of(*again) == transactions);
  const auto compressed = codec::encode_tx_list(transactions);
  require(compressed.has_value());
  require(codec::decode_tx_list(*compressed).value().rlp == *joined);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  const auto whole = codec::parse_tx_list(to_bytes(input));
  if (whole) check(*whole, input);
  codec::TxListParser parser(to_bytes(input));
  Result<bool> sliced = false;
  while (sliced && !*sliced) sliced = parser.step(1);
  require(sliced.has_value() == whole.has_value());
  require(!whole || transactions_of(parser.take()) == transactions_of(*whole));
  if (const auto list = codec::decode_tx_list(input, 64 * 1024)) check(*list, list->rlp);
  if (size > 0) require(codec::decode_tx_list(input, size / 2).error().code == ErrorCode::too_large);
  return 0;
}
