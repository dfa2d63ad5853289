// A peer that answers as the script says: the machine ends after a bounded number of requests, never asks for
// what lies outside of its range, and a chain that it hands out is linked, ascending and begins at the start.

#include <algorithm>

#include "preconf/limits.h"
#include "preconf/tip_catch_up.h"
#include "script.h"

namespace {

using namespace libpreconf;
using namespace libpreconf::preconf;
using fuzz::check;
using fuzz::Script;

p2p::SignedCommitment commitment_of(std::uint64_t number, const Hash256& parent, bool marker,
                                    std::uint8_t tag) {
  p2p::SignedCommitment out;
  auto& preconf = out.commitment.preconf;
  preconf.block_number = number;
  preconf.eop = marker;
  preconf.parent_preconfirmation_hash = parent;
  if (!marker) preconf.raw_tx_list_hash.fill(tag);
  return out;
}

/// A linked chain with markers where the script puts them.
std::vector<p2p::SignedCommitment> honest_chain(Script& script, std::uint64_t first, std::uint64_t count) {
  std::vector<p2p::SignedCommitment> out;
  Hash256 parent{};
  for (std::uint64_t number = first; number < first + count; ++number) {
    for (std::uint8_t markers = script.byte() % 4; markers > 2; --markers) {
      out.push_back(commitment_of(number, parent, /*marker=*/true, 0));
      parent = p2p::preconfirmation_hash(out.back().preconf());
    }
    out.push_back(commitment_of(number, parent, /*marker=*/false, 1));
    parent = p2p::preconfirmation_hash(out.back().preconf());
  }
  return out;
}

std::vector<p2p::SignedCommitment> page_of(const std::vector<p2p::SignedCommitment>& chain, Script& script,
                                           const TipCatchUp::AskCommitments& ask) {
  std::vector<p2p::SignedCommitment> page;
  for (const auto& commitment : chain) {
    if (commitment.preconf().block_number >= U256(ask.start) && page.size() < ask.max_count) {
      page.push_back(commitment);
    }
  }
  // A page of one is the tip: the block, not its markers.
  if (ask.max_count == 1) {
    std::erase_if(page, [](const auto& commitment) { return commitment.preconf().is_eop_only(); });
    for (const auto& commitment : chain) {
      if (page.empty() && commitment.preconf().block_number >= U256(ask.start)) page.push_back(commitment);
    }
  }
  switch (script.byte() % 16) {
    case 1:
      page.clear();
      break;
    case 2:
      std::ranges::reverse(page);
      break;
    case 3:
      if (!page.empty()) page.pop_back();
      break;
    case 4:
      if (!page.empty()) page.push_back(page.front());
      break;
    case 5:
      if (!page.empty())
        page[script.byte() % page.size()].commitment.preconf.block_number = U256(script.byte());
      break;
    case 6:
      if (!page.empty()) page[script.byte() % page.size()].commitment.preconf.timestamp = U256(7);
      break;
    case 7:
      if (!page.empty()) page.back().commitment.preconf.block_number = U256::max();
      break;
    default:
      break;
  }
  return page;
}

void check_chain(const std::vector<StoredCommitment>& chain, std::uint64_t start) {
  if (chain.empty()) return;
  check(block_number_of(chain.front()) == start);
  const StoredCommitment* below = nullptr;
  std::optional<std::uint64_t> block;
  for (const auto& commitment : chain) {
    const auto& preconf = commitment.commitment.preconf();
    if (below != nullptr) check(preconf.parent_preconfirmation_hash == below->hash);
    if (!preconf.is_eop_only()) {
      if (block) check(block_number_of(commitment) == *block + 1);
      block = block_number_of(commitment);
    }
    below = &commitment;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script script(data, size);
  const std::uint64_t boundary = script.byte();
  const std::uint32_t page_size = 1 + script.byte() % 16;
  const std::uint64_t first = boundary + 1 + script.byte() % 4 - script.byte() % 2;
  const auto chain = honest_chain(script, first, script.byte() % 40);
  const std::uint8_t bad_validation = script.byte();
  std::size_t validations = 0;
  TipCatchUp catch_up(
      boundary, page_size,
      [&](const p2p::SignedCommitment& commitment, const TipCatchUp::Signer&) -> ValidationResult {
        if (++validations == bad_validation) {
          return std::unexpected(CommitmentRejection{CommitmentFault::signer});
        }
        return StoredCommitment{.commitment = commitment,
                                .hash = p2p::preconfirmation_hash(commitment.preconf())};
      });
  std::size_t requests = 0;
  for (std::size_t turns = 0;; ++turns) {
    check(turns < 10'000);
    if (std::holds_alternative<TipCatchUp::AskHead>(catch_up.step())) {
      p2p::PreconfHead head;
      if (!chain.empty()) head.block_number = chain.back().preconf().block_number;
      if (script.byte() % 16 == 1)
        head.block_number = U256(std::uint64_t{script.byte()} << script.byte() % 57);
      catch_up.on_head(head);
    } else if (const auto* ask = std::get_if<TipCatchUp::AskCommitments>(&catch_up.step())) {
      check(++requests <= kMaxCatchUpPages + 1);
      check(ask->start > boundary && ask->max_count > 0);
      const std::uint8_t what = script.byte() % 32;
      if (what == 1) {
        catch_up.on_failure({ErrorCode::timed_out, "no answer"});
      } else if (what == 2) {
        catch_up.on_head({});
      } else {
        catch_up.on_commitments(page_of(chain, script, *ask));
      }
    } else if (std::holds_alternative<TipCatchUp::Validate>(catch_up.step())) {
      catch_up.validate_slice();
    } else {
      break;
    }
  }
  if (std::holds_alternative<TipCatchUp::Done>(catch_up.step()))
    check_chain(catch_up.take_chain(), boundary + 1);
  return 0;
}
