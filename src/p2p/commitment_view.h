#pragma once
// A SignedCommitment read where it lies: named offsets of p2p-wire 10.1 to 10.3, no copies. The gate judges
// gossip through it and decodes only what it accepts.
//
//   0    eop            33  timestamp    117 anchorBlockNumber          213 submissionWindowEnd  297 slasher
//   1    blockNumber    65  gasLimit     149 rawTxListHash              245 proverAuth           317
//   signature
//                       97  coinbase     181 parentPreconfirmationHash  265 proposalId           382 end

#include <optional>

#include "codec/ssz.h"
#include "libpreconf/p2p/messages.h"

namespace libpreconf::p2p {

namespace offset {
inline constexpr std::size_t kEop = 0;
inline constexpr std::size_t kBlockNumber = 1;
inline constexpr std::size_t kTimestamp = 33;
inline constexpr std::size_t kGasLimit = 65;
inline constexpr std::size_t kCoinbase = 97;
inline constexpr std::size_t kAnchorBlockNumber = 117;
inline constexpr std::size_t kRawTxListHash = 149;
inline constexpr std::size_t kParentPreconfirmationHash = 181;
inline constexpr std::size_t kSubmissionWindowEnd = 213;
inline constexpr std::size_t kProverAuth = 245;
inline constexpr std::size_t kProposalId = 265;
inline constexpr std::size_t kSlasherAddress = 297;
inline constexpr std::size_t kSignature = 317;
static_assert(kProposalId + 32 == kPreconfirmationSize);
static_assert(kSlasherAddress + 20 == kPreconfCommitmentSize);
static_assert(kSignature + kSignatureSize == kSignedCommitmentSize);
}  // namespace offset

class CommitmentView {
 public:
  /// Nothing unless `ssz` has exactly 382 bytes and its bool is 0 or 1: then every field can be read.
  [[nodiscard]] static std::optional<CommitmentView> of(ByteView ssz) noexcept {
    if (ssz.size() != kSignedCommitmentSize || ssz[offset::kEop] > 1) return std::nullopt;
    return CommitmentView(ssz);
  }

  [[nodiscard]] bool eop() const noexcept { return ssz_[offset::kEop] == 1; }
  [[nodiscard]] U256 block_number() const noexcept { return number_at(offset::kBlockNumber); }
  [[nodiscard]] U256 timestamp() const noexcept { return number_at(offset::kTimestamp); }
  [[nodiscard]] U256 submission_window_end() const noexcept {
    return number_at(offset::kSubmissionWindowEnd);
  }
  [[nodiscard]] ByteView raw_tx_list_hash() const noexcept {
    return ssz_.subspan(offset::kRawTxListHash, 32);
  }
  [[nodiscard]] ByteView slasher_address() const noexcept {
    return ssz_.subspan(offset::kSlasherAddress, 20);
  }
  [[nodiscard]] ByteView signature() const noexcept {
    return ssz_.subspan(offset::kSignature, kSignatureSize);
  }
  [[nodiscard]] ByteView commitment_bytes() const noexcept { return ssz_.first(kPreconfCommitmentSize); }
  [[nodiscard]] ByteView bytes() const noexcept { return ssz_; }

  /// The list hash is all zero: legal for a hand-over marker alone.
  [[nodiscard]] bool has_zero_list_hash() const noexcept;
  [[nodiscard]] Hash256 signing_digest(const Hash256& domain) const noexcept;
  [[nodiscard]] SignedCommitment decode() const;

 private:
  explicit CommitmentView(ByteView ssz) noexcept : ssz_(ssz) {}
  [[nodiscard]] U256 number_at(std::size_t at) const noexcept {
    return codec::ssz_read_u256(ssz_.data() + at);
  }
  ByteView ssz_;
};

/// What stands before the bytes of a list in its SSZ.
[[nodiscard]] FixedBytes<36> encode_raw_tx_list_head(const Hash256& hash) noexcept;

/// A RawTxListGossip or GetRawTxListResponse read in place (p2p-wire 10.4).
class RawTxListView {
 public:
  static constexpr std::size_t kFixedSize = 36;

  /// Errors: malformed (short, or an offset other than 36), too_large (list over 2 MiB).
  [[nodiscard]] static Result<RawTxListView> of(ByteView ssz);

  [[nodiscard]] Hash256 hash() const { return take_fixed<32>(ssz_); }
  [[nodiscard]] ByteView list() const noexcept { return ssz_.subspan(kFixedSize); }
  [[nodiscard]] RawTxList decode() const;

 private:
  explicit RawTxListView(ByteView ssz) noexcept : ssz_(ssz) {}
  ByteView ssz_;
};

}  // namespace libpreconf::p2p
