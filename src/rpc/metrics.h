#pragma once
// Prometheus metrics: one table of names, types, labels and help texts; sources that read the rooms' plain
// counters on scrape; the text format by prometheus-cpp (whose headers stand in metrics.cpp alone).

#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/counters.h"
#include "libpreconf/reactor/libevent_reactor.h"
#include "rpc/http_server.h"

namespace libpreconf::rpc {

enum class MetricKind : std::uint8_t { counter, gauge, histogram };

struct MetricSpec {
  std::string_view name;
  MetricKind kind;
  std::string_view labels;  ///< comma separated, in the order in which values are written; empty: none
  std::string_view help;    ///< with the unit
};

/// Every metric that exists. Names are the upstream's where the meaning is (node book 15, p2p-wire 17).
[[nodiscard]] std::span<const MetricSpec> metric_table();

/// Collects the samples of one scrape. A name that is not in the table, or another number of labels, is a
/// bug.
class MetricWriter {
 public:
  MetricWriter();
  ~MetricWriter();
  MetricWriter(const MetricWriter&) = delete;
  MetricWriter& operator=(const MetricWriter&) = delete;

  void value(std::string_view name, double value, std::initializer_list<std::string_view> labels = {});
  void histogram(std::string_view name, const Histogram& histogram,
                 std::initializer_list<std::string_view> labels = {});
  /// The page. Metrics without labels that no source wrote stand at zero.
  [[nodiscard]] std::string text();

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

/// Reads one room's counters.
using MetricSource = std::function<void(MetricWriter&)>;

/// GET /metrics and GET / on a listener of its own. Owned by the node; sources are called from the loop.
class MetricsServer {
 public:
  [[nodiscard]] static Result<std::unique_ptr<MetricsServer>> create(LibeventReactor& reactor,
                                                                     const SocketAddress& address,
                                                                     std::vector<MetricSource> sources);
  [[nodiscard]] SocketAddress address() const { return http_->address(); }

 private:
  explicit MetricsServer(std::vector<MetricSource> sources) : sources_(std::move(sources)) {}
  void answer(const HttpRequest& request, HttpResponder responder);

  std::vector<MetricSource> sources_;
  std::unique_ptr<HttpServer> http_;
};

}  // namespace libpreconf::rpc
