#pragma once
// Reads the rooms' counters into the metrics page. The names stand in rpc/metric_table.cpp.

#include <cstddef>

#include "driver/block_producer.h"
#include "libpreconf/p2p/p2p_service.h"
#include "libpreconf/preconf/preconfirmation_client.h"
#include "libpreconf/reactor/libevent_reactor.h"
#include "rpc/metrics.h"
#include "rpc/sidecar_server.h"

namespace libpreconf::node {

void write_process_metrics(rpc::MetricWriter& writer);
void write_loop_metrics(rpc::MetricWriter& writer, const LibeventReactor& reactor);
void write_client_metrics(rpc::MetricWriter& writer, const preconf::PreconfirmationClient& client);
void write_network_metrics(rpc::MetricWriter& writer, const p2p::P2pService& network);
void write_driver_metrics(rpc::MetricWriter& writer, const driver::BlockProducer::Counters& counters,
                          std::size_t queue_depth);
void write_rpc_metrics(rpc::MetricWriter& writer, const rpc::SidecarServer& sidecar);

}  // namespace libpreconf::node
