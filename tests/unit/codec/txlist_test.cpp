#include "codec/txlist.h"

#include <gtest/gtest.h>

#include "codec/rlp.h"
#include "libpreconf/base/random.h"
#include "support/vectors.h"

namespace libpreconf::codec {
namespace {

using test::unhex;

const Bytes kTyped = unhex("02f80180");
const Bytes kLegacy = unhex("c50102030405");

Bytes compressed(std::string_view rlp_hex) {
  return zlib_compress(unhex(rlp_hex)).value();
}

Bytes transaction(const TxList& list, std::size_t index) {
  return to_bytes(list.transaction(index));
}

std::string error_of(ByteView input) {
  const auto decoded = decode_tx_list(input);
  return decoded ? "" : decoded.error().message;
}

TEST(TxListC1, GivenZlibOfAnEmptyList_WhenDecoded_ThenThereAreNoTransactions) {
  const auto list = decode_tx_list(compressed("c0"));
  ASSERT_TRUE(list);
  EXPECT_EQ(list->size(), 0U);
  EXPECT_EQ(list->rlp, unhex("c0"));
}

TEST(TxListC2, GivenZlibOfOneByteTooMany_WhenDecoded_ThenDecompressedTooLargeBeforeRlp) {
  const Bytes zeros = zlib_compress(Bytes(kMaxTxListBytes + 1, 0)).value();
  const auto list = decode_tx_list(zeros);
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().code, ErrorCode::too_large);
  EXPECT_EQ(list.error().message, "decompressed txlist exceeds max size: 2097153 > 2097152");
  // One byte less passes the size and fails as what it is, no list.
  const auto fits = decode_tx_list(zlib_compress(Bytes(kMaxTxListBytes, 0)).value());
  EXPECT_EQ(fits.error().message, "rlp decode failed: expected an RLP list of transactions");
}

TEST(TxListC3, GivenAListOfOneTypedTransactionAsAByteString_WhenDecoded_ThenItIsThatTransaction) {
  const auto list = decode_tx_list(compressed("c58402f80180"));
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 1U);
  EXPECT_EQ(transaction(*list, 0), kTyped);
}

TEST(TxListC4, GivenALegacyAndATypedTransaction_WhenEncodedAndDecoded_ThenOrderAndBytesAreTheSame) {
  const auto list = decode_tx_list(encode_tx_list({kLegacy, kTyped}).value());
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ(transaction(*list, 0), kLegacy);
  EXPECT_EQ(transaction(*list, 1), kTyped);
}

TEST(TxListC5, GivenATypedTransaction_WhenEncoded_ThenTheRlpIsGosAndTheVectorsBytesAreEqual) {
  EXPECT_EQ(join_tx_list({kTyped}).value(), unhex("c58402f80180"));
  const auto document = test::load_vectors("p2p-messages.json");
  json_t* vector = test::member(document.get(), "raw_txlist");
  EXPECT_EQ(join_tx_list({kTyped, unhex("010203")}).value(), test::bytes_of(vector, "rlp"));
  EXPECT_EQ(encode_tx_list({kTyped, unhex("010203")}).value(), test::bytes_of(vector, "txlist"));
}

TEST(TxListC6, GivenALegacyListElement_WhenDecoded_ThenTheWholeListEncodingIsTheTransaction) {
  const auto list = decode_tx_list(compressed("c6c50102030405"));
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 1U);
  EXPECT_EQ(transaction(*list, 0), kLegacy);
}

TEST(TxListC7, GivenBrokenLists_WhenDecoded_ThenTheErrorsAreRlpDecodeOrZlibDecodeWithTheirReasons) {
  EXPECT_EQ(error_of(compressed("c58402f801")), "rlp decode failed: transaction list payload truncated");
  EXPECT_EQ(error_of(compressed("c48402f801")),
            "rlp decode failed: transaction element overruns list payload");
  EXPECT_EQ(error_of(compressed("8402f80180")), "rlp decode failed: expected an RLP list of transactions");
  EXPECT_TRUE(error_of(compressed("f800")).starts_with("rlp decode failed: "));
  EXPECT_TRUE(error_of(compressed("c28101")).starts_with("rlp decode failed: "));
  EXPECT_TRUE(error_of(compressed("")).starts_with("rlp decode failed: "));
  EXPECT_TRUE(error_of(unhex("deadbeef")).starts_with("zlib decode failed: "));
  EXPECT_TRUE(error_of({}).starts_with("zlib decode failed: "));
  EXPECT_EQ(decode_tx_list(unhex("deadbeef")).error().code, ErrorCode::malformed);
}

