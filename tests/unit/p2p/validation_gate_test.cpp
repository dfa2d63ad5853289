#include "p2p/validation_gate.h"

#include "gate_fixture.h"
#include "message_vectors.h"

namespace libpreconf::p2p {
namespace {

using namespace libpreconf::p2p::test;
using libp2p::Verdict;
using std::chrono::seconds;

constexpr Instant at(std::int64_t s) {
  return Instant(seconds(s));
}

// --- The verdict table of p2p-wire 12.4 --------------------------------------------------------------------

TEST_F(GateTest, GivenACommitmentOfTheElectedSigner_ThenTheHeartGetsItAndItIsAccepted) {
  const SignedCommitment commitment = sign(commitment_for(1));
  EXPECT_EQ(precheck(ssz_of(commitment)), Verdict::accept);
  validate(ssz_of(commitment));
  ASSERT_EQ(offered_.size(), 1u);
  EXPECT_EQ(offered_[0], commitment);
  EXPECT_EQ(signers_[0], elected_.address());
  EXPECT_EQ(last_verdict(), Verdict::accept);
  EXPECT_EQ(last_finding(), Finding::accepted);
}

TEST_F(GateTest, GivenAHeartThatDeclines_ThenTheMessageIsIgnoredWithoutBlame) {
  heart_ = GossipDecision::ignore;
  validate(ssz_of(sign(commitment_for(1))));
  EXPECT_EQ(last_verdict(), Verdict::ignore);
  EXPECT_EQ(blame_of(last_finding(), true), Blame::none);
  // Not remembered: when it comes again, the heart may have changed its mind.
  heart_ = GossipDecision::accept;
  validate(ssz_of(sign(commitment_for(1))));
  EXPECT_EQ(last_verdict(), Verdict::accept);
}

TEST_F(GateTest, GivenUndecodableCommitments_ThenThePrecheckRejectsThem) {
  const auto vectors = load_vectors("p2p-messages.json");
  json_t* cases = member(vectors.get(), "gossip_ssz_invalid");
  for (std::size_t i = 0; i < json_array_size(cases); ++i) {
    json_t* one = json_array_get(cases, i);
    SCOPED_TRACE(text_of(one, "name"));
    const Topic topic = text_of(one, "kind") == "SignedCommitment" ? Topic::commitments : Topic::raw_tx_lists;
    EXPECT_EQ(precheck(bytes_of(one, "ssz"), topic), Verdict::reject);
    EXPECT_EQ(judged_.back().topic, topic);
    EXPECT_EQ(blame_of(last_finding(), false), Blame::full);
    validate(bytes_of(one, "ssz"), topic);
    EXPECT_EQ(last_verdict(), Verdict::reject);
  }
  EXPECT_TRUE(offered_.empty());
  EXPECT_TRUE(lists_.empty());
}

TEST_F(GateTest, GivenAnotherSlasher_ThenThePrecheckRejects) {
  PreconfCommitment commitment = commitment_for(1);
  commitment.slasher_address.fill(8);
  EXPECT_EQ(precheck(ssz_of(sign(commitment))), Verdict::reject);
  EXPECT_EQ(last_finding(), Finding::wrong_slasher);
  validate(ssz_of(sign(commitment)));
  EXPECT_EQ(last_verdict(), Verdict::reject);
}

TEST_F(GateTest, GivenNoListHash_ThenOnlyAMarkerPasses) {
  PreconfCommitment commitment = commitment_for(1);
  commitment.preconf.raw_tx_list_hash = {};
  EXPECT_EQ(precheck(ssz_of(sign(commitment))), Verdict::reject);
  EXPECT_EQ(last_finding(), Finding::zero_list_hash);
  commitment.preconf.eop = true;
  EXPECT_EQ(precheck(ssz_of(sign(commitment))), Verdict::accept);
  validate(ssz_of(sign(commitment)));
  EXPECT_EQ(last_verdict(), Verdict::accept);
}

TEST_F(GateTest, GivenASignatureThatDoesNotRecover_ThenItIsRejected) {
  SignedCommitment commitment = sign(commitment_for(1));
  commitment.signature[64] += 27;
  EXPECT_EQ(precheck(ssz_of(commitment)), Verdict::accept);
  validate(ssz_of(commitment));
  EXPECT_EQ(last_verdict(), Verdict::reject);
  EXPECT_EQ(last_finding(), Finding::bad_signature);
}

TEST_F(GateTest, GivenASignerWhoIsNotElected_ThenItIsIgnoredAndCostsApplicationScoreOnly) {
  const auto stranger = key_of(0x55);
  validate(ssz_of(sign_commitment(stranger, placeholder_domain(), commitment_for(1))));
  EXPECT_EQ(last_verdict(), Verdict::ignore);
  EXPECT_EQ(last_finding(), Finding::wrong_signer);
  EXPECT_EQ(blame_of(Finding::wrong_signer, false), Blame::relayed);
  EXPECT_EQ(blame_of(Finding::wrong_signer, true), Blame::full);
  EXPECT_TRUE(offered_.empty());
}

TEST_F(GateTest, GivenAWindowEndThatIsNotTheSchedules_ThenThePrecheckIgnoresIt) {
  PreconfCommitment commitment = commitment_for(1);
  commitment.preconf.submission_window_end = kWindowEnd + 12;
  EXPECT_EQ(precheck(ssz_of(sign(commitment))), Verdict::ignore);
  EXPECT_EQ(last_finding(), Finding::wrong_window);
  EXPECT_EQ(gate_->counters().recovered, 0u);
}

TEST_F(GateTest, GivenAScheduleWithoutWindowEnds_ThenAnyWindowEndPasses) {
  schedule_.answer = ElectedSigner{elected_.address(), U256(), true};
  PreconfCommitment commitment = commitment_for(1);
  commitment.preconf.submission_window_end = 5;
  EXPECT_EQ(precheck(ssz_of(sign(commitment))), Verdict::accept);
  validate(ssz_of(sign(commitment)));
  EXPECT_EQ(last_verdict(), Verdict::accept);
}

TEST_F(GateTest, GivenATimeOutsideTheSchedule_ThenItIsIgnoredAndOnlyThePastIsBlamed) {
  using Reason = ScheduleOutOfRange::Reason;
  const Bytes ssz = ssz_of(sign(commitment_for(1)));
  for (const Reason reason : {Reason::before_genesis, Reason::too_old}) {
    schedule_.answer = ScheduleOutOfRange{reason};
    EXPECT_EQ(precheck(ssz), Verdict::ignore);
    EXPECT_EQ(blame_of(last_finding(), false), Blame::relayed);
  }
  schedule_.answer = ScheduleOutOfRange{Reason::too_new};
  EXPECT_EQ(precheck(ssz), Verdict::ignore);
  EXPECT_EQ(blame_of(last_finding(), true), Blame::none);
}

TEST_F(GateTest, GivenNumbersOver64Bits_ThenThePrecheckIgnoresThem) {
  for (U256 Preconfirmation::* field : {&Preconfirmation::block_number, &Preconfirmation::timestamp,
                                        &Preconfirmation::submission_window_end}) {
    PreconfCommitment commitment = commitment_for(1);
    commitment.preconf.*field = U256::max();
    EXPECT_EQ(precheck(ssz_of(sign(commitment))), Verdict::ignore);
    EXPECT_EQ(last_finding(), Finding::number_too_large);
  }
}

TEST_F(GateTest, GivenATopicOfAnotherChain_ThenItIsIgnoredAndCounted) {
  const NetworkNames others(1);
  EXPECT_EQ(gate_->precheck(relayer_, others.topic(Topic::commitments), Bytes(382)), Verdict::ignore);
  EXPECT_EQ(gate_->counters().unknown_topic, 1u);
  EXPECT_TRUE(judged_.empty());
}

// --- Duplicates --------------------------------------------------------------------------------------------

TEST_F(GateTest, GivenTheOtherFormOfAKnownSignature_ThenThePrecheckIgnoresItWithoutARecovery) {
  const SignedCommitment commitment = sign(commitment_for(1));
  validate(ssz_of(commitment));
  SignedCommitment other = commitment;
  other.signature = crypto::other_form(commitment.signature).value();
  ASSERT_EQ(recover_signer(placeholder_domain(), other).value().address, elected_.address());

  EXPECT_EQ(precheck(ssz_of(other)), Verdict::ignore);
  EXPECT_EQ(last_finding(), Finding::duplicate);
  EXPECT_EQ(blame_of(Finding::duplicate, true), Blame::none);
  EXPECT_EQ(gate_->counters().recovered, 1u);
  EXPECT_EQ(precheck(ssz_of(commitment)), Verdict::ignore);
  validate(ssz_of(other));
  EXPECT_EQ(last_verdict(), Verdict::ignore);
  EXPECT_EQ(offered_.size(), 1u);
}

TEST_F(GateTest, GivenTheOtherFormFirst_ThenTheLowFormIsTheDuplicate) {
  const SignedCommitment commitment = sign(commitment_for(1));
  SignedCommitment other = commitment;
  other.signature = crypto::other_form(commitment.signature).value();
  validate(ssz_of(other));
  EXPECT_EQ(last_verdict(), Verdict::accept);
  EXPECT_EQ(precheck(ssz_of(commitment)), Verdict::ignore);
}

TEST_F(GateTest, GivenGarbageForASignatureOnAKnownContent_ThenItIsStillRejected) {
  SignedCommitment commitment = sign(commitment_for(1));
  validate(ssz_of(commitment));
  for (std::size_t i = 0; i < 32; ++i) commitment.signature[i] = 0xff;
  EXPECT_EQ(precheck(ssz_of(commitment)), Verdict::accept);
  validate(ssz_of(commitment));
  EXPECT_EQ(last_verdict(), Verdict::reject);
  EXPECT_EQ(last_finding(), Finding::bad_signature);
}

TEST_F(GateTest, GivenASecondCommitmentForTheSameBlock_ThenItIsNoDuplicate) {
  PreconfCommitment second = commitment_for(1);
  second.preconf.raw_tx_list_hash.fill(8);
  validate(ssz_of(sign(commitment_for(1))));
  validate(ssz_of(sign(second)));
  EXPECT_EQ(offered_.size(), 2u);
}

TEST_F(GateTest, GivenAPublicationOfOurs_ThenEveryFormOfItThatComesBackIsIgnored) {
  const SignedCommitment commitment = sign(commitment_for(1));
  gate_->note_published(commitment);
  SignedCommitment other = commitment;
  other.signature = crypto::other_form(commitment.signature).value();
  EXPECT_EQ(precheck(ssz_of(commitment)), Verdict::ignore);
  EXPECT_EQ(precheck(ssz_of(other)), Verdict::ignore);
  EXPECT_EQ(gate_->counters().of(Topic::commitments, Finding::own), 2u);
  validate(ssz_of(other));
  EXPECT_EQ(last_finding(), Finding::own);
  EXPECT_TRUE(offered_.empty());
}

// --- Held commitments --------------------------------------------------------------------------------------

TEST_F(GateTest, GivenAnUnknownSchedule_WhenItBecomesKnown_ThenTheHeldOnesAreJudged) {
  schedule_.answer = ScheduleUnknown{};
  const auto stranger = key_of(0x55);
  EXPECT_EQ(precheck(ssz_of(sign(commitment_for(1)))), Verdict::accept);
  validate(ssz_of(sign(commitment_for(1))), Topic::commitments, at(0));
  validate(ssz_of(sign_commitment(stranger, placeholder_domain(), commitment_for(2))), Topic::commitments,
           at(1));
  EXPECT_EQ(gate_->held_count(), 2u);
  EXPECT_TRUE(reports_.empty());

  elect(elected_);
  gate_->schedule_changed();
  while (gate_->has_work()) gate_->work();
  ASSERT_EQ(reports_.size(), 2u);
  EXPECT_EQ(reports_[0].verdict, Verdict::accept);
  EXPECT_EQ(reports_[1].verdict, Verdict::ignore);
  EXPECT_EQ(last_finding(), Finding::wrong_signer);
  EXPECT_EQ(offered_.size(), 1u);
  EXPECT_EQ(gate_->held_count(), 0u);
  EXPECT_EQ(gate_->counters().released, 2u);
}

TEST_F(GateTest, GivenAnUnknownSchedule_WhenOneSlotHasPassed_ThenItIsIgnoredWithoutBlame) {
  schedule_.answer = ScheduleUnknown{};
  validate(ssz_of(sign(commitment_for(1))), Topic::commitments, at(100));
  gate_->tick(at(111));
  EXPECT_TRUE(reports_.empty());
  gate_->tick(at(112));
  EXPECT_EQ(last_verdict(), Verdict::ignore);
  EXPECT_EQ(last_finding(), Finding::schedule_unknown);
  EXPECT_EQ(blame_of(Finding::schedule_unknown, true), Blame::none);
}

TEST_F(GateTest, GivenAnUnknownSchedule_ThenABadSignatureIsNotHeld) {
  schedule_.answer = ScheduleUnknown{};
  SignedCommitment commitment = sign(commitment_for(1));
  commitment.signature[64] = 4;
  validate(ssz_of(commitment));
  EXPECT_EQ(last_verdict(), Verdict::reject);
  EXPECT_EQ(gate_->held_count(), 0u);
}

TEST_F(GateTest, GivenAHeldCommitment_ThenItsOtherFormIsADuplicate) {
  schedule_.answer = ScheduleUnknown{};
  SignedCommitment commitment = sign(commitment_for(1));
  validate(ssz_of(commitment));
  commitment.signature = crypto::other_form(commitment.signature).value();
  validate(ssz_of(commitment));
  EXPECT_EQ(last_finding(), Finding::duplicate);
  EXPECT_EQ(gate_->held_count(), 1u);
}

TEST_F(GateTest, GivenManyHeldCommitments_ThenEachPeerAndTheWholeHaveABound) {
  schedule_.answer = ScheduleUnknown{};
  std::uint64_t number = 0;
  for (std::uint8_t peer = 1; peer <= 5; ++peer) {
    relayer_ = peer_named(peer);
    for (std::size_t i = 0; i < limits::kHeldCommitmentsPerPeer + 1; ++i) {
      validate(ssz_of(sign(commitment_for(++number))));
    }
    const std::size_t expected = std::min(limits::kHeldCommitments, peer * limits::kHeldCommitmentsPerPeer);
    EXPECT_EQ(gate_->held_count(), expected);
    EXPECT_EQ(last_finding(), Finding::hold_full);
    EXPECT_EQ(last_verdict(), Verdict::ignore);
  }
  gate_->tick(at(12));
  EXPECT_EQ(gate_->held_count(), 0u);
}

TEST_F(GateTest, GivenManyHeldCommitments_WhenJudgedAgain_ThenATurnTakesOnlySome) {
  schedule_.answer = ScheduleUnknown{};
  for (std::uint64_t number = 1; number <= 20; ++number) validate(ssz_of(sign(commitment_for(number))));
  elect(elected_);
  gate_->schedule_changed();
  gate_->work();
  EXPECT_EQ(offered_.size(), limits::kRejudgedPerTurn);
  EXPECT_TRUE(gate_->has_work());
  gate_->work();
  EXPECT_EQ(offered_.size(), 20u);
  EXPECT_FALSE(gate_->has_work());
}

// --- Transaction lists -------------------------------------------------------------------------------------

Bytes list_ssz(std::size_t size, std::uint8_t fill = 3) {
  auto bytes = std::make_shared<const Bytes>(size, fill);
  return encode(RawTxList{tx_list_hash(*bytes), bytes});
}

TEST_F(GateTest, GivenAListThatHashesToItsName_ThenTheHeartGetsItsBytes) {
  const Bytes ssz = list_ssz(1000);
  EXPECT_EQ(precheck(ssz, Topic::raw_tx_lists), Verdict::accept);
  validate(ssz, Topic::raw_tx_lists);
  ASSERT_EQ(lists_.size(), 1u);
  EXPECT_EQ(lists_[0].bytes().size(), 1000u);
  EXPECT_EQ(encode(lists_[0]), ssz);
  EXPECT_EQ(last_verdict(), Verdict::accept);
}

TEST_F(GateTest, GivenAListWithAnotherHash_ThenItIsRejected) {
  Bytes ssz = list_ssz(1000);
  ssz.back() ^= 1;
  EXPECT_EQ(precheck(ssz, Topic::raw_tx_lists), Verdict::accept);
  validate(ssz, Topic::raw_tx_lists);
  EXPECT_EQ(last_verdict(), Verdict::reject);
  EXPECT_EQ(last_finding(), Finding::hash_mismatch);
}

TEST_F(GateTest, GivenAnEmptyList_ThenOnlyTheHashOfNothingPasses) {
  validate(list_ssz(0), Topic::raw_tx_lists);
  EXPECT_EQ(last_verdict(), Verdict::accept);
  Bytes zero = list_ssz(0);
  std::fill_n(zero.begin(), 32, 0);
  validate(zero, Topic::raw_tx_lists);
  EXPECT_EQ(last_verdict(), Verdict::reject);
}

TEST_F(GateTest, GivenAListOverTwoMebibytes_ThenThePrecheckRejectsIt) {
  Bytes ssz = list_ssz(kMaxTxListBytes);
  EXPECT_EQ(precheck(ssz, Topic::raw_tx_lists), Verdict::accept);
  ssz.push_back(3);
  EXPECT_EQ(precheck(ssz, Topic::raw_tx_lists), Verdict::reject);
  EXPECT_EQ(last_finding(), Finding::too_large);
}

TEST_F(GateTest, GivenALargeList_ThenItIsHashedInSlicesAndTheVerdictComesLater) {
  validate(list_ssz(kMaxTxListBytes), Topic::raw_tx_lists);
  Bytes wrong = list_ssz(kMaxTxListBytes);
  wrong[36] ^= 1;
  validate(wrong, Topic::raw_tx_lists);
  EXPECT_TRUE(reports_.empty());
  std::size_t slices = 0;
  while (gate_->has_work()) {
    gate_->work();
    ++slices;
  }
  EXPECT_EQ(slices, 2 * kMaxTxListBytes / limits::kHashSliceBytes);
  ASSERT_EQ(reports_.size(), 2u);
  EXPECT_EQ(reports_[0].verdict, Verdict::accept);
  EXPECT_EQ(reports_[1].verdict, Verdict::reject);
  EXPECT_EQ(lists_.size(), 1u);
}

TEST_F(GateTest, GivenMoreLargeListsThanWait_ThenTheNextIsIgnoredWithoutBlame) {
  const Bytes ssz = list_ssz(kMaxTxListBytes);
  for (int i = 0; i < 4; ++i) validate(ssz, Topic::raw_tx_lists);
  EXPECT_TRUE(reports_.empty());
  validate(ssz, Topic::raw_tx_lists);
  EXPECT_EQ(last_finding(), Finding::busy);
  EXPECT_EQ(blame_of(Finding::busy, true), Blame::none);
  while (gate_->has_work()) gate_->work();
  EXPECT_EQ(lists_.size(), 4u);
}

TEST(GateWithoutSlasher, GivenNoExpectedSlasher_ThenAnyPasses) {
  const NetworkNames names(1);
  FakeSchedule schedule;
  const auto key = key_of(1);
  schedule.answer = ElectedSigner{key.address(), kWindowEnd, false};
  std::vector<Verdict> verdicts;
  GateHooks hooks;
  hooks.report = [&](const libp2p::MessageId&, Verdict verdict) { verdicts.push_back(verdict); };
  ValidationGate gate({}, names, schedule, std::move(hooks));
  PreconfCommitment commitment = commitment_for(1);
  commitment.slasher_address.fill(0x77);
  const Bytes ssz = ssz_of(sign_commitment(key, placeholder_domain(), commitment));
  EXPECT_EQ(gate.precheck(peer_named(1), names.topic(Topic::commitments), ssz), Verdict::accept);
  const libp2p::MessageId id{};
  const PeerId peer = peer_named(1);
  const auto frame = std::make_shared<const Bytes>(ssz);
  gate.validate({id, peer, peer, names.topic(Topic::commitments), *frame, frame}, Instant{});
  // Nobody listens: what passed the gate is accepted.
  EXPECT_EQ(verdicts, std::vector<Verdict>{Verdict::accept});
}

}  // namespace
}  // namespace libpreconf::p2p
