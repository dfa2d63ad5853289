#include "preconf/commitment_validation.h"

#include <algorithm>

#include "crypto/secp256k1.h"
#include "preconf/limits.h"

namespace libpreconf::preconf {
namespace {

using Rejection = std::optional<CommitmentRejection>;

constexpr std::string_view kProposalId = "proposalId";

Rejection reject(CommitmentFault fault, const U256& value = {}, std::string_view field = {}) {
  return CommitmentRejection{fault, field, value};
}

Rejection check_signature_format(ByteView signature) {
  if (signature[64] > 3) return reject(CommitmentFault::signature_format, signature[64]);
  const auto is_zero = [](ByteView part) { return std::ranges::all_of(part, [](auto b) { return b == 0; }); };
  if (is_zero(signature.first(32)) || is_zero(signature.subspan(32, 32))) {
    return reject(CommitmentFault::signature_format);
  }
  return std::nullopt;
}

// Upstream panics on wider numbers when it builds the payload (node book 6.7); here they end at the door.
Rejection check_numbers(const p2p::Preconfirmation& preconf) {
  constexpr std::uint64_t kMax64 = ~std::uint64_t{0};
  struct Bound {
    const U256& value;
    std::uint64_t max;
    std::string_view name;
  };
  for (const Bound& bound :
       {Bound{preconf.block_number, kMax64 - 1, "blockNumber"}, Bound{preconf.timestamp, kMax64, "timestamp"},
        Bound{preconf.gas_limit, kMax64, "gasLimit"},
        Bound{preconf.anchor_block_number, kMax64, "anchorBlockNumber"},
        Bound{preconf.submission_window_end, kMax64, "submissionWindowEnd"},
        Bound{preconf.proposal_id, kMaxProposalId, kProposalId}}) {
    if (bound.value > U256(bound.max)) return reject(CommitmentFault::number_range, bound.value, bound.name);
  }
  return std::nullopt;
}

CommitmentFault fault_of(p2p::ScheduleOutOfRange::Reason reason) {
  using Reason = p2p::ScheduleOutOfRange::Reason;
  switch (reason) {
    case Reason::before_genesis:
      return CommitmentFault::schedule_before_genesis;
    case Reason::too_old:
      return CommitmentFault::schedule_too_old;
    case Reason::too_new:
      break;
  }
  return CommitmentFault::schedule_too_new;
}

// What the schedule says of the time and the window; `elected` becomes who has to have signed.
Rejection check_window(const ValidationRules& rules, const p2p::Preconfirmation& preconf, Address& elected) {
  const p2p::ScheduleAnswer answer = rules.schedule->elected_at(preconf.timestamp);
  if (const auto* range = std::get_if<p2p::ScheduleOutOfRange>(&answer)) {
    return reject(fault_of(range->reason), preconf.timestamp);
  }
  const auto* known = std::get_if<p2p::ElectedSigner>(&answer);
  if (known == nullptr) return reject(CommitmentFault::schedule_unknown, preconf.timestamp);
  if (!known->any_window_end && known->submission_window_end != preconf.submission_window_end) {
    return reject(CommitmentFault::window);
  }
  elected = known->signer;
  return std::nullopt;
}

Rejection check_cheap(const ValidationRules& rules, const p2p::SignedCommitment& commitment,
                      Address& elected) {
  if (const auto format = check_signature_format(commitment.signature)) return format;
  const p2p::Preconfirmation& preconf = commitment.preconf();
  if (!preconf.eop && preconf.raw_tx_list_hash == Hash256{}) {
    return reject(CommitmentFault::missing_tx_list_hash);
  }
  if (rules.expected_slasher && commitment.commitment.slasher_address != *rules.expected_slasher) {
    return reject(CommitmentFault::slasher);
  }
  if (const auto numbers = check_numbers(preconf)) return numbers;
  return check_window(rules, preconf, elected);
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

std::string CommitmentRejection::text() const {
  const std::string when = "timestamp " + value.to_decimal();
  switch (fault) {
    case CommitmentFault::signature_format:
      return value.is_zero() ? "signature format error: r or s is zero"
                             : "signature format error: recovery id " + value.to_decimal() + " is not 0 to 3";
    case CommitmentFault::signature_recovery:
      return "signature recovery error: no public key fits the signature";
    case CommitmentFault::missing_tx_list_hash:
      return "non-eop preconfirmation requires non-zero raw_tx_list_hash";
    case CommitmentFault::slasher:
      return "slasher address mismatch";
    case CommitmentFault::number_range:
      return std::string(field) + " " + value.to_decimal() + " does not fit " +
             (field == kProposalId ? "uint48" : "64 bits");
    case CommitmentFault::schedule_unknown:
      return "the preconfer of " + when + " is not known yet";
    case CommitmentFault::schedule_before_genesis:
      return when + " is before genesis";
    case CommitmentFault::schedule_too_old:
      return when + " is too old for the schedule";
    case CommitmentFault::schedule_too_new:
      return when + " is too new for the schedule";
    case CommitmentFault::signer:
      return "signer mismatch: recovered signer does not match expected slot signer";
    case CommitmentFault::window:
      return "submission_window_end mismatch: commitment window end does not match expected slot end";
    case CommitmentFault::parent:
      return "the parent does not fit";
    case CommitmentFault::tx_list:
      return "the list does not hash to its name";
  }
  return std::string(to_string(fault));
}

ValidationResult validate_commitment(const ValidationRules& rules, const p2p::SignedCommitment& commitment,
                                     std::optional<p2p::RecoveredSigner> recovered) {
  Address elected{};
  if (const auto rejection = check_cheap(rules, commitment, elected)) return std::unexpected(*rejection);
  if (!recovered) recovered = p2p::recover_signer(rules.signing_domain, commitment);
  if (!recovered) return std::unexpected(CommitmentRejection{CommitmentFault::signature_recovery});
  if (recovered->address != elected) return std::unexpected(CommitmentRejection{CommitmentFault::signer});
  return StoredCommitment{.commitment = commitment,
                          .hash = p2p::preconfirmation_hash(commitment.preconf()),
                          .digest = recovered->digest,
                          .signer = recovered->address};
}

}  // namespace libpreconf::preconf
