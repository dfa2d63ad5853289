#include "libpreconf/node/preconfirmation_driver_node.h"

#include "base/log.h"
#include "libpreconf/preconf/store_commitment_source.h"
#include "node/node_status.h"
#include "preconf/subscribers.h"

namespace libpreconf::node {

// Declared in the order of dependence, so that the network goes before the heart that its events call, and
// everything before the store.
struct PreconfirmationDriverNode::Impl {
  Impl(Reactor& the_reactor, driver::InboxReader& the_inbox, const p2p::SignerSchedule& the_schedule,
       const PreconfirmationDriverNodeConfig& config)
      : reactor(the_reactor),
        inbox(the_inbox),
        schedule(the_schedule),
        inbox_poll(config.inbox_poll),
        store(config.store),
        source(store),
        driver(the_reactor, the_inbox, config.driver_channel_capacity, config.inbox_poll) {}
  ~Impl() {
    if (client) client->stop();
  }

  void read_inbox();

  Reactor& reactor;
  driver::InboxReader& inbox;
  const p2p::SignerSchedule& schedule;
  Duration inbox_poll;
  preconf::MemoryCommitmentStore store;
  preconf::StoreCommitmentSource source;
  driver::EmbeddedDriverClient driver;
  preconf::Subscribers<const std::string&> listening;
  std::unique_ptr<preconf::PreconfirmationClient> client;
  std::unique_ptr<p2p::P2pService> service;
  std::optional<preconf::P2pServiceNetwork> network;
  std::string peer_id;  ///< as text, which takes a while to make

  /// As last read; absent before the first answer and after a failure (fail closed, node book I-18).
  std::optional<std::uint64_t> next_proposal_id;
  Handle inbox_read;
  Handle inbox_timer;
};

void PreconfirmationDriverNode::Impl::read_inbox() {
  inbox_read = inbox.next_proposal_id([this](Result<std::uint64_t> next) {
    next_proposal_id = next ? std::optional(*next) : std::nullopt;
    if (!next) log_warn(LogArea::node, "the inbox cannot be read: {}", next.error().message);
  });
}

Result<PreconfirmationDriverNode::Created> PreconfirmationDriverNode::create(
    Reactor& reactor, Random& random, PreconfirmationDriverNodeConfig config,
    const p2p::SignerSchedule& schedule, driver::InboxReader& inbox) {
  config.client.expected_slasher = config.p2p.expected_slasher;
  config.client.signing_domain = config.p2p.signing_domain;
  auto impl = std::make_unique<Impl>(reactor, inbox, schedule, config);
  PRECONF_TRY(impl->client, preconf::PreconfirmationClient::create(reactor, config.client, impl->store,
                                                                   schedule, impl->driver));
  p2p::NetworkEvents events = impl->client->network_events();
  events.on_listening = [raw = impl.get()](const std::string& address) { raw->listening.call(address); };
  PRECONF_TRY(impl->service, p2p::P2pService::create(reactor, random, std::move(config.p2p), schedule,
                                                     impl->source, std::move(events)));
  impl->network.emplace(*impl->service);
  impl->peer_id = impl->service->local_peer_id().to_string();
  driver::DriverChannels channels = impl->driver.take_channels();
  return Created{
      .node = std::unique_ptr<PreconfirmationDriverNode>(new PreconfirmationDriverNode(std::move(impl))),
      .channels = std::move(channels)};
}

PreconfirmationDriverNode::PreconfirmationDriverNode(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PreconfirmationDriverNode::~PreconfirmationDriverNode() = default;

Result<> PreconfirmationDriverNode::start() {
  PRECONF_CHECK_OK(impl_->service->start());
  impl_->read_inbox();
  impl_->inbox_timer = impl_->reactor.every(impl_->inbox_poll, [impl = impl_.get()] { impl->read_inbox(); });
  impl_->client->start(*impl_->network);
  return {};
}

void PreconfirmationDriverNode::stop(Duration limit, std::move_only_function<void()> on_done) {
  impl_->inbox_timer.reset();
  impl_->inbox_read.reset();
  impl_->client->stop();
  impl_->service->stop(limit, std::move(on_done));
}

Handle PreconfirmationDriverNode::subscribe(
    std::move_only_function<void(const preconf::ClientEvent&)> callback) {
  return impl_->client->subscribe(std::move(callback));
}

Handle PreconfirmationDriverNode::on_listening(std::move_only_function<void(const std::string&)> callback) {
  return impl_->listening.add(std::move(callback));
}

Handle PreconfirmationDriverNode::publish_commitment(Bytes commitment_ssz,
                                                     preconf::OnPublished on_published) {
  return impl_->client->publish_commitment(std::move(commitment_ssz), std::move(on_published));
}

Handle PreconfirmationDriverNode::publish_tx_list(const Hash256& tx_list_hash,
                                                  std::shared_ptr<const Bytes> tx_list,
                                                  preconf::OnPublished on_published) {
  return impl_->client->publish_tx_list(tx_list_hash, std::move(tx_list), std::move(on_published));
}

Handle PreconfirmationDriverNode::publish_block(preconf::PublishBlockRequest request,
                                                preconf::OnPublished on_published) {
  return impl_->client->publish_block(std::move(request), std::move(on_published));
}

NodeStatus PreconfirmationDriverNode::status() const {
  return make_status({.next_proposal_id = impl_->next_proposal_id,
                      .canonical_proposal_id = impl_->driver.canonical_proposal_id(),
                      .event_sync_tip = impl_->driver.event_sync_tip(),
                      .preconf_tip = impl_->driver.preconf_tip(),
                      .head = impl_->client->head(),
                      .live = impl_->client->is_live(),
                      .peer_count = impl_->service->peer_count(),
                      .peer_id = impl_->peer_id});
}

std::expected<SlotInfo, SlotInfoError> PreconfirmationDriverNode::slot_info(const U256& timestamp) const {
  return answer_slot_info(impl_->schedule, timestamp);
}

p2p::P2pService& PreconfirmationDriverNode::network() {
  return *impl_->service;
}

const preconf::CommitmentStore& PreconfirmationDriverNode::store() const {
  return impl_->store;
}

const preconf::PreconfirmationClient& PreconfirmationDriverNode::client() const {
  return *impl_->client;
}

driver::EmbeddedDriverClient& PreconfirmationDriverNode::driver_client() {
  return impl_->driver;
}

}  // namespace libpreconf::node
