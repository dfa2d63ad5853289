#include "interop/foreign_peer.h"

#include <cctype>
#include <cstdlib>

#include "crypto/hash.h"
#include "libpreconf/base/hex.h"

namespace libpreconf::test {
namespace {

std::vector<std::string> command_line(const ForeignPeer::Options& options) {
  const std::string program = foreign_program(options.kind);
  std::vector<std::string> out;
  if (options.kind == "js") out.emplace_back("node");
  out.push_back(program);
  out.insert(out.end(), {"--chain", "167001", "--key", options.key_type, "--seed", options.seed, "--port",
                         std::to_string(options.port)});
  out.insert(out.end(), options.more_arguments.begin(), options.more_arguments.end());
  return out;
}

std::string quoted_member(std::string_view name, std::string_view value) {
  return "\"" + std::string(name) + "\":\"" + std::string(value) + "\"";
}

Bytes response_of(const JsonValue& result) {
  return unhex(result["response"].text());
}

}  // namespace

std::string foreign_program(const PeerKind& kind) {
  std::string variable = "PRECONF_" + kind + "_PEER";
  for (char& letter : variable) letter = static_cast<char>(std::toupper(letter));
  const char* program = std::getenv(variable.c_str());
  if (program == nullptr) {
    throw TestFailure(variable + " does not name the " + kind +
                      " peer's program. packaging/test.sh builds the foreign peers and sets it; "
                      "ctest -LE interop leaves these tests out.");
  }
  return program;
}

ForeignPeer::ForeignPeer(Options options) : child_(command_line(options)) {
  const JsonValue event = wait_event("listening", nullptr, 0, Milliseconds(60'000));
  multiaddr_ = event["addrs"].at(0).text();
  peer_id_ = event["peer"].text();
}

JsonValue ForeignPeer::parsed(std::size_t index) {
  while (parsed_.size() <= index) parsed_.push_back(JsonValue::parse(child_.line(parsed_.size())));
  return parsed_[index];
}

JsonValue ForeignPeer::wait_event(std::string_view name, const Condition& condition, std::size_t from,
                                  Milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (std::size_t index = from;; ++index) {
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline - std::chrono::steady_clock::now());
    if (!child_.wait_line(index, std::max(left, Milliseconds(0)))) {
      throw TestFailure("the peer reported no such event: " + std::string(name) + child_.last_words());
    }
    const JsonValue event = parsed(index);
    if (event["event"].text() == name && (!condition || condition(event))) return event;
  }
}

JsonValue ForeignPeer::try_command(std::string_view name, std::string_view members) {
  const std::string id = "c" + std::to_string(next_id_++);
  std::string line = "{" + quoted_member("cmd", name) + "," + quoted_member("id", id);
  if (!members.empty()) line.append(",").append(members);
  const std::size_t from = mark();
  child_.write_line(line + "}");
  for (std::size_t index = from;; ++index) {
    if (!child_.wait_line(index)) {
      throw TestFailure("no answer to the command " + std::string(name) + child_.last_words());
    }
    const JsonValue event = parsed(index);
    if (event["id"].text() == id) return event;
  }
}

JsonValue ForeignPeer::command(std::string_view name, std::string_view members) {
  JsonValue answer = try_command(name, members);
  if (answer["event"].text() != "result") {
    throw TestFailure("the peer's command " + std::string(name) + ": " + answer["error"].text() +
                      child_.last_words());
  }
  return answer;
}

void ForeignPeer::dial(std::string_view multiaddr) {
  command("dial", quoted_member("addr", multiaddr));
}

JsonValue ForeignPeer::publish(std::string_view topic, ByteView data) {
  return command("publish", quoted_member("topic", topic) + "," + quoted_member("data", to_hex_digits(data)));
}

void ForeignPeer::keep(std::string_view topic, ByteView data) {
  const JsonValue answer = try_command(
      "publish", quoted_member("topic", topic) + "," + quoted_member("data", to_hex_digits(data)));
  if (answer["event"].text() == "error" && answer["error"].text().find("uplicate") == std::string::npos) {
    throw TestFailure("the peer's command publish: " + answer["error"].text() + child_.last_words());
  }
}

Bytes ForeignPeer::request_head(std::string_view peer) {
  return response_of(command("head", quoted_member("addr", peer)));
}

Bytes ForeignPeer::request_commitments(std::string_view peer, std::uint64_t start, std::uint32_t count) {
  return response_of(command("commitments", quoted_member("addr", peer) + "," +
                                                quoted_member("start", std::to_string(start)) +
                                                ",\"count\":" + std::to_string(count)));
}

Bytes ForeignPeer::request_tx_list(std::string_view peer, const Hash256& hash) {
  return response_of(
      command("txlist", quoted_member("addr", peer) + "," + quoted_member("hash", to_hex_digits(hash))));
}

void ForeignPeer::wait_for_mesh(const std::string& peer) {
  wait_until("both meshes of the foreign peer contain the node", [&] {
    const JsonValue mesh = command("mesh");
    return mesh["commitments"].contains_text(peer) && mesh["txlists"].contains_text(peer);
  });
}

JsonValue ForeignPeer::wait_gossip(ByteView data, const std::string& from) {
  const std::string keccak = to_hex_digits(crypto::keccak256(data));
  return wait_event("gossip", [&](const JsonValue& event) {
    return event["keccak"].text() == keccak && event["from"].text() == from;
  });
}

}  // namespace libpreconf::test
