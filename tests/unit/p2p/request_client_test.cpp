#include "p2p/request_client.h"

#include <set>

#include "gate_fixture.h"
#include "message_vectors.h"

namespace libpreconf::p2p {
namespace {

using namespace libpreconf::p2p::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant at(std::int64_t ms) {
  return Instant(milliseconds(ms));
}

class RequestClientTest : public testing::Test {
 protected:
  struct Sent {
    RequestClient::Ticket ticket;
    RequestKind kind;
    Bytes body;
  };

  RequestClientTest() {
    Address slasher;
    slasher.fill(9);
    RequestClient::Hooks hooks;
    hooks.send = [this](RequestClient::Ticket ticket, const PeerId&, RequestKind kind, Bytes body) {
      sent_.push_back({ticket, kind, std::move(body)});
    };
    hooks.is_connected = [this](const PeerId& peer) { return connected_.contains(peer); };
    hooks.on_outcome = [this](const PeerId&, RequestKind, RequestOutcome outcome, const Error*) {
      outcomes_.push_back(outcome);
    };
    client_.emplace(RequestClientConfig{placeholder_domain(), slasher, 7}, std::move(hooks));
  }

  void ask_head(Instant now = Instant{}) {
    handles_.push_back(client_->request_head(
        peer_, [this](Result<PreconfHead> head) { heads_.push_back(std::move(head)); }, now));
  }
  void ask_page(std::uint64_t start, std::uint32_t count) {
    handles_.push_back(client_->request_commitments(
        peer_, start, count, [this](Result<CommitmentPage> page) { pages_.push_back(std::move(page)); },
        Instant{}));
  }
  void ask_list(const Hash256& hash) {
    handles_.push_back(client_->request_raw_tx_list(
        peer_, hash, [this](Result<RawTxList> list) { lists_.push_back(std::move(list)); }, Instant{}));
  }
  /// Answers the last request with this body and lets the client check it.
  std::size_t answer(Bytes body) {
    client_->on_answer(sent_.back().ticket, std::move(body), at(5));
    return finish();
  }
  /// Slices until nothing is left to do.
  std::size_t finish() {
    std::size_t slices = 0;
    for (; client_->has_work(); ++slices) client_->work();
    return slices;
  }
  std::vector<SignedCommitment> blocks(std::uint64_t first, std::size_t count) {
    std::vector<SignedCommitment> out;
    for (std::uint64_t i = 0; i < count; ++i) {
      out.push_back(sign_commitment(key_, placeholder_domain(), commitment_for(first + i)));
    }
    return out;
  }
  /// The error with which a page is refused.
  ErrorCode refusal_of(const std::vector<SignedCommitment>& page, std::uint64_t start = 1,
                       std::uint32_t count = 256) {
    ask_page(start, count);
    answer(encode_commitments_response(page));
    EXPECT_FALSE(pages_.back().has_value());
    return pages_.back().has_value() ? ErrorCode::internal : pages_.back().error().code;
  }

