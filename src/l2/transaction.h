#pragma once
// Ethereum transactions as they stand in a list: legacy (with and without EIP-155), EIP-2930 and EIP-1559.
//
// A Transaction is a view: its spans point into the bytes that it was decoded from, which must outlive it.
// Decoding allocates nothing and checks form alone; whether a transaction may run is the engine's business.

#include <cstdint>
#include <optional>

#include "crypto/secp256k1.h"
#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"
#include "libpreconf/base/u256.h"

namespace libpreconf::l2 {

enum class TransactionType : std::uint8_t { legacy = 0, access_list = 1, dynamic_fee = 2 };

struct Transaction {
  TransactionType type = TransactionType::legacy;
  /// Absent in a legacy transaction that names no chain.
  std::optional<U256> chain_id;
  std::uint64_t nonce = 0;
  /// Both are the gas price where a type has only one.
  U256 max_priority_fee_per_gas;
  U256 max_fee_per_gas;
  std::uint64_t gas_limit = 0;
  /// Absent: contract creation.
  std::optional<Address> to;
  U256 value;
  ByteView data;
  /// The RLP list; empty for legacy.
  ByteView access_list;
  std::size_t access_list_addresses = 0;
  std::size_t access_list_storage_keys = 0;
  /// As written: 27, 28 or 35 + 2 * chain + parity in a legacy transaction, the parity in the others.
  U256 v;
  U256 r;
  U256 s;

  /// Whole encoding, and the part of its payload that is signed.
  ByteView raw;
  ByteView signed_fields;

  [[nodiscard]] Hash256 hash() const noexcept;
  [[nodiscard]] Hash256 signing_hash() const noexcept;
  /// The signer, or nothing: v out of range, r or s out of range, s in the upper half (EIP-2), no such point.
  [[nodiscard]] std::optional<Address> sender() const noexcept;
  /// What the transaction costs before any code runs (Shanghai's rules).
  [[nodiscard]] std::uint64_t intrinsic_gas() const noexcept;
};

/// `type || payload`, or the RLP list of a legacy transaction. malformed: not canonical, a field missing or
/// out of range, bytes left over; too_large; unsupported: a typed transaction of a type that is not offered
/// (blobs, set code).
[[nodiscard]] Result<Transaction> decode_transaction(ByteView raw);

/// The same bytes again, from the fields (`raw` and `signed_fields` are not looked at).
[[nodiscard]] Bytes encode_transaction(const Transaction& transaction);

/// A plain transfer, for load generators and tests.
struct Transfer {
  std::uint64_t chain_id = 0;
  std::uint64_t nonce = 0;
  std::uint64_t max_priority_fee_per_gas = 0;
  std::uint64_t max_fee_per_gas = 0;
  std::uint64_t gas_limit = 21'000;
  Address to{};
  U256 value;
};

/// EIP-1559, signed. `key` needs only to outlive the call.
[[nodiscard]] Bytes sign_transfer(const Transfer& transfer, const crypto::Secp256k1Key& key);

}  // namespace libpreconf::l2
