// The table of metrics. A test holds the documentation to it.

#include "rpc/metrics.h"

namespace libpreconf::rpc {
namespace {

using enum MetricKind;

constexpr MetricSpec kTable[] = {
    {"taiko_client_info", gauge, "version", "Always 1; the label names the program's version"},

    {"preconf_client_catchup_duration_seconds", histogram, "", "Tip catch-ups that ended well, seconds each"},
    {"preconf_client_event_sync_wait_duration_seconds", histogram, "",
     "Waits for L1 event sync, seconds each"},
    {"preconf_client_driver_submit_duration_seconds", histogram, "",
     "Submissions to the driver, seconds each"},
    {"preconf_client_synced_total", counter, "", "Times that the node went live"},
    {"preconf_client_commitments_received_total", counter, "", "Commitments that reached the heart"},
    {"preconf_client_commitments_accepted_total", counter, "", "Commitments that were validated and stored"},
    {"preconf_client_txlists_received_total", counter, "", "Transaction lists that reached the heart"},
    {"preconf_client_validation_failures_total", counter, "reason", "Commitments that the heart refused"},
    {"preconf_client_driver_submit_success_total", counter, "", "Inputs that the driver accepted"},
    {"preconf_client_driver_submit_failure_total", counter, "", "Inputs that the driver failed"},
    {"preconf_client_head_block", gauge, "", "Highest block whose commitment is served"},
    {"preconf_client_awaiting_txlist_depth", gauge, "", "Commitments that wait for their list"},
    {"preconf_client_catchup_batches_total", counter, "", "Pages that catch-ups received"},
    {"preconf_client_catchup_errors_total", counter, "", "Catch-up steps that failed"},
    {"preconf_client_catchup_retries_total", counter, "", "Catch-ups that were started again"},
    {"preconf_client_store_commitments_count", gauge, "", "Commitments in the store"},
    {"preconf_client_store_txlists_count", gauge, "", "Transaction lists in the store"},
    {"preconf_client_store_pending_commitments_count", gauge, "",
     "Commitments held because their parent is unknown"},
    {"preconf_client_store_bytes", gauge, "", "Bytes that the store holds"},
    {"preconf_client_contiguity_gap", gauge, "",
     "Blocks that lack below the lowest stored one above the tip"},
    {"preconf_client_dropped_total", counter, "reason", "Commitments that were valid and not kept"},
    {"preconf_client_equivocations_total", counter, "", "Second promises of one signer for a height"},
    {"preconf_client_handovers_total", counter, "", "Ends of a preconfer's window"},
    {"preconf_client_bad_blocks_total", counter, "",
     "Lists that do not decode and blocks that the driver refused"},
    {"preconf_client_txlist_fetches_total", counter, "", "Missing lists asked of peers by hash"},
    {"preconf_client_txlist_fetch_failures_total", counter, "", "Such requests that brought nothing"},
    {"preconf_client_published_total", counter, "outcome", "Publications of this node's own API"},

    {"preconf_rpc_requests_total", counter, "method", "JSON-RPC calls"},
    {"preconf_rpc_errors_total", counter, "method", "JSON-RPC calls that were answered with an error"},
    {"preconf_rpc_duration_seconds", histogram, "method", "JSON-RPC calls, seconds each"},
    {"preconf_rpc_malformed_total", counter, "", "Bodies and calls that were not JSON-RPC 2.0"},
    {"preconf_rpc_unknown_method_total", counter, "", "Calls of methods that do not exist"},
    {"preconf_rpc_refused_total", counter, "reason", "HTTP requests refused before they reached a method"},

    {"driver_preconf_injection_success_total", counter, "",
     "Blocks that the engine built from preconfirmations"},
    {"driver_preconf_injection_failures_total", counter, "",
     "Preconfirmations that the engine did not build"},
    {"driver_preconf_injection_duration_seconds", histogram, "", "Building one block, seconds"},
    {"driver_preconf_parent_hash_lookup_failures_total", counter, "", "Parents that the engine did not have"},
    {"driver_preconf_parent_hash_lookup_duration_seconds", histogram, "", "Looking a parent up, seconds"},
    {"driver_preconf_retry_attempts", counter, "", "Blocks asked again because the engine was not available"},
    {"driver_preconf_duplicates_total", counter, "", "Inputs whose block stood already"},
    {"driver_preconf_transactions_left_out_total", counter, "",
     "Transactions of a list that are not in its block"},
    {"driver_preconf_queue_depth", gauge, "", "Inputs that wait in the embedded driver's queue"},
    {"driver_preconf_stale_dropped_total", counter, "", "Inputs at or below what L1 confirmed"},
    {"driver_preconf_skipped_total", counter, "", "Hand-over markers that became no block"},

    {"p2p_connected_peers", gauge, "", "Distinct connected peers"},
    {"p2p_connections", gauge, "", "Connections; up to four a peer"},
    {"p2p_banned_peers", gauge, "", "Peers that are banned now"},
    {"p2p_static_peers", gauge, "state", "Static peers: configured, and connected now"},
    {"p2p_connections_total", counter, "direction", "Connections that were established"},
    {"p2p_conn_error", counter, "direction,reason", "Connections that failed before or during the upgrade"},
    {"p2p_conn_rejected_total", counter, "direction,reason", "Connections that a limit or a ban refused"},
    {"p2p_bytes_total", counter, "direction", "Bytes on TCP connections"},
    {"p2p_gossip_valid", counter, "kind", "Gossip messages that were accepted"},
    {"p2p_gossip_invalid", counter, "kind,reason", "Gossip messages that were ignored or rejected"},
    {"p2p_gossip_messages_total", counter, "", "Gossip messages received, duplicates included"},
    {"p2p_gossip_duplicates_total", counter, "", "Gossip messages whose id was seen before"},
    {"p2p_gossip_refused_total", counter, "reason", "Gossip frames and messages refused before the gate"},
    {"p2p_gossip_sent_total", counter, "kind", "Gossip frames put on streams"},
    {"p2p_gossip_spared_total", counter, "reason",
     "Copies not sent to peers that had the message or did not want it"},
    {"p2p_gossip_dropped_total", counter, "reason", "Gossip frames dropped because a queue was full"},
    {"p2p_gossip_published_total", counter, "kind", "Own messages that went out"},
    {"p2p_gossip_publish_error", counter, "kind", "Own messages that could not be published"},
    {"p2p_gossip_mesh_peers", gauge, "kind", "Peers in the mesh of a topic"},
    {"p2p_gossip_topic_peers", gauge, "kind", "Peers that subscribe to a topic"},
    {"p2p_gossip_held", gauge, "", "Commitments that wait for the schedule"},
    {"p2p_reqresp_success", counter, "kind,direction", "Requests that were served or answered"},
    {"p2p_reqresp_error", counter, "kind,reason", "Requests that failed"},
    {"p2p_reqresp_not_found", counter, "kind,direction", "Lists that the responder did not have"},
    {"p2p_reqresp_rate_limited", counter, "kind", "Requests over a peer's budget"},
    {"p2p_reqresp_refused_total", counter, "reason", "Streams of requests refused before they were one"},
    {"p2p_reqresp_paced_total", counter, "kind", "Requests of ours that waited for their turn"},
    {"p2p_reqresp_rtt_seconds", histogram, "protocol,outcome", "Requests of ours, seconds each"},
    {"p2p_reputation_ban", counter, "", "Peers that were banned"},
    {"p2p_reputation_greylist", counter, "", "Peers whose score fell to the greylist"},
    {"p2p_dial_throttled_total", counter, "reason", "Dials put off because too many were pending"},
    {"p2p_dial_blocked", counter, "source", "Dials refused before they began"},
    {"p2p_dial_failed_total", counter, "", "Dials that failed"},

    {"preconfd_loop_lag_seconds", histogram, "",
     "How long the oldest ready work of each turn had waited when the turn was done"},
    {"preconfd_loop_turn_seconds", histogram, "", "How long single turns kept the loop"},
    {"process_resident_memory_bytes", gauge, "", "Resident memory"},
    {"process_cpu_seconds_total", counter, "", "User and system time"},
};

}  // namespace

std::span<const MetricSpec> metric_table() {
  return kTable;
}

}  // namespace libpreconf::rpc
