// The network's counters as metrics (p2p-wire 17).

#include "node/metric_sources.h"
#include "p2p/counters.h"

namespace libpreconf::node {
namespace {

using p2p::Finding;
using p2p::RequestKind;
using p2p::RequestOutcome;
using p2p::ServeOutcome;

/// Writes one metric family after another, with numbers of any kind.
class Page {
 public:
  explicit Page(rpc::MetricWriter& writer) : writer_(writer) {}
  void operator()(std::string_view name, std::uint64_t count,
                  std::initializer_list<std::string_view> labels = {}) {
    writer_.value(name, static_cast<double>(count), labels);
  }

 private:
  rpc::MetricWriter& writer_;
};

void write_connections(Page& page, const p2p::P2pCounters& counters) {
  page("p2p_connected_peers", counters.connected_peers);
  page("p2p_connections", counters.connections);
  page("p2p_banned_peers", counters.banned_peers);
  page("p2p_static_peers", counters.static_peers, {"configured"});
  page("p2p_static_peers", counters.static_peers_connected, {"connected"});
  page("p2p_connections_total", counters.swarm.connected_inbound, {"in"});
  page("p2p_connections_total", counters.swarm.connected_outbound, {"out"});
  page("p2p_conn_error", counters.connection_errors.inbound_other, {"in", "other"});
  page("p2p_conn_error", counters.connection_errors.outbound_limit, {"out", "limit_exceeded"});
  page("p2p_conn_error", counters.connection_errors.outbound_other, {"out", "other"});
  page("p2p_conn_error", counters.swarm.upgrades_failed_inbound, {"in", "upgrade"});
  page("p2p_conn_error", counters.swarm.upgrades_timed_out, {"in", "timeout"});
  page("p2p_conn_rejected_total", counters.swarm.refused_by_limit, {"in", "limit_exceeded"});
  page("p2p_conn_rejected_total", counters.swarm.refused_blocked, {"in", "banned"});
  page("p2p_conn_rejected_total", counters.swarm.refused_self, {"in", "self"});
  page("p2p_conn_rejected_total", counters.admission.refused_rate, {"in", "rate"});
  page("p2p_conn_rejected_total", counters.admission.refused_ip, {"in", "address"});
  page("p2p_conn_rejected_total", counters.admission.refused_subnet, {"in", "subnet"});
  page("p2p_conn_rejected_total", counters.admission.evicted, {"in", "evicted"});
  page("p2p_dial_throttled_total", counters.dials_throttled, {"limit_exceeded"});
  page("p2p_dial_blocked", counters.dials_blocked, {"reputation"});
  page("p2p_dial_failed_total", counters.swarm.dials_failed);
  page("p2p_bytes_total", counters.swarm.connections.bytes_received, {"in"});
  page("p2p_bytes_total", counters.swarm.connections.bytes_sent, {"out"});
  page("p2p_reputation_ban", counters.reputation.bans);
  page("p2p_reputation_greylist", counters.reputation.greylisted);
}

void write_topic(Page& page, const p2p::P2pCounters& counters, p2p::Topic topic) {
  const std::string_view kind = p2p::to_string(topic);
  const std::size_t index = p2p::index_of(topic);
  page("p2p_gossip_valid", counters.gate.of(topic, Finding::accepted), {kind});
  for (std::size_t i = 0; i < p2p::kFindingCount; ++i) {
    const auto finding = static_cast<Finding>(i);
    if (finding == Finding::accepted) continue;
    page("p2p_gossip_invalid", counters.gate.of(topic, finding), {kind, p2p::to_string(finding)});
  }
  page("p2p_gossip_published_total", counters.published[index], {kind});
  page("p2p_gossip_publish_error", counters.publish_errors[index], {kind});
  page("p2p_gossip_mesh_peers", counters.mesh_peers[index], {kind});
  page("p2p_gossip_topic_peers", counters.topic_peers[index], {kind});
}

void write_gossip(Page& page, const p2p::P2pCounters& counters) {
  for (const auto topic : {p2p::Topic::commitments, p2p::Topic::raw_tx_lists})
    write_topic(page, counters, topic);
  const auto& router = counters.gossipsub;
  page("p2p_gossip_held", counters.held_commitments);
  page("p2p_gossip_messages_total", router.messages_received);
  page("p2p_gossip_duplicates_total", router.messages_duplicate);
  page("p2p_gossip_refused_total", router.messages_oversized, {"too_large"});
  page("p2p_gossip_refused_total", router.messages_unsigned, {"unsigned"});
  page("p2p_gossip_refused_total", router.messages_bad_signature, {"bad_signature"});
  page("p2p_gossip_refused_total", router.messages_self_origin, {"self_origin"});
  page("p2p_gossip_refused_total", router.messages_unknown_topic, {"unknown_topic"});
  page("p2p_gossip_refused_total", router.messages_dropped_pending_full, {"busy"});
  page("p2p_gossip_refused_total", router.rpcs_undecodable, {"undecodable_frame"});
  page("p2p_gossip_refused_total", router.rpcs_over_limit, {"frame_over_limit"});
  page("p2p_gossip_refused_total", router.rpcs_graylisted, {"graylisted"});
  page("p2p_gossip_refused_total", counters.gossipsub_streams.frames_too_large, {"frame_too_large"});
  page("p2p_gossip_refused_total", counters.gossipsub_streams.frames_malformed, {"malformed_frame"});
  page("p2p_gossip_refused_total", counters.gossipsub_streams.frames_late, {"late_frame"});
  page("p2p_gossip_sent_total", router.messages_forwarded, {"forwarded"});
  page("p2p_gossip_sent_total", router.publish_copies, {"published"});
  page("p2p_gossip_sent_total", router.iwant_messages_served, {"iwant"});
  page("p2p_gossip_spared_total", router.forwards_spared, {"sent_it_too"});
  page("p2p_gossip_spared_total", router.forwards_unwanted, {"idontwant"});
  page("p2p_gossip_dropped_total", counters.gossipsub_streams.queue.messages_dropped_full, {"queue_full"});
  page("p2p_gossip_dropped_total", counters.gossipsub_streams.queue.messages_dropped_late, {"late"});
  page("p2p_gossip_dropped_total", counters.gossipsub_streams.queue.control_refused, {"control"});
}

void write_requests(Page& page, const p2p::P2pCounters& counters, RequestKind kind) {
  const std::string_view name = p2p::to_string(kind);
  const std::size_t index = p2p::index_of(kind);
  page("p2p_reqresp_success", counters.server.of(kind, ServeOutcome::served), {name, "inbound"});
  page("p2p_reqresp_success", counters.client.of(kind, RequestOutcome::success), {name, "outbound"});
  page("p2p_reqresp_not_found", counters.server.of(kind, ServeOutcome::not_found), {name, "inbound"});
  page("p2p_reqresp_not_found", counters.client.of(kind, RequestOutcome::not_found), {name, "outbound"});
  page("p2p_reqresp_error", counters.server.of(kind, ServeOutcome::undecodable),
       {name, "inbound_undecodable"});
  page("p2p_reqresp_error", counters.server.of(kind, ServeOutcome::refused), {name, "inbound_refused"});
  page("p2p_reqresp_error", counters.client.of(kind, RequestOutcome::invalid), {name, "validation"});
  page("p2p_reqresp_error", counters.client.of(kind, RequestOutcome::timeout), {name, "timeout"});
  page("p2p_reqresp_error", counters.client.of(kind, RequestOutcome::failure), {name, "outbound_failure"});
  page("p2p_reqresp_error", counters.client.no_peer[index], {name, "no_peer"});
  page("p2p_reqresp_rate_limited", counters.server.rate_limited[index], {name});
  page("p2p_reqresp_paced_total", counters.client.paced[index], {name});
}

void write_request_streams(Page& page, const p2p::P2pCounters& counters) {
  const auto& exchanges = counters.request_response;
  page("p2p_reqresp_refused_total", exchanges.requests_malformed, {"malformed_frame"});
  page("p2p_reqresp_refused_total", exchanges.requests_unfinished, {"unfinished"});
  page("p2p_reqresp_refused_total", exchanges.requests_not_admitted, {"not_admitted"});
  page("p2p_reqresp_refused_total", exchanges.streams_refused, {"too_many"});
}

}  // namespace

void write_network_metrics(rpc::MetricWriter& writer, const p2p::P2pService& network) {
  const p2p::P2pCounters& counters = network.counters();
  Page page(writer);
  write_connections(page, counters);
  write_gossip(page, counters);
  write_request_streams(page, counters);
  for (const RequestKind kind : p2p::kRequestKinds) {
    write_requests(page, counters, kind);
    for (std::size_t i = 0; i < p2p::kRequestOutcomeCount; ++i) {
      writer.histogram("p2p_reqresp_rtt_seconds", counters.client.round_trip[p2p::index_of(kind)][i],
                       {p2p::to_string(kind), p2p::to_string(static_cast<RequestOutcome>(i))});
    }
  }
}

}  // namespace libpreconf::node
