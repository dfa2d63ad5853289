#include "rpc/json_rpc.h"

#include <utility>

#include "base/log.h"
#include "libpreconf/base/hex.h"

namespace libpreconf::rpc {

using codec::Json;

namespace {

Json error_object(int code, std::string_view message, const Json& id) {
  Json error = Json::object();
  error.set("code", Json::integer(code));
  error.set("message", Json::string(message));
  Json response = Json::object();
  response.set("jsonrpc", Json::string("2.0"));
  response.set("error", std::move(error));
  response.set("id", id);
  return response;
}

Json result_object(Json result, const Json& id) {
  Json response = Json::object();
  response.set("jsonrpc", Json::string("2.0"));
  response.set("result", std::move(result));
  response.set("id", id);
  return response;
}

/// A call without an id wants no answer, not even an error.
bool is_notification(const Json& request) {
  return !request.has("id");
}

/// A string that was cut out of the body cannot be echoed; no caller has ids of that length.
bool has_valid_id(const Json& request, const JsonScanner& scanner) {
  const Json id = request.at("id");
  if (id.is_string()) return scanner.find(id.as_string()) == nullptr;
  return !request.has("id") || id.is_null() || id.is_number();
}

}  // namespace

/// One call of a body.
struct JsonRpc::Call {
  Json id;
  bool notification = false;
  std::string method;  ///< empty for calls that never reached one
  Instant started;
  Handle running;
  TimerHandle deadline;
  std::optional<std::string> response;
  bool done = false;
};

/// One body and its answer.
struct JsonRpc::Exchange {
  std::uint64_t id = 0;
  std::string body;
  std::unique_ptr<JsonScanner> scanner;
  OnResponse on_response;
  TimerHandle next_slice;
  bool batch = false;
  bool starting = false;
  std::vector<Call> calls;
  std::size_t open = 0;
  std::size_t response_size = 0;
};

Json RpcParams::single() const {
  if (value_.is_array()) return value_.size() == 1 ? value_.at(0) : Json();
  return value_;
}

std::string_view RpcParams::text(const Json& string) const {
  const std::string_view plain = string.as_string();
  const CutString* cut = scanner_ == nullptr ? nullptr : scanner_->find(plain);
  return cut == nullptr ? plain : scanner_->text(*cut);
}

Result<Bytes> RpcParams::hex(const Json& string, std::size_t max_bytes) const {
  const std::string_view plain = string.as_string();
  const CutString* cut = scanner_ == nullptr ? nullptr : scanner_->find(plain);
  if (cut == nullptr) return from_hex(plain, max_bytes);
  if (!cut->bytes) return fail(ErrorCode::malformed, std::string(cut->flaw));
  if (cut->bytes->size() > max_bytes) {
    return fail(ErrorCode::too_large, std::to_string(cut->bytes->size()) + " bytes of hex, at most " +
                                          std::to_string(max_bytes) + " are allowed");
  }
  return *cut->bytes;
}

void MethodTable::add(RpcMethod method) {
  std::string name = method.name;
  methods_.insert_or_assign(std::move(name), std::move(method));
}

void MethodTable::add(std::string name, std::string help,
                      std::move_only_function<RpcResult(const RpcParams&)> answer) {
  RpcMethod method;
  method.name = std::move(name);
  method.help = std::move(help);
  method.handler = [answer = std::move(answer)](const RpcParams& params, OnReply reply) mutable {
    reply(answer(params));
    return Handle();
  };
  add(std::move(method));
}

RpcMethod* MethodTable::find(std::string_view name) {
  const auto found = methods_.find(name);
  return found == methods_.end() ? nullptr : &found->second;
}

JsonRpc::JsonRpc(Reactor& reactor, Random& random, MethodTable methods)
    : reactor_(reactor), random_(random), methods_(std::move(methods)) {
  for (const auto& [name, method] : methods_.methods()) counters_[name];
}

JsonRpc::~JsonRpc() = default;

std::string JsonRpc::error_text(int code, std::string_view message) {
  return error_object(code, message, Json()).dump();
}

void JsonRpc::handle(std::string body, OnResponse on_response) {
  auto exchange = std::make_unique<Exchange>();
  exchange->id = next_id_++;
  exchange->body = std::move(body);
  exchange->scanner = std::make_unique<JsonScanner>(exchange->body, random_.next_u64());
  exchange->on_response = std::move(on_response);
  const std::uint64_t id = exchange->id;
  const bool room = bodies_ + exchange->body.size() <= kMaxBodiesScanned;
  bodies_ += exchange->body.size();
  exchanges_.emplace(id, std::move(exchange));
  if (!room) return reply(id, error_text(kInternalError, "too many large requests at once, try again"));
  scan(id);
}

void JsonRpc::scan(std::uint64_t id) {
  Exchange& exchange = *exchanges_.at(id);
  const auto seen = exchange.scanner->step();
  if (!seen) {
    ++malformed_;
    if (seen.error().code != ErrorCode::malformed) {
      return reply(id, error_text(kInvalidRequest, "request not served: " + seen.error().message));
    }
    return reply(id, error_text(kParseError, "parse error: " + seen.error().message));
  }
  if (!*seen) {
    exchange.next_slice = reactor_.after(Duration(0), [this, id] { scan(id); });
    return;
  }
  start(exchange, exchange.scanner->take_short_body());
}

void JsonRpc::start(Exchange& exchange, std::string_view short_body) {
  const std::uint64_t id = exchange.id;
  const auto document = Json::parse(short_body, JsonScanner::kMaxDepth);
  if (!document) {
    ++malformed_;
    return reply(id, error_text(kParseError, "parse error: " + document.error().message));
  }
  exchange.batch = document->is_array();
  if (exchange.batch && (document->size() == 0 || document->size() > kMaxBatch)) {
    ++malformed_;
    return reply(id, error_text(kInvalidRequest, "a batch has 1 to " + std::to_string(kMaxBatch) +
                                                     " calls, not " + std::to_string(document->size())));
  }
  exchange.calls.resize(exchange.batch ? document->size() : 1);
  exchange.open = exchange.calls.size();
  exchange.starting = true;
  for (std::size_t i = 0; i < exchange.calls.size(); ++i) {
    start_call(exchange, exchange.batch ? document->at(i) : *document, i);
  }
  exchange.starting = false;
  if (exchange.open == 0) return finish(exchange);
  // Parameters are valid during the call alone, and an answer may take a minute.
  release_body(exchange);
}

void JsonRpc::release_body(Exchange& exchange) {
  bodies_ -= exchange.body.size();
  exchange.scanner.reset();
  exchange.body = std::string();
}

void JsonRpc::start_call(Exchange& exchange, const Json& request, std::size_t index) {
  Call& call = exchange.calls[index];
  const bool valid = request.is_object() && request.at("jsonrpc").as_string() == "2.0" &&
                     request.at("method").is_string() && has_valid_id(request, *exchange.scanner);
  if (!valid) {
    ++malformed_;
    if (request.is_object() && has_valid_id(request, *exchange.scanner)) call.id = request.at("id");
    return finish_call(exchange.id, index,
                       std::unexpected(RpcError{kInvalidRequest, "not a JSON-RPC 2.0 request"}));
  }
  call.id = request.at("id");
  call.notification = is_notification(request);
  RpcMethod* method = methods_.find(request.at("method").as_string());
  if (method == nullptr) {
    ++unknown_methods_;
    return finish_call(exchange.id, index, std::unexpected(RpcError{kMethodNotFound, "method not found"}));
  }
  start_method(exchange, call, request, *method);
}

void JsonRpc::start_method(Exchange& exchange, Call& call, const Json& request, RpcMethod& method) {
  const std::uint64_t id = exchange.id;
  const auto index = static_cast<std::size_t>(&call - exchange.calls.data());
  call.method = method.name;
  call.started = reactor_.now();
  const Json params = request.at("params");
  if (request.has("params") && !params.is_array() && !params.is_object()) {
    return finish_call(id, index,
                       std::unexpected(RpcError{kInvalidParams, "params must be an array or an object"}));
  }
  Handle running =
      method.handler(RpcParams(params, exchange.scanner.get()),
                     [this, id, index](RpcResult result) { finish_call(id, index, std::move(result)); });
  // `exchange` stays: it is not finished while it starts its calls.
  if (call.done) return;
  call.running = std::move(running);
  call.deadline = reactor_.after(method.deadline, [this, id, index, deadline = method.deadline] {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(deadline).count();
    finish_call(
        id, index,
        std::unexpected(RpcError{kInternalError, "no answer within " + std::to_string(seconds) + " s"}));
  });
}

void JsonRpc::finish_call(std::uint64_t exchange_id, std::size_t index, RpcResult result) {
  const auto found = exchanges_.find(exchange_id);
  if (found == exchanges_.end() || found->second->calls[index].done) return;
  Exchange& exchange = *found->second;
  Call& call = exchange.calls[index];
  call.done = true;
  call.deadline.reset();
  // The handle may own the function that is calling now: it goes after the turn.
  reactor_.destroy_later(std::make_unique<Handle>(std::move(call.running)));
  if (!call.method.empty()) {
    RpcMethodCounters& counters = counters_[call.method];
    ++counters.requests;
    if (!result) ++counters.errors;
    counters.duration.observe(reactor_.now() - call.started);
  }
  if (!call.notification) {
    std::string text = result ? result_object(*std::move(result), call.id).dump()
                              : error_object(result.error().code, result.error().message, call.id).dump();
    if (exchange.response_size + text.size() > kMaxResponse) {
      text = error_object(kInternalError, "the answers of this batch exceed 10 MiB", call.id).dump();
    }
    exchange.response_size += text.size();
    call.response = std::move(text);
  }
  if (--exchange.open == 0 && !exchange.starting) finish(exchange);
}

void JsonRpc::finish(Exchange& exchange) {
  std::string text;
  for (const Call& call : exchange.calls) {
    if (!call.response) continue;
    if (exchange.batch) text += text.empty() ? "[" : ",";
    text += *call.response;
  }
  if (text.empty()) return reply(exchange.id, std::nullopt);
  if (exchange.batch) text += "]";
  reply(exchange.id, std::move(text));
}

void JsonRpc::reply(std::uint64_t id, std::optional<std::string> text) {
  const auto found = exchanges_.find(id);
  std::unique_ptr<Exchange> exchange = std::move(found->second);
  exchanges_.erase(found);
  bodies_ -= exchange->body.size();
  OnResponse on_response = std::move(exchange->on_response);
  reactor_.destroy_later(std::move(exchange));
  on_response(std::move(text));
}

}  // namespace libpreconf::rpc
