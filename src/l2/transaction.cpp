#include "l2/transaction.h"

#include <algorithm>
#include <array>

#include "codec/rlp.h"
#include "crypto/hash.h"
#include "l2/limits.h"

namespace libpreconf::l2 {

namespace {

using codec::RlpBuilder;
using codec::RlpItem;
using codec::RlpReader;

// The largest header of an RLP list or string: a byte that says how many length bytes follow, and eight of
// them.
constexpr std::size_t kMaxRlpHeader = 9;

std::size_t write_list_header(std::size_t payload, std::span<std::uint8_t, kMaxRlpHeader> out) noexcept {
  if (payload < 56) {
    out[0] = static_cast<std::uint8_t>(0xc0 + payload);
    return 1;
  }
  std::size_t length_bytes = 0;
  for (std::size_t rest = payload; rest != 0; rest >>= 8) ++length_bytes;
  out[0] = static_cast<std::uint8_t>(0xf7 + length_bytes);
  for (std::size_t i = 0; i < length_bytes; ++i) {
    out[1 + i] = static_cast<std::uint8_t>(payload >> (8 * (length_bytes - 1 - i)));
  }
  return 1 + length_bytes;
}

Result<std::optional<Address>> read_recipient(RlpReader& fields) {
  PRECONF_TRY(const ByteView bytes, fields.string());
  if (bytes.empty()) return std::optional<Address>();
  if (bytes.size() != 20) {
    return fail(ErrorCode::malformed, "transaction: recipient is neither empty nor 20 bytes");
  }
  return std::optional<Address>(take_fixed<20>(bytes));
}

Result<> read_access_list(RlpReader& fields, Transaction& out) {
  PRECONF_TRY(const RlpItem list, fields.item());
  if (!list.is_list) return fail(ErrorCode::malformed, "transaction: access list is not a list");
  out.access_list = list.whole;
  RlpReader entries(list.payload);
  while (!entries.at_end()) {
    PRECONF_TRY(RlpReader entry, entries.list());
    PRECONF_TRY(const ByteView address, entry.string());
    PRECONF_TRY(RlpReader keys, entry.list());
    if (address.size() != 20 || !entry.at_end()) {
      return fail(ErrorCode::malformed,
                  "transaction: access list entry is not an address and a list of keys");
    }
    ++out.access_list_addresses;
    while (!keys.at_end()) {
      PRECONF_TRY(const ByteView key, keys.string());
      if (key.size() != 32) return fail(ErrorCode::malformed, "transaction: storage key is not 32 bytes");
      ++out.access_list_storage_keys;
    }
  }
  return {};
}

/// What all types share: gas limit, recipient, value and data.
Result<> read_call(RlpReader& fields, Transaction& out) {
  PRECONF_TRY(out.gas_limit, fields.integer64());
  PRECONF_TRY(out.to, read_recipient(fields));
  PRECONF_TRY(out.value, fields.integer());
  PRECONF_TRY(out.data, fields.string());
  return {};
}

Result<> read_signature(RlpReader& fields, ByteView all_fields, Transaction& out) {
  out.signed_fields = all_fields.first(all_fields.size() - fields.rest().size());
  PRECONF_TRY(out.v, fields.integer());
  PRECONF_TRY(out.r, fields.integer());
  PRECONF_TRY(out.s, fields.integer());
  if (!fields.at_end()) return fail(ErrorCode::malformed, "transaction: more fields than its type has");
  return {};
}

Result<> read_legacy(ByteView payload, Transaction& out) {
  RlpReader fields(payload);
  PRECONF_TRY(out.nonce, fields.integer64());
  PRECONF_TRY(out.max_fee_per_gas, fields.integer());
  out.max_priority_fee_per_gas = out.max_fee_per_gas;
  PRECONF_CHECK_OK(read_call(fields, out));
  PRECONF_CHECK_OK(read_signature(fields, payload, out));
  if (out.v >= U256(35)) out.chain_id = out.v.checked_subtract(35)->divide(2).first;
  return {};
}

Result<> read_typed(ByteView payload, Transaction& out) {
  RlpReader fields(payload);
  PRECONF_TRY(out.chain_id, fields.integer());
  PRECONF_TRY(out.nonce, fields.integer64());
  PRECONF_TRY(out.max_priority_fee_per_gas, fields.integer());
  if (out.type == TransactionType::dynamic_fee) {
    PRECONF_TRY(out.max_fee_per_gas, fields.integer());
  } else {
    out.max_fee_per_gas = out.max_priority_fee_per_gas;
  }
  PRECONF_CHECK_OK(read_call(fields, out));
  PRECONF_CHECK_OK(read_access_list(fields, out));
  return read_signature(fields, payload, out);
}

void write_call(RlpBuilder& builder, const Transaction& transaction) {
  builder.integer(transaction.gas_limit);
  builder.string(transaction.to ? ByteView(*transaction.to) : ByteView());
  builder.integer(transaction.value);
  builder.string(transaction.data);
}

void write_signature(RlpBuilder& builder, const Transaction& transaction) {
  builder.integer(transaction.v);
  builder.integer(transaction.r);
  builder.integer(transaction.s);
}

void write_typed_fields(RlpBuilder& builder, const Transaction& transaction) {
  builder.integer(transaction.chain_id.value_or(U256()));
  builder.integer(transaction.nonce);
  builder.integer(transaction.max_priority_fee_per_gas);
  if (transaction.type == TransactionType::dynamic_fee) builder.integer(transaction.max_fee_per_gas);
  write_call(builder, transaction);
  static constexpr std::array<std::uint8_t, 1> kEmptyList = {0xc0};
  builder.raw(transaction.access_list.empty() ? ByteView(kEmptyList) : transaction.access_list);
}

Bytes with_type(TransactionType type, const Bytes& list) {
  Bytes out;
  out.reserve(list.size() + 1);
  out.push_back(static_cast<std::uint8_t>(type));
  out.insert(out.end(), list.begin(), list.end());
  return out;
}

/// 0 or 1, or nothing.
std::optional<std::uint8_t> parity_of(const Transaction& transaction) noexcept {
  const auto small = transaction.v.to_u64();
  if (transaction.type != TransactionType::legacy) {
    return small && *small <= 1 ? std::optional(static_cast<std::uint8_t>(*small)) : std::nullopt;
  }
  if (transaction.chain_id) {
    return static_cast<std::uint8_t>((transaction.v.limbs()[0] - 35) & 1);
  }
  if (small == 27 || small == 28) return static_cast<std::uint8_t>(*small - 27);
  return std::nullopt;
}

}  // namespace

Result<Transaction> decode_transaction(ByteView raw) {
  if (raw.empty()) return fail(ErrorCode::malformed, "transaction: no bytes");
  if (raw.size() > kMaxTransactionBytes) {
    return fail(ErrorCode::too_large, "transaction: larger than a transaction list may be");
  }
  Transaction out;
  out.raw = raw;
  const bool legacy = raw[0] >= 0xc0;
  if (!legacy && raw[0] > 0x7f) return fail(ErrorCode::malformed, "transaction: neither a type nor a list");
  RlpReader outer(legacy ? raw : raw.subspan(1));
  PRECONF_TRY(const RlpItem list, outer.item());
  if (!list.is_list || !outer.at_end()) {
    return fail(ErrorCode::malformed, "transaction: payload is not exactly one list");
  }
  if (legacy) {
    PRECONF_CHECK_OK(read_legacy(list.payload, out));
    return out;
  }
  if (raw[0] != 1 && raw[0] != 2) {
    return fail(ErrorCode::unsupported, "transaction: type " + std::to_string(raw[0]) + " is not offered");
  }
  out.type = static_cast<TransactionType>(raw[0]);
  PRECONF_CHECK_OK(read_typed(list.payload, out));
  return out;
}

Bytes encode_transaction(const Transaction& transaction) {
  RlpBuilder builder;
  if (transaction.type == TransactionType::legacy) {
    builder.integer(transaction.nonce);
    builder.integer(transaction.max_fee_per_gas);
    write_call(builder, transaction);
    write_signature(builder, transaction);
    return builder.finish_list();
  }
  write_typed_fields(builder, transaction);
  write_signature(builder, transaction);
  return with_type(transaction.type, builder.finish_list());
}

Hash256 Transaction::hash() const noexcept {
  return crypto::keccak256(raw);
}

Hash256 Transaction::signing_hash() const noexcept {
  std::array<std::uint8_t, kMaxRlpHeader> header{};
  if (type != TransactionType::legacy) {
    const std::array<std::uint8_t, 1> type_byte = {static_cast<std::uint8_t>(type)};
    const std::size_t size = write_list_header(signed_fields.size(), header);
    return crypto::keccak256({ByteView(type_byte), ByteView(header).first(size), signed_fields});
  }
  // EIP-155: the chain id and two empty strings stand where the signature will be.
  std::array<std::uint8_t, 35> tail{};
  std::size_t tail_size = 0;
  if (chain_id) {
    const FixedBytes<32> digits = chain_id->to_big_endian();
    const auto first =
        std::find_if(digits.begin(), digits.end(), [](std::uint8_t byte) { return byte != 0; });
    const auto count = static_cast<std::size_t>(digits.end() - first);
    if (count != 1 || *first > 0x7f) tail[tail_size++] = static_cast<std::uint8_t>(0x80 + count);
    tail_size =
        static_cast<std::size_t>(std::copy(first, digits.end(), tail.begin() + tail_size) - tail.begin());
    tail[tail_size++] = 0x80;
    tail[tail_size++] = 0x80;
  }
  const std::size_t size = write_list_header(signed_fields.size() + tail_size, header);
  return crypto::keccak256({ByteView(header).first(size), signed_fields, ByteView(tail).first(tail_size)});
}

std::optional<Address> Transaction::sender() const noexcept {
  const auto parity = parity_of(*this);
  if (!parity) return std::nullopt;
  crypto::RecoverableSignature signature{};
  const FixedBytes<32> r_bytes = r.to_big_endian();
  const FixedBytes<32> s_bytes = s.to_big_endian();
  std::copy(r_bytes.begin(), r_bytes.end(), signature.begin());
  std::copy(s_bytes.begin(), s_bytes.end(), signature.begin() + 32);
  signature[64] = *parity;
  if (!crypto::has_low_s(signature)) return std::nullopt;
  return crypto::recover_address(signing_hash(), signature);
}

std::uint64_t Transaction::intrinsic_gas() const noexcept {
  // EIP-2028, EIP-2930. Counts are bounded by the transaction's size, so that nothing here can overflow. The
  // price of init code does not matter: creations are left out.
  const auto zeros = static_cast<std::uint64_t>(std::count(data.begin(), data.end(), 0));
  const std::uint64_t others = data.size() - zeros;
  return 21'000 + 4 * zeros + 16 * others + 2'400 * std::uint64_t{access_list_addresses} +
         1'900 * std::uint64_t{access_list_storage_keys};
}

Bytes sign_transfer(const Transfer& transfer, const crypto::Secp256k1Key& key) {
  Transaction transaction;
  transaction.type = TransactionType::dynamic_fee;
  transaction.chain_id = U256(transfer.chain_id);
  transaction.nonce = transfer.nonce;
  transaction.max_priority_fee_per_gas = transfer.max_priority_fee_per_gas;
  transaction.max_fee_per_gas = transfer.max_fee_per_gas;
  transaction.gas_limit = transfer.gas_limit;
  transaction.to = transfer.to;
  transaction.value = transfer.value;
  RlpBuilder builder;
  write_typed_fields(builder, transaction);
  const Bytes fields = builder.finish_sequence();
  transaction.signed_fields = fields;
  const crypto::RecoverableSignature signature = key.sign_recoverable(transaction.signing_hash());
  transaction.r = *U256::from_big_endian(ByteView(signature).first(32));
  transaction.s = *U256::from_big_endian(ByteView(signature).subspan(32, 32));
  transaction.v = signature[64];
  return encode_transaction(transaction);
}

}  // namespace libpreconf::l2
