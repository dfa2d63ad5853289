#pragma once
// The rules that a commitment must pass, in one function for gossip, catch-up and RPC (node book 9.1, 9.2),
// with the hard numeric checks of 9.3. What costs nanoseconds is looked at first, the signature is recovered
// last; a rejection allocates nothing until somebody asks for its text.

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "libpreconf/p2p/signer_schedule.h"
#include "libpreconf/preconf/commitment_store.h"

namespace libpreconf::preconf {

/// Why a commitment is not taken. The names label a metric.
enum class CommitmentFault : std::uint8_t {
  signature_format,
  signature_recovery,
  missing_tx_list_hash,
  slasher,
  number_range,
  schedule_unknown,
  schedule_before_genesis,
  schedule_too_old,
  schedule_too_new,
  signer,
  window,
  parent,
  tx_list,  ///< a list that does not hash to its name
};
inline constexpr std::size_t kCommitmentFaults = 13;
[[nodiscard]] std::string_view to_string(CommitmentFault fault) noexcept;

struct CommitmentRejection {
  CommitmentFault fault = CommitmentFault::signature_format;
  std::string_view field = {};  ///< of a constant: the number that is out of range
  U256 value = {};  ///< that number, the timestamp or the recovery id, where the fault is about one

  /// For a person, as in node book 9.2, without a family prefix.
  [[nodiscard]] std::string text() const;
};

struct ValidationRules {
  const p2p::SignerSchedule* schedule = nullptr;
  std::optional<Address> expected_slasher;
  Hash256 signing_domain{};
};

using ValidationResult = std::expected<StoredCommitment, CommitmentRejection>;

/// `recovered`: where the network has recovered the signer already, in the same domain. Numbers of a
/// commitment that passed fit 64 bits, the proposal id 48.
[[nodiscard]] ValidationResult validate_commitment(
    const ValidationRules& rules, const p2p::SignedCommitment& commitment,
    std::optional<p2p::RecoveredSigner> recovered = std::nullopt);

/// The block number of a commitment that passed validation.
[[nodiscard]] inline std::uint64_t block_number_of(const StoredCommitment& stored) noexcept {
  return stored.commitment.preconf().block_number.limbs()[0];
}

}  // namespace libpreconf::preconf
