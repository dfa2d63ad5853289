#include "cli/devnet_output.h"

#include <fmt/format.h>

#include <array>

#include "codec/json.h"
#include "libpreconf/base/hex.h"

namespace libpreconf::cli {

namespace {

using codec::Json;
using node::DevnetBlock;
using node::DevnetHandover;
using node::DevnetStarted;
using node::DevnetSummary;

constexpr std::string_view kReset = "\x1b[0m";
/// Colours of the nodes in turn: cyan, yellow, magenta, blue, green, and their bright forms.
constexpr std::array<int, 10> kNodeColours = {36, 33, 35, 34, 32, 96, 93, 95, 94, 92};

/// Enough of a hash to tell two apart.
std::string short_hex(ByteView bytes) {
  return to_hex(bytes.first(5));
}

std::string latency_text(const std::optional<double>& milliseconds) {
  return milliseconds ? fmt::format("{:8.1f}", *milliseconds) : "       -";
}

Json optional_real(const std::optional<double>& value) {
  return value ? Json::real(*value) : Json();
}

}  // namespace

// --- Text --------------------------------------------------------------------------------------------------

std::string TextDevnetOutput::styled(Style style, std::string_view text) const {
  if (!colour_) return std::string(text);
  static constexpr std::array<int, 4> kCodes = {1, 2, 32, 31};
  return fmt::format("\x1b[{}m{}{}", kCodes[static_cast<std::size_t>(style)], text, kReset);
}

std::string TextDevnetOutput::node_name(std::size_t index) const {
  std::string name = fmt::format("node {:<2}", index);
  if (!colour_) return name;
  return fmt::format("\x1b[{}m{}{}", kNodeColours[index % kNodeColours.size()], name, kReset);
}

void TextDevnetOutput::started(const DevnetStarted& event) {
  write_(fmt::format("{} {} nodes, chain {}; a slot of 12 s takes {} s, {} transfers a second",
                     styled(Style::bold, "preconfd devnet:"), event.nodes.size(), event.chain_id,
                     event.slot_time, event.tx_rate));
  write_("");
  for (const DevnetStarted::Node& node : event.nodes) {
    write_(fmt::format("{} preconfer {}", node_name(node.index), to_hex(node.preconfer)));
    for (const std::string& address : node.p2p_addresses) write_(fmt::format("        p2p {}", address));
    write_(fmt::format("        rpc {}", node.rpc_url));
  }
  write_("");
  write_(event.blocks ? fmt::format("{} blocks, one every 2 simulated seconds", *event.blocks)
                      : std::string("one block every 2 simulated seconds, until Ctrl-C"));
  std::string columns;
  for (const DevnetStarted::Node& node : event.nodes)
    columns += fmt::format("{:>8}", fmt::format("n{}", node.index));
  write_(styled(Style::dim, std::string(44, ' ') + "ms from publish to executed on"));
  write_(styled(Style::dim, "height  preconfer    txs  hash        " + columns));
}

void TextDevnetOutput::block(const DevnetBlock& event) {
  std::string latencies;
  for (const auto& latency : event.latency_ms) latencies += latency_text(latency);
  write_(fmt::format(
      "{:>6}  {}  {:>7}  {}{}  {}", event.height, node_name(event.preconfer), event.transactions,
      short_hex(event.hash), latencies,
      event.agree ? styled(Style::good, "all agree") : styled(Style::bad, "NOT THE SAME ON ALL")));
}

void TextDevnetOutput::handover(const DevnetHandover& event) {
  write_(fmt::format(
      "{}{} -> {} {}", styled(Style::dim, "        hand-over  "), node_name(event.from), node_name(event.to),
      styled(Style::dim, event.marker ? fmt::format("(EOP marker after block {})", event.height)
                                      : fmt::format("(EOP on block {})", event.height))));
}

void TextDevnetOutput::summary(const DevnetSummary& event) {
  write_("");
  write_(fmt::format("{} {} blocks, {} transactions, {} hand-overs, {} missed",
                     styled(Style::bold, "summary:"), event.blocks, event.transactions, event.handovers,
                     event.missed));
  if (event.median_latency_ms && event.worst_latency_ms) {
    write_(fmt::format("publish to executed on the other nodes: median {:.1f} ms, worst {:.1f} ms",
                       *event.median_latency_ms, *event.worst_latency_ms));
  }
  for (std::size_t index = 0; index < event.heads.size(); ++index) {
    const auto& head = event.heads[index];
    write_(head ? fmt::format("{} head {:>6}  {}", node_name(index), head->height, to_hex(head->hash))
                : fmt::format("{} stopped", node_name(index)));
  }
  write_(event.same_chain ? styled(Style::good, "all nodes hold the same chain")
                          : styled(Style::bad, "THE NODES DO NOT HOLD THE SAME CHAIN"));
}

void TextDevnetOutput::note(const std::string& text) {
  write_(styled(Style::dim, "        " + text));
}

// --- JSON --------------------------------------------------------------------------------------------------

void JsonDevnetOutput::started(const DevnetStarted& event) {
  Json nodes = Json::array();
  preconfers_.clear();
  for (const DevnetStarted::Node& node : event.nodes) {
    preconfers_.push_back(to_hex(node.preconfer));
    Json addresses = Json::array();
    for (const std::string& address : node.p2p_addresses) addresses.append(Json::string(address));
    Json entry = Json::object();
    entry.set("node", Json::number(node.index)).set("preconfer", Json::string(preconfers_.back()));
    entry.set("p2p", addresses).set("rpc", Json::string(node.rpc_url));
    nodes.append(entry);
  }
  Json line = Json::object();
  line.set("type", Json::string("start")).set("chain_id", Json::number(event.chain_id));
  line.set("slot_time", Json::real(event.slot_time)).set("tx_rate", Json::real(event.tx_rate));
  if (event.blocks) line.set("blocks", Json::number(*event.blocks));
  write_(line.set("nodes", nodes).dump());
}

void JsonDevnetOutput::block(const DevnetBlock& event) {
  Json latencies = Json::array();
  for (const auto& latency : event.latency_ms) latencies.append(optional_real(latency));
  Json line = Json::object();
  line.set("type", Json::string("block")).set("height", Json::number(event.height));
  line.set("hash", Json::hex(event.hash)).set("node", Json::number(event.preconfer));
  line.set("preconfer", Json::string(preconfers_.at(event.preconfer)));
  line.set("transactions", Json::number(event.transactions)).set("eop", Json::boolean(event.end_of_preconf));
  write_(line.set("latency_ms", latencies).set("agree", Json::boolean(event.agree)).dump());
}

void JsonDevnetOutput::handover(const DevnetHandover& event) {
  Json line = Json::object();
  line.set("type", Json::string("handover")).set("height", Json::number(event.height));
  line.set("from", Json::number(event.from)).set("to", Json::number(event.to));
  write_(line.set("eop", Json::string(event.marker ? "marker" : "block")).dump());
}

void JsonDevnetOutput::summary(const DevnetSummary& event) {
  Json heads = Json::array();
  for (const auto& head : event.heads) {
    if (!head) {
      heads.append(Json());
      continue;
    }
    Json entry = Json::object();
    heads.append(entry.set("height", Json::number(head->height)).set("hash", Json::hex(head->hash)));
  }
  Json line = Json::object();
  line.set("type", Json::string("summary")).set("blocks", Json::number(event.blocks));
  line.set("transactions", Json::number(event.transactions)).set("handovers", Json::number(event.handovers));
  line.set("missed", Json::number(event.missed)).set("heads", heads);
  line.set("latency_ms_median", optional_real(event.median_latency_ms));
  line.set("latency_ms_worst", optional_real(event.worst_latency_ms));
  write_(line.set("same_chain", Json::boolean(event.same_chain)).dump());
}

void JsonDevnetOutput::note(const std::string& text) {
  Json line = Json::object();
  write_(line.set("type", Json::string("note")).set("text", Json::string(text)).dump());
}

}  // namespace libpreconf::cli
