#include "preconf/commitment_validation.h"

#include <algorithm>

#include "preconf/limits.h"

namespace libpreconf::preconf {
namespace {

using Rejected = std::unexpected<CommitmentRejection>;

Rejected reject(CommitmentFault fault, std::string text) {
  return Rejected(CommitmentRejection{fault, std::move(text)});
}

std::expected<Address, CommitmentRejection> recover(const ValidationRules& rules,
                                                    const p2p::SignedCommitment& commitment) {
  const ByteView signature = commitment.signature;
  if (signature[64] > 3) {
    return reject(CommitmentFault::signature_format,
                  "signature format error: recovery id " + std::to_string(signature[64]) + " is not 0 to 3");
  }
  const auto is_zero = [](ByteView part) { return std::ranges::all_of(part, [](auto b) { return b == 0; }); };
  if (is_zero(signature.first(32)) || is_zero(signature.subspan(32, 32))) {
    return reject(CommitmentFault::signature_format, "signature format error: r or s is zero");
  }
  const auto signer = p2p::recover_signer(rules.signing_domain, commitment);
  if (!signer) {
    return reject(CommitmentFault::signature_recovery,
                  "signature recovery error: no public key fits the signature");
  }
  return *signer;
}

// Upstream panics on wider numbers when it builds the payload (node book 6.7); here they end at the door.
std::expected<void, CommitmentRejection> check_numbers(const p2p::Preconfirmation& preconf) {
  const auto fits = [](const U256& value, std::string_view name, std::uint64_t max,
                       std::string_view bits) -> std::expected<void, CommitmentRejection> {
    if (value <= U256(max)) return {};
    return reject(CommitmentFault::number_range,
                  std::string(name) + " " + value.to_decimal() + " does not fit " + std::string(bits));
  };
  constexpr std::uint64_t kMax64 = ~std::uint64_t{0};
  if (auto r = fits(preconf.block_number, "blockNumber", kMax64 - 1, "64 bits"); !r) return r;
  if (auto r = fits(preconf.timestamp, "timestamp", kMax64, "64 bits"); !r) return r;
  if (auto r = fits(preconf.gas_limit, "gasLimit", kMax64, "64 bits"); !r) return r;
  if (auto r = fits(preconf.anchor_block_number, "anchorBlockNumber", kMax64, "64 bits"); !r) return r;
  if (auto r = fits(preconf.submission_window_end, "submissionWindowEnd", kMax64, "64 bits"); !r) return r;
  return fits(preconf.proposal_id, "proposalId", kMaxProposalId, "uint48");
}

Rejected out_of_range(p2p::ScheduleOutOfRange::Reason reason, const U256& timestamp) {
  using Reason = p2p::ScheduleOutOfRange::Reason;
  const std::string when = "timestamp " + timestamp.to_decimal();
  switch (reason) {
    case Reason::before_genesis:
      return reject(CommitmentFault::schedule_before_genesis, when + " is before genesis");
    case Reason::too_old:
      return reject(CommitmentFault::schedule_too_old, when + " is too old for the schedule");
    case Reason::too_new:
      break;
  }
  return reject(CommitmentFault::schedule_too_new, when + " is too new for the schedule");
}

std::expected<void, CommitmentRejection> check_election(const ValidationRules& rules,
                                                        const p2p::Preconfirmation& preconf,
                                                        const Address& signer) {
  const p2p::ScheduleAnswer answer = rules.schedule->elected_at(preconf.timestamp);
  if (const auto* range = std::get_if<p2p::ScheduleOutOfRange>(&answer)) {
    return out_of_range(range->reason, preconf.timestamp);
  }
  const auto* elected = std::get_if<p2p::ElectedSigner>(&answer);
  if (elected == nullptr) {
    return reject(CommitmentFault::schedule_unknown,
                  "the preconfer of timestamp " + preconf.timestamp.to_decimal() + " is not known yet");
  }
  if (elected->signer != signer) {
    return reject(CommitmentFault::signer,
                  "signer mismatch: recovered signer does not match expected slot signer");
  }
  if (!elected->any_window_end && elected->submission_window_end != preconf.submission_window_end) {
    return reject(CommitmentFault::window,
                  "submission_window_end mismatch: commitment window end does not match expected slot end");
  }
  return {};
}

}  // namespace

std::string_view to_string(CommitmentFault fault) noexcept {
  switch (fault) {
    case CommitmentFault::signature_format:
      return "signature_format";
    case CommitmentFault::signature_recovery:
      return "signature_recovery";
    case CommitmentFault::missing_tx_list_hash:
      return "missing_tx_list_hash";
    case CommitmentFault::slasher:
      return "slasher";
    case CommitmentFault::number_range:
      return "number_range";
    case CommitmentFault::schedule_unknown:
      return "schedule_unknown";
    case CommitmentFault::schedule_before_genesis:
      return "schedule_before_genesis";
    case CommitmentFault::schedule_too_old:
      return "schedule_too_old";
    case CommitmentFault::schedule_too_new:
      return "schedule_too_new";
    case CommitmentFault::signer:
      return "signer";
    case CommitmentFault::window:
      return "window";
    case CommitmentFault::parent:
      return "parent";
    case CommitmentFault::tx_list:
      return "tx_list";
  }
  return "unknown";
}

ValidationResult validate_commitment(const ValidationRules& rules, const p2p::SignedCommitment& commitment,
                                     std::optional<Address> recovered) {
  if (!recovered) {
    const auto signer = recover(rules, commitment);
    if (!signer) return Rejected(signer.error());
    recovered = *signer;
  }
  const p2p::Preconfirmation& preconf = commitment.preconf();
  if (!preconf.eop && preconf.raw_tx_list_hash == Hash256{}) {
    return reject(CommitmentFault::missing_tx_list_hash,
                  "non-eop preconfirmation requires non-zero raw_tx_list_hash");
  }
  if (rules.expected_slasher && commitment.commitment.slasher_address != *rules.expected_slasher) {
    return reject(CommitmentFault::slasher, "slasher address mismatch");
  }
  if (auto numbers = check_numbers(preconf); !numbers) return Rejected(std::move(numbers).error());
  if (auto elected = check_election(rules, preconf, *recovered); !elected) {
    return Rejected(std::move(elected).error());
  }
  return StoredCommitment{.commitment = commitment,
                          .hash = p2p::preconfirmation_hash(preconf),
                          .digest = p2p::signing_digest(rules.signing_domain, commitment.commitment),
                          .signer = *recovered};
}

}  // namespace libpreconf::preconf
