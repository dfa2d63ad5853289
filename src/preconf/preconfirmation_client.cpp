#include "libpreconf/preconf/preconfirmation_client.h"

#include "base/log.h"
#include "preconf/catch_up_runner.h"
#include "preconf/client_context.h"
#include "preconf/event_handler.h"
#include "preconf/publisher.h"
#include "preconf/submitter.h"
#include "preconf/tx_list_fetcher.h"

namespace libpreconf::preconf {

// The parts know the context below them and nothing of each other; what one of them causes in another goes
// through the hooks that are tied together here.
struct PreconfirmationClient::Impl {
  Impl(Reactor& reactor, ClientConfig config, CommitmentStore& store, const p2p::SignerSchedule& schedule,
       DriverClient& driver);

  [[nodiscard]] EventHandler::Hooks handler_hooks();
  [[nodiscard]] Submitter::Hooks submitter_hooks();
  [[nodiscard]] CatchUpRunner::Hooks catch_up_hooks();

  void watch_driver();
  void wait_for_event_sync();
  void on_event_sync(Result<> result);
  void become_synced();
  void on_stored(const StoredCommitment& commitment);
  void on_tx_list(const Hash256& list);
  void on_taken(const StoredCommitment& commitment);
  void on_bad(const StoredCommitment& commitment, const Error& why);
  void on_tip_change();
  void tick();
  void look_for_gap();
  [[nodiscard]] std::uint64_t gap() const;
  void update_gauges();

  ClientContext context;
  EventHandler handler;
  Submitter submitter;
  TxListFetcher fetcher;
  CatchUpRunner catch_up;
  Outbox outbox;
  Publisher publisher;

