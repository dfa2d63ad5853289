#include "node/metric_sources.h"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <memory>
#include <string_view>

#include "preconf/client_counters.h"
#include "preconf/commitment_validation.h"

namespace libpreconf::node {
namespace {

/// Resident pages of this process; 0 where /proc is not there.
double resident_bytes() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "re"),
                                                             &std::fclose);
  std::array<char, 128> line{};
  if (!file || std::fgets(line.data(), line.size(), file.get()) == nullptr) return 0;
  const std::string_view text(line.data());
  // The second of its numbers.
  const std::size_t begin = text.find(' ') + 1;
  std::uint64_t pages = 0;
  (void)std::from_chars(text.data() + begin, text.data() + text.size(), pages);
  return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void value(rpc::MetricWriter& writer, std::string_view name, Counter count,
           std::initializer_list<std::string_view> labels = {}) {
  writer.value(name, static_cast<double>(count), labels);
}

}  // namespace

void write_process_metrics(rpc::MetricWriter& writer) {
  writer.value("process_resident_memory_bytes", resident_bytes());
  writer.value("process_cpu_seconds_total", cpu_seconds());
}

void write_loop_metrics(rpc::MetricWriter& writer, const LibeventReactor& reactor) {
  writer.histogram("preconfd_loop_lag_seconds", reactor.loop_lag());
  writer.histogram("preconfd_loop_turn_seconds", reactor.turn_duration());
}

void write_client_metrics(rpc::MetricWriter& writer, const preconf::PreconfirmationClient& client) {
  const preconf::ClientCounters& counters = client.counters();
  writer.histogram("preconf_client_catchup_duration_seconds", counters.catch_up_duration);
  writer.histogram("preconf_client_event_sync_wait_duration_seconds", counters.event_sync_wait);
  writer.histogram("preconf_client_driver_submit_duration_seconds", counters.driver_submit_duration);
  value(writer, "preconf_client_synced_total", counters.synced);
  value(writer, "preconf_client_commitments_received_total", counters.commitments_received);
  value(writer, "preconf_client_commitments_accepted_total", counters.commitments_accepted);
  value(writer, "preconf_client_txlists_received_total", counters.tx_lists_received);
  for (std::size_t i = 0; i < preconf::kCommitmentFaults; ++i) {
    value(writer, "preconf_client_validation_failures_total", counters.validation_failures[i],
          {to_string(static_cast<preconf::CommitmentFault>(i))});
  }
  value(writer, "preconf_client_driver_submit_success_total", counters.driver_submit_success);
  value(writer, "preconf_client_driver_submit_failure_total", counters.driver_submit_failure);
  value(writer, "preconf_client_head_block", counters.head_block);
  value(writer, "preconf_client_awaiting_txlist_depth", counters.awaiting_tx_list_depth);
  value(writer, "preconf_client_catchup_batches_total", counters.catch_up_batches);
  value(writer, "preconf_client_catchup_errors_total", counters.catch_up_errors);
  value(writer, "preconf_client_catchup_retries_total", counters.catch_up_retries);
  value(writer, "preconf_client_store_commitments_count", counters.store_commitments);
  value(writer, "preconf_client_store_txlists_count", counters.store_tx_lists);
  value(writer, "preconf_client_store_pending_commitments_count", counters.pending_commitments);
  value(writer, "preconf_client_store_bytes", counters.store_bytes);
  value(writer, "preconf_client_contiguity_gap", counters.contiguity_gap);
  value(writer, "preconf_client_dropped_total", counters.duplicates, {"duplicate"});
  value(writer, "preconf_client_dropped_total", counters.stale, {"stale"});
  value(writer, "preconf_client_dropped_total", counters.too_far, {"too_far"});
  value(writer, "preconf_client_dropped_total", counters.surplus, {"surplus"});
  value(writer, "preconf_client_dropped_total", counters.tx_lists_refused, {"no_room_for_list"});
  value(writer, "preconf_client_equivocations_total", counters.equivocations);
  value(writer, "preconf_client_handovers_total", counters.handovers);
  value(writer, "preconf_client_bad_blocks_total", counters.bad_blocks);
  value(writer, "preconf_client_txlist_fetches_total", counters.tx_list_fetches);
  value(writer, "preconf_client_txlist_fetch_failures_total", counters.tx_list_fetch_failures);
  value(writer, "preconf_client_published_total", counters.published, {"published"});
  value(writer, "preconf_client_published_total", counters.publish_failures, {"refused"});
  value(writer, "preconf_client_published_total", counters.outbox_dropped, {"no_peer_in_time"});
}

void write_driver_metrics(rpc::MetricWriter& writer, const driver::BlockProducer::Counters& counters,
                          std::size_t queue_depth) {
  value(writer, "driver_preconf_injection_success_total", counters.injection_success);
  value(writer, "driver_preconf_injection_failures_total", counters.injection_failures);
  writer.histogram("driver_preconf_injection_duration_seconds", counters.injection_duration);
  value(writer, "driver_preconf_parent_hash_lookup_failures_total", counters.parent_hash_lookup_failures);
  writer.histogram("driver_preconf_parent_hash_lookup_duration_seconds",
                   counters.parent_hash_lookup_duration);
  value(writer, "driver_preconf_retry_attempts", counters.retry_attempts);
  value(writer, "driver_preconf_queue_depth", queue_depth);
  value(writer, "driver_preconf_stale_dropped_total", counters.stale_dropped);
  value(writer, "driver_preconf_duplicates_total", counters.duplicates);
  value(writer, "driver_preconf_skipped_total", counters.markers_skipped);
  value(writer, "driver_preconf_transactions_left_out_total", counters.transactions_left_out);
}

void write_rpc_metrics(rpc::MetricWriter& writer, const rpc::SidecarServer& sidecar) {
  const rpc::JsonRpc& json_rpc = sidecar.json_rpc();
  for (const auto& [method, counters] : json_rpc.counters()) {
    value(writer, "preconf_rpc_requests_total", counters.requests, {method});
    value(writer, "preconf_rpc_errors_total", counters.errors, {method});
    writer.histogram("preconf_rpc_duration_seconds", counters.duration, {method});
  }
  value(writer, "preconf_rpc_malformed_total", json_rpc.malformed());
  value(writer, "preconf_rpc_unknown_method_total", json_rpc.unknown_methods());
  value(writer, "preconf_rpc_refused_total", sidecar.http_counters().too_large, {"too_large"});
  value(writer, "preconf_rpc_refused_total", sidecar.http_counters().overloaded, {"overloaded"});
  value(writer, "preconf_rpc_refused_total", sidecar.http_counters().deadline_missed, {"deadline"});
  value(writer, "preconf_rpc_refused_total", sidecar.http_counters().not_admitted, {"host_or_type"});
}

}  // namespace libpreconf::node
