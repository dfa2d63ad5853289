#pragma once
// One publication under way, and how refusals are put into words.

#include <memory>
#include <optional>

#include "crypto/hash.h"
#include "libpreconf/preconf/publish.h"
#include "preconf/commitment_validation.h"
#include "preconf/tx_list_decoder.h"

namespace libpreconf::preconf {

struct Publication {
  enum class Kind : std::uint8_t { commitment, tx_list, block };
  /// Those up to `storing` are passed in this order; a kind that has nothing to do in one passes through.
  enum class Stage : std::uint8_t { reading, hashing, validating, decoding, storing, waiting, settled };

  Kind kind = Kind::block;
  Stage stage = Stage::reading;
  OnPublished on_published;
  /// Shared with the caller's handle: true once nobody waits for the answer.
  std::shared_ptr<bool> abandoned = std::make_shared<bool>(false);

  Bytes commitment_ssz;
  p2p::SignedCommitment commitment;
  StoredCommitment valid;
  Hash256 claimed_hash{};  ///< the name that the caller gave to the list
  std::shared_ptr<const Bytes> tx_list = std::make_shared<const Bytes>();
  std::size_t hashed = 0;
  crypto::Keccak256 hasher;
  std::optional<TxListDecoder> decoder;

  Handle step;
  Handle deadline;

  [[nodiscard]] bool has_commitment() const { return kind != Kind::tx_list; }
  [[nodiscard]] bool is_marker() const { return has_commitment() && commitment.preconf().is_eop_only(); }
};

[[nodiscard]] std::unexpected<PublishError> refuse(PublishErrorKind kind, std::string message);
/// With the kind, family and structured name of node book 12.9.
[[nodiscard]] PublishError to_publish_error(const CommitmentRejection& rejection);

}  // namespace libpreconf::preconf
