// What the validation of a commitment costs the heap: nothing, whether it passes or not.
#include <gtest/gtest.h>

#include "libpreconf/preconf/static_signer_schedule.h"
#include "p2p/signing.h"
#include "preconf/commitment_validation.h"
#include "support/allocation_counter.h"
#include "unit/p2p/gate_fixture.h"

namespace libpreconf::test {
namespace {

using preconf::CommitmentFault;
using preconf::ValidationRules;

class ValidationAllocations : public testing::Test {
 protected:
  ValidationAllocations() {
    rules.schedule = &schedule;
    rules.expected_slasher = Address{9};
    rules.signing_domain = p2p::placeholder_domain();
    commitment.preconf.block_number = 5;
    commitment.preconf.timestamp = 1764000000;
    commitment.preconf.raw_tx_list_hash.fill(7);
    commitment.slasher_address = Address{9};
    // Contexts of the libraries are made on first use.
    (void)validate(sign());
  }
  [[nodiscard]] p2p::SignedCommitment sign() const {
    return p2p::sign_commitment(elected, p2p::placeholder_domain(), commitment);
  }
  std::optional<CommitmentFault> validate(const p2p::SignedCommitment& signed_commitment) {
    const auto valid = preconf::validate_commitment(rules, signed_commitment);
    return valid ? std::nullopt : std::optional(valid.error().fault);
  }
  void expect_free(const p2p::SignedCommitment& rejected, CommitmentFault fault) {
    std::optional<CommitmentFault> found;
    EXPECT_EQ(allocations_of([&] { found = validate(rejected); }), 0U) << preconf::to_string(fault);
    EXPECT_EQ(found, fault);
  }

  crypto::Secp256k1Key elected = crypto::Secp256k1Key::from_bytes(Bytes(32, 7)).value();
  preconf::StaticSignerSchedule schedule = preconf::StaticSignerSchedule::one_signer(elected.address());
  ValidationRules rules;
  p2p::PreconfCommitment commitment;
};

TEST_F(ValidationAllocations, GivenAValidCommitment_WhenValidated_ThenNothingIsAllocated) {
  const p2p::SignedCommitment valid = sign();
  std::optional<CommitmentFault> fault;
  EXPECT_EQ(allocations_of([&] { fault = validate(valid); }), 0U);
  EXPECT_EQ(fault, std::nullopt);
}

TEST_F(ValidationAllocations, GivenCommitmentsOfEachFault_WhenValidated_ThenNothingIsAllocated) {
  p2p::SignedCommitment bad = sign();
  bad.signature[64] = 7;
  expect_free(bad, CommitmentFault::signature_format);
  bad = sign();
  bad.signature.fill(0xff);
  bad.signature[64] = 0;
  expect_free(bad, CommitmentFault::signature_recovery);
  expect_free(p2p::sign_commitment(p2p::test::key_of(8), rules.signing_domain, commitment),
              CommitmentFault::signer);
  commitment.slasher_address = Address{8};
  expect_free(sign(), CommitmentFault::slasher);
  commitment.slasher_address = Address{9};
  commitment.preconf.raw_tx_list_hash = {};
  expect_free(sign(), CommitmentFault::missing_tx_list_hash);
  commitment.preconf.raw_tx_list_hash.fill(7);
  commitment.preconf.proposal_id = U256(~std::uint64_t{0});
  expect_free(sign(), CommitmentFault::number_range);
}

class GateAllocations : public p2p::test::GateTest {};

TEST_F(GateAllocations, GivenMessagesThatACheapCheckRefuses_WhenPrechecked_ThenNothingIsAllocated) {
  const Bytes valid = p2p::test::ssz_of(sign(p2p::test::commitment_for(1)));
  Bytes wrong_slasher = valid;
  wrong_slasher[p2p::offset::kSlasherAddress] ^= 1;
  Bytes wrong_window = valid;
  wrong_window[p2p::offset::kSubmissionWindowEnd] ^= 1;
  const Bytes short_one(valid.begin(), valid.end() - 1);
  judged_.reserve(1000);
  const std::string topic = names_.topic(p2p::Topic::commitments);
  for (const ByteView bytes : {ByteView(wrong_slasher), ByteView(wrong_window), ByteView(short_one)}) {
    libp2p::Verdict verdict = libp2p::Verdict::accept;
    EXPECT_EQ(allocations_of([&] { verdict = gate_->precheck(relayer_, topic, bytes); }), 0U);
    EXPECT_NE(verdict, libp2p::Verdict::accept);
  }
}

}  // namespace
}  // namespace libpreconf::test
