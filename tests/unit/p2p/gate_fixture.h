#pragma once
// A gate between a schedule that the test writes and a heart that the test is.

#include <gtest/gtest.h>

#include <map>

#include "crypto/secp256k1.h"
#include "p2p/reputation.h"
#include "p2p/signing.h"
#include "p2p/validation_gate.h"

namespace libpreconf::p2p::test {

class FakeSchedule final : public SignerSchedule {
 public:
  ScheduleAnswer answer = ScheduleUnknown{};
  std::map<std::uint64_t, ScheduleAnswer> by_time;

  ScheduleAnswer elected_at(const U256& timestamp) const override {
    if (const auto seconds = timestamp.to_u64()) {
      if (const auto found = by_time.find(*seconds); found != by_time.end()) return found->second;
    }
    return answer;
  }
};

inline PeerId peer_named(std::uint8_t number) {
  Bytes multihash{0x00, 0x24, 0x08, 0x01, 0x12, 0x20};
  multihash.resize(38, number);
  return PeerId::from_bytes(multihash).value();
}

inline crypto::Secp256k1Key key_of(std::uint8_t byte) {
  return crypto::Secp256k1Key::from_bytes(Bytes(32, byte)).value();
}

constexpr std::uint64_t kWindowEnd = 1764000012;

/// Block `number` by the preconfer of the window that ends at kWindowEnd.
inline PreconfCommitment commitment_for(std::uint64_t number) {
  PreconfCommitment out;
  out.preconf.block_number = number;
  out.preconf.timestamp = 1764000000 + number % 12;
  out.preconf.gas_limit = 30'000'000;
  out.preconf.raw_tx_list_hash.fill(7);
  out.preconf.submission_window_end = kWindowEnd;
  out.slasher_address.fill(9);
  return out;
}

class GateTest : public testing::Test {
 protected:
  struct Report {
    libp2p::MessageId id;
    libp2p::Verdict verdict;
  };
  struct Judged {
    PeerId from;
    Topic topic;
    Finding finding;
    bool published_it;
  };

  GateTest() {
    Address slasher;
    slasher.fill(9);
    GateHooks hooks;
    hooks.on_commitment = [this](const PeerId&, const SignedCommitment& commitment,
                                 const RecoveredSigner& signer) {
      offered_.push_back(commitment);
      signers_.push_back(signer.address);
      return heart_;
    };
    hooks.on_raw_tx_list = [this](const PeerId&, const RawTxList& list) {
      lists_.push_back(list);
      return heart_;
    };
    hooks.report = [this](const libp2p::MessageId& id, libp2p::Verdict verdict) {
      reports_.push_back({id, verdict});
    };
    hooks.on_finding = [this](const PeerId& from, Topic topic, Finding finding, bool published_it) {
      judged_.push_back({from, topic, finding, published_it});
    };
    gate_.emplace(GateConfig{placeholder_domain(), slasher}, names_, schedule_, std::move(hooks));
    elect(elected_);
  }

  void elect(const crypto::Secp256k1Key& key) {
    schedule_.answer = ElectedSigner{key.address(), kWindowEnd, false};
  }

  SignedCommitment sign(const PreconfCommitment& commitment) const {
    return sign_commitment(elected_, placeholder_domain(), commitment);
  }

  libp2p::Verdict precheck(const ByteView ssz, Topic topic = Topic::commitments) {
    return gate_->precheck(relayer_, names_.topic(topic), ssz);
  }

  /// Hands the bytes to `validate` as a message of `author`, relayed by relayer_; returns its id.
  libp2p::MessageId validate(ByteView ssz, Topic topic = Topic::commitments, Instant now = Instant{},
                             std::uint8_t author = 200) {
    libp2p::MessageId id{};
    id[0] = ++next_id_;
    const PeerId author_id = peer_named(author);
    // The frame may go away with this call: who needs the bytes longer keeps the pointer.
    const auto frame = std::make_shared<const Bytes>(ssz.begin(), ssz.end());
    gate_->validate({id, relayer_, author_id, names_.topic(topic), *frame, frame}, now);
    return id;
  }

  /// The verdict of the last report, which must exist.
  libp2p::Verdict last_verdict() const { return reports_.at(reports_.size() - 1).verdict; }
  Finding last_finding() const { return judged_.at(judged_.size() - 1).finding; }

  NetworkNames names_{167000};
  FakeSchedule schedule_;
  crypto::Secp256k1Key elected_ = key_of(0x07);
  PeerId relayer_ = peer_named(1);
  GossipDecision heart_ = GossipDecision::accept;
  std::vector<SignedCommitment> offered_;
  std::vector<Address> signers_;
  std::vector<RawTxList> lists_;
  std::vector<Report> reports_;
  std::vector<Judged> judged_;
  std::uint8_t next_id_ = 0;
  std::optional<ValidationGate> gate_;
};

inline Bytes ssz_of(const SignedCommitment& commitment) {
  return to_bytes(ByteView(encode(commitment)));
}

}  // namespace libpreconf::p2p::test
