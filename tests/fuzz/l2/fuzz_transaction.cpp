// Transactions from raw bytes: what decodes encodes to the same bytes, and no view leaves the input.

#include <cstdlib>

#include "l2/transaction.h"

namespace {

using namespace libpreconf;

bool lies_within(ByteView part, ByteView whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView raw(data, size);
  const auto decoded = l2::decode_transaction(raw);
  if (!decoded) return 0;
  if (l2::encode_transaction(*decoded) != to_bytes(raw)) std::abort();
  for (const ByteView part : {decoded->data, decoded->access_list, decoded->signed_fields, decoded->raw}) {
    if (!lies_within(part, raw)) std::abort();
  }
  if (decoded->intrinsic_gas() < 21'000) std::abort();
  const auto sender = decoded->sender();
  // A second decode of a copy, at another address, says the same.
  const Bytes copy = to_bytes(raw);
  const auto again = l2::decode_transaction(copy);
  if (!again || again->sender() != sender || again->hash() != decoded->hash()) std::abort();
  return 0;
}
