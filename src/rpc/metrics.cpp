#include "rpc/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "base/check.h"

namespace libpreconf::rpc {
namespace {

prometheus::MetricType type_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::counter:
      return prometheus::MetricType::Counter;
    case MetricKind::gauge:
      return prometheus::MetricType::Gauge;
    case MetricKind::histogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

std::vector<std::string> split(std::string_view names) {
  std::vector<std::string> out;
  while (!names.empty()) {
    const std::size_t comma = names.find(',');
    out.emplace_back(names.substr(0, comma));
    names = comma == std::string_view::npos ? std::string_view() : names.substr(comma + 1);
  }
  return out;
}

}  // namespace

struct MetricWriter::Families {
  struct Entry {
    const MetricSpec* spec;
    std::vector<std::string> label_names;
    prometheus::MetricFamily family;
  };

  Families() {
    entries.reserve(metric_table().size());
    for (const MetricSpec& spec : metric_table()) {
      index.emplace(spec.name, entries.size());
      entries.push_back({&spec,
                         split(spec.labels),
                         {std::string(spec.name), std::string(spec.help), type_of(spec.kind), {}}});
    }
  }

  prometheus::ClientMetric* add(std::string_view name, MetricKind kind,
                                std::initializer_list<std::string_view> values) {
    const auto found = index.find(name);
    if (PRECONF_BUG(found == index.end())) return nullptr;
    Entry& entry = entries[found->second];
    const bool right_kind = (entry.spec->kind == MetricKind::histogram) == (kind == MetricKind::histogram);
    if (PRECONF_BUG(!right_kind || values.size() != entry.label_names.size())) return nullptr;
    prometheus::ClientMetric& metric = entry.family.metric.emplace_back();
    auto label = entry.label_names.begin();
    for (const std::string_view value : values) metric.label.push_back({*label++, std::string(value)});
    return &metric;
  }

  std::vector<Entry> entries;
  std::map<std::string_view, std::size_t> index;
};

MetricWriter::MetricWriter() : families_(std::make_unique<Families>()) {}
MetricWriter::~MetricWriter() = default;

void MetricWriter::value(std::string_view name, double value,
                         std::initializer_list<std::string_view> labels) {
  prometheus::ClientMetric* metric = families_->add(name, MetricKind::counter, labels);
  if (metric == nullptr) return;
  metric->counter.value = value;
  metric->gauge.value = value;
}

void MetricWriter::histogram(std::string_view name, const Histogram& histogram,
                             std::initializer_list<std::string_view> labels) {
  prometheus::ClientMetric* metric = families_->add(name, MetricKind::histogram, labels);
  if (metric == nullptr) return;
  metric->histogram.sample_count = histogram.count();
  metric->histogram.sample_sum = histogram.sum_seconds();
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < histogram.upper_bounds().size(); ++i) {
    cumulative += histogram.buckets()[i];
    prometheus::ClientMetric::Bucket bucket;
    bucket.cumulative_count = cumulative;
    bucket.upper_bound = Histogram::seconds(histogram.upper_bounds()[i]);
    metric->histogram.bucket.push_back(bucket);
  }
}

std::string MetricWriter::text() {
  std::vector<prometheus::MetricFamily> page;
  for (Families::Entry& entry : families_->entries) {
    if (entry.family.metric.empty()) {
      if (!entry.label_names.empty()) continue;
      if (entry.spec->kind == MetricKind::histogram) {
        histogram(entry.spec->name, Histogram());
      } else {
        value(entry.spec->name, 0);
      }
    }
    page.push_back(std::move(entry.family));
  }
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, page);
  return std::move(out).str();
}

Result<std::unique_ptr<MetricsServer>> MetricsServer::create(LibeventReactor& reactor,
                                                             const SocketAddress& address,
                                                             std::vector<MetricSource> sources) {
  std::unique_ptr<MetricsServer> server(new MetricsServer(std::move(sources)));
  HttpServerConfig config;
  config.address = address;
  config.max_connections = 16;  // scrapers, not users
  PRECONF_TRY(server->http_,
              HttpServer::create(reactor, std::move(config),
                                 [self = server.get()](const HttpRequest& request, HttpResponder responder) {
                                   self->answer(request, std::move(responder));
                                 }));
  return server;
}

void MetricsServer::answer(const HttpRequest& request, HttpResponder responder) {
  if (request.method != "GET") return responder.respond({405, "text/plain", "use GET\n"});
  if (request.path == "/") return responder.respond({200, "text/plain", "preconfd is running\n"});
  if (request.path != "/metrics") return responder.respond({404, "text/plain", "see /metrics\n"});
  MetricWriter writer;
  for (const MetricSource& source : sources_) source(writer);
  responder.respond({200, "text/plain; version=0.0.4", writer.text()});
}

}  // namespace libpreconf::rpc