TEST(TxListC8, GivenMoreCompressedBytesThanTheCap_WhenDecodedOrEncoded_ThenCompressedTooLarge) {
  const auto decoded = decode_tx_list(Bytes(kMaxTxListBytes + 1, 0));
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::too_large);
  EXPECT_EQ(decoded.error().message, "compressed txlist exceeds max size: 2097153 > 2097152");

  SeededRandom random(61);
  Bytes noise(500);
  random.fill(noise);
  noise[0] = 2;
  const auto encoded = encode_tx_list({noise}, 500);
  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error().code, ErrorCode::too_large);
  EXPECT_TRUE(encoded.error().message.starts_with("compressed txlist exceeds max size: "));
}

TEST(TxList, GivenAListThatCompressesWellButIsTooLong_WhenEncoded_ThenDecompressedTooLarge) {
  Bytes zeros(1000, 0);
  zeros[0] = 2;
  EXPECT_TRUE(encode_tx_list({zeros}, 1006));
  EXPECT_TRUE(
      encode_tx_list({zeros}, 1005).error().message.starts_with("decompressed txlist exceeds max size: "));
}

TEST(TxList, GivenBytesAfterListAndStream_WhenDecoded_ThenTheyAreToleratedAndDropped) {
  Bytes input = compressed("c58402f80180ffff");
  input.push_back(0);
  const auto list = decode_tx_list(input);
  ASSERT_TRUE(list);
  EXPECT_EQ(list->rlp, unhex("c58402f80180"));
}

TEST(TxList, GivenATransactionThatIsEmptyOrNoWholeList_WhenJoined_ThenMalformed) {
  EXPECT_EQ(join_tx_list({Bytes{}}).error().code, ErrorCode::malformed);
  EXPECT_EQ(join_tx_list({unhex("c501")}).error().code, ErrorCode::malformed);
  EXPECT_EQ(join_tx_list({unhex("c000")}).error().code, ErrorCode::malformed);
  EXPECT_EQ(join_tx_list({}).value(), unhex("c0"));
}

TEST(TxList, GivenAList_WhenParsedInSlices_ThenItIsTheSameAsAtOnce) {
  RlpBuilder builder;
  for (std::size_t i = 0; i < 1000; ++i) {
    if (i % 3 == 0) {
      builder.raw(unhex("c20102"));
    } else {
      builder.string(Bytes(i % 70, 0x02));
    }
  }
  const Bytes rlp = builder.finish_list();
  const TxList whole = parse_tx_list(rlp).value();
  TxListParser parser(rlp);
  std::size_t slices = 1;
  for (Result<bool> done = false; !(done = parser.step(7)).value();) ++slices;
  const TxList sliced = parser.take();
  EXPECT_EQ(slices, (1000 + 6) / 7);
  ASSERT_EQ(sliced.size(), whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_TRUE(equal(sliced.transaction(i), whole.transaction(i)));
  }
  TxListParser broken(Bytes(rlp.begin(), rlp.end() - 1));
  EXPECT_EQ(broken.step(7).error().code, ErrorCode::malformed);
}

TEST(TxList, GivenMoreElementsThanAListCanHoldTransactions_WhenParsed_ThenTooLarge) {
  RlpBuilder builder;
  builder.raw(Bytes(kMaxTxListTransactions, 1));
  EXPECT_EQ(parse_tx_list(builder.finish_list()).value().size(), kMaxTxListTransactions);
  builder.raw(Bytes(kMaxTxListTransactions + 1, 1));
  EXPECT_EQ(parse_tx_list(builder.finish_list()).error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace libpreconf::codec
