// A raw transaction list decodes exactly when it is what encoding gives, and the view agrees with the value.
// The check of an answer takes it exactly when it hashes to the name that was asked for.
#include "fuzz/input.h"
#include "p2p/answer_check.h"
#include "p2p/commitment_view.h"

using namespace libpreconf;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView ssz(data, size);
  const auto view = p2p::RawTxListView::of(ssz);
  const auto value = p2p::decode_raw_tx_list(ssz);
  require(view.has_value() == value.has_value());
  if (!value) return 0;
  require(value->tx_list != nullptr);
  require(equal(p2p::encode(*value), ssz));
  require(view->hash() == value->hash);
  require(equal(view->list(), value->bytes()));

  const bool matches = p2p::tx_list_hash(value->bytes()) == value->hash;
  p2p::ListCheck check(value->hash);
  const auto begun = check.begin(to_bytes(ssz));
  require(begun.has_value() == !value->bytes().empty());
  if (!begun) return 0;
  auto done = check.step();
  while (done && !*done) done = check.step();
  require(done.has_value() == matches);
  if (done) require(equal(check.take().bytes(), value->bytes()));
  return 0;
}
