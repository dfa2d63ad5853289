#include "l2/transaction.h"

#include <gtest/gtest.h>

#include "codec/rlp.h"
#include "l2/limits.h"
#include "libpreconf/base/hex.h"
#include "support/vectors.h"

namespace libpreconf::l2 {
namespace {

using test::bytes_of;
using test::load_vectors;
using test::member;
using test::text_of;

crypto::Secp256k1Key key_of(std::uint8_t seed) {
  const Bytes secret(32, seed);
  return std::move(crypto::Secp256k1Key::from_bytes(secret).value());
}

Bytes a_transfer() {
  return sign_transfer(Transfer{167001, 3, 1, 1'000'000'000, 21'000, Address{1, 2, 3}, U256(5)}, key_of(9));
}

TEST(Transaction, GivenGoldenTransactions_WhenDecoded_ThenHashesSenderAndGasAreGoEthereums) {
  const auto golden = load_vectors("golden-blocks.json");
  json_t* cases = member(golden.get(), "transactions");
  ASSERT_GT(json_array_size(cases), 0U);
  std::size_t index = 0;
  json_t* entry = nullptr;
  json_array_foreach(cases, index, entry) {
    SCOPED_TRACE(text_of(entry, "about"));
    const Bytes raw = bytes_of(entry, "raw");
    const auto decoded = decode_transaction(raw);
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(to_hex(decoded->hash()), text_of(entry, "hash"));
    EXPECT_EQ(to_hex(decoded->signing_hash()), text_of(entry, "signingHash"));
    ASSERT_TRUE(decoded->sender());
    EXPECT_EQ(to_hex(*decoded->sender()), text_of(entry, "sender"));
    EXPECT_EQ(static_cast<json_int_t>(decoded->type), json_integer_value(member(entry, "type")));
    EXPECT_EQ(static_cast<json_int_t>(decoded->nonce), json_integer_value(member(entry, "nonce")));
    EXPECT_EQ(static_cast<json_int_t>(decoded->gas_limit), json_integer_value(member(entry, "gas")));
    if (decoded->to) {
      EXPECT_EQ(static_cast<json_int_t>(decoded->intrinsic_gas()),
                json_integer_value(member(entry, "intrinsicGas")));
    }
    EXPECT_EQ(encode_transaction(*decoded), raw);
  }
}

TEST(Transaction, GivenASignedTransfer_WhenDecoded_ThenItIsWhatWasSigned) {
  const Bytes raw = a_transfer();
  const auto decoded = decode_transaction(raw);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->type, TransactionType::dynamic_fee);
  EXPECT_EQ(decoded->chain_id, U256(167001));
  EXPECT_EQ(decoded->nonce, 3U);
  EXPECT_EQ(decoded->to, (Address{1, 2, 3}));
  EXPECT_EQ(decoded->value, U256(5));
  EXPECT_EQ(decoded->sender(), key_of(9).address());
}

TEST(Transaction, GivenATransferCutAnywhere_WhenDecoded_ThenMalformed) {
  const Bytes raw = a_transfer();
  for (std::size_t size = 0; size < raw.size(); ++size) {
    const auto decoded = decode_transaction(ByteView(raw).first(size));
    ASSERT_FALSE(decoded) << size;
    EXPECT_EQ(decoded.error().code, ErrorCode::malformed) << size;
  }
}

TEST(Transaction, GivenBytesAfterIt_WhenDecoded_ThenMalformed) {
  Bytes raw = a_transfer();
  raw.push_back(0);
  EXPECT_EQ(decode_transaction(raw).error().code, ErrorCode::malformed);
}

TEST(Transaction, GivenATypeThatIsNotOffered_WhenDecoded_ThenUnsupported) {
  Bytes raw = a_transfer();
  for (const std::uint8_t type : {0, 3, 4, 0x7f}) {
    raw[0] = type;
    EXPECT_EQ(decode_transaction(raw).error().code, ErrorCode::unsupported) << int{type};
  }
  EXPECT_EQ(decode_transaction(Bytes{0x80}).error().code, ErrorCode::malformed);
}

TEST(Transaction, GivenAnAddressOf19Bytes_WhenDecoded_ThenMalformed) {
  codec::RlpBuilder fields;
  for (int i = 0; i < 3; ++i) fields.integer(std::uint64_t{1});
  fields.string(Bytes(19, 7));
  for (int i = 0; i < 5; ++i) fields.integer(std::uint64_t{1});
  EXPECT_EQ(decode_transaction(fields.finish_list()).error().code, ErrorCode::malformed);
}

TEST(Transaction, GivenAFieldTooMuchOrTooFew_WhenDecoded_ThenMalformed) {
  for (const int count : {8, 10}) {
    codec::RlpBuilder fields;
    for (int i = 0; i < count; ++i) fields.string(ByteView());
    EXPECT_EQ(decode_transaction(fields.finish_list()).error().code, ErrorCode::malformed) << count;
  }
}

TEST(Transaction, GivenMoreBytesThanAListMayHave_WhenDecoded_ThenTooLarge) {
  EXPECT_EQ(decode_transaction(Bytes(kMaxTransactionBytes + 1, 0xff)).error().code, ErrorCode::too_large);
}

TEST(Transaction, GivenTheOtherFormOfASignature_WhenTheSenderIsAsked_ThenThereIsNone) {
  const Bytes raw = a_transfer();
  Transaction transaction = decode_transaction(raw).value();
  crypto::RecoverableSignature signature{};
  const auto r = transaction.r.to_big_endian();
  const auto s = transaction.s.to_big_endian();
  std::copy(r.begin(), r.end(), signature.begin());
  std::copy(s.begin(), s.end(), signature.begin() + 32);
  signature[64] = static_cast<std::uint8_t>(*transaction.v.to_u64());
  const auto other = crypto::other_form(signature);
  ASSERT_TRUE(other);
  transaction.s = *U256::from_big_endian(ByteView(*other).subspan(32, 32));
  transaction.v = (*other)[64];
  EXPECT_FALSE(transaction.sender());
}

TEST(Transaction, GivenAParityThatIsNone_WhenTheSenderIsAsked_ThenThereIsNone) {
  const Bytes raw = a_transfer();
  Transaction transaction = decode_transaction(raw).value();
  for (const std::uint64_t v : {2, 27, 28}) {
    transaction.v = v;
    EXPECT_FALSE(transaction.sender()) << v;
  }
  transaction.v = U256::max();
  EXPECT_FALSE(transaction.sender());
}

TEST(Transaction, GivenALegacyChainIdOver64Bits_WhenDecoded_ThenItIsKeptWhole) {
  codec::RlpBuilder fields;
  for (int i = 0; i < 6; ++i) fields.string(ByteView());
  fields.integer(U256::max());
  fields.integer(std::uint64_t{1});
  fields.integer(std::uint64_t{1});
  const Bytes raw = fields.finish_list();
  const auto decoded = decode_transaction(raw);
  ASSERT_TRUE(decoded) << decoded.error().message;
  ASSERT_TRUE(decoded->chain_id);
  EXPECT_FALSE(decoded->chain_id->fits_u64());
  EXPECT_NE(decoded->signing_hash(), Hash256{});
}

}  // namespace
}  // namespace libpreconf::l2
