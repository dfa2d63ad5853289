#include "libp2p/gossipsub_frames.h"

#include <gtest/gtest.h>

#include "codec/varint.h"
#include "libpreconf/base/random.h"

namespace libpreconf::libp2p {
namespace {

Bytes frame_of(const Bytes& body) {
  Bytes out;
  codec::append_varint(out, body.size());
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

std::vector<Bytes> feed(FrameAssembler& assembler, ByteView bytes) {
  std::vector<Bytes> out;
  assembler.feed(bytes);
  ByteView body;
  while (assembler.next(body) == FrameStatus::frame) out.push_back(to_bytes(body));
  assembler.keep_rest();
  return out;
}

TEST(FrameAssembler, GivenAWholeFrame_WhenFed_ThenItsBodyIsAViewOfTheInput) {
  FrameAssembler assembler(1000);
  const Bytes input = frame_of(Bytes(300, 7));
  assembler.feed(input);
  ByteView body;
  ASSERT_EQ(assembler.next(body), FrameStatus::frame);
  EXPECT_EQ(body.data(), input.data() + 2);
  EXPECT_EQ(body.size(), 300U);
  EXPECT_EQ(assembler.next(body), FrameStatus::need_more);
  assembler.keep_rest();
  EXPECT_EQ(assembler.capacity(), 0U);
}

TEST(FrameAssembler, GivenManyFrames_WhenSplitAtRandom_ThenEveryBodyComesOutOnceInOrder) {
  SeededRandom random(3);
  for (int round = 0; round < 200; ++round) {
    FrameAssembler assembler(5000);
    std::vector<Bytes> expected, actual;
    Bytes stream;
    for (std::size_t i = 0; i < 20; ++i) {
      expected.emplace_back(random.below(random.below(8) == 0 ? 5001 : 40), static_cast<std::uint8_t>(i));
      const Bytes frame = frame_of(expected.back());
      stream.insert(stream.end(), frame.begin(), frame.end());
    }
    ByteView rest(stream);
    while (!rest.empty()) {
      const std::size_t cut = 1 + random.below(std::min<std::size_t>(rest.size(), 1 + random.below(700)));
      // A buffer of the exact size that is gone afterwards, so that no view may survive.
      const Bytes piece = to_bytes(rest.first(cut));
      for (Bytes& body : feed(assembler, piece)) actual.push_back(std::move(body));
      rest = rest.subspan(cut);
    }
    ASSERT_EQ(actual, expected);
    EXPECT_EQ(assembler.buffered(), 0U);
  }
}

TEST(FrameAssembler, attack_C10_GivenALargeDeclaredLength_WhenFewBytesCome_ThenFewBytesAreHeld) {
  FrameAssembler assembler(10485760);
  Bytes start;
  codec::append_varint(start, 10485760);
  start.resize(start.size() + 100);
  EXPECT_TRUE(feed(assembler, start).empty());
  EXPECT_EQ(assembler.buffered(), start.size());
  EXPECT_LE(assembler.capacity(), 4 * start.size());
}

TEST(FrameAssembler, GivenALengthOverTheLimit_WhenRead_ThenTheFrameIsTooLarge) {
  FrameAssembler assembler(1000);
  ByteView body;
  Bytes prefix;
  codec::append_varint(prefix, 1001);
  assembler.feed(prefix);
  EXPECT_EQ(assembler.next(body), FrameStatus::too_large);
}

TEST(FrameAssembler, GivenAPrefixThatNeverEndsOrIsNotMinimal_WhenRead_ThenItIsMalformed) {
  ByteView body;
  FrameAssembler endless(1000);
  const Bytes ones(6, 0x81);
  endless.feed(ones);
  EXPECT_EQ(endless.next(body), FrameStatus::malformed);
  FrameAssembler padded(1000);
  const Bytes zero = {0x81, 0x00};
  padded.feed(zero);
  EXPECT_EQ(padded.next(body), FrameStatus::malformed);
}

}  // namespace
}  // namespace libpreconf::libp2p
