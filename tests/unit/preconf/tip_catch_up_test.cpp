// The state machine alone: node book 20.6 and the rows of 8.5 that it answers to.

#include "preconf/tip_catch_up.h"

#include <gtest/gtest.h>

#include "preconf/limits.h"
#include "unit/preconf/heart_fixture.h"

namespace libpreconf::preconf {
namespace {

using namespace test;
using Numbers = std::vector<std::uint64_t>;

class Walk : public testing::Test {
 protected:
  Walk() : schedule_(StaticSignerSchedule::one_signer(key_of(kPreconferKey).address())) {}

  TipCatchUp begin(std::uint64_t boundary, std::uint32_t page = 256) {
    return TipCatchUp(boundary, page, [this](const auto& commitment, const TipCatchUp::Signer& signer) {
      ++validated_;
      signers_given_ += signer.has_value() ? 1 : 0;
      return validate_commitment({.schedule = &schedule_, .signing_domain = p2p::placeholder_domain()},
                                 commitment, signer);
    });
  }
  /// Answers from a peer that serves these promises, until the machine rests.
  static void serve(TipCatchUp& catch_up, const std::vector<Promise>& promises) {
    MemoryCommitmentStore peer;
    for (const auto& promise : promises) peer.insert_commitment(stored(promise));
    for (int i = 0; i < 10'000; ++i) {
      if (std::holds_alternative<TipCatchUp::AskHead>(catch_up.step())) {
        catch_up.on_head(StoreCommitmentSource(peer).head());
      } else if (const auto* ask = std::get_if<TipCatchUp::AskCommitments>(&catch_up.step())) {
        catch_up.on_commitments(peer.commitments_from(U256(ask->start), ask->max_count));
      } else if (std::holds_alternative<TipCatchUp::Validate>(catch_up.step())) {
        catch_up.validate_slice();
      } else {
        return;
      }
    }
    FAIL() << "the catch-up does not end";
  }
  static std::string why(const TipCatchUp& catch_up) {
    const auto* failed = std::get_if<TipCatchUp::Failed>(&catch_up.step());
    return failed == nullptr ? "it did not fail" : failed->why;
  }
  static Numbers numbers(TipCatchUp& catch_up) {
    Numbers out;
    for (const auto& commitment : catch_up.take_chain()) out.push_back(block_number_of(commitment));
    return out;
  }
  static bool done(const TipCatchUp& catch_up) {
    return std::holds_alternative<TipCatchUp::Done>(catch_up.step());
  }

