#include "libp2p/multistream.h"

#include <gtest/gtest.h>

#include "libp2p/limits.h"
#include "support/vectors.h"

namespace libpreconf::libp2p {
namespace {

const std::vector<std::string> kServed = {"/meshsub/1.2.0", "/meshsub/1.1.0", "/ipfs/id/1.0.0"};

Bytes messages(std::initializer_list<std::string_view> texts) {
  Bytes out;
  for (const std::string_view text : texts) append_multistream(out, text);
  return out;
}

/// Feeds `in` in pieces of `piece` bytes; returns what was not used.
template <class Role>
Result<Bytes> feed(Role& role, ByteView in, std::size_t piece, Bytes& out) {
  while (!in.empty() && !role.agreed()) {
    const ByteView part = in.first(std::min(piece, in.size()));
    PRECONF_TRY(const std::size_t used, role.receive(part, out));
    in = in.subspan(used);
    EXPECT_TRUE(role.agreed() || used == part.size());
  }
  return to_bytes(in);
}

TEST(Multistream, GivenTheVectors_WhenMessagesAreWritten_ThenTheirBytesAreEqual) {
  const auto document = test::load_vectors("p2p-messages.json");
  json_t* const vectors = test::member(document.get(), "multistream");
  const std::pair<const char*, const char*> names[] = {
      {"header", "/multistream/1.0.0"},
      {"noise", "/noise"},
      {"yamux", "/yamux/1.0.0"},
      {"na", "na"},
      {"ls", "ls"},
      {"meshsub_1_2", "/meshsub/1.2.0"},
      {"meshsub_1_1", "/meshsub/1.1.0"},
      {"meshsub_1_0", "/meshsub/1.0.0"},
      {"floodsub", "/floodsub/1.0.0"},
      {"identify", "/ipfs/id/1.0.0"},
      {"identify_push", "/ipfs/id/push/1.0.0"},
      {"ping", "/ipfs/ping/1.0.0"},
      {"get_head", "/taiko/167000/preconf/1/get_head"},
      {"get_commitments", "/taiko/167000/preconf/1/get_commitments_by_number"},
      {"get_raw_txlist", "/taiko/167000/preconf/1/get_raw_txlist"}};
  EXPECT_EQ(json_object_size(vectors), std::size(names));
  for (const auto& [key, text] : names) EXPECT_EQ(messages({text}), test::bytes_of(vectors, key)) << key;
}

TEST(Multistream, GivenAnySplitOfTheReads_WhenBothSidesNegotiate_ThenTheyAgreeAndTheRestIsHandedOn) {
  for (std::size_t piece = 1; piece < 60; ++piece) {
    MultistreamDialer dialer({"/meshsub/1.1.0"});
    MultistreamListener listener(kServed);
    Bytes to_listener;
    dialer.start(to_listener);
    const Bytes behind = {1, 2, 3};
    to_listener.insert(to_listener.end(), behind.begin(), behind.end());  // a lazy dialer
    Bytes to_dialer;
    EXPECT_EQ(feed(listener, to_listener, piece, to_dialer).value(), behind);
    ASSERT_TRUE(listener.agreed());
    EXPECT_EQ(listener.protocol(), "/meshsub/1.1.0");
    EXPECT_EQ(to_dialer, messages({"/multistream/1.0.0", "/meshsub/1.1.0"}));
    to_dialer.push_back(9);
    Bytes nothing;
    EXPECT_EQ(feed(dialer, to_dialer, piece, nothing).value(), Bytes{9});
    EXPECT_TRUE(dialer.agreed());
    EXPECT_TRUE(nothing.empty());
  }
}

TEST(Multistream, GivenARemoteWithoutTheFirstProposal_WhenItAnswersNa_ThenTheNextIsProposed) {
  MultistreamDialer dialer({"/meshsub/1.3.0", "/meshsub/1.1.0"});
  MultistreamListener listener(kServed);
  Bytes forth;
  dialer.start(forth);
  Bytes back;
  ASSERT_TRUE(listener.receive(forth, back).has_value());
  EXPECT_EQ(back, messages({"/multistream/1.0.0", "na"}));
  forth.clear();
  ASSERT_TRUE(dialer.receive(back, forth).has_value());
  EXPECT_EQ(forth, messages({"/meshsub/1.1.0"}));
  back.clear();
  ASSERT_TRUE(listener.receive(forth, back).has_value());
  ASSERT_TRUE(dialer.receive(back, forth).has_value());
  EXPECT_EQ(dialer.protocol(), "/meshsub/1.1.0");
  EXPECT_EQ(listener.protocol(), "/meshsub/1.1.0");
}

TEST(Multistream, GivenARemoteWithNone_WhenTheLastIsRefused_ThenUnsupported) {
  MultistreamDialer dialer({"/unknown/1"});
  Bytes out;
  dialer.start(out);
  EXPECT_EQ(dialer.receive(messages({"/multistream/1.0.0", "na"}), out).error().code, ErrorCode::unsupported);
}

TEST(Multistream, GivenAnAnswerThatIsNeitherEchoNorNa_WhenRead_ThenMalformed) {
  for (const std::string_view answer : {"/multistream/1.0.0", "/other/1", "", "ls"}) {
    MultistreamDialer dialer({"/noise"});
    Bytes out;
    dialer.start(out);
    EXPECT_EQ(dialer.receive(messages({"/multistream/1.0.0", answer}), out).error().code,
              ErrorCode::malformed);
  }
}

TEST(Multistream, GivenARemoteOfAnotherVersion_WhenItsHeaderComes_ThenUnsupported) {
  MultistreamDialer dialer({"/noise"});
  MultistreamListener listener(kServed);
  Bytes out;
  EXPECT_EQ(dialer.receive(messages({"/multistream/2.0.0"}), out).error().code, ErrorCode::unsupported);
  EXPECT_EQ(listener.receive(messages({"/noise"}), out).error().code, ErrorCode::unsupported);
}

TEST(Multistream, GivenLs_WhenAsked_ThenTheListenerNamesWhatItServes) {
  MultistreamListener listener(kServed);
  Bytes out;
  ASSERT_TRUE(listener.receive(messages({"/multistream/1.0.0", "ls"}), out).has_value());
  const Bytes names = messages({kServed[0], kServed[1], kServed[2]});
  EXPECT_EQ(out, messages({"/multistream/1.0.0", as_text(names)}));
  EXPECT_FALSE(listener.agreed());
}

TEST(Multistream, GivenProposalsWithoutEnd_WhenTenWereRefused_ThenTheListenerGivesUp) {
  MultistreamListener listener(kServed);
  Bytes out;
  ASSERT_TRUE(listener.receive(messages({"/multistream/1.0.0"}), out).has_value());
  for (std::size_t i = 0; i < limits::kMultistreamRounds; ++i) {
    ASSERT_TRUE(listener.receive(messages({i % 2 == 0 ? "/none/1" : "ls"}), out).has_value());
  }
  EXPECT_EQ(listener.receive(messages({"/noise"}), out).error().code, ErrorCode::limit);
}

TEST(Multistream, GivenALineThatIsTooLong_WhenItsLengthComes_ThenItIsRefusedBeforeTheRest) {
  Bytes out;
  MultistreamListener listener(kServed);
  EXPECT_EQ(listener.receive(test::unhex("8108"), out).error().code, ErrorCode::too_large);  // 1025
  MultistreamListener split(kServed);
  ASSERT_TRUE(split.receive(test::unhex("81"), out).has_value());
  EXPECT_EQ(split.receive(test::unhex("0800"), out).error().code, ErrorCode::too_large);
  MultistreamListener endless(kServed);
  EXPECT_FALSE(endless.receive(test::unhex("ffffff"), out).has_value());
}

TEST(Multistream, GivenAMessageWithoutNewline_WhenRead_ThenMalformed) {
  Bytes out;
  for (const char* bytes : {"00", "036e6161", "012f"}) {
    MultistreamListener listener(kServed);
    EXPECT_EQ(listener.receive(test::unhex(bytes), out).error().code, ErrorCode::malformed) << bytes;
  }
}

}  // namespace
}  // namespace libpreconf::libp2p