  bool live = false;
  Instant waiting_since{};
  Duration sync_backoff{0};
  std::optional<Instant> gap_since;
  Handle event_sync;
  Handle event_sync_retry;
  Handle ticker;
  Handle tip_watch;
  Handle room_watch;
  Handle rejection_watch;
};

PreconfirmationClient::Impl::Impl(Reactor& reactor, ClientConfig config, CommitmentStore& store,
                                  const p2p::SignerSchedule& schedule, DriverClient& driver)
    : context(reactor, std::move(config), store, schedule, driver),
      handler(context, handler_hooks()),
      submitter(context, submitter_hooks()),
      fetcher(context, [this](const p2p::RawTxList& list) { return handler.keep_tx_list(list); }),
      catch_up(context, catch_up_hooks()),
      outbox(context),
      publisher(context, handler, submitter, outbox) {}

EventHandler::Hooks PreconfirmationClient::Impl::handler_hooks() {
  return {.on_stored = [this](const StoredCommitment& commitment) { on_stored(commitment); },
          .on_tx_list = [this](const Hash256& list) { on_tx_list(list); },
          .on_gap = [this] { catch_up.request(); }};
}

Submitter::Hooks PreconfirmationClient::Impl::submitter_hooks() {
  return {.is_overdue =
              [this](const StoredCommitment& commitment) {
                fetcher.want(commitment);
                return fetcher.is_overdue(commitment.commitment.preconf().raw_tx_list_hash);
              },
          .on_taken = [this](const StoredCommitment& commitment) { on_taken(commitment); },
          .on_bad = [this](const StoredCommitment& commitment, const Error& why) { on_bad(commitment, why); },
          .on_unlinked = [this](const StoredCommitment& commitment,
                                ParentLink link) { handler.unlinked(commitment, link); },
          .on_failure =
              [this](const StoredCommitment& commitment, const Error& why) {
                context.report_error("driver failed at block " + std::to_string(block_number_of(commitment)) +
                                     ": " + printable(why.message));
              }};
}

CatchUpRunner::Hooks PreconfirmationClient::Impl::catch_up_hooks() {
  return {.on_commitment =
              [this](const StoredCommitment& commitment) {
                ++context.counters.commitments_received;
                (void)handler.accept(commitment);
              },
          .on_finished = [this] { become_synced(); }};
}

// --- Start -------------------------------------------------------------------------------------------------

void PreconfirmationClient::Impl::watch_driver() {
  tip_watch = context.driver.on_tip_change([this] { on_tip_change(); });
  room_watch = context.driver.on_room([this] { submitter.on_room(); });
  rejection_watch = context.driver.on_rejected(
      [this](const Hash256& hash, const Error& why) { submitter.on_rejected(hash, why); });
  ticker = context.reactor.every(kTick, [this] { tick(); });
}

void PreconfirmationClient::Impl::wait_for_event_sync() {
  event_sync = context.driver.wait_event_sync([this](Result<> result) { on_event_sync(std::move(result)); });
}

void PreconfirmationClient::Impl::on_event_sync(Result<> result) {
  if (!result) {
    sync_backoff = std::clamp(sync_backoff * 2, kRetryFirst, kRetryLongest);
    event_sync_retry = context.reactor.after(sync_backoff, [this] { wait_for_event_sync(); });
    return context.report_error("waiting for event sync failed: " + result.error().message);
  }
  context.counters.event_sync_wait.observe(context.reactor.now() - waiting_since);
  context.refresh_tips();
  live = true;
  log_info(LogArea::preconf, "event sync is done at block {}", context.event_sync_tip);
  submitter.start();
  fetcher.advance_to(submitter.reached());
  // Without a peer there is nobody to ask: live at once, and the first peer that connects is asked.
  if (!catch_up.start()) become_synced();
}

void PreconfirmationClient::Impl::become_synced() {
  ++context.counters.synced;
  context.emit(Synced{});
}

// --- What happens ------------------------------------------------------------------------------------------

void PreconfirmationClient::Impl::on_stored(const StoredCommitment& commitment) {
  if (!commitment.commitment.preconf().is_eop_only()) fetcher.want(commitment);
  submitter.wake();
}

void PreconfirmationClient::Impl::on_tx_list(const Hash256& list) {
  fetcher.arrived(list);
  submitter.wake();
}

void PreconfirmationClient::Impl::on_taken(const StoredCommitment& commitment) {
  const p2p::Preconfirmation& preconf = commitment.commitment.preconf();
  fetcher.advance_to(submitter.reached());
  publisher.on_taken(commitment);
  if (!preconf.eop || preconf.is_eop_only()) return;
  ++context.counters.handovers;
  context.emit(Handover{.block_number = block_number_of(commitment),
                        .signer = commitment.signer,
                        .submission_window_end = preconf.submission_window_end,
                        .marker = false});
}

void PreconfirmationClient::Impl::on_bad(const StoredCommitment& commitment, const Error& why) {
  handler.mark_bad(commitment);
  context.report_error("block " + std::to_string(block_number_of(commitment)) +
                       " is bad: " + printable(why.message));
  publisher.on_bad(commitment, why);
}

void PreconfirmationClient::Impl::on_tip_change() {
  submitter.on_tip_change();
  fetcher.advance_to(submitter.reached());
}

void PreconfirmationClient::Impl::tick() {
  context.store.expire_tx_lists(context.reactor.now());
  handler.expire_orphans();
  submitter.tick();
  if (!live) return;
  look_for_gap();
  catch_up.tick();
}

/// Heights that lack below the lowest stored one above the tip.
std::uint64_t PreconfirmationClient::Impl::gap() const {
  const auto next = context.store.commitments_from(U256(submitter.reached()).saturating_add(1), 1);
  if (next.empty()) return 0;
  return next.front().preconf().block_number.limbs()[0] - submitter.reached() - 1;
}

void PreconfirmationClient::Impl::look_for_gap() {
  const Instant now = context.reactor.now();
  if (gap() == 0) {
    gap_since.reset();
  } else if (!gap_since) {
    gap_since = now;
  } else if (now - *gap_since >= kGapPatience) {
    catch_up.request();
  }
}

void PreconfirmationClient::Impl::update_gauges() {
  ClientCounters& counters = context.counters;
  const auto highest = context.store.highest();
  counters.head_block = highest ? block_number_of(*highest) : 0;
  counters.awaiting_tx_list_depth = fetcher.depth();
  counters.store_commitments = context.store.commitment_count();
  counters.store_tx_lists = context.store.tx_list_count();
  counters.store_bytes = context.store.bytes_held();
  counters.pending_commitments = handler.orphans();
  counters.contiguity_gap = gap();
}

// --- The public face ---------------------------------------------------------------------------------------

Result<std::unique_ptr<PreconfirmationClient>> PreconfirmationClient::create(
    Reactor& reactor, ClientConfig config, CommitmentStore& store, const p2p::SignerSchedule& schedule,
    DriverClient& driver) {
  if (config.catch_up_page == 0) return fail(ErrorCode::invalid, "catch_up_page must be greater than 0");
  if (config.catch_up_page > p2p::kMaxCommitmentsPerResponse) {
    return fail(ErrorCode::invalid, "catch_up_page must be at most 256");
  }
  return std::unique_ptr<PreconfirmationClient>(
      new PreconfirmationClient(std::make_unique<Impl>(reactor, std::move(config), store, schedule, driver)));
}

PreconfirmationClient::PreconfirmationClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PreconfirmationClient::~PreconfirmationClient() = default;

p2p::NetworkEvents PreconfirmationClient::network_events() {
  Impl* const impl = impl_.get();
  p2p::NetworkEvents events;
  events.on_peer_connected = [impl](const p2p::PeerId& peer) {
    impl->context.emit(PeerConnected{peer.to_string()});
    if (impl->context.network == nullptr) return;
    impl->catch_up.on_peer_connected();
    impl->fetcher.on_peer_connected();
  };
  events.on_peer_disconnected = [impl](const p2p::PeerId& peer) {
    impl->context.emit(PeerDisconnected{peer.to_string()});
  };
  events.on_commitment = [impl](const p2p::PeerId& from, const p2p::SignedCommitment& commitment,
                                const p2p::RecoveredSigner& signer) {
    return impl->handler.on_commitment(from, commitment, signer);
  };
  events.on_raw_tx_list = [impl](const p2p::PeerId& from, const p2p::RawTxList& list) {
    return impl->handler.on_tx_list(from, list);
  };
  events.on_fault = [impl](const p2p::P2pFault& fault) {
    impl->context.emit(ClientError{fault.kind + ": " + printable(fault.detail)});
  };
  return events;
}

void PreconfirmationClient::start(ClientNetwork& network) {
  impl_->context.network = &network;
  impl_->waiting_since = impl_->context.reactor.now();
  impl_->watch_driver();
  impl_->wait_for_event_sync();
}

void PreconfirmationClient::stop() {
  Impl& impl = *impl_;
  impl.live = false;
  for (Handle* handle : {&impl.event_sync, &impl.event_sync_retry, &impl.ticker, &impl.tip_watch,
                         &impl.room_watch, &impl.rejection_watch}) {
    handle->reset();
  }
  impl.catch_up.stop();
  impl.fetcher.stop();
  impl.submitter.stop();
  impl.outbox.stop();
  impl.context.network = nullptr;
  impl.publisher.stop();
}

Handle PreconfirmationClient::subscribe(std::move_only_function<void(const ClientEvent&)> callback) {
  return impl_->context.events.add(std::move(callback));
}

Handle PreconfirmationClient::publish_commitment(Bytes commitment_ssz, OnPublished on_published) {
  return impl_->publisher.publish_commitment(std::move(commitment_ssz), std::move(on_published));
}

Handle PreconfirmationClient::publish_tx_list(const Hash256& tx_list_hash,
                                              std::shared_ptr<const Bytes> tx_list,
                                              OnPublished on_published) {
  return impl_->publisher.publish_tx_list(tx_list_hash, std::move(tx_list), std::move(on_published));
}

Handle PreconfirmationClient::publish_block(PublishBlockRequest request, OnPublished on_published) {
  return impl_->publisher.publish_block(std::move(request), std::move(on_published));
}

bool PreconfirmationClient::is_live() const {
  return impl_->live;
}

p2p::PreconfHead PreconfirmationClient::head() const {
  const auto highest = impl_->context.store.highest();
  if (!highest) return {};
  const auto& preconf = highest->commitment.preconf();
  return {.block_number = preconf.block_number, .submission_window_end = preconf.submission_window_end};
}

const ClientCounters& PreconfirmationClient::counters() const {
  impl_->update_gauges();
  return impl_->context.counters;
}

}  // namespace libpreconf::preconf
