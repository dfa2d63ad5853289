#pragma once
// Publications of this node's own sidecar (node book 12.4 to 12.6, with the order of 12.6's REC):
//
//   read SSZ -> hash the list (slices) -> validate -> decode the list (slices) -> reserve the height
//     -> store -> wait until the driver has it -> gossip list, then commitment -> answer
//
// Owned by PreconfirmationClient.

#include <functional>
#include <list>
#include <map>

#include "base/bounded.h"
#include "preconf/client_context.h"
#include "preconf/event_handler.h"
#include "preconf/outbox.h"
#include "preconf/publication.h"
#include "preconf/submitter.h"

namespace libpreconf::preconf {

class Publisher {
 public:
  Publisher(ClientContext& context, EventHandler& handler, Submitter& submitter, Outbox& outbox);
  ~Publisher();

  [[nodiscard]] Handle publish_commitment(Bytes commitment_ssz, OnPublished on_published);
  [[nodiscard]] Handle publish_tx_list(const Hash256& tx_list_hash, std::shared_ptr<const Bytes> tx_list,
                                       OnPublished on_published);
  [[nodiscard]] Handle publish_block(PublishBlockRequest request, OnPublished on_published);

  /// The driver took a block.
  void on_taken(const StoredCommitment& commitment);
  /// The driver will never take it.
  void on_bad(const StoredCommitment& commitment, const Error& why);
  /// Answers whoever still waits.
  void stop();

 private:
  using Failure = std::unexpected<PublishError>;
  /// True: go on with the next stage. False: more to do here, after a turn of the loop.
  using Progress = std::expected<bool, PublishError>;

  [[nodiscard]] Handle begin(std::unique_ptr<Publication> publication);
  void run(Publication& publication);
  [[nodiscard]] Progress advance(Publication& publication);
  [[nodiscard]] Progress read(Publication& publication);
  [[nodiscard]] Progress hash_slice(Publication& publication);
  [[nodiscard]] Progress validate(Publication& publication);
  [[nodiscard]] Progress decode_slice(Publication& publication);
  [[nodiscard]] Progress store(Publication& publication);
  [[nodiscard]] Progress store_commitment(Publication& publication);
  [[nodiscard]] Progress reserve(const StoredCommitment& commitment);
  [[nodiscard]] bool must_wait(const Publication& publication) const;
  void wait_for_driver(Publication& publication);
  void gossip(Publication& publication);
  void settle(Publication& publication, PublishResult result);
  [[nodiscard]] std::vector<Publication*> waiting_for(const Hash256& preconfirmation_hash);

  ClientContext& context_;
  EventHandler& handler_;
  Submitter& submitter_;
  Outbox& outbox_;
  std::list<std::unique_ptr<Publication>> publications_;
  /// What was answered with success, by signing digest.
  FifoMap<Hash256, bool, FixedBytesHash> answered_{kMaxAnswersRemembered};
  /// Signing digest of what this node published at a height; markers beside blocks.
  std::map<std::pair<std::uint64_t, bool>, Hash256> reserved_;
};

}  // namespace libpreconf::preconf
