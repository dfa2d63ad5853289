#pragma once
// The gate between gossip and the heart: judges every message of the two topics as p2p-wire 12.4 asks.
//
//   gossip -> precheck (synchronous, cheap, before the libp2p signature)
//          -> validate -> recover -> duplicate? -> schedule -+-> heart -> report(accept | ignore)
//                                                            +-> held until schedule_changed or one slot
//   lists:  -> validate -> keccak, in slices when large ---------> heart -> report(accept | ignore)
//
// Each message that `validate` took is reported exactly once, now or later. Sans-IO: time comes in as an
// argument, work that would hold the loop is left to `work`. Owned by P2pService, or by a test. Hooks may
// call any member, but must not destroy the gate.

#include <array>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/bounded.h"
#include "base/counters.h"
#include "crypto/hash.h"
#include "libp2p/gossipsub.h"
#include "libpreconf/base/clock.h"
#include "libpreconf/p2p/p2p_service.h"
#include "libpreconf/p2p/signer_schedule.h"
#include "p2p/commitment_view.h"
#include "p2p/findings.h"
#include "p2p/limits.h"
#include "p2p/topics.h"

namespace libpreconf::p2p {

struct GateConfig {
  Hash256 signing_domain = placeholder_domain();
  std::optional<Address> expected_slasher;
};

struct GateHooks {
  /// The heart. Absent: everything that passed the gate is accepted.
  std::move_only_function<GossipDecision(const PeerId&, const SignedCommitment&, const RecoveredSigner&)>
      on_commitment;
  std::move_only_function<GossipDecision(const PeerId&, const RawTxList&)> on_raw_tx_list;
  /// The verdict of a message that `validate` took.
  std::move_only_function<void(const libp2p::MessageId&, libp2p::Verdict)> report;
  /// A judged message, at precheck or later. `published_it`: the peer is the message's author.
  std::move_only_function<void(const PeerId&, Topic, Finding, bool published_it)> on_finding;
};

struct GateCounters {
  /// By topic and finding: `accepted` is p2p_gossip_valid, the others are p2p_gossip_invalid with a reason.
  std::array<std::array<Counter, kFindingCount>, kTopicCount> found{};
  Counter unknown_topic = 0;
  Counter held = 0;          ///< commitments that were held, ever
  Counter released = 0;      ///< of these, judged because the schedule became known
  Counter recovered = 0;     ///< signatures recovered
  Counter hashed_bytes = 0;  ///< of transaction lists
  Counter hash_slices = 0;   ///< turns spent on large lists

  [[nodiscard]] Counter of(Topic topic, Finding finding) const noexcept {
    return found[index_of(topic)][static_cast<std::size_t>(finding)];
  }
};

class ValidationGate {
 public:
  /// `names` and `schedule` must outlive the gate.
  ValidationGate(GateConfig config, const NetworkNames& names, const SignerSchedule& schedule,
                 GateHooks hooks);
  ValidationGate(const ValidationGate&) = delete;
  ValidationGate& operator=(const ValidationGate&) = delete;

  /// Cheap checks of a message whose libp2p signature was not looked at yet. `accept` means "go on".
  [[nodiscard]] libp2p::Verdict precheck(const PeerId& from, std::string_view topic, ByteView data);
  /// Judges a message whose libp2p signature verified.
  void validate(const libp2p::GossipMessage& message, Instant now);
  /// Remembers a publication of our own: other forms of it that come back are ignored.
  void note_published(const SignedCommitment& commitment);
  /// The schedule changed or time passed: what is held is judged again, by the next calls of `work`.
  void schedule_changed();
  /// Gives up what was held for a slot.
  void tick(Instant now);
  /// True while `work` has something to do.
  [[nodiscard]] bool has_work() const noexcept { return !hash_jobs_.empty() || rejudge_ != held_.end(); }
  /// One slice, at most about a millisecond.
  void work();

  [[nodiscard]] std::size_t held_count() const noexcept { return held_.size(); }
  [[nodiscard]] const GateCounters& counters() const noexcept { return counters_; }

 private:
  /// Who handed a message over, as every judgement needs it.
  struct Origin {
    libp2p::MessageId id{};
    PeerId from;
    bool published_it = false;
  };
  struct Known {
    Hash256 digest{};
    FixedBytes<kSignatureSize> signature{};
    bool own = false;
  };
  struct Held {
    Origin origin;
    SignedCommitment commitment;
    RecoveredSigner signer;
    Instant give_up_at{};
  };
  struct HashJob {
    Origin origin;
    libp2p::SharedBytes frame;  ///< keeps `data` alive
    ByteView data;
    crypto::Keccak256 hasher;
    std::size_t done = 0;
  };
  using HeldList = std::list<Held>;

  [[nodiscard]] Finding inspect_commitment(ByteView data) const;
  [[nodiscard]] Finding inspect_list(ByteView data) const;
  /// accepted: elected; schedule_unknown: hold it.
  [[nodiscard]] Finding judge_window(const U256& timestamp, const U256& window_end,
                                     const Address* signer) const;
  [[nodiscard]] const Known* find_known(ByteView commitment_bytes, const Hash256& digest) const;
  [[nodiscard]] std::optional<Finding> find_same_form(const CommitmentView& view) const;
  [[nodiscard]] bool is_held(const Hash256& digest) const;

  void validate_commitment(const Origin& origin, ByteView data, Instant now);
  void validate_list(const Origin& origin, ByteView data, const libp2p::SharedBytes& frame);
  void hold(Held held);
  HeldList::iterator drop_held(HeldList::iterator at);
  void rejudge_slice();
  void hash_slice();
  void offer_commitment(const Origin& origin, const SignedCommitment& commitment,
                        const RecoveredSigner& signer);
  void offer_list(const Origin& origin, const RawTxListView& view);
  void remember(const SignedCommitment& commitment, const Hash256& digest, bool own);

  void count(const PeerId& from, Topic topic, Finding finding, bool published_it);
  void conclude(const Origin& origin, Topic topic, Finding finding);

  GateConfig config_;
  const NetworkNames& names_;
  const SignerSchedule& schedule_;
  GateHooks hooks_;
  GateCounters counters_;
  // Keyed by a fast seeded hash of the 317 bytes, so that a first copy costs no Keccak; the digest inside
  // decides.
  FifoMap<std::uint64_t, Known> known_{limits::kKnownCommitments};
  HeldList held_;  // in order of give_up_at
  HeldList::iterator rejudge_ = held_.end();
  std::unordered_map<PeerId, std::size_t, libp2p::PeerIdHash> held_by_peer_;
  std::deque<HashJob> hash_jobs_;
  std::size_t hash_job_bytes_ = 0;
};

}  // namespace libpreconf::p2p
