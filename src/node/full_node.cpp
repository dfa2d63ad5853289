#include "node/full_node.h"

#include <utility>

#include "base/log.h"
#include "driver/fixed_inbox_reader.h"
#include "node/metric_sources.h"
#include "node/node_status.h"
#include "rpc/metrics.h"
#include "rpc/preconf_api.h"
#include "rpc/sidecar_server.h"

namespace libpreconf::node {

/// Members are destroyed from the last to the first: listeners before what they ask, the producer before the
/// engine that it uses.
struct FullNode::Impl {
  Impl(LibeventReactor& loop, Random& source, FullNodeConfig configuration)
      : reactor(loop),
        random(source),
        config(std::move(configuration)),
        inbox(loop),
        engine(loop, config.engine) {}

  Result<> start_rpc();
  Result<> start_metrics();
  [[nodiscard]] rpc::PreconfBackend make_backend();
  [[nodiscard]] std::vector<rpc::MetricSource> metric_sources() const;

  LibeventReactor& reactor;
  Random& random;
  FullNodeConfig config;
  driver::FixedInboxReader inbox;
  l2::InMemoryEngine engine;
  std::unique_ptr<PreconfirmationDriverNode> node;
  std::unique_ptr<driver::BlockProducer> producer;
  rpc::PreconfBackend backend;
  std::unique_ptr<rpc::SidecarServer> sidecar;
  std::unique_ptr<rpc::MetricsServer> metrics;
};

FullNode::FullNode(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FullNode::~FullNode() = default;

Result<std::unique_ptr<FullNode>> FullNode::create(LibeventReactor& reactor, Random& random,
                                                   FullNodeConfig config,
                                                   const p2p::SignerSchedule& schedule) {
  const std::uint64_t chain_id = config.node.p2p.chain_id;
  auto impl = std::make_unique<Impl>(reactor, random, std::move(config));
  PRECONF_TRY(PreconfirmationDriverNode::Created created,
              PreconfirmationDriverNode::create(reactor, random, std::move(impl->config.node), schedule,
                                                impl->inbox));
  impl->node = std::move(created.node);
  driver::BlockProducerConfig producer;
  producer.chain_id = chain_id;
  impl->producer = std::make_unique<driver::BlockProducer>(reactor, std::move(created.channels), impl->engine,
                                                           producer, std::move(impl->config.on_outcome));
  return std::unique_ptr<FullNode>(new FullNode(std::move(impl)));
}

Result<> FullNode::start() {
  impl_->producer->start();
  PRECONF_CHECK_OK(impl_->start_rpc());
  PRECONF_CHECK_OK(impl_->start_metrics());
  return impl_->node->start();
}

void FullNode::stop(Duration limit, std::move_only_function<void()> on_done) {
  impl_->sidecar.reset();
  impl_->metrics.reset();
  impl_->node->stop(limit, std::move(on_done));
}

Result<> FullNode::Impl::start_rpc() {
  if (!config.rpc_address) return {};
  backend = make_backend();
  rpc::MethodTable table;
  rpc::add_preconf_methods(table, backend);
  if (config.extend_rpc) config.extend_rpc(table);
  PRECONF_TRY(sidecar,
              rpc::SidecarServer::create(reactor, random, {.listen = *config.rpc_address}, std::move(table)));
  return {};
}

Result<> FullNode::Impl::start_metrics() {
  if (!config.metrics_address) return {};
  PRECONF_TRY(metrics, rpc::MetricsServer::create(reactor, *config.metrics_address, metric_sources()));
  return {};
}

rpc::PreconfBackend FullNode::Impl::make_backend() {
  rpc::PreconfBackend out;
  out.status = [this] { return status_fields(node->status()); };
  out.slot_info = [this](const U256& timestamp) -> std::expected<rpc::SlotInfoFields, rpc::RpcError> {
    const auto info = node->slot_info(timestamp);
    if (!info) {
      return std::unexpected(
          rpc::RpcError{info.error().out_of_range ? rpc::kInvalidParams : rpc::kLookaheadUnavailable,
                        info.error().message});
    }
    return rpc::SlotInfoFields{info->signer, info->submission_window_end};
  };
  out.publish_commitment = [this](Bytes commitment, preconf::OnPublished on_published) {
    return node->publish_commitment(std::move(commitment), std::move(on_published));
  };
  out.publish_tx_list = [this](const Hash256& hash, std::shared_ptr<const Bytes> list,
                               preconf::OnPublished on_published) {
    return node->publish_tx_list(hash, std::move(list), std::move(on_published));
  };
  out.publish_block = [this](preconf::PublishBlockRequest request, preconf::OnPublished on_published) {
    return node->publish_block(std::move(request), std::move(on_published));
  };
  return out;
}

std::vector<rpc::MetricSource> FullNode::Impl::metric_sources() const {
  std::vector<rpc::MetricSource> sources;
  sources.emplace_back([this](rpc::MetricWriter& writer) {
    writer.value("taiko_client_info", 1, {PRECONF_VERSION});
    write_process_metrics(writer);
    write_loop_metrics(writer, reactor);
    write_client_metrics(writer, node->client());
    write_network_metrics(writer, node->network());
    write_driver_metrics(writer, producer->counters(), node->driver_client().queue_depth());
    if (sidecar) write_rpc_metrics(writer, *sidecar);
  });
  return sources;
}

PreconfirmationDriverNode& FullNode::core() {
  return *impl_->node;
}
l2::InMemoryEngine& FullNode::engine() {
  return impl_->engine;
}

std::vector<std::string> FullNode::p2p_addresses() const {
  return impl_->node->network().listen_addresses();
}

std::string FullNode::rpc_url() const {
  return impl_->sidecar ? "http://" + impl_->sidecar->address().to_string() : std::string();
}

std::string FullNode::metrics_url() const {
  return impl_->metrics ? "http://" + impl_->metrics->address().to_string() + "/metrics" : std::string();
}

}  // namespace libpreconf::node
