#include "libpreconf/p2p/messages.h"

#include <fmt/core.h>

#include <algorithm>

#include "codec/ssz.h"
#include "p2p/commitment_view.h"

namespace libpreconf::p2p {
namespace {

using codec::ssz_read_u256;
using codec::ssz_read_u32;
using codec::ssz_write_u256;
using codec::ssz_write_u32;

constexpr std::uint32_t kListOffset = 4;

std::unexpected<Error> wrong_size(std::string_view what, std::size_t expected, std::size_t got) {
  return fail(ErrorCode::malformed, fmt::format("{}: {} bytes, expected {}", what, got, expected));
}

template <std::size_t N>
void put(std::uint8_t* at, const FixedBytes<N>& bytes) noexcept {
  std::copy(bytes.begin(), bytes.end(), at);
}

void write_preconfirmation(std::uint8_t* at, const Preconfirmation& value) noexcept {
  at[offset::kEop] = value.eop ? 1 : 0;
  ssz_write_u256(at + offset::kBlockNumber, value.block_number);
  ssz_write_u256(at + offset::kTimestamp, value.timestamp);
  ssz_write_u256(at + offset::kGasLimit, value.gas_limit);
  put(at + offset::kCoinbase, value.coinbase);
  ssz_write_u256(at + offset::kAnchorBlockNumber, value.anchor_block_number);
  put(at + offset::kRawTxListHash, value.raw_tx_list_hash);
  put(at + offset::kParentPreconfirmationHash, value.parent_preconfirmation_hash);
  ssz_write_u256(at + offset::kSubmissionWindowEnd, value.submission_window_end);
  put(at + offset::kProverAuth, value.prover_auth);
  ssz_write_u256(at + offset::kProposalId, value.proposal_id);
}

void write_commitment(std::uint8_t* at, const PreconfCommitment& value) noexcept {
  write_preconfirmation(at, value.preconf);
  put(at + offset::kSlasherAddress, value.slasher_address);
}

void write_signed_commitment(std::uint8_t* at, const SignedCommitment& value) noexcept {
  write_commitment(at, value.commitment);
  put(at + offset::kSignature, value.signature);
}

bool all_zero(ByteView bytes) noexcept {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

const Hash256& placeholder_domain() noexcept {
  static const Hash256 domain = take_fixed<32>(as_bytes("TAIKO_PRECONF_DOMAIN_PLACEHOLDER"));
  return domain;
}

bool Preconfirmation::is_eop_only() const noexcept {
  return eop && all_zero(raw_tx_list_hash);
}

FixedBytes<kPreconfirmationSize> encode(const Preconfirmation& value) {
  FixedBytes<kPreconfirmationSize> out;
  write_preconfirmation(out.data(), value);
  return out;
}

FixedBytes<kPreconfCommitmentSize> encode(const PreconfCommitment& value) {
  FixedBytes<kPreconfCommitmentSize> out;
  write_commitment(out.data(), value);
  return out;
}

FixedBytes<kSignedCommitmentSize> encode(const SignedCommitment& value) {
  FixedBytes<kSignedCommitmentSize> out;
  write_signed_commitment(out.data(), value);
  return out;
}

FixedBytes<36> encode_raw_tx_list_head(const Hash256& hash) noexcept {
  FixedBytes<36> out;
  put(out.data(), hash);
  ssz_write_u32(out.data() + 32, RawTxListView::kFixedSize);
  return out;
}

Bytes encode(const RawTxList& value) {
  const ByteView list = value.bytes();
  const auto head = encode_raw_tx_list_head(value.hash);
  Bytes out;
  out.reserve(head.size() + list.size());
  out.assign(head.begin(), head.end());
  out.insert(out.end(), list.begin(), list.end());
  return out;
}

FixedBytes<64> encode(const PreconfHead& value) {
  FixedBytes<64> out;
  ssz_write_u256(out.data(), value.block_number);
  ssz_write_u256(out.data() + 32, value.submission_window_end);
  return out;
}

FixedBytes<36> encode(const CommitmentsRequest& value) {
  FixedBytes<36> out;
  ssz_write_u256(out.data(), value.start_block_number);
  ssz_write_u32(out.data() + 32, value.max_count);
  return out;
}

Bytes encode_commitments_response(const std::vector<SignedCommitment>& commitments) {
  Bytes out(kListOffset + commitments.size() * kSignedCommitmentSize);
  ssz_write_u32(out.data(), kListOffset);
  std::uint8_t* at = out.data() + kListOffset;
  for (const SignedCommitment& commitment : commitments) {
    write_signed_commitment(at, commitment);
    at += kSignedCommitmentSize;
  }
  return out;
}

FixedBytes<4> encode_head_request() {
  return {4, 0, 0, 0};
}

SignedCommitment CommitmentView::decode() const {
  const std::uint8_t* at = ssz_.data();
  SignedCommitment out;
  Preconfirmation& preconf = out.commitment.preconf;
  preconf.eop = eop();
  preconf.block_number = number_at(offset::kBlockNumber);
  preconf.timestamp = number_at(offset::kTimestamp);
  preconf.gas_limit = number_at(offset::kGasLimit);
  std::copy_n(at + offset::kCoinbase, 20, preconf.coinbase.begin());
  preconf.anchor_block_number = number_at(offset::kAnchorBlockNumber);
  std::copy_n(at + offset::kRawTxListHash, 32, preconf.raw_tx_list_hash.begin());
  std::copy_n(at + offset::kParentPreconfirmationHash, 32, preconf.parent_preconfirmation_hash.begin());
  preconf.submission_window_end = number_at(offset::kSubmissionWindowEnd);
  std::copy_n(at + offset::kProverAuth, 20, preconf.prover_auth.begin());
  preconf.proposal_id = number_at(offset::kProposalId);
  std::copy_n(at + offset::kSlasherAddress, 20, out.commitment.slasher_address.begin());
  std::copy_n(at + offset::kSignature, kSignatureSize, out.signature.begin());
  return out;
}

bool CommitmentView::has_zero_list_hash() const noexcept {
  return all_zero(raw_tx_list_hash());
}

Result<RawTxListView> RawTxListView::of(ByteView ssz) {
  if (ssz.size() < kFixedSize) {
    return fail(ErrorCode::malformed,
                fmt::format("transaction list: {} bytes, expected at least {}", ssz.size(), kFixedSize));
  }
  if (const std::uint32_t at = ssz_read_u32(ssz.data() + 32); at != kFixedSize) {
    return fail(ErrorCode::malformed,
                fmt::format("transaction list: offset {}, expected {}", at, kFixedSize));
  }
  if (const std::size_t size = ssz.size() - kFixedSize; size > kMaxTxListBytes) {
    return fail(ErrorCode::too_large,
                fmt::format("transaction list: {} bytes, at most {} allowed", size, kMaxTxListBytes));
  }
  return RawTxListView(ssz);
}

RawTxList RawTxListView::decode() const {
  return RawTxList{hash(), std::make_shared<const Bytes>(list().begin(), list().end())};
}

Result<SignedCommitment> decode_signed_commitment(ByteView ssz) {
  if (const auto view = CommitmentView::of(ssz)) return view->decode();
  if (ssz.size() != kSignedCommitmentSize) return wrong_size("commitment", kSignedCommitmentSize, ssz.size());
  return fail(ErrorCode::malformed,
              fmt::format("commitment: bool of {}, expected 0 or 1", ssz[offset::kEop]));
}

Result<RawTxList> decode_raw_tx_list(ByteView ssz) {
  PRECONF_TRY(const RawTxListView view, RawTxListView::of(ssz));
  return view.decode();
}

Result<PreconfHead> decode_preconf_head(ByteView ssz) {
  if (ssz.size() != 64) return wrong_size("head", 64, ssz.size());
  return PreconfHead{ssz_read_u256(ssz.data()), ssz_read_u256(ssz.data() + 32)};
}

Result<CommitmentsRequest> decode_commitments_request(ByteView ssz) {
  if (ssz.size() != 36) return wrong_size("commitments request", 36, ssz.size());
  return CommitmentsRequest{ssz_read_u256(ssz.data()), ssz_read_u32(ssz.data() + 32)};
}

Result<std::vector<SignedCommitment>> decode_commitments_response(ByteView ssz) {
  if (ssz.size() < kListOffset) return wrong_size("commitments response", kListOffset, ssz.size());
  if (const std::uint32_t at = ssz_read_u32(ssz.data()); at != kListOffset) {
    return fail(ErrorCode::malformed,
                fmt::format("commitments response: offset {}, expected {}", at, kListOffset));
  }
  ssz = ssz.subspan(kListOffset);
  if (ssz.size() % kSignedCommitmentSize != 0) {
    return fail(ErrorCode::malformed,
                fmt::format("commitments response: {} bytes of list are no multiple of {}", ssz.size(),
                            kSignedCommitmentSize));
  }
  const std::size_t count = ssz.size() / kSignedCommitmentSize;
  if (count > kMaxCommitmentsPerResponse) {
    return fail(ErrorCode::too_large, fmt::format("commitments response: {} commitments, at most {} allowed",
                                                  count, kMaxCommitmentsPerResponse));
  }
  std::vector<SignedCommitment> out;
  out.reserve(count);
  for (; !ssz.empty(); ssz = ssz.subspan(kSignedCommitmentSize)) {
    PRECONF_TRY(SignedCommitment commitment, decode_signed_commitment(ssz.first(kSignedCommitmentSize)));
    out.push_back(commitment);
  }
  return out;
}

Result<Hash256> decode_raw_tx_list_request(ByteView ssz) {
  if (ssz.size() != 32) return wrong_size("transaction list request", 32, ssz.size());
  return take_fixed<32>(ssz);
}

Result<> decode_head_request(ByteView ssz) {
  if (ssz.empty() || equal(ssz, encode_head_request())) return {};
  return fail(ErrorCode::malformed, fmt::format("head request: {} bytes, expected 04 00 00 00", ssz.size()));
}

}  // namespace libpreconf::p2p
