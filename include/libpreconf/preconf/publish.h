#pragma once
// Publishing from the sidecar RPC: what it takes, what it answers, how it fails (node book 9.2, 12.4
// to 12.6).

#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "libpreconf/base/bytes.h"

namespace libpreconf::preconf {

/// Why a publication was refused. The RPC maps each to one code (node book 12.9).
enum class PublishErrorKind : std::uint8_t {
  invalid_commitment,      ///< SSZ, signature, basic rules, hashes that do not fit together
  invalid_tx_list,         ///< not zlib of an RLP list, or over the caps
  not_synced,              ///< what L1 confirmed is not known yet
  stale,                   ///< at or below what L1 confirmed
  window_mismatch,         ///< submissionWindowEnd is not that of the slot
  invalid_signer,          ///< not the elected signer
  slasher_mismatch,        ///< names another slasher
  lookahead_unavailable,   ///< the schedule does not know the timestamp yet
  lookahead_out_of_range,  ///< the schedule can never judge the timestamp
  conflict,                ///< this node has published another commitment for the height
  busy,                    ///< too many publications at once
  internal,                ///< the driver failed, or did not execute in time
};

struct PublishError {
  PublishErrorKind kind = PublishErrorKind::internal;
  std::string message;  ///< the display text, with its family in front
};

struct Published {
  Hash256 commitment_hash{};  ///< keccak of the SSZ bytes as given; zero for a list alone
  Hash256 tx_list_hash{};
};

using PublishResult = std::expected<Published, PublishError>;
using OnPublished = std::move_only_function<void(PublishResult)>;

/// preconf_publishBlock's three fields, decoded from hex.
struct PublishBlockRequest {
  Bytes commitment_ssz;
  Hash256 tx_list_hash{};
  std::shared_ptr<const Bytes> tx_list;
};

}  // namespace libpreconf::preconf