  crypto::Secp256k1Key key_ = key_of(3);
  PeerId peer_ = peer_named(1);
  std::set<PeerId> connected_{peer_named(1), peer_named(2)};
  std::vector<Sent> sent_;
  std::vector<Handle> handles_;
  std::vector<Result<PreconfHead>> heads_;
  std::vector<Result<CommitmentPage>> pages_;
  std::vector<Result<RawTxList>> lists_;
  std::vector<RequestOutcome> outcomes_;
  std::optional<RequestClient> client_;
};

// --- What goes out, and what is taken ----------------------------------------------------------------------

TEST_F(RequestClientTest, GivenAHead_WhenAnswered_ThenTheCallbackComesOnceAndOutsideTheCall) {
  ask_head();
  ASSERT_EQ(sent_.size(), 1u);
  EXPECT_EQ(sent_[0].body, (Bytes{4, 0, 0, 0}));
  const PreconfHead head{7, 8};
  client_->on_answer(sent_[0].ticket, to_bytes(encode(head)), at(5));
  EXPECT_TRUE(heads_.empty());
  finish();
  ASSERT_EQ(heads_.size(), 1u);
  EXPECT_EQ(heads_[0].value(), head);
  client_->on_answer(sent_[0].ticket, to_bytes(encode(head)), at(6));
  finish();
  EXPECT_EQ(heads_.size(), 1u);
  EXPECT_EQ(client_->counters().of(RequestKind::head, RequestOutcome::success), 1u);
}

TEST_F(RequestClientTest, GivenAPage_WhenAnswered_ThenItIsCheckedInSlicesOfSixteen) {
  ask_page(10, 256);
  EXPECT_EQ(sent_[0].body, to_bytes(encode(CommitmentsRequest{10, 256})));
  const auto page = blocks(10, 100);
  EXPECT_EQ(answer(encode_commitments_response(page)), 7u);
  ASSERT_TRUE(pages_.at(0).has_value());
  EXPECT_EQ(pages_[0]->commitments, page);
  ASSERT_EQ(pages_[0]->signers.size(), page.size());
  for (std::size_t i = 0; i < page.size(); ++i) {
    const Hash256 digest = signing_digest(placeholder_domain(), page[i].commitment);
    EXPECT_EQ(pages_[0]->signers[i], (RecoveredSigner{key_.address(), digest}));
  }
}

TEST_F(RequestClientTest, GivenAnEmptyPage_ThenItIsAnAnswer) {
  ask_page(1, 1);
  answer({4, 0, 0, 0});
  EXPECT_TRUE(pages_.at(0).value().commitments.empty());
}

TEST_F(RequestClientTest, GivenAPageThatBreaksARule_ThenItIsRefusedAsAWhole) {
  EXPECT_EQ(refusal_of(blocks(1, 3), 2), ErrorCode::invalid);
  EXPECT_EQ(refusal_of(blocks(1, 3), 1, 2), ErrorCode::invalid);
  auto page = blocks(1, 3);
  std::swap(page[0], page[1]);
  EXPECT_EQ(refusal_of(page), ErrorCode::invalid);
  page = blocks(1, 3);
  page[1] = page[0];
  EXPECT_EQ(refusal_of(page), ErrorCode::invalid);
  page = blocks(1, 3);
  page[2].commitment.slasher_address.fill(1);
  EXPECT_EQ(refusal_of(page), ErrorCode::invalid);
  page = blocks(1, 3);
  page[2].commitment.preconf.raw_tx_list_hash = {};
  EXPECT_EQ(refusal_of(page), ErrorCode::invalid);
  page = blocks(1, 40);
  page[39].signature[64] = 27;
  EXPECT_EQ(refusal_of(page), ErrorCode::invalid);
  EXPECT_EQ(client_->counters().of(RequestKind::commitments, RequestOutcome::invalid), 7u);
  EXPECT_EQ(outcomes_, std::vector(7, RequestOutcome::invalid));
}

TEST_F(RequestClientTest, GivenTheInvalidResponsesOfTheVectors_ThenEachIsRefused) {
  const auto vectors = load_vectors("p2p-messages.json");
  json_t* cases = member(member(vectors.get(), "reqresp"), "get_commitments_response");
  for (std::size_t i = 0; i < json_array_size(cases); ++i) {
    json_t* one = json_array_get(cases, i);
    if (json_is_true(member(one, "valid"))) continue;
    SCOPED_TRACE(text_of(one, "name"));
    peer_ = peer_named(1);
    ask_page(0, 256);
    answer(bytes_of(one, "ssz"));
    EXPECT_EQ(pages_.back().error().code, ErrorCode::malformed);
  }
  EXPECT_EQ(pages_.size(), 4u);
}

TEST_F(RequestClientTest, GivenALargeList_ThenItIsHashedInSlicesAndHandedOver) {
  const auto bytes = std::make_shared<const Bytes>(kMaxTxListBytes, 5);
  const RawTxList list{tx_list_hash(*bytes), bytes};
  ask_list(list.hash);
  EXPECT_EQ(sent_[0].body, to_bytes(list.hash));
  EXPECT_EQ(answer(encode(list)), kMaxTxListBytes / limits::kHashSliceBytes);
  EXPECT_EQ(lists_.at(0).value().hash, list.hash);
  EXPECT_TRUE(equal(lists_[0]->bytes(), *bytes));
}

TEST_F(RequestClientTest, GivenTxListResponsesOfTheVectors_ThenVerdictsFollowThem) {
  const auto vectors = load_vectors("p2p-messages.json");
  const auto hash = fixed_of<32>(member(vectors.get(), "raw_txlist"), "rawTxListHash");
  json_t* cases = member(member(vectors.get(), "reqresp"), "get_raw_txlist_response");
  const std::map<std::string, std::optional<ErrorCode>> expected = {{"found", std::nullopt},
                                                                    {"not_found", ErrorCode::not_found},
                                                                    {"offset_32", ErrorCode::malformed},
                                                                    {"wrong_hash", ErrorCode::invalid}};
  ASSERT_EQ(json_array_size(cases), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    json_t* one = json_array_get(cases, i);
    SCOPED_TRACE(text_of(one, "name"));
    ask_list(hash);
    answer(bytes_of(one, "ssz"));
    const auto& wanted = expected.at(text_of(one, "name"));
    ASSERT_EQ(lists_.back().has_value(), !wanted.has_value());
    if (wanted) {
      EXPECT_EQ(lists_.back().error().code, *wanted);
    }
  }
  EXPECT_EQ(client_->counters().of(RequestKind::raw_tx_list, RequestOutcome::not_found), 1u);
}

TEST_F(RequestClientTest, GivenAnotherListThanAskedFor_ThenItIsRefusedThoughItHashesRight) {
  const auto bytes = std::make_shared<const Bytes>(100, 5);
  Hash256 asked;
  asked.fill(1);
  ask_list(asked);
  answer(encode(RawTxList{tx_list_hash(*bytes), bytes}));
  EXPECT_EQ(lists_.at(0).error().code, ErrorCode::invalid);
  ask_list(asked);
  answer(encode(RawTxList{asked, bytes}));
  EXPECT_EQ(lists_.at(1).error().code, ErrorCode::invalid);
}

TEST_F(RequestClientTest, GivenNoAnswer_ThenTheCallbackGetsTheCause) {
  ask_head();
  client_->on_answer(sent_[0].ticket, fail(ErrorCode::timed_out, "10 s"), at(10'000));
  finish();
  EXPECT_EQ(heads_.at(0).error().code, ErrorCode::timed_out);
  EXPECT_EQ(outcomes_.back(), RequestOutcome::timeout);
}

TEST_F(RequestClientTest, GivenMoreThan256_ThenItIsRefusedLocally) {
  ask_page(1, 257);
  EXPECT_TRUE(sent_.empty());
  EXPECT_TRUE(pages_.empty());
  finish();
  EXPECT_EQ(pages_.at(0).error().code, ErrorCode::invalid);
}

// --- Pace --------------------------------------------------------------------------------------------------

TEST_F(RequestClientTest, GivenManyRequests_ThenSevenStartAndTheNextWaitsForAWindowAfterTheFirstAnswer) {
  for (int i = 0; i < 20; ++i) ask_head();
  EXPECT_EQ(sent_.size(), 7u);
  EXPECT_EQ(client_->waiting_count(), 13u);
  EXPECT_FALSE(client_->next_due().has_value());
  for (std::size_t i = 0; i < 7; ++i) {
    client_->on_answer(sent_[i].ticket, Bytes(64), at(100 + 10 * static_cast<std::int64_t>(i)));
  }
  EXPECT_EQ(client_->next_due(), at(10'100));
  client_->tick(at(10'099));
  EXPECT_EQ(sent_.size(), 7u);
  client_->tick(at(10'100));
  EXPECT_EQ(sent_.size(), 8u);
  client_->tick(at(10'160));
  EXPECT_EQ(sent_.size(), 14u);
  EXPECT_EQ(client_->counters().paced[index_of(RequestKind::head)], 13u);
}

TEST_F(RequestClientTest, GivenOtherProtocolsAndPeers_ThenTheyHaveTheirOwnPace) {
  for (int i = 0; i < 8; ++i) ask_head();
  for (int i = 0; i < 8; ++i) ask_page(1, 1);
  peer_ = peer_named(2);
  for (int i = 0; i < 8; ++i) ask_head();
  EXPECT_EQ(sent_.size(), 21u);
}

TEST_F(RequestClientTest, GivenAPeerThatComesBack_ThenItsWindowIsNotForgotten) {
  for (int i = 0; i < 7; ++i) ask_head();
  for (std::size_t i = 0; i < 7; ++i)
    client_->on_answer(sent_[i].ticket, fail(ErrorCode::closed, "gone"), at(50));
  client_->on_peer_gone(peer_);
  client_->tick(at(5000));
  ask_head(at(5000));
  EXPECT_EQ(sent_.size(), 7u);
  client_->tick(at(10'050));
  EXPECT_EQ(sent_.size(), 8u);
}

TEST_F(RequestClientTest, GivenTooManyWaiting_ThenTheNextIsRefused) {
  for (std::size_t i = 0; i < limits::kWaitingRequests + 7; ++i) ask_head();
  EXPECT_FALSE(client_->has_work());
  ask_head();
  finish();
  EXPECT_EQ(heads_.at(0).error().code, ErrorCode::limit);
}

// --- Peers and handles -------------------------------------------------------------------------------------

TEST_F(RequestClientTest, GivenAPeerThatIsNotConnected_ThenTheRequestFails) {
  peer_ = peer_named(9);
  ask_head();
  EXPECT_TRUE(heads_.empty());
  finish();
  EXPECT_EQ(heads_.at(0).error().code, ErrorCode::unavailable);
}

TEST_F(RequestClientTest, GivenWaitingRequests_WhenThePeerLeaves_ThenTheyFail) {
  for (int i = 0; i < 9; ++i) ask_head();
  connected_.clear();
  client_->on_peer_gone(peer_);
  finish();
  ASSERT_EQ(heads_.size(), 2u);
  EXPECT_EQ(heads_[0].error().code, ErrorCode::closed);
}

TEST_F(RequestClientTest, GivenAHandleDestroyedInFlight_ThenTheAnswerIsDroppedAndThePlaceIsKept) {
  for (int i = 0; i < 8; ++i) ask_head();
  handles_[0].reset();
  client_->on_answer(sent_[0].ticket, Bytes(64), at(10));
  finish();
  EXPECT_TRUE(heads_.empty());
  EXPECT_EQ(sent_.size(), 7u);
  client_->tick(at(10'010));
  EXPECT_EQ(sent_.size(), 8u);
}

TEST_F(RequestClientTest, GivenAHandleDestroyedWhileWaiting_ThenTheRequestIsNeverSent) {
  for (int i = 0; i < 8; ++i) ask_head();
  handles_[7].reset();
  EXPECT_EQ(client_->waiting_count(), 0u);
  for (std::size_t i = 0; i < 7; ++i) client_->on_answer(sent_[i].ticket, Bytes(64), at(10));
  client_->tick(at(20'000));
  EXPECT_EQ(sent_.size(), 7u);
}

TEST_F(RequestClientTest, GivenAHandleDestroyedWhileChecking_ThenTheCallbackDoesNotCome) {
  ask_page(1, 256);
  client_->on_answer(sent_[0].ticket, encode_commitments_response(blocks(1, 20)), at(10));
  client_->work();
  handles_[0].reset();
  finish();
  EXPECT_TRUE(pages_.empty());
  EXPECT_EQ(client_->open_count(), 0u);
}

TEST_F(RequestClientTest, GivenAClose_ThenEveryRequestFailsOnce) {
  for (int i = 0; i < 9; ++i) ask_head();
  client_->close();
  finish();
  ASSERT_EQ(heads_.size(), 9u);
  EXPECT_EQ(heads_[8].error().code, ErrorCode::closed);
  client_->on_answer(sent_[0].ticket, Bytes(64), at(10));
  finish();
  EXPECT_EQ(heads_.size(), 9u);
}

TEST_F(RequestClientTest, GivenACallbackThatAsksAgainAndDropsItsHandle_ThenBothAreFine) {
  Handle second;
  Handle first = client_->request_head(
      peer_,
      [&](Result<PreconfHead>) {
        first.reset();
        second = client_->request_head(
            peer_, [this](Result<PreconfHead> head) { heads_.push_back(std::move(head)); }, at(6));
      },
      Instant{});
  answer(Bytes(64));
  ASSERT_EQ(sent_.size(), 2u);
  answer(Bytes(64));
  EXPECT_EQ(heads_.size(), 1u);
}

TEST_F(RequestClientTest, GivenAHandleThatOutlivesTheClient_ThenDestroyingItDoesNothing) {
  ask_head();
  client_.reset();
  handles_.clear();
  EXPECT_TRUE(heads_.empty());
}

}  // namespace
}  // namespace libpreconf::p2p
