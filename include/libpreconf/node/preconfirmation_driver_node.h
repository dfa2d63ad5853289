#pragma once
// A whole preconfirmation node for programs that bring their own driver (node book 3.4): network, heart,
// store and the embedded driver client in one object.
//
//   auto created = PreconfirmationDriverNode::create(reactor, random, std::move(config), schedule, inbox);
//   created->channels.on_input(...)   // the driver's end: inputs in order, tips back
//   created->node->start();
//
// Owned by the caller. States: created -start-> running -stop-> stopped. Destroying it stops at once.
// Everything runs on the reactor's thread.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libpreconf/driver/embedded_driver_client.h"
#include "libpreconf/p2p/p2p_service.h"
#include "libpreconf/preconf/memory_commitment_store.h"
#include "libpreconf/preconf/preconfirmation_client.h"

namespace libpreconf::node {

struct PreconfirmationDriverNodeConfig {
  /// `expected_slasher` and `signing_domain` of the client follow the network's.
  p2p::P2pConfig p2p;
  preconf::ClientConfig client;
  preconf::MemoryCommitmentStore::Limits store;
  std::size_t driver_channel_capacity = driver::EmbeddedDriverClient::kDefaultCapacity;
  /// How often the inbox is asked again.
  Duration inbox_poll{std::chrono::seconds(12)};  // node book 2.3
};

/// preconf_getStatus (node book 12.7); never waits for anything.
struct NodeStatus {
  bool is_synced_with_inbox = false;
  std::optional<U256> event_sync_tip;
  U256 preconf_tip;
  std::uint64_t canonical_proposal_id = 0;
  std::size_t peer_count = 0;
  std::string peer_id;
  bool ready = false;  ///< synced with the inbox and live
  U256 head_block;
};

/// preconf_getPreconfSlotInfo.
struct SlotInfo {
  Address signer{};
  U256 submission_window_end;
};
/// Typed, because the RPC answers each differently.
struct SlotInfoError {
  bool out_of_range = false;  ///< else not known yet
  std::string message;
};

class PreconfirmationDriverNode {
 public:
  struct Created;
  /// `reactor`, `random`, `schedule` and `inbox` must outlive the node. Errors: those of P2pService and
  /// PreconfirmationClient.
  [[nodiscard]] static Result<Created> create(Reactor& reactor, Random& random,
                                              PreconfirmationDriverNodeConfig config,
                                              const p2p::SignerSchedule& schedule,
                                              driver::InboxReader& inbox);
  ~PreconfirmationDriverNode();

  /// Binds the listeners, dials, and begins to sync. Errors name the address.
  [[nodiscard]] Result<> start();
  /// Stops the heart, then the network; `on_done` within `limit`.
  void stop(Duration limit, std::move_only_function<void()> on_done);

  [[nodiscard]] Handle subscribe(std::move_only_function<void(const preconf::ClientEvent&)> callback);
  /// Calls back for each address that a listener got, with /p2p/ suffix.
  [[nodiscard]] Handle on_listening(std::move_only_function<void(const std::string&)> callback);

  // As PreconfirmationClient's.
  [[nodiscard]] Handle publish_commitment(Bytes commitment_ssz, preconf::OnPublished on_published);
  [[nodiscard]] Handle publish_tx_list(const Hash256& tx_list_hash, std::shared_ptr<const Bytes> tx_list,
                                       preconf::OnPublished on_published);
  [[nodiscard]] Handle publish_block(preconf::PublishBlockRequest request, preconf::OnPublished on_published);

  [[nodiscard]] NodeStatus status() const;
  [[nodiscard]] std::expected<SlotInfo, SlotInfoError> slot_info(const U256& timestamp) const;

  [[nodiscard]] p2p::P2pService& network();
  [[nodiscard]] const preconf::CommitmentStore& store() const;
  [[nodiscard]] const preconf::PreconfirmationClient& client() const;
  [[nodiscard]] driver::EmbeddedDriverClient& driver_client();

 private:
  struct Impl;
  explicit PreconfirmationDriverNode(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct PreconfirmationDriverNode::Created {
  std::unique_ptr<PreconfirmationDriverNode> node;
  driver::DriverChannels channels;
};

}  // namespace libpreconf::node
