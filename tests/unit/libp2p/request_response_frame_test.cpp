#include "libp2p/request_response_frame.h"

#include <gtest/gtest.h>

#include "support/vectors.h"

namespace libpreconf::libp2p {
namespace {

using libpreconf::test::bytes_of;
using libpreconf::test::load_vectors;
using libpreconf::test::member;
using libpreconf::test::text_of;
using libpreconf::test::unhex;
using Status = LengthPrefixedReader::Status;

TEST(RequestResponseFrame, GivenEveryVector_WhenFramedAndRead_ThenBytesAndBodyAreEqual) {
  const auto document = load_vectors("p2p-messages.json");
  json_t* messages = member(document.get(), "reqresp");
  const char* kind = nullptr;
  json_t* cases = nullptr;
  std::size_t seen = 0;
  json_object_foreach(messages, kind, cases) {
    for (std::size_t i = 0; i < json_array_size(cases); ++i, ++seen) {
      json_t* each = json_array_get(cases, i);
      const Bytes body = bytes_of(each, "ssz");
      const Bytes frame = bytes_of(each, "frame");
      EXPECT_EQ(*encode_length_prefixed(body), frame) << kind << " " << text_of(each, "name");
      LengthPrefixedReader whole(body.size());
      EXPECT_EQ(whole.feed(frame), Status::complete);
      EXPECT_EQ(whole.take_body(), body);
      LengthPrefixedReader byte_by_byte(body.size());
      for (std::size_t k = 0; k < frame.size(); ++k) {
        EXPECT_EQ(byte_by_byte.feed(ByteView(frame).subspan(k, 1)),
                  k + 1 == frame.size() ? Status::complete : Status::need_more);
      }
      EXPECT_EQ(byte_by_byte.take_body(), body);
    }
  }
  EXPECT_GT(seen, 15U);
}

TEST(RequestResponseFrame, GivenBytesBehindTheFrame_WhenRead_ThenTheyAreIgnored) {
  LengthPrefixedReader reader(100);
  EXPECT_EQ(reader.feed(unhex("0201020304")), Status::complete);
  EXPECT_EQ(reader.feed(unhex("05")), Status::complete);
  EXPECT_EQ(reader.take_body(), unhex("0102"));
}

TEST(RequestResponseFrame, GivenALengthOverTheCap_WhenItsPrefixIsWhole_ThenItIsTooLargeBeforeAnyBody) {
  LengthPrefixedReader reader(300);
  EXPECT_EQ(reader.feed(unhex("ad")), Status::need_more);
  EXPECT_EQ(reader.feed(unhex("02")), Status::too_large);
  EXPECT_EQ(reader.feed(Bytes(400)), Status::too_large);
}

TEST(RequestResponseFrame, GivenBadPrefixes_WhenRead_ThenTheyAreMalformed) {
  for (const std::string_view text : {"8000", "810000", "8080808080", "ffffffff1f", "808080808001"}) {
    LengthPrefixedReader reader(~std::size_t{0});
    EXPECT_EQ(reader.feed(unhex(text)), Status::malformed) << text;
  }
  LengthPrefixedReader largest(~std::size_t{0});
  EXPECT_EQ(largest.feed(unhex("ffffffff0f")), Status::need_more);
}

TEST(RequestResponseFrame, GivenABodyThatComesInPieces_WhenWhole_ThenItHoldsNoMemoryBeyondIt) {
  const Bytes body(2'000'000, 5);
  const SharedBytes frame = encode_length_prefixed(body);
  LengthPrefixedReader reader(body.size());
  Status status = Status::need_more;
  for (ByteView rest = *frame; !rest.empty();) {
    const ByteView piece = rest.first(std::min<std::size_t>(rest.size(), 16'000));
    status = reader.feed(piece);
    rest = rest.subspan(piece.size());
  }
  ASSERT_EQ(status, Status::complete);
  const Bytes read = reader.take_body();
  EXPECT_EQ(read, body);
  EXPECT_EQ(read.capacity(), body.size());
}

TEST(RequestResponseFrame,
     attack_D3_GivenALargeDeclaredLength_WhenNothingFollows_ThenNothingIsAllocatedForIt) {
  LengthPrefixedReader reader(2101248);
  EXPECT_EQ(reader.feed(unhex("80a08001")), Status::need_more);
  EXPECT_EQ(reader.take_body().capacity(), 0U);
}

}  // namespace
}  // namespace libpreconf::libp2p
