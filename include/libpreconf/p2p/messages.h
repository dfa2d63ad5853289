#pragma once
// Every message of Taiko's preconfirmation P2P specification, as values and as SSZ bytes (p2p-wire 10, 11).

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"
#include "libpreconf/base/u256.h"

namespace libpreconf::p2p {

inline constexpr std::size_t kPreconfirmationSize = 297;
inline constexpr std::size_t kPreconfCommitmentSize = 317;
inline constexpr std::size_t kSignedCommitmentSize = 382;
inline constexpr std::size_t kSignatureSize = 65;
/// Compressed and decompressed transaction list cap (node book 2.3).
inline constexpr std::size_t kMaxTxListBytes = 2 * 1024 * 1024;
inline constexpr std::size_t kMaxCommitmentsPerResponse = 256;

/// The default signing domain: 32 ASCII bytes, `TAIKO_PRECONF_DOMAIN_PLACEHOLDER`.
[[nodiscard]] const Hash256& placeholder_domain() noexcept;

/// What a preconfer promises about one L2 block. Numbers are uint256 on the wire; narrow them checked.
struct Preconfirmation {
  bool eop = false;   ///< end of the preconfer's window
  U256 block_number;  ///< L2
  U256 timestamp;     ///< seconds
  U256 gas_limit;
  Address coinbase{};
  U256 anchor_block_number;    ///< L1
  Hash256 raw_tx_list_hash{};  ///< keccak of the compressed list; all zero: none
  Hash256 parent_preconfirmation_hash{};
  U256 submission_window_end;  ///< seconds
  Address prover_auth{};
  U256 proposal_id;

  /// eop and no list: a hand-over marker that never becomes a block.
  [[nodiscard]] bool is_eop_only() const noexcept;
  friend bool operator==(const Preconfirmation&, const Preconfirmation&) = default;
};

struct PreconfCommitment {
  Preconfirmation preconf;
  Address slasher_address{};
  friend bool operator==(const PreconfCommitment&, const PreconfCommitment&) = default;
};

struct SignedCommitment {
  PreconfCommitment commitment;
  FixedBytes<kSignatureSize> signature{};  ///< r, s, v with v in 0..3

  [[nodiscard]] const Preconfirmation& preconf() const noexcept { return commitment.preconf; }
  friend bool operator==(const SignedCommitment&, const SignedCommitment&) = default;
};

/// A compressed transaction list with the hash that names it. The bytes are shared, never copied.
struct RawTxList {
  Hash256 hash{};
  std::shared_ptr<const Bytes> tx_list;  ///< never null in a decoded value

  [[nodiscard]] ByteView bytes() const noexcept { return tx_list ? ByteView(*tx_list) : ByteView(); }
};

struct PreconfHead {
  U256 block_number;
  U256 submission_window_end;
  friend bool operator==(const PreconfHead&, const PreconfHead&) = default;
};

struct CommitmentsRequest {
  U256 start_block_number;
  std::uint32_t max_count = 0;
};

// --- SSZ ---------------------------------------------------------------------------------------------------

[[nodiscard]] FixedBytes<kPreconfirmationSize> encode(const Preconfirmation& value);
[[nodiscard]] FixedBytes<kPreconfCommitmentSize> encode(const PreconfCommitment& value);
[[nodiscard]] FixedBytes<kSignedCommitmentSize> encode(const SignedCommitment& value);
/// Hash, offset 36, list bytes: gossip payload and get_raw_txlist response alike.
[[nodiscard]] Bytes encode(const RawTxList& value);
[[nodiscard]] FixedBytes<64> encode(const PreconfHead& value);
[[nodiscard]] FixedBytes<36> encode(const CommitmentsRequest& value);
[[nodiscard]] Bytes encode_commitments_response(const std::vector<SignedCommitment>& commitments);
/// The one body of get_head: `04 00 00 00`.
[[nodiscard]] FixedBytes<4> encode_head_request();

[[nodiscard]] Result<SignedCommitment> decode_signed_commitment(ByteView ssz);
[[nodiscard]] Result<RawTxList> decode_raw_tx_list(ByteView ssz);
[[nodiscard]] Result<PreconfHead> decode_preconf_head(ByteView ssz);
[[nodiscard]] Result<CommitmentsRequest> decode_commitments_request(ByteView ssz);
[[nodiscard]] Result<std::vector<SignedCommitment>> decode_commitments_response(ByteView ssz);
[[nodiscard]] Result<Hash256> decode_raw_tx_list_request(ByteView ssz);
/// Liberal, as p2p-wire 9.5 advises: the empty body and `04 00 00 00`.
[[nodiscard]] Result<> decode_head_request(ByteView ssz);

// --- Hashes and signatures ---------------------------------------------------------------------------------

/// Keccak of the 297 bytes, no domain: the parent link.
[[nodiscard]] Hash256 preconfirmation_hash(const Preconfirmation& value);
/// Keccak of domain and the 317 bytes: what is signed. Equal for both signature forms: deduplicate by it.
[[nodiscard]] Hash256 signing_digest(const Hash256& domain, const PreconfCommitment& value);
/// Who signed a commitment, and what.
struct RecoveredSigner {
  Address address{};
  Hash256 digest{};  ///< the signing digest

  friend bool operator==(const RecoveredSigner&, const RecoveredSigner&) = default;
};
/// Nothing for a signature that does not recover.
[[nodiscard]] std::optional<RecoveredSigner> recover_signer(const Hash256& domain,
                                                            const SignedCommitment& value);
/// Keccak of the bytes as they travel.
[[nodiscard]] Hash256 tx_list_hash(ByteView compressed);

}  // namespace libpreconf::p2p
