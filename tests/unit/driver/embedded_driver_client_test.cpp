// Node book 20.1, D-1 to D-9, and the limits of the queue.

#include "libpreconf/driver/embedded_driver_client.h"

#include <gtest/gtest.h>

#include "reactor/simulated.h"

namespace libpreconf::driver {
namespace {

using namespace std::chrono_literals;
using preconf::DecodedTransactions;
using preconf::PreconfirmationInput;
using preconf::SubmitStatus;

class FakeInbox final : public InboxReader {
 public:
  explicit FakeInbox(Reactor& reactor) : reactor_(reactor) {}
  Handle next_proposal_id(std::move_only_function<void(Result<std::uint64_t>)> on_id) override {
    ++reads;
    return reactor_.after(0ms, [next = next, callback = std::move(on_id)]() mutable { callback(next); });
  }
  Result<std::uint64_t> next = 0;
  int reads = 0;

 private:
  Reactor& reactor_;
};

PreconfirmationInput input(std::uint64_t number, std::size_t bytes = 0) {
  PreconfirmationInput out;
  out.commitment.commitment.preconf.block_number = number;
  DecodedTransactions decoded;
  decoded.rlp.resize(bytes);
  out.transactions = std::make_shared<const DecodedTransactions>(std::move(decoded));
  return out;
}

class EmbeddedDriver : public testing::Test {
 protected:
  std::optional<Result<SubmitStatus>> submit(PreconfirmationInput what) {
    std::optional<Result<SubmitStatus>> answer;
    const Handle handle = client_->submit_preconfirmation(
        std::move(what), [&](Result<SubmitStatus> result) { answer = std::move(result); });
    EXPECT_FALSE(answer) << "answered inside the call";
    run();
    return answer;
  }
  void wait() {
    wait_ = client_->wait_event_sync([this](Result<> result) { synced_ = std::move(result); });
  }
  void run(Duration duration = 1ms) { world_.run_for(duration); }
  void drop_channels() {
    const auto gone = std::move(channels_);
    channels_.reset();
  }

  SimulatedNetwork world_{1};
  Reactor& reactor_ = world_.host("10.0.0.1");
  FakeInbox inbox_{reactor_};
  std::unique_ptr<EmbeddedDriverClient> client_ =
      std::make_unique<EmbeddedDriverClient>(reactor_, inbox_, 2, 12s);
  std::optional<DriverChannels> channels_ = client_->take_channels();
  std::optional<Result<>> synced_;
  Handle wait_;
};

TEST_F(EmbeddedDriver, D1_GivenTheDriverWritesAnEventTip_WhenRead_ThenTheNewestIsSeen) {
  EXPECT_EQ(client_->event_sync_tip().value(), U256(0));
  channels_->set_event_sync_tip(U256(42));
  EXPECT_EQ(client_->event_sync_tip().value(), U256(42));
  channels_->set_event_sync_tip(U256(100));
  EXPECT_EQ(client_->event_sync_tip().value(), U256(100));
}

TEST_F(EmbeddedDriver, D2_GivenTheDriverWritesAPreconfTip_WhenRead_ThenTheNewestIsSeen) {
  channels_->set_preconf_tip(U256(500));
  EXPECT_EQ(client_->preconf_tip().value(), U256(500));
  channels_->set_preconf_tip(U256(600));
  EXPECT_EQ(client_->preconf_tip().value(), U256(600));
  EXPECT_EQ(client_->event_sync_tip().value(), U256(0));
}

TEST_F(EmbeddedDriver, D3_GivenThreeQuickWrites_WhenRead_ThenTheLastIsSeenAtOnceAndWatchersAreCalledOnce) {
  int calls = 0;
  const Handle watch = client_->on_tip_change([&] { ++calls; });
  for (const std::uint64_t tip : {43, 44, 45}) channels_->set_preconf_tip(U256(tip));
  EXPECT_EQ(client_->preconf_tip().value(), U256(45));
  EXPECT_EQ(calls, 0);
  run();
  EXPECT_EQ(calls, 1);
  channels_->set_preconf_tip(U256(45));
  run();
  EXPECT_EQ(calls, 1);
}

TEST_F(EmbeddedDriver, D4_GivenNextIsZero_WhenWaiting_ThenItReturnsAtOnce) {
  wait();
  EXPECT_FALSE(synced_);
  run();
  ASSERT_TRUE(synced_);
  EXPECT_TRUE(*synced_);
}

TEST_F(EmbeddedDriver, D5_GivenNextFiveAndCanonicalZero_WhenCanonicalBecomesFour_ThenTheWaitReturns) {
  inbox_.next = 5;
  wait();
  run(1s);
  EXPECT_FALSE(synced_);
  channels_->set_canonical_proposal_id(3);
  run(50ms);
  EXPECT_FALSE(synced_);
  channels_->set_canonical_proposal_id(4);
  run(100ms);
  ASSERT_TRUE(synced_);
  EXPECT_TRUE(*synced_);
  EXPECT_EQ(client_->canonical_proposal_id(), 4U);
}

TEST_F(EmbeddedDriver, D6_GivenNextFiveAndCanonicalFive_WhenWaiting_ThenItReturnsAtOnce) {
  inbox_.next = 5;
  channels_->set_canonical_proposal_id(5);
  wait();
  run();
  ASSERT_TRUE(synced_);
  EXPECT_TRUE(*synced_);
}

TEST_F(EmbeddedDriver, D7_GivenNextTen_WhenTheDriverDropsItsEnd_ThenTheWaitFails) {
  inbox_.next = 10;
  wait();
  run(1s);
  drop_channels();
  run(100ms);
  ASSERT_TRUE(synced_);
  ASSERT_FALSE(*synced_);
  EXPECT_EQ(synced_->error().message, "channel closed: canonical proposal id watch channel closed");
}

TEST_F(EmbeddedDriver, D8_GivenADriver_WhenABlockIsSubmitted_ThenTheDriverGetsTheSameNumber) {
  int called = 0;
  const Handle on_input = channels_->on_input([&] { ++called; });
  const auto answer = submit(input(7));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->value(), SubmitStatus::queued);
  EXPECT_EQ(called, 1);
  const auto got = channels_->next();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->commitment.preconf().block_number, U256(7));
  EXPECT_FALSE(channels_->next());
}

