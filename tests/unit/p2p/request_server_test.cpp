#include "p2p/request_server.h"

#include "fake_source.h"
#include "gate_fixture.h"

namespace libpreconf::p2p {
namespace {

using namespace libpreconf::p2p::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant at(std::int64_t ms) {
  return Instant(milliseconds(ms));
}

class RequestServerTest : public testing::Test {
 protected:
  RequestServer::Hooks hooks() {
    RequestServer::Hooks out;
    out.respond = [this](RequestServer::Token token, ByteView head, libp2p::SharedBytes tail) {
      Bytes& body = answers_[token] = to_bytes(head);
      if (tail) body.insert(body.end(), tail->begin(), tail->end());
      shared_ = std::move(tail);
    };
    out.refuse = [this](RequestServer::Token token) { refused_.push_back(token); };
    return out;
  }
  /// Asks as peer 1; returns the token.
  RequestServer::Token ask(RequestKind kind, ByteView body, Instant now = Instant{}) {
    server_.on_request(++last_, peer_, kind, body, now);
    return last_;
  }
  RequestServer::Token ask_page(std::uint64_t start, std::uint32_t count) {
    return ask(RequestKind::commitments, encode(CommitmentsRequest{start, count}));
  }
  std::vector<std::uint64_t> numbers_of(RequestServer::Token token) {
    std::vector<std::uint64_t> out;
    const auto page = decode_commitments_response(answers_.at(token)).value();
    for (const SignedCommitment& one : page) {
      out.push_back(one.preconf().block_number.to_u64().value());
    }
    return out;
  }

  FakeSource source_;
  PeerId peer_ = peer_named(1);
  std::map<RequestServer::Token, Bytes> answers_;
  libp2p::SharedBytes shared_;  ///< of the last answer
  std::vector<RequestServer::Token> refused_;
  RequestServer::Token last_ = 0;
  RequestServer server_{source_, 8, hooks()};
};

TEST_F(RequestServerTest, GivenAnEmptyNode_ThenItServesTheZeroHeadAndEmptyLists) {
  EXPECT_EQ(answers_[ask(RequestKind::head, encode_head_request())], Bytes(64));
  EXPECT_EQ(answers_[ask(RequestKind::head, {})], Bytes(64));
  EXPECT_EQ(answers_[ask_page(0, 256)], (Bytes{4, 0, 0, 0}));
  Hash256 hash;
  hash.fill(7);
  const auto list = decode_raw_tx_list(answers_[ask(RequestKind::raw_tx_list, hash)]);
  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(list->hash, hash);
  EXPECT_TRUE(list->bytes().empty());
  EXPECT_EQ(server_.counters().of(RequestKind::raw_tx_list, ServeOutcome::not_found), 1u);
}

TEST_F(RequestServerTest, GivenCommitments_ThenAPageIsAscendingFromTheStartAndClampedTo256) {
  const auto key = key_of(1);
  for (std::uint64_t number = 2; number <= 600; number += 2) {
    source_.put(sign_commitment(key, placeholder_domain(), commitment_for(number)));
  }
  EXPECT_EQ(numbers_of(ask_page(3, 3)), (std::vector<std::uint64_t>{4, 6, 8}));
  EXPECT_EQ(numbers_of(ask_page(0, 1000)).size(), 256u);
  EXPECT_EQ(numbers_of(ask_page(0, 0)).size(), 0u);
  EXPECT_EQ(numbers_of(ask_page(601, 10)).size(), 0u);
}

TEST_F(RequestServerTest, GivenAList_ThenItIsServedByteForByte) {
  const Hash256 hash = source_.put(Bytes(5000, 9));
  EXPECT_EQ(answers_[ask(RequestKind::raw_tx_list, hash)], encode(source_.lists.at(hash)));
  EXPECT_EQ(shared_, source_.lists.at(hash).tx_list);  // not a copy of 2 MiB
}

TEST_F(RequestServerTest, GivenARequestThatDoesNotDecode_ThenItsStreamIsClosed) {
  ask(RequestKind::head, Bytes{1});
  ask(RequestKind::commitments, Bytes(40));
  ask(RequestKind::raw_tx_list, Bytes(31));
  EXPECT_EQ(refused_.size(), 3u);
  EXPECT_TRUE(answers_.empty());
  EXPECT_EQ(server_.counters().of(RequestKind::commitments, ServeOutcome::undecodable), 1u);
}

TEST_F(RequestServerTest, GivenEightRequests_ThenEachProtocolHasItsOwnWindow) {
  for (const RequestKind kind : kRequestKinds) {
    const Bytes body = kind == RequestKind::head          ? to_bytes(encode_head_request())
                       : kind == RequestKind::raw_tx_list ? Bytes(32)
                                                          : to_bytes(encode(CommitmentsRequest{1, 1}));
    for (int i = 0; i < 8; ++i) ask(kind, body);
  }
  EXPECT_EQ(answers_.size(), 24u);
}

TEST_F(RequestServerTest, GivenANinthRequest_WhenItsTurnIsNear_ThenItIsAnsweredLate) {
  for (int i = 0; i < 8; ++i) ask(RequestKind::head, {}, at(i * 1000));
  const auto ninth = ask(RequestKind::head, {}, at(8000));
  EXPECT_FALSE(answers_.contains(ninth));
  EXPECT_EQ(server_.next_due(), at(10'000));
  server_.tick(at(9'999));
  EXPECT_FALSE(answers_.contains(ninth));
  server_.tick(at(10'000));
  EXPECT_TRUE(answers_.contains(ninth));
  EXPECT_TRUE(refused_.empty());
  EXPECT_EQ(server_.counters().rate_limited[index_of(RequestKind::head)], 1u);
}

TEST_F(RequestServerTest,
       GivenANinthRequest_WhenItsTurnIsFar_ThenItIsRefusedAndTheNextOnesAreNotHeldAgainstIt) {
  for (int i = 0; i < 8; ++i) ask(RequestKind::head, {}, at(0));
  const auto ninth = ask(RequestKind::head, {}, at(100));
  EXPECT_EQ(refused_, std::vector{ninth});
  EXPECT_TRUE(answers_.contains(ask(RequestKind::head, {}, at(10'000))));
}

TEST_F(RequestServerTest, GivenAFlood_ThenNoTenSecondsSeeMoreThanEightAnswers) {
  std::map<RequestServer::Token, Instant> answered;
  for (std::int64_t ms = 0; ms < 60'000; ms += 50) {
    const std::size_t before = answers_.size();
    server_.tick(at(ms));
    ask(RequestKind::head, {}, at(ms));
    for (std::size_t i = before; i < answers_.size(); ++i) answered[answered.size()] = at(ms);
    EXPECT_LE(server_.late_count(), limits::kLateAnswersPerPeer);
  }
  EXPECT_GE(answered.size(), 40u);
  for (std::size_t i = 8; i < answered.size(); ++i) {
    EXPECT_GE(answered[i] - answered[i - 8], Duration(seconds(10)));
  }
}

TEST_F(RequestServerTest, GivenAnotherPeer_ThenItHasItsOwnWindow) {
  for (int i = 0; i < 8; ++i) ask(RequestKind::head, {});
  peer_ = peer_named(2);
  EXPECT_TRUE(answers_.contains(ask(RequestKind::head, {})));
}

}  // namespace
}  // namespace libpreconf::p2p
