#include "process/preconfd_process.h"

#include <signal.h>

#include <charconv>
#include <cstdlib>

namespace libpreconf::test {
namespace {

std::string joined(const std::vector<std::string>& texts, std::string_view separator) {
  std::string out;
  for (const std::string& text : texts) {
    if (!out.empty()) out += separator;
    out += text;
  }
  return out;
}

/// True if the label part of a sample ("{a="1",b="2"}") holds all of `labels`.
bool holds_labels(std::string_view part, const std::map<std::string, std::string>& labels) {
  for (const auto& [name, value] : labels) {
    const std::string wanted = name + "=\"" + value + "\"";
    const std::size_t at = part.find(wanted);
    if (at == std::string_view::npos || at == 0) return false;
    if (part[at - 1] != '{' && part[at - 1] != ',') return false;
  }
  return true;
}

}  // namespace

std::string preconfd_program() {
  const char* named = std::getenv("PRECONF_PROGRAM");
  return named != nullptr ? named : PRECONF_PROGRAM;
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "preconfd-test.XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw TestFailure("mkdtemp " + name);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

PreconfdProcess::PreconfdProcess(Options options) : options_(std::move(options)) {
  const CommandResult made = run_command(
      {options_.program, "key", "new", "--type", options_.key_type, folder_.path() / "identity.key"});
  if (made.exit_code != 0) throw TestFailure("preconfd key new: " + made.errors);
  start(0);
}

void PreconfdProcess::start(std::uint16_t p2p_port) {
  std::vector<std::string> command = {options_.program,
                                      "run",
                                      "--chain-id",
                                      "167001",
                                      "--p2p.listen",
                                      "127.0.0.1:" + std::to_string(p2p_port),
                                      "--p2p.disable-discovery",
                                      "--p2p.identity",
                                      folder_.path() / "identity.key",
                                      "--preconf.rpc.addr",
                                      "127.0.0.1:0",
                                      "--metrics.enabled",
                                      "--metrics.addr",
                                      "127.0.0.1",
                                      "--metrics.port",
                                      "0"};
  if (!options_.expected_signer.empty()) {
    command.insert(command.end(), {"--preconf.expected-signer", options_.expected_signer});
  }
  if (!options_.static_peers.empty()) {
    command.insert(command.end(), {"--p2p.static-peers", joined(options_.static_peers, ",")});
  }
  command.insert(command.end(), options_.more_arguments.begin(), options_.more_arguments.end());
  child_ = std::make_unique<ChildProcess>(std::move(command));
  multiaddr_ = child_->wait_line_after("listening p2p ");
  rpc_port_ = port_of(child_->wait_line_after("listening rpc "));
  metrics_port_ = port_of(child_->wait_line_after("listening metrics "));
}

void PreconfdProcess::kill_now() {
  child_->kill_now();
}

int PreconfdProcess::stop() {
  child_->send_signal(SIGTERM);
  const auto status = child_->wait_exit();
  if (!status) throw TestFailure("preconfd did not stop" + child_->last_words());
  return status->code.value_or(-1);
}

void PreconfdProcess::start_again() {
  start(port_of(multiaddr_));
}

std::string PreconfdProcess::peer_id() const {
  return peer_id_of(multiaddr_);
}

JsonValue PreconfdProcess::call(std::string_view method, std::string_view params) const {
  const HttpResponse response = http_post(rpc_port_, "/",
                                          R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(method) +
                                              R"(","params":)" + std::string(params) + "}");
  const JsonValue answer = JsonValue::parse(response.body);
  if (!answer.has("result")) {
    throw TestFailure(std::string(method) + ": HTTP " + std::to_string(response.status) + " " +
                      answer.dump() + child_->last_words());
  }
  return answer["result"];
}

std::uint64_t PreconfdProcess::tip() const {
  const std::string text = call("preconf_tip").text();
  std::uint64_t value = 0;
  if (!text.starts_with("0x") || std::from_chars(text.data() + 2, text.data() + text.size(), value, 16).ptr !=
                                     text.data() + text.size()) {
    throw TestFailure("preconf_tip is no quantity: " + text);
  }
  return value;
}

std::int64_t PreconfdProcess::peer_count() const {
  return call("preconf_getStatus")["peerCount"].integer();
}

void PreconfdProcess::wait_for_tip(std::uint64_t wanted) const {
  std::uint64_t seen = 0;
  try {
    wait_until("preconf_tip " + std::to_string(wanted), [&] { return (seen = tip()) >= wanted; });
  } catch (const TestFailure& failure) {
    throw TestFailure(std::string(failure.what()) + ", tip is " + std::to_string(seen) +
                      child_->last_words());
  }
}

void PreconfdProcess::wait_for_peers(std::int64_t count) const {
  wait_until("peerCount " + std::to_string(count), [&] { return peer_count() == count; });
}

double PreconfdProcess::metric(std::string_view name,
                               const std::map<std::string, std::string>& labels) const {
  const HttpResponse page = http_get(metrics_port_, "/metrics");
  double sum = 0;
  std::string_view rest = page.body;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!line.starts_with(name)) continue;
    const std::string_view after = line.substr(name.size());
    if (after.empty() || (after[0] != '{' && after[0] != ' ')) continue;
    if (!holds_labels(after.substr(0, after.rfind(' ')), labels)) continue;
    sum += std::strtod(std::string(after.substr(after.rfind(' ') + 1)).c_str(), nullptr);
  }
  return sum;
}

void PreconfdProcess::wait_for_metric(std::string_view name, const std::map<std::string, std::string>& labels,
                                      double least) const {
  wait_until(std::string(name) + " at least " + std::to_string(least),
             [&] { return metric(name, labels) >= least; });
}

std::uint16_t port_of(std::string_view address) {
  std::size_t at = address.find("/tcp/");
  at = at == std::string_view::npos ? address.rfind(':') + 1 : at + 5;
  std::uint16_t port = 0;
  std::from_chars(address.data() + at, address.data() + address.size(), port);
  if (port == 0) throw TestFailure("no port in " + std::string(address));
  return port;
}

std::string peer_id_of(std::string_view multiaddr) {
  const std::size_t at = multiaddr.rfind("/p2p/");
  if (at == std::string_view::npos) throw TestFailure("no peer id in " + std::string(multiaddr));
  return std::string(multiaddr.substr(at + 5));
}

}  // namespace libpreconf::test