TEST_F(EmbeddedDriver, D9_GivenTheDriverDroppedItsEnd_WhenABlockIsSubmitted_ThenItIsClosed) {
  drop_channels();
  const auto answer = submit(input(7));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->error().code, ErrorCode::closed);
}

TEST_F(EmbeddedDriver, GivenAnL1ReorgThatLowersTheTarget_WhenTheCellStays_ThenThePollNotices) {
  inbox_.next = 10;
  channels_->set_canonical_proposal_id(4);
  wait();
  run(1s);
  inbox_.next = 5;
  run(10s);
  EXPECT_FALSE(synced_);
  run(2s);
  EXPECT_TRUE(synced_);
}

TEST_F(EmbeddedDriver, GivenTheInboxFails_WhenWaiting_ThenTheErrorIsPassedOn) {
  inbox_.next = fail(ErrorCode::io, "L1 is away");
  wait();
  run();
  ASSERT_TRUE(synced_);
  EXPECT_EQ(synced_->error().message, "L1 is away");
}

TEST_F(EmbeddedDriver, GivenAFullQueue_WhenTheDriverTakesOne_ThenTheProducerIsToldThatThereIsRoom) {
  int room = 0;
  const Handle on_room = client_->on_room([&] { ++room; });
  EXPECT_TRUE(submit(input(1)).value());
  EXPECT_TRUE(submit(input(2)).value());
  EXPECT_EQ(submit(input(3)).value().error().code, ErrorCode::limit);
  EXPECT_EQ(client_->queue_depth(), 2U);
  run(1s);
  EXPECT_EQ(room, 0);
  EXPECT_TRUE(channels_->next());
  EXPECT_EQ(room, 0);
  run();
  EXPECT_EQ(room, 1);
  EXPECT_TRUE(channels_->next());
  run();
  EXPECT_EQ(room, 1);
}

TEST_F(EmbeddedDriver,
       GivenManyBytesInTheQueue_WhenOneMoreWouldPassTheBudget_ThenItIsRefusedButAnEmptyQueueTakesAny) {
  EXPECT_TRUE(submit(input(1, EmbeddedDriverClient::kMaxQueuedBytes + 1)).value());
  EXPECT_EQ(submit(input(2, 1)).value().error().code, ErrorCode::limit);
  EXPECT_TRUE(channels_->next());
  EXPECT_TRUE(submit(input(2, 1)).value());
}

TEST_F(EmbeddedDriver, GivenInputsBeforeTheDriverListens_WhenItBegins_ThenItIsCalled) {
  EXPECT_TRUE(submit(input(1)).value());
  int called = 0;
  const Handle on_input = channels_->on_input([&] { ++called; });
  run();
  EXPECT_EQ(called, 1);
}

TEST_F(EmbeddedDriver, GivenADroppedHandle_WhenTheTurnComes_ThenTheCallbackIsNotCalledButTheInputIsQueued) {
  bool called = false;
  {
    const Handle handle = client_->submit_preconfirmation(input(1), [&](auto) { called = true; });
  }
  run();
  EXPECT_FALSE(called);
  EXPECT_EQ(client_->queue_depth(), 1U);
}

TEST_F(EmbeddedDriver, GivenARefusedInput_WhenTheDriverRejectsIt_ThenTheHeartHearsItsHashAndWhy) {
  std::optional<Hash256> heard;
  const Handle watch = client_->on_rejected([&](const Hash256& hash, const Error& why) {
    heard = hash;
    EXPECT_EQ(why.message, "gas limit");
  });
  const auto refused = input(1);
  channels_->reject(refused, Error{ErrorCode::invalid, "gas limit"});
  EXPECT_FALSE(heard);
  run();
  EXPECT_EQ(heard, p2p::preconfirmation_hash(refused.commitment.preconf()));
}

TEST_F(EmbeddedDriver, GivenTheClientIsGone_WhenTheDriverGoesOn_ThenItsCallsHaveNoEffect) {
  inbox_.next = 10;
  wait();
  run();
  client_.reset();
  channels_->set_canonical_proposal_id(9);
  channels_->set_preconf_tip(U256(1));
  channels_->reject(input(1), Error{});
  EXPECT_FALSE(channels_->next());
  run(30s);
  EXPECT_FALSE(synced_);
}

}  // namespace
}  // namespace libpreconf::driver
