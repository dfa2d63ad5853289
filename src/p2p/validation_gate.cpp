#include "p2p/validation_gate.h"

#include <algorithm>

#include "crypto/secp256k1.h"

namespace libpreconf::p2p {

using libp2p::Verdict;

ValidationGate::ValidationGate(GateConfig config, const NetworkNames& names, const SignerSchedule& schedule,
                               GateHooks hooks)
    : config_(std::move(config)), names_(names), schedule_(schedule), hooks_(std::move(hooks)) {}

// --- Before the libp2p signature ---------------------------------------------------------------------------

Verdict ValidationGate::precheck(const PeerId& from, std::string_view topic_name, ByteView data) {
  const auto topic = names_.find_topic(topic_name);
  if (!topic) {
    ++counters_.unknown_topic;
    return Verdict::ignore;
  }
  Finding finding = Finding::accepted;
  if (*topic == Topic::raw_tx_lists) {
    finding = inspect_list(data);
  } else {
    finding = inspect_commitment(data);
    if (finding == Finding::accepted) {
      const auto view = CommitmentView::of(data);
      if (const auto known = find_same_form(*view)) finding = *known;
    }
  }
  // A schedule that is not known yet is asked again after the signature; the message is then held.
  if (finding == Finding::accepted || finding == Finding::schedule_unknown) return Verdict::accept;
  // The author is unverified here, so nobody is taken for it.
  count(from, *topic, finding, false);
  return verdict_of(finding);
}

Finding ValidationGate::inspect_commitment(ByteView data) const {
  const auto view = CommitmentView::of(data);
  if (!view) return data.size() > limits::kCommitmentPayload ? Finding::too_large : Finding::undecodable;
  if (config_.expected_slasher && !equal(view->slasher_address(), *config_.expected_slasher)) {
    return Finding::wrong_slasher;
  }
  if (!view->eop() && view->has_zero_list_hash()) return Finding::zero_list_hash;
  if (!view->block_number().fits_u64() || !view->timestamp().fits_u64() ||
      !view->submission_window_end().fits_u64()) {
    return Finding::number_too_large;
  }
  return judge_window(view->timestamp(), view->submission_window_end(), nullptr);
}

Finding ValidationGate::inspect_list(ByteView data) const {
  const auto view = RawTxListView::of(data);
  if (view) return Finding::accepted;
  return view.error().code == ErrorCode::too_large ? Finding::too_large : Finding::undecodable;
}

Finding ValidationGate::judge_window(const U256& timestamp, const U256& window_end,
                                     const Address* signer) const {
  const ScheduleAnswer answer = schedule_.elected_at(timestamp);
  if (std::holds_alternative<ScheduleUnknown>(answer)) return Finding::schedule_unknown;
  if (const auto* outside = std::get_if<ScheduleOutOfRange>(&answer)) {
    // Our clock may be the one that is behind: nobody is blamed for the future.
    return outside->reason == ScheduleOutOfRange::Reason::too_new ? Finding::too_new
                                                                  : Finding::out_of_schedule;
  }
  const auto& elected = std::get<ElectedSigner>(answer);
  if (!elected.any_window_end && elected.submission_window_end != window_end) return Finding::wrong_window;
  if (signer != nullptr && elected.signer != *signer) return Finding::wrong_signer;
  return Finding::accepted;
}

// --- Known contents ----------------------------------------------------------------------------------------

const ValidationGate::Known* ValidationGate::find_known(ByteView commitment_bytes,
                                                        const Hash256& digest) const {
  const Known* known = known_.find(hash_bytes(commitment_bytes));
  return known != nullptr && known->digest == digest ? known : nullptr;
}

/// A known content in one of its two valid signature forms. Any other signature must prove itself: it may be
/// garbage, which is worth a rejection.
std::optional<Finding> ValidationGate::find_same_form(const CommitmentView& view) const {
  const Known* known = known_.find(hash_bytes(view.commitment_bytes()));
  if (known == nullptr) return std::nullopt;
  if (!equal(known->signature, view.signature())) {
    const auto other = crypto::other_form(known->signature);
    if (!other || !equal(*other, view.signature())) return std::nullopt;
  }
  if (view.signing_digest(config_.signing_domain) != known->digest) return std::nullopt;
  return known->own ? Finding::own : Finding::duplicate;
}

void ValidationGate::remember(const SignedCommitment& commitment, const Hash256& digest, bool own) {
  known_.put(hash_bytes(encode(commitment.commitment)), Known{digest, commitment.signature, own});
}

void ValidationGate::note_published(const SignedCommitment& commitment) {
  remember(commitment, signing_digest(config_.signing_domain, commitment.commitment), true);
}

// --- After the libp2p signature ----------------------------------------------------------------------------

void ValidationGate::validate(const libp2p::GossipMessage& message, Instant now) {
  const Origin origin{message.id, message.from, message.from == message.author};
  const auto topic = names_.find_topic(message.topic);
  if (!topic) {
    ++counters_.unknown_topic;
    hooks_.report(origin.id, Verdict::ignore);
  } else if (*topic == Topic::commitments) {
    validate_commitment(origin, message.data, now);
  } else {
    validate_list(origin, message.data, message.frame);
  }
}

void ValidationGate::validate_commitment(const Origin& origin, ByteView data, Instant now) {
  Finding finding = inspect_commitment(data);
  if (finding != Finding::accepted && finding != Finding::schedule_unknown) {
    return conclude(origin, Topic::commitments, finding);
  }
  const CommitmentView view = *CommitmentView::of(data);
  const Hash256 digest = view.signing_digest(config_.signing_domain);
  ++counters_.recovered;
  const auto address = crypto::recover_address(digest, view.signature());
  if (!address) return conclude(origin, Topic::commitments, Finding::bad_signature);

  const bool unknown = finding == Finding::schedule_unknown;
  if (!unknown) finding = judge_window(view.timestamp(), view.submission_window_end(), &*address);
  if (finding == Finding::accepted || unknown) {
    // Whoever signed a known content again (a new nonce) or changed its form brings nothing new.
    if (const Known* known = find_known(view.commitment_bytes(), digest)) {
      return conclude(origin, Topic::commitments, known->own ? Finding::own : Finding::duplicate);
    }
  }
  const RecoveredSigner signer{*address, digest};
  if (unknown) return hold(Held{origin, view.decode(), signer, now + limits::kHoldTime});
  if (finding != Finding::accepted) return conclude(origin, Topic::commitments, finding);
  offer_commitment(origin, view.decode(), signer);
}

void ValidationGate::offer_commitment(const Origin& origin, const SignedCommitment& commitment,
                                      const RecoveredSigner& signer) {
  const bool wanted = !hooks_.on_commitment ||
                      hooks_.on_commitment(origin.from, commitment, signer) == GossipDecision::accept;
  if (wanted) remember(commitment, signer.digest, false);
  conclude(origin, Topic::commitments, wanted ? Finding::accepted : Finding::declined);
}

// --- Held commitments --------------------------------------------------------------------------------------

bool ValidationGate::is_held(const Hash256& digest) const {
  return std::ranges::any_of(held_, [&](const Held& held) { return held.signer.digest == digest; });
}

void ValidationGate::hold(Held held) {
  if (is_held(held.signer.digest)) return conclude(held.origin, Topic::commitments, Finding::duplicate);
  std::size_t& of_peer = held_by_peer_[held.origin.from];
  if (held_.size() >= limits::kHeldCommitments || of_peer >= limits::kHeldCommitmentsPerPeer) {
    if (of_peer == 0) held_by_peer_.erase(held.origin.from);
    return conclude(held.origin, Topic::commitments, Finding::hold_full);
  }
  ++of_peer;
  ++counters_.held;
  held_.push_back(std::move(held));
}

ValidationGate::HeldList::iterator ValidationGate::drop_held(HeldList::iterator at) {
  if (const auto of_peer = held_by_peer_.find(at->origin.from); of_peer != held_by_peer_.end()) {
    if (--of_peer->second == 0) held_by_peer_.erase(of_peer);
  }
  const bool is_next = rejudge_ == at;
  const auto after = held_.erase(at);
  if (is_next) rejudge_ = after;
  return after;
}

void ValidationGate::schedule_changed() {
  rejudge_ = held_.begin();
}

void ValidationGate::tick(Instant now) {
  while (!held_.empty() && held_.front().give_up_at <= now) {
    const Origin origin = held_.front().origin;
    drop_held(held_.begin());
    conclude(origin, Topic::commitments, Finding::schedule_unknown);
  }
}

void ValidationGate::rejudge_slice() {
  for (std::size_t i = 0; i < limits::kRejudgedPerTurn && rejudge_ != held_.end(); ++i) {
    const auto at = rejudge_++;
    const Preconfirmation& preconf = at->commitment.preconf();
    const Finding finding =
        judge_window(preconf.timestamp, preconf.submission_window_end, &at->signer.address);
    if (finding == Finding::schedule_unknown) continue;
    ++counters_.released;
    // Out of the list before anybody is called: a hook may come back to us.
    const Held held = std::move(*at);
    drop_held(at);
    if (finding == Finding::accepted) {
      offer_commitment(held.origin, held.commitment, held.signer);
    } else {
      conclude(held.origin, Topic::commitments, finding);
    }
  }
}

// --- Transaction lists -------------------------------------------------------------------------------------

void ValidationGate::validate_list(const Origin& origin, ByteView data, const libp2p::SharedBytes& frame) {
  const auto view = RawTxListView::of(data);
  if (!view) return conclude(origin, Topic::raw_tx_lists, inspect_list(data));
  if (data.size() <= limits::kHashSliceBytes) {
    counters_.hashed_bytes += view->list().size();
    if (tx_list_hash(view->list()) != view->hash()) {
      return conclude(origin, Topic::raw_tx_lists, Finding::hash_mismatch);
    }
    return offer_list(origin, *view);
  }
  if (hash_job_bytes_ + data.size() > limits::kPendingListBytes) {
    return conclude(origin, Topic::raw_tx_lists, Finding::busy);
  }
  hash_job_bytes_ += data.size();
  hash_jobs_.push_back(HashJob{origin, frame, data, {}, 0});
}

void ValidationGate::hash_slice() {
  HashJob& job = hash_jobs_.front();
  const RawTxListView view = *RawTxListView::of(job.data);
  const ByteView rest = view.list().subspan(job.done);
  const ByteView slice = rest.first(std::min(rest.size(), limits::kHashSliceBytes));
  job.hasher.update(slice);
  job.done += slice.size();
  ++counters_.hash_slices;
  counters_.hashed_bytes += slice.size();
  if (job.done < view.list().size()) return;

  HashJob done = std::move(job);
  hash_jobs_.pop_front();
  hash_job_bytes_ -= done.data.size();
  if (done.hasher.finish() != view.hash()) {
    return conclude(done.origin, Topic::raw_tx_lists, Finding::hash_mismatch);
  }
  offer_list(done.origin, view);
}

void ValidationGate::offer_list(const Origin& origin, const RawTxListView& view) {
  const bool wanted =
      !hooks_.on_raw_tx_list || hooks_.on_raw_tx_list(origin.from, view.decode()) == GossipDecision::accept;
  conclude(origin, Topic::raw_tx_lists, wanted ? Finding::accepted : Finding::declined);
}

void ValidationGate::work() {
  if (!hash_jobs_.empty()) hash_slice();
  rejudge_slice();
}

// --- Verdicts ----------------------------------------------------------------------------------------------

void ValidationGate::count(const PeerId& from, Topic topic, Finding finding, bool published_it) {
  ++counters_.found[index_of(topic)][static_cast<std::size_t>(finding)];
  if (hooks_.on_finding) hooks_.on_finding(from, topic, finding, published_it);
}

void ValidationGate::conclude(const Origin& origin, Topic topic, Finding finding) {
  count(origin.from, topic, finding, origin.published_it);
  hooks_.report(origin.id, verdict_of(finding));
}

}  // namespace libpreconf::p2p
