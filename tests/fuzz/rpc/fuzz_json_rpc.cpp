// Whatever the body: at most one response, well-formed, in time, and the id of a single call comes back.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "reactor/simulated.h"
#include "rpc/json_rpc.h"
#include "rpc/json_scanner.h"

namespace {

using namespace libpreconf;
using codec::Json;
using rpc::RpcParams;
using rpc::RpcResult;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "property broken: %s\n", what);
  std::abort();
}

rpc::MethodTable methods(Reactor& reactor) {
  rpc::MethodTable table;
  table.add("echo", "gives its parameter back",
            [](const RpcParams& params) -> RpcResult { return params.single(); });
  table.add("hex", "decodes", [](const RpcParams& params) -> RpcResult {
    const auto bytes = params.hex(params.single(), 4096);
    if (!bytes) return std::unexpected(rpc::RpcError{rpc::kInvalidParams, bytes.error().message});
    return Json::hex(*bytes);
  });
  table.add({.name = "later",
             .help = "answers after a second",
             .handler = [&reactor](const RpcParams&, rpc::OnReply reply) {
               return reactor.after(std::chrono::seconds(1),
                                    [reply = std::move(reply)]() mutable { reply(Json::boolean(true)); });
             }});
  table.add({.name = "never", .help = "does not answer", .handler = [](const RpcParams&, rpc::OnReply) {
               return Handle();
             }});
  return table;
}

/// What the scanner refuses as a whole: then nobody has read the id.
bool may_hold_long_odd_string(const std::string& body) {
  return body.size() > rpc::JsonScanner::kCutOver &&
         std::any_of(body.begin(), body.end(),
                     [](unsigned char byte) { return byte < 0x20 || byte >= 0x7f || byte == '\\'; });
}

void check_response(const Json& response) {
  require(response.is_object(), "a response is an object");
  require(response.at("jsonrpc").as_string() == "2.0", "it says 2.0");
  require(response.has("id"), "it has an id");
  require(response.has("result") != response.has("error"), "it has a result or an error");
  if (!response.has("error")) return;
  require(response.at("error").at("code").is_integer(), "an error has a code");
  require(response.at("error").at("message").is_string(), "an error has a message");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 8192) return 0;
  SimulatedNetwork network(1);
  SeededRandom random(1);
  Reactor& reactor = network.host("10.0.0.1");
  rpc::JsonRpc dispatcher(reactor, random, methods(reactor));
  const std::string body(reinterpret_cast<const char*>(data), size);
  int responses = 0;
  std::optional<std::string> text;
  dispatcher.handle(body, [&](std::optional<std::string> response) {
    ++responses;
    text = std::move(response);
  });
  network.run_for(std::chrono::seconds(6));
  require(responses == 1, "there is one end to every body");
  require(dispatcher.waiting() == 0, "and nothing waits after it");
  if (!text) return 0;
  const auto json = Json::parse(*text, 40);
  require(json.has_value(), "a response is JSON");
  const auto asked = Json::parse(body);
  if (!json->is_array()) {
    check_response(*json);
    const Json id = asked ? asked->at("id") : Json();
    const bool refused_whole = json->at("id").is_null() && may_hold_long_odd_string(body) &&
                               json->has("error") &&
                               json->at("error").at("code").dump() == std::to_string(rpc::kInvalidRequest);
    if (id.is_string() && id.as_string().size() < 1024 && !refused_whole) {
      require(json->at("id").dump() == id.dump(), "the id comes back");
    }
    return 0;
  }
  require(asked && asked->is_array(), "only a batch has a batch for an answer");
  require(json->size() > 0 && json->size() <= asked->size(), "no more answers than calls, and no empty ones");
  for (std::size_t i = 0; i < json->size(); ++i) check_response(json->at(i));
  return 0;
}
