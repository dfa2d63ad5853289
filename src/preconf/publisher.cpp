#include "preconf/publisher.h"

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "libpreconf/base/hex.h"

namespace libpreconf::preconf {
namespace {

using Kind = Publication::Kind;
using Stage = Publication::Stage;

/// The caller's handle: dropping it drops the answer, never the publication.
class Answer final : public Registration {
 public:
  explicit Answer(std::shared_ptr<bool> abandoned) : abandoned_(std::move(abandoned)) {}
  ~Answer() override { *abandoned_ = true; }

 private:
  std::shared_ptr<bool> abandoned_;
};

std::unexpected<PublishError> invalid(std::string_view what) {
  return refuse(PublishErrorKind::invalid_commitment, "validation error: " + std::string(what));
}

}  // namespace

Publisher::Publisher(ClientContext& context, EventHandler& handler, Submitter& submitter, Outbox& outbox)
    : context_(context), handler_(handler), submitter_(submitter), outbox_(outbox) {}

Publisher::~Publisher() = default;

// --- Entry -------------------------------------------------------------------------------------------------

Handle Publisher::publish_commitment(Bytes commitment_ssz, OnPublished on_published) {
  auto publication = std::make_unique<Publication>();
  publication->kind = Kind::commitment;
  publication->commitment_ssz = std::move(commitment_ssz);
  publication->on_published = std::move(on_published);
  return begin(std::move(publication));
}

Handle Publisher::publish_tx_list(const Hash256& tx_list_hash, std::shared_ptr<const Bytes> tx_list,
                                  OnPublished on_published) {
  auto publication = std::make_unique<Publication>();
  publication->kind = Kind::tx_list;
  publication->claimed_hash = tx_list_hash;
  if (tx_list) publication->tx_list = std::move(tx_list);
  publication->on_published = std::move(on_published);
  return begin(std::move(publication));
}

Handle Publisher::publish_block(PublishBlockRequest request, OnPublished on_published) {
  auto publication = std::make_unique<Publication>();
  publication->kind = Kind::block;
  publication->commitment_ssz = std::move(request.commitment_ssz);
  publication->claimed_hash = request.tx_list_hash;
  if (request.tx_list) publication->tx_list = std::move(request.tx_list);
  publication->on_published = std::move(on_published);
  return begin(std::move(publication));
}

Handle Publisher::begin(std::unique_ptr<Publication> publication) {
  Handle answer(std::make_unique<Answer>(publication->abandoned));
  Publication& added = *publications_.emplace_back(std::move(publication));
  added.step = context_.reactor.after(Duration(0), [this, &added] { run(added); });
  return answer;
}

void Publisher::run(Publication& publication) {
  while (publication.stage < Stage::waiting) {
    const Progress progress = advance(publication);
    if (!progress) return settle(publication, Failure(progress.error()));
    if (!*progress) {
      publication.step = context_.reactor.after(Duration(0), [this, &publication] { run(publication); });
      return;
    }
    if (publication.stage >= Stage::waiting) return;
    publication.stage = static_cast<Stage>(static_cast<std::uint8_t>(publication.stage) + 1);
  }
}

Publisher::Progress Publisher::advance(Publication& publication) {
  switch (publication.stage) {
    case Stage::reading:
      return read(publication);
    case Stage::hashing:
      return hash_slice(publication);
    case Stage::validating:
      return validate(publication);
    case Stage::decoding:
      return decode_slice(publication);
    case Stage::storing:
      return store(publication);
    case Stage::waiting:
    case Stage::settled:
      break;
  }
  return refuse(PublishErrorKind::internal, "a publication that is done was run again");
}

// --- Checks, in the order of node book 9.1 -----------------------------------------------------------------

Publisher::Progress Publisher::read(Publication& publication) {
  if (context_.network == nullptr) {
    return refuse(PublishErrorKind::internal, "network error: the node is not running");
  }
  if (publications_.size() > kMaxPublications) {
    return refuse(PublishErrorKind::busy, "network error: " + std::to_string(kMaxPublications) +
                                              " publications are under way already; try again");
  }
  if (publication.has_commitment()) {
    auto commitment = p2p::decode_signed_commitment(publication.commitment_ssz);
    if (!commitment) return invalid("invalid commitment SSZ: " + commitment.error().message);
    publication.commitment = *commitment;
  }
  if (publication.tx_list->size() > p2p::kMaxTxListBytes) return invalid("txlist too large");
  return true;
}

Publisher::Progress Publisher::hash_slice(Publication& publication) {
  if (publication.kind == Kind::commitment) return true;
  const ByteView rest = ByteView(*publication.tx_list).subspan(publication.hashed);
  const ByteView slice = rest.first(std::min(rest.size(), kHashSliceBytes));
  publication.hasher.update(slice);
  publication.hashed += slice.size();
  if (publication.hashed < publication.tx_list->size()) return false;
  const Hash256 hash = publication.hasher.finish();
  if (hash != publication.claimed_hash) {
    return invalid("tx_list_hash mismatch: expected " + to_hex(publication.claimed_hash) + ", got " +
                   to_hex(hash));
  }
  const Hash256& promised = publication.commitment.preconf().raw_tx_list_hash;
  if (publication.kind == Kind::block && !publication.is_marker() && promised != hash) {
    return invalid("commitment raw_tx_list_hash mismatch: commitment contains " + to_hex(promised) +
                   ", txlist hashes to " + to_hex(hash));
  }
  return true;
}

Publisher::Progress Publisher::validate(Publication& publication) {
  if (!publication.has_commitment()) return true;
  const auto valid = validate_commitment(context_.rules, publication.commitment);
  if (!valid) {
    context_.reject(valid.error().fault);
    return Failure(to_publish_error(valid.error()));
  }
  publication.valid = *valid;
  context_.refresh_tips();
  if (!context_.event_sync_tip_known) {
    return refuse(PublishErrorKind::not_synced, "event sync tip is unknown (confirmed sync not ready)");
  }
  const std::uint64_t number = block_number_of(*valid);
  if (number <= context_.event_sync_tip) {
    return refuse(PublishErrorKind::stale, "validation error: StaleCommitment: stale commitment: block " +
                                               std::to_string(number) + " <= event_sync_tip " +
                                               std::to_string(context_.event_sync_tip));
  }
  if (number > context_.tip() && number - context_.tip() > kMaxBlocksAhead) {
    return invalid("block " + std::to_string(number) + " is more than " + std::to_string(kMaxBlocksAhead) +
                   " above the tip " + std::to_string(context_.tip()));
  }
  return true;
}

Publisher::Progress Publisher::decode_slice(Publication& publication) {
  if (publication.kind != Kind::block || publication.is_marker()) return true;
  if (!publication.decoder) publication.decoder.emplace(publication.tx_list);
  const auto finished = publication.decoder->step();
  if (!finished) {
    return refuse(PublishErrorKind::invalid_tx_list, "codec error: " + finished.error().message);
  }
  return *finished;
}

// --- Storing and executing ---------------------------------------------------------------------------------

// The equivocation guard: one promise for a height, from this node's API or by any other way to the signer's
// other promise (node book I-19).
Publisher::Progress Publisher::reserve(const StoredCommitment& commitment) {
  const std::uint64_t number = block_number_of(commitment);
  const bool marker = commitment.commitment.preconf().is_eop_only();
  const auto conflict = [&](const Hash256& other) {
    return refuse(PublishErrorKind::conflict, "validation error: height " + std::to_string(number) +
                                                  " is taken by another commitment of this signer, " +
                                                  to_hex(other));
  };
  const auto rivals = marker ? context_.store.markers(number) : context_.store.candidates(number);
  for (const StoredCommitment& rival : rivals) {
    if (rival.signer == commitment.signer && rival.digest != commitment.digest) return conflict(rival.hash);
  }
  const auto [slot, is_new] = reserved_.try_emplace({number, marker}, commitment.digest);
  if (!is_new && slot->second != commitment.digest) return conflict(slot->second);
  while (reserved_.size() > kMaxHeightsReserved) reserved_.erase(reserved_.begin());
  return true;
}

Publisher::Progress Publisher::store(Publication& publication) {
  if (publication.has_commitment()) {
    if (answered_.find(publication.valid.digest) != nullptr) {
      gossip(publication);
      return true;
    }
    if (auto reserved = reserve(publication.valid); !reserved) return reserved;
  }
  const bool brings_list = publication.kind != Kind::commitment && !publication.is_marker();
  if (brings_list) {
    if (publication.decoder) submitter_.offer_decoded(publication.claimed_hash, publication.decoder->take());
    const p2p::RawTxList list{.hash = publication.claimed_hash, .tx_list = publication.tx_list};
    if (!context_.store.tx_list(list.hash) && !handler_.keep_tx_list(list)) {
      return refuse(PublishErrorKind::internal, "storage error: no room for the txlist now");
    }
  }
  if (!publication.has_commitment()) {
    gossip(publication);
    return true;
  }
  return store_commitment(publication);
}

Publisher::Progress Publisher::store_commitment(Publication& publication) {
  switch (handler_.accept(publication.valid)) {
    case Acceptance::accepted:
    case Acceptance::second:
    case Acceptance::duplicate:
      break;
    case Acceptance::orphaned:
    case Acceptance::bad:
      return invalid("parent preconfirmation hash does not lead to the executed block below");
    case Acceptance::stale:
      return refuse(PublishErrorKind::stale, "validation error: StaleCommitment: stale commitment");
    case Acceptance::surplus:
      return refuse(PublishErrorKind::conflict, "validation error: the height has its commitments already");
  }
  if (must_wait(publication)) {
    wait_for_driver(publication);
  } else {
    gossip(publication);
  }
  return true;
}

bool Publisher::must_wait(const Publication& publication) const {
  if (publication.is_marker()) return false;
  const StoredCommitment& valid = publication.valid;
  if (context_.executed.at(block_number_of(valid)) == valid.hash) return false;
  return context_.store.tx_list(valid.commitment.preconf().raw_tx_list_hash).has_value();
}

void Publisher::wait_for_driver(Publication& publication) {
  publication.stage = Stage::waiting;
  publication.deadline = context_.reactor.after(kPublishDeadline, [this, &publication] {
    settle(publication,
           refuse(PublishErrorKind::internal,
                  "driver error: block " + std::to_string(block_number_of(publication.valid)) +
                      " was stored, but not executed within " +
                      std::to_string(
                          std::chrono::duration_cast<std::chrono::seconds>(kPublishDeadline).count()) +
                      " s"));
  });
  submitter_.wake();
}

std::vector<Publication*> Publisher::waiting_for(const Hash256& preconfirmation_hash) {
  std::vector<Publication*> found;
  for (const auto& publication : publications_) {
    if (publication->stage == Stage::waiting && publication->valid.hash == preconfirmation_hash) {
      found.push_back(publication.get());
    }
  }
  return found;
}

void Publisher::on_taken(const StoredCommitment& commitment) {
  for (Publication* publication : waiting_for(commitment.hash)) gossip(*publication);
}

void Publisher::on_bad(const StoredCommitment& commitment, const Error& why) {
  for (Publication* publication : waiting_for(commitment.hash)) {
    settle(*publication, refuse(PublishErrorKind::internal, "driver error: " + why.message));
  }
}

// --- The end -----------------------------------------------------------------------------------------------

// The list first: whoever hears the commitment can fetch what it names.
void Publisher::gossip(Publication& publication) {
  Published published{.tx_list_hash = publication.claimed_hash};
  if (publication.kind != Kind::commitment && !publication.is_marker()) {
    outbox_.send(p2p::RawTxList{.hash = publication.claimed_hash, .tx_list = publication.tx_list});
  }
  if (publication.has_commitment()) {
    outbox_.send(publication.commitment);
    answered_.put(publication.valid.digest, true);
    published.commitment_hash = crypto::keccak256(publication.commitment_ssz);
  }
  if (publication.kind == Kind::commitment) {
    published.tx_list_hash = publication.commitment.preconf().raw_tx_list_hash;
  }
  settle(publication, published);
}

void Publisher::settle(Publication& publication, PublishResult result) {
  publication.stage = Stage::settled;
  publication.deadline.reset();
  ++(result ? context_.counters.published : context_.counters.publish_failures);
  if (!result) log_info(LogArea::preconf, "publication refused: {}", printable(result.error().message));
  const auto owner =
      std::ranges::find_if(publications_, [&](const auto& held) { return held.get() == &publication; });
  if (PRECONF_BUG(owner == publications_.end())) return;
  auto held = std::move(*owner);
  publications_.erase(owner);
  auto callback = std::move(held->on_published);
  const bool wanted = !*held->abandoned;
  // A step of it may be on the stack.
  context_.reactor.destroy_later(std::move(held));
  if (wanted && callback) callback(std::move(result));
}

void Publisher::stop() {
  while (!publications_.empty()) {
    settle(*publications_.front(),
           refuse(PublishErrorKind::internal, "network error: the node is shutting down"));
  }
}

}  // namespace libpreconf::preconf
