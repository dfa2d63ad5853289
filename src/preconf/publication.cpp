#include "preconf/publication.h"

namespace libpreconf::preconf {

std::unexpected<PublishError> refuse(PublishErrorKind kind, std::string message) {
  return std::unexpected(PublishError{kind, std::move(message)});
}

PublishError to_publish_error(const CommitmentRejection& rejection) {
  const auto validation = [&](PublishErrorKind kind, std::string_view name = {}) {
    return PublishError{kind, "validation error: " + std::string(name) + rejection.text()};
  };
  const auto lookahead = [&](PublishErrorKind kind) {
    return PublishError{kind, "lookahead error: " + rejection.text()};
  };
  switch (rejection.fault) {
    case CommitmentFault::signature_format:
    case CommitmentFault::signature_recovery:
    case CommitmentFault::missing_tx_list_hash:
    case CommitmentFault::number_range:
    case CommitmentFault::parent:
    case CommitmentFault::tx_list:
      return validation(PublishErrorKind::invalid_commitment);
    case CommitmentFault::slasher:
      return validation(PublishErrorKind::slasher_mismatch, "SlasherMismatch: ");
    case CommitmentFault::signer:
      return validation(PublishErrorKind::invalid_signer, "SignerMismatch: ");
    case CommitmentFault::window:
      return validation(PublishErrorKind::window_mismatch, "SubmissionWindowExpired: ");
    case CommitmentFault::schedule_unknown:
      return lookahead(PublishErrorKind::lookahead_unavailable);
    case CommitmentFault::schedule_before_genesis:
    case CommitmentFault::schedule_too_old:
    case CommitmentFault::schedule_too_new:
      return lookahead(PublishErrorKind::lookahead_out_of_range);
  }
  return validation(PublishErrorKind::invalid_commitment);
}

}  // namespace libpreconf::preconf
