#include "codec/zlib.h"

#include <gtest/gtest.h>

#include "libpreconf/base/random.h"
#include "support/vectors.h"

namespace libpreconf::codec {
namespace {

using test::unhex;

Bytes half_random(std::size_t size) {
  SeededRandom random(51);
  Bytes out(size);
  random.fill(MutableByteView(out).first(size / 2));
  return out;
}

TEST(Zlib, GivenTheTxListOfTheVectors_WhenCompressed_ThenBytesAreEqual) {
  const auto document = test::load_vectors("p2p-messages.json");
  json_t* list = test::member(document.get(), "raw_txlist");
  EXPECT_EQ(zlib_compress(test::bytes_of(list, "rlp")).value(), test::bytes_of(list, "txlist"));
  EXPECT_EQ(zlib_decompress(test::bytes_of(list, "txlist"), 100).value(), test::bytes_of(list, "rlp"));
}

TEST(Zlib, GivenAnyBudget_WhenInflatedInSlices_ThenTheContentIsTheSameAndNoSliceExceedsIt) {
  const Bytes data = half_random(20'000);
  const Bytes compressed = zlib_compress(data).value();
  for (const std::size_t budget : {0U, 1U, 7U, 1000U, 100'000U}) {
    Inflater inflater(compressed, data.size());
    Bytes out;
    bool ended = false;
    while (!ended) {
      auto step = inflater.step(budget);
      ASSERT_TRUE(step) << budget;
      ended = *step;
      const Bytes part = inflater.take_output();
      ASSERT_LE(part.size(), std::max<std::size_t>(budget, 1));
      out.insert(out.end(), part.begin(), part.end());
    }
    EXPECT_EQ(out, data);
  }
}

TEST(Zlib, GivenAnyBudget_WhenDeflatedInSlices_ThenTheStreamIsTheSame) {
  const Bytes data = half_random(50'000);
  const Bytes at_once = zlib_compress(data).value();
  for (const std::size_t budget : {1'000U, 16'384U, 1'000'000U}) {
    Deflater deflater(data);
    bool ended = false;
    std::size_t steps = 0;
    for (; !ended; ++steps) ended = deflater.step(budget).value();
    EXPECT_EQ(deflater.take_output(), at_once);
    EXPECT_GE(steps, data.size() / budget);
  }
}

TEST(Zlib, GivenMoreOutputThanAllowed_WhenInflated_ThenTooLargeAndExactlyAtTheLimitItIsNot) {
  const Bytes compressed = zlib_compress(Bytes(1000, 0)).value();
  EXPECT_EQ(zlib_decompress(compressed, 1000).value().size(), 1000U);
  EXPECT_EQ(zlib_decompress(compressed, 999).error().code, ErrorCode::too_large);
  EXPECT_EQ(zlib_decompress(compressed, 0).error().code, ErrorCode::too_large);
  EXPECT_TRUE(zlib_decompress(zlib_compress({}).value(), 0).value().empty());
  EXPECT_EQ(zlib_decompress(compressed, ~std::size_t{0}).value().size(), 1000U);
}

TEST(Zlib, GivenEveryPrefixOfAStream_WhenInflated_ThenItIsMalformed) {
  const Bytes compressed = zlib_compress(as_bytes("a stream that is cut short")).value();
  for (std::size_t size = 0; size < compressed.size(); ++size) {
    const auto result = zlib_decompress(ByteView(compressed).first(size), 100);
    ASSERT_FALSE(result) << size;
    EXPECT_EQ(result.error().code, ErrorCode::malformed);
  }
}

TEST(Zlib, GivenBytesAfterTheStream_WhenInflated_ThenTheyAreTolerated) {
  Bytes compressed = zlib_compress(as_bytes("text")).value();
  compressed.insert(compressed.end(), {1, 2, 3});
  EXPECT_EQ(zlib_decompress(compressed, 100).value(), to_bytes(as_bytes("text")));
}

TEST(Zlib, GivenGarbage_WhenInflated_ThenMalformedWithAReason) {
  Bytes wrong_checksum = zlib_compress(as_bytes("text")).value();
  wrong_checksum.back() ^= 1;
  EXPECT_EQ(zlib_decompress(wrong_checksum, 100).error().code, ErrorCode::malformed);
  EXPECT_EQ(zlib_decompress(unhex("deadbeef"), 100).error().code, ErrorCode::malformed);
  EXPECT_FALSE(zlib_decompress(unhex("deadbeef"), 100).error().message.empty());
  // FDICT: a preset dictionary is asked for.
  EXPECT_EQ(zlib_decompress(unhex("78bb00000001"), 100).error().message, "needs a preset dictionary");
}

TEST(Zlib, GivenAStreamOfEmptyBlocks_WhenInflatedInSlices_ThenNoSliceTakesMoreInputThanItsBudget) {
  Bytes compressed = unhex("7801");
  for (int i = 0; i < 10'000; ++i) compressed.insert(compressed.end(), {0x00, 0x00, 0x00, 0xff, 0xff});
  const Bytes end = unhex("010000ffff00000001");
  compressed.insert(compressed.end(), end.begin(), end.end());
  Inflater inflater(compressed, 10);
  std::size_t steps = 1;
  while (!inflater.step(1000).value()) ++steps;
  EXPECT_GE(steps, compressed.size() / 1000);
  EXPECT_TRUE(inflater.take_output().empty());
}

}  // namespace
}  // namespace libpreconf::codec
