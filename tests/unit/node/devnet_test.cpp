// Whole devnets over real loopback sockets. A slot takes 1.2 s here, so that a block comes every 200 ms.

#include "node/devnet.h"

#include <gtest/gtest.h>

namespace libpreconf::node {
namespace {

constexpr Duration kLimit = std::chrono::seconds(120);

class KeptOutput final : public DevnetOutput {
 public:
  void started(const DevnetStarted& event) override { start = event; }
  void block(const DevnetBlock& event) override { blocks.push_back(event); }
  void handover(const DevnetHandover& event) override { handovers.push_back(event); }
  void summary(const DevnetSummary& event) override { summaries.push_back(event); }
  void note(const std::string& text) override { notes.push_back(text); }

  DevnetStarted start;
  std::vector<DevnetBlock> blocks;
  std::vector<DevnetHandover> handovers;
  std::vector<DevnetSummary> summaries;
  std::vector<std::string> notes;
};

class DevnetTest : public testing::Test {
 protected:
  void make(std::uint64_t nodes, std::optional<std::uint64_t> blocks, double tx_rate = 10,
            double slot_time = 1.2) {
    DevnetArguments arguments;
    arguments.nodes = nodes;
    arguments.blocks = blocks;
    arguments.slot_time = slot_time;
    arguments.tx_rate = tx_rate;
    devnet_.emplace(*reactor_, random_, arguments, output_);
    const auto started = devnet_->start([this](Result<bool> result) { result_ = std::move(result); });
    ASSERT_TRUE(started) << started.error().message;
  }
  void TearDown() override {
    if (!HasFailure()) return;
    for (const std::string& note : output_.notes) ADD_FAILURE() << "the devnet noted: " << note;
  }
  bool run_until(std::move_only_function<bool()> done) {
    return reactor_->run_until(std::move(done), kLimit);
  }
  bool run_to_the_end() {
    return run_until([this] { return result_.has_value(); });
  }

  SystemClock clock_;
  SeededRandom random_{1};
  std::unique_ptr<LibeventReactor> reactor_ = LibeventReactor::create(clock_).value();
  KeptOutput output_;
  std::optional<Result<bool>> result_;
  std::optional<Devnet> devnet_;
};

TEST_F(DevnetTest, GivenThreeNodes_WhenBothFormsOfHandOverWereSeen_ThenAllHoldTheSameChain) {
  const auto seen = [this](bool marker) {
    return std::any_of(output_.handovers.begin(), output_.handovers.end(),
                       [marker](const DevnetHandover& handover) { return handover.marker == marker; });
  };
  make(3, std::nullopt);
  // Three windows, and more where a slow machine missed the end of one.
  ASSERT_TRUE(run_until([&] { return devnet_->promised_blocks() >= 18 && seen(true) && seen(false); }));
  devnet_->stop();
  ASSERT_TRUE(run_to_the_end());
  ASSERT_TRUE(*result_) << result_->error().message;
  EXPECT_TRUE(**result_);
  ASSERT_EQ(output_.summaries.size(), 1U);
  EXPECT_TRUE(output_.summaries[0].same_chain);
  ASSERT_GE(output_.blocks.size(), 18U);
  for (std::size_t i = 0; i < output_.blocks.size(); ++i) EXPECT_EQ(output_.blocks[i].height, i + 1);
  EXPECT_GT(output_.summaries[0].transactions, 0U);
  EXPECT_EQ(output_.start.nodes.size(), 3U);
}

TEST_F(DevnetTest, GivenWindowsThatPassWhileABlockIsMade_WhenTheNetworkRuns_ThenNoHeightIsPromisedTwice) {
  make(3, std::nullopt, /*tx_rate=*/200, /*slot_time=*/0.006);
  ASSERT_TRUE(run_until([this] { return devnet_->node(0).full().engine().head_header().number >= 20; }));
  for (std::uint64_t height = 1; height <= 20; ++height) {
    EXPECT_EQ(devnet_->node(0).full().core().store().candidates(height).size(), 1U) << height;
  }
  devnet_->stop();
  ASSERT_TRUE(run_to_the_end());
  EXPECT_TRUE(**result_);
}

TEST_F(DevnetTest, GivenOneNode_WhenItRunsAlone_ThenItMakesBlocks) {
  make(1, 3);
  ASSERT_TRUE(run_to_the_end());
  EXPECT_TRUE(result_->value());
  EXPECT_EQ(devnet_->promised_blocks(), 3U);
}

TEST_F(DevnetTest, GivenANodeThatWasRestarted_WhenItIsBack_ThenItCatchesUpAndHoldsTheSameChain) {
  make(3, std::nullopt);
  const auto height = [this](std::size_t node) {
    return devnet_->node(node).full().engine().head_header().number;
  };
  ASSERT_TRUE(run_until([&] { return height(0) >= 3; }));
  bool stopped = false;
  devnet_->stop_node(1, [&] { stopped = true; });
  ASSERT_TRUE(run_until([&] { return stopped; }));
  EXPECT_FALSE(devnet_->node(1).running());
  const std::uint64_t at_stop = height(0);
  ASSERT_TRUE(run_until([&] { return height(0) >= at_stop + 2; }));
  ASSERT_TRUE(devnet_->restart_node(1));
  EXPECT_EQ(height(1), 0U);
  const std::uint64_t at_restart = height(0);
  ASSERT_TRUE(run_until([&] { return height(1) > at_restart; }));
  devnet_->stop();
  ASSERT_TRUE(run_to_the_end());
  ASSERT_TRUE(*result_) << result_->error().message;
  EXPECT_TRUE(**result_);
}

TEST_F(DevnetTest, GivenATransferOfAUser_WhenItIsSentToThePool_ThenEveryNodeExecutesIt) {
  make(2, std::nullopt, /*tx_rate=*/0);
  const Address stranger{0xab, 0xcd};
  ASSERT_TRUE(devnet_->pool().add(l2::sign_transfer(
      {Devnet::kChainId, 0, 1, 1'000'000'000, 21'000, stranger, U256(77)}, preconfer::load_account_key(0))));
  const auto has_it = [&](std::size_t node) {
    return devnet_->node(node).full().engine().account(stranger).balance == U256(77);
  };
  EXPECT_TRUE(run_until([&] { return has_it(0) && has_it(1); }));
  devnet_->stop();
  ASSERT_TRUE(run_to_the_end());
  EXPECT_TRUE(result_->value());
}

TEST_F(DevnetTest, GivenAPortThatIsTaken_WhenStarted_ThenTheErrorNamesTheAddress) {
  const auto taken = reactor_->listen_tcp(SocketAddress::parse("127.0.0.1:0").value(), [](auto) {});
  ASSERT_TRUE(taken);
  DevnetArguments arguments;
  arguments.nodes = 1;
  arguments.p2p_port_base = (*taken)->local_address().port();
  Devnet devnet(*reactor_, random_, arguments, output_);
  const auto started = devnet.start([](Result<bool>) {});
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find((*taken)->local_address().to_string()), std::string::npos)
      << started.error().message;
}

}  // namespace
}  // namespace libpreconf::node