  StaticSignerSchedule schedule_;
  std::size_t validated_ = 0;
  std::size_t signers_given_ = 0;
};

p2p::PreconfHead head_at(const U256& number) {
  return {.block_number = number, .submission_window_end = U256(0)};
}

TEST_F(Walk, K1_GivenALinkedChainOfThree_WhenWalkedBackFromItsTip_ThenAllThreeAreReached) {
  auto catch_up = begin(0);
  serve(catch_up, chain(3));
  ASSERT_TRUE(done(catch_up)) << why(catch_up);
  EXPECT_EQ(numbers(catch_up), (Numbers{1, 2, 3}));
  EXPECT_EQ(validated_, 3U);
}

TEST_F(Walk, K2_GivenAWrongSigner_WhenValidated_ThenTheAttemptFails) {
  auto blocks = chain(2);
  blocks.push_back(block({.number = 3, .parent = blocks[1].hash(), .key = 8}));
  auto catch_up = begin(0);
  serve(catch_up, blocks);
  EXPECT_NE(why(catch_up).find("signer mismatch"), std::string::npos);

  blocks = {block({.number = 1, .key = 8})};
  blocks.push_back(block({.number = 2, .parent = blocks[0].hash()}));
  auto second = begin(0);
  serve(second, blocks);
  EXPECT_NE(why(second).find("signer mismatch"), std::string::npos);
}

TEST_F(Walk, K3_GivenBlockZeroWithZeroParent_WhenValidated_ThenItIsAccepted) {
  EXPECT_TRUE(validate_commitment({.schedule = &schedule_, .signing_domain = p2p::placeholder_domain()},
                                  block({.number = 0}).commitment));
}

TEST_F(Walk, K4_GivenAChainThatEndsAboveTheBoundary_WhenWalked_ThenTheErrorSaysSo) {
  auto catch_up = begin(9);
  serve(catch_up, chain(3, 11, Hash256{1}));
  EXPECT_EQ(why(catch_up).find("catch-up chain did not reach the driver sync boundary: expected 10, got 11"),
            0U);
}

TEST_F(Walk, K5_GivenAHeadBelowTheStart_WhenRun_ThenNothingIsMissing) {
  auto catch_up = begin(5);
  catch_up.on_head(head_at(U256(5)));
  EXPECT_TRUE(done(catch_up));
  EXPECT_TRUE(catch_up.take_chain().empty());
}

TEST_F(Walk, K7_GivenTheHeadIsTheStart_WhenRun_ThenThatOneBlockIsTheChain) {
  auto catch_up = begin(4);
  serve(catch_up, chain(1, 5, Hash256{9}));
  ASSERT_TRUE(done(catch_up)) << why(catch_up);
  EXPECT_EQ(numbers(catch_up), Numbers{5});
}

TEST_F(Walk, K8_GivenAHeadOfTwoToTheTwoHundred_WhenClaimed_ThenItIsRefusedBeforeAnythingIsFetched) {
  auto catch_up = begin(0);
  FixedBytes<32> huge{};
  huge[25] = 1;
  catch_up.on_head(head_at(U256::from_little_endian(huge)));
  EXPECT_EQ(why(catch_up).find("peer claims head 16069380442589902755419620923411626025222029937827"), 0U);
  auto edge = begin(0);
  edge.on_head(head_at(U256(kMaxCatchUpSpan + 1)));
  EXPECT_FALSE(std::holds_alternative<TipCatchUp::AskCommitments>(edge.step()));
  auto inside = begin(0);
  inside.on_head(head_at(U256(kMaxCatchUpSpan)));
  EXPECT_TRUE(std::holds_alternative<TipCatchUp::AskCommitments>(inside.step()));
}

TEST_F(Walk, GivenATipWithAnotherNumber_WhenItComes_ThenNothingIsPaged) {
  for (const auto& answer : std::vector<std::vector<p2p::SignedCommitment>>{
           {},
           {block({.number = 2}).commitment},
           {block({.number = 3}).commitment, block({.number = 3}).commitment}}) {
    auto catch_up = begin(0);
    catch_up.on_head(head_at(U256(3)));
    catch_up.on_commitments(answer);
    EXPECT_NE(why(catch_up).find("for tip at 3"), std::string::npos) << why(catch_up);
  }
}

TEST_F(Walk, GivenPagesOfTwo_WhenSevenBlocksAreMissing_ThenEachPageBeginsAfterTheLastNumber) {
  auto catch_up = begin(0, /*page=*/2);
  serve(catch_up, chain(7));
  ASSERT_TRUE(done(catch_up)) << why(catch_up);
  EXPECT_EQ(numbers(catch_up), (Numbers{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(catch_up.pages(), 4U);
}

TEST_F(Walk, GivenSignersThatTheNetworkHasRecovered_WhenWalked_ThenTheyAreNotRecoveredAgain) {
  const auto blocks = chain(3);
  const std::vector<p2p::SignedCommitment> page{blocks[0].commitment, blocks[1].commitment,
                                                blocks[2].commitment};
  const auto signer_of = [](const p2p::SignedCommitment& commitment) {
    return p2p::recover_signer(p2p::placeholder_domain(), commitment).value();
  };
  const auto walk = [&](TipCatchUp& catch_up, std::vector<p2p::RecoveredSigner> signers) {
    catch_up.on_head(head_at(U256(3)));
    catch_up.on_commitments({blocks[2].commitment}, {signer_of(blocks[2].commitment)});
    catch_up.on_commitments(page, std::move(signers));
    while (std::holds_alternative<TipCatchUp::Validate>(catch_up.step())) catch_up.validate_slice();
  };
  auto catch_up = begin(0);
  walk(catch_up, {signer_of(page[0]), signer_of(page[1]), signer_of(page[2])});
  ASSERT_TRUE(done(catch_up)) << why(catch_up);
  EXPECT_EQ(numbers(catch_up), (Numbers{1, 2, 3}));
  EXPECT_EQ(signers_given_, 3U);

  auto strangers = begin(0);
  walk(strangers, std::vector<p2p::RecoveredSigner>(3, {Address{1}, Hash256{}}));
  EXPECT_NE(why(strangers).find("signer mismatch"), std::string::npos) << why(strangers);
}

TEST_F(Walk, GivenAPageThatDoesNotFit_WhenItComes_ThenTheAttemptFails) {
  const auto blocks = chain(9);
  const auto& b = blocks;
  const std::vector<std::vector<p2p::SignedCommitment>> pages{
      {},                                  // no progress
      {b[1].commitment, b[0].commitment},  // descending
      {b[0].commitment, b[0].commitment},  // twice the same
      {b[0].commitment, b[4].commitment},  // beyond what was asked for
      {b[0].commitment, b[1].commitment, b[2].commitment, b[3].commitment, b[3].commitment}};
  for (const auto& page : pages) {
    auto catch_up = begin(0, /*page=*/4);
    catch_up.on_head(head_at(U256(9)));
    catch_up.on_commitments({blocks[8].commitment});
    catch_up.on_commitments(page);
    EXPECT_TRUE(std::holds_alternative<TipCatchUp::Failed>(catch_up.step()));
  }
}

TEST_F(Walk, GivenAPeerThatServesOneBlockAPage_WhenItGoesOn_ThenItIsLeftAfterTheCap) {
  const auto blocks = chain(kMaxCatchUpPages + 3);
  auto catch_up = begin(0);
  catch_up.on_head(head_at(U256(blocks.size())));
  catch_up.on_commitments({blocks.back().commitment});
  for (std::size_t i = 0; i < kMaxCatchUpPages; ++i) catch_up.on_commitments({blocks[i].commitment});
  EXPECT_EQ(why(catch_up), "peer serves its commitments in too many pages");
}

TEST_F(Walk, GivenAParentThatIsNotTheBlockBelow_WhenWalked_ThenWhatLiesBelowIsTheChain) {
  auto blocks = chain(2);
  blocks.push_back(block({.number = 3, .parent = blocks[0].hash()}));
  auto catch_up = begin(0);
  serve(catch_up, blocks);
  ASSERT_TRUE(done(catch_up)) << why(catch_up);
  EXPECT_EQ(numbers(catch_up), (Numbers{1, 2}));

  auto nothing_below = begin(2);
  nothing_below.on_head(head_at(U256(3)));
  nothing_below.on_commitments({blocks[2].commitment});
  nothing_below.on_commitments({blocks[2].commitment});
  while (std::holds_alternative<TipCatchUp::Validate>(nothing_below.step())) nothing_below.validate_slice();
  EXPECT_TRUE(done(nothing_below)) << why(nothing_below);
}

TEST_F(Walk, GivenHolesInTheChain_WhenWalked_ThenItEndsBelowTheLowestOne) {
  auto blocks = chain(9);
  blocks.erase(blocks.begin() + 6);  // block 7
  blocks.erase(blocks.begin() + 3);  // block 4
  auto catch_up = begin(0);
  serve(catch_up, blocks);
  ASSERT_TRUE(done(catch_up)) << why(catch_up);
  EXPECT_EQ(numbers(catch_up), (Numbers{1, 2, 3}));
  EXPECT_LE(validated_, blocks.size() + 1);
}

TEST_F(Walk, GivenAMarkerThatIsMissing_WhenWalked_ThenTheBlocksBelowItAreTheChain) {
  const auto one = block({.number = 1});
  const auto handover = marker({.number = 2, .parent = one.hash()});
  const auto two = block({.number = 2, .parent = handover.hash()});
  const auto next = marker({.number = 3, .parent = two.hash()});
  const auto three = block({.number = 3, .parent = next.hash()});
  auto catch_up = begin(0);
  serve(catch_up, {one, handover, two, three});
  ASSERT_TRUE(done(catch_up)) << why(catch_up);
  EXPECT_EQ(numbers(catch_up), (Numbers{1, 2, 2}));
}

TEST_F(Walk, GivenAWrongSignerBelowAHole_WhenWalked_ThenTheAttemptFails) {
  auto blocks = chain(5);
  blocks.erase(blocks.begin() + 3);
  blocks[2] = block({.number = 3, .parent = blocks[1].hash(), .key = 8});
  auto catch_up = begin(0);
  serve(catch_up, blocks);
  EXPECT_NE(why(catch_up).find("signer mismatch"), std::string::npos) << why(catch_up);
}

TEST_F(Walk, GivenMarkersBetweenBlocksAndAtTheTip_WhenWalked_ThenTheChainHoldsThemInOrder) {
  const auto zero = marker({.number = 1, .parent = Hash256{3}});
  const auto one = block({.number = 1, .parent = zero.hash()});
  const auto handover = marker({.number = 2, .parent = one.hash()});
  const auto again = marker({.number = 2, .parent = handover.hash()});
  const auto two = block({.number = 2, .parent = again.hash()});
  const auto tip = marker({.number = 3, .parent = two.hash()});
  auto catch_up = begin(0);
  serve(catch_up, {zero, one, handover, again, two, tip});
  ASSERT_TRUE(done(catch_up)) << why(catch_up);
  EXPECT_EQ(numbers(catch_up), (Numbers{1, 1, 2, 2, 2, 3}));
}

TEST_F(Walk, GivenAnAnswerThatWasNotAskedFor_WhenItComes_ThenTheAttemptFails) {
  auto early = begin(0);
  early.on_commitments({});
  EXPECT_TRUE(std::holds_alternative<TipCatchUp::Failed>(early.step()));
  auto twice = begin(0);
  twice.on_head(head_at(U256(3)));
  twice.on_head(head_at(U256(3)));
  EXPECT_TRUE(std::holds_alternative<TipCatchUp::Failed>(twice.step()));
}

TEST_F(Walk, GivenARequestThatFails_WhenItIsTold_ThenTheErrorNamesTheStage) {
  auto head = begin(0);
  head.on_failure({ErrorCode::timed_out, "no answer"});
  EXPECT_EQ(why(head), "failed to get peer head: no answer");
  auto tip = begin(0);
  tip.on_head(head_at(U256(3)));
  tip.on_failure({ErrorCode::timed_out, "no answer"});
  EXPECT_EQ(why(tip), "failed to fetch tip: no answer");
}

TEST_F(Walk, GivenALongChain_WhenValidated_ThenNoSliceTakesMoreThanItsShare) {
  auto catch_up = begin(0);
  const auto blocks = chain(40);
  MemoryCommitmentStore peer;
  for (const auto& promise : blocks) peer.insert_commitment(stored(promise));
  catch_up.on_head(head_at(U256(40)));
  catch_up.on_commitments(peer.commitments_from(U256(40), 1));
  catch_up.on_commitments(peer.commitments_from(U256(1), 256));
  std::size_t slices = 0;
  while (std::holds_alternative<TipCatchUp::Validate>(catch_up.step())) {
    const std::size_t before = validated_;
    catch_up.validate_slice();
    EXPECT_LE(validated_ - before, kValidationsPerSlice);
    ++slices;
  }
  EXPECT_EQ(slices, 3U);
}

}  // namespace
}  // namespace libpreconf::preconf
