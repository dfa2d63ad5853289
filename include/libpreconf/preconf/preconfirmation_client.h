#pragma once
// The heart: turns gossiped commitments and transaction lists into blocks in order.
//
//   gate -> network_events() -> validate, bound, link -> store -> [txlist fetched if missing]
//        -> submitter owns "next height" -> DriverClient::submit_preconfirmation
//   publish_*(): the same for what this node's own sidecar promises, then gossip
//   tip catch-up: what was promised before this node came
//
// Owned by PreconfirmationDriverNode, or by the program that embeds it. States: created -start-> syncing
// (driver waits for L1; gossip is stored already) -> live -stop-> stopped. No remote input and no driver
// error ends it. Event callbacks run inside the call that caused them; they may call the client, but must not
// destroy it.

#include <functional>
#include <memory>
#include <optional>

#include "libpreconf/preconf/client_events.h"
#include "libpreconf/preconf/client_network.h"
#include "libpreconf/preconf/commitment_store.h"
#include "libpreconf/preconf/driver_client.h"
#include "libpreconf/preconf/publish.h"

namespace libpreconf::preconf {

struct ClientConfig {
  /// Commitments must name it; absent: not checked.
  std::optional<Address> expected_slasher;
  Hash256 signing_domain = p2p::placeholder_domain();
  /// How long gossip has to bring a transaction list before peers are asked for it.
  Duration tx_list_fetch_delay{std::chrono::milliseconds(300)};  // node book 6.8
  /// Commitments asked for in one catch-up page, at most 256.
  std::uint32_t catch_up_page = 256;  // node book 8.5 row 5
};

struct ClientCounters;

class PreconfirmationClient {
 public:
  /// All references must outlive the client. `catch_up_page` of 0 or over 256 is `invalid`.
  [[nodiscard]] static Result<std::unique_ptr<PreconfirmationClient>> create(
      Reactor& reactor, ClientConfig config, CommitmentStore& store, const p2p::SignerSchedule& schedule,
      DriverClient& driver);
  ~PreconfirmationClient();

  /// The callbacks to make the P2pService with. They refer to the client: destroy the service first.
  [[nodiscard]] p2p::NetworkEvents network_events();
  /// Begins to wait for event sync, then catches up and goes live. `network` must live until `stop`.
  void start(ClientNetwork& network);
  /// Drops every request, timer and submission. Publications that wait are answered `internal`.
  void stop();

  /// Calls back for each event, in order.
  [[nodiscard]] Handle subscribe(std::move_only_function<void(const ClientEvent&)> callback);

  // Publishing (node book 12.4 to 12.6): validate, reserve the height, store, execute, gossip the list and
  // then the commitment, answer. The same bytes again give the same answer. Callbacks run once, never inside
  // the call; a destroyed handle drops the answer alone.
  [[nodiscard]] Handle publish_commitment(Bytes commitment_ssz, OnPublished on_published);
  [[nodiscard]] Handle publish_tx_list(const Hash256& tx_list_hash, std::shared_ptr<const Bytes> tx_list,
                                       OnPublished on_published);
  [[nodiscard]] Handle publish_block(PublishBlockRequest request, OnPublished on_published);

  /// Event sync is done and blocks go to the driver.
  [[nodiscard]] bool is_live() const;
  /// What peers are told: the highest commitment that can be served; all zero before the first.
  [[nodiscard]] p2p::PreconfHead head() const;
  [[nodiscard]] const ClientCounters& counters() const;

 private:
  struct Impl;
  explicit PreconfirmationClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace libpreconf::preconf
