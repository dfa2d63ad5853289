// A page of commitments decodes exactly when it is what encoding gives; a page that passes the check of
// answers is ascending, within what was asked for, and names who signed each.
#include "fuzz/input.h"
#include "p2p/answer_check.h"

using namespace libpreconf;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const p2p::CommitmentsRequest request{input.byte(), input.byte()};
  const ByteView ssz = input.rest();
  const auto page = p2p::decode_commitments_response(ssz);
  if (page) {
    require(page->size() <= p2p::kMaxCommitmentsPerResponse);
    require(p2p::encode_commitments_response(*page) == to_bytes(ssz));
  }

  p2p::PageCheck check(p2p::placeholder_domain(), std::nullopt, request);
  if (!check.begin(ssz)) return 0;
  require(page.has_value());
  auto done = check.step();
  while (done && !*done) done = check.step();
  if (!done) return 0;
  const auto [taken, signers] = check.take();
  require(taken == *page);
  require(taken.size() <= request.max_count && signers.size() == taken.size());
  for (std::size_t i = 0; i < taken.size(); ++i) {
    require(taken[i].preconf().block_number >= request.start_block_number);
    require(i == 0 || taken[i - 1].preconf().block_number < taken[i].preconf().block_number);
    const auto signer = p2p::recover_signer(p2p::placeholder_domain(), taken[i]);
    require(signer && *signer == signers[i]);
  }
  return 0;
}
