#pragma once
// JSON-RPC 2.0, exactly: single calls, batches, notifications, ids, error codes. Knows no method; the table
// of methods is filled by preconf_api.cpp and by the node (the devnet's eth_* methods).
//
// A body is scanned in slices (JsonScanner), parsed, and its calls are started in order; answers come when
// the handlers give them, in the order of the calls. Every call has a deadline.
//
// Owned by the sidecar RPC. Destroying it drops every call that waits; their responders then answer 500.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/counters.h"
#include "codec/json.h"
#include "libpreconf/base/random.h"
#include "libpreconf/reactor/reactor.h"
#include "rpc/json_scanner.h"

namespace libpreconf::rpc {

/// Codes of JSON-RPC itself; those of the preconf methods stand in preconf_api.h.
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32000;  // node book 12.9: what the upstream answers, not -32603
inline constexpr int kOversizedRequest = -32007;

inline constexpr std::size_t kMaxBatch = 100;       // program.md
inline constexpr std::size_t kMaxBody = 4'325'378;  // program.md: two lists of 2 MiB in hex, and 128 KiB
/// Bytes of bodies that may wait for their calls to start; as many as the HTTP server takes in at once.
inline constexpr std::size_t kMaxBodiesScanned = 4 * kMaxBody;
/// Answers of one batch together; beyond it calls are answered with an error (conventions: bounded
/// responses).
inline constexpr std::size_t kMaxResponse = 10 * 1024 * 1024;

struct RpcError {
  int code = kInternalError;
  std::string message;
};
using RpcResult = std::expected<codec::Json, RpcError>;

/// The parameters of one call. Valid only during the call of the handler.
class RpcParams {
 public:
  RpcParams(codec::Json value, const JsonScanner* scanner) : value_(std::move(value)), scanner_(scanner) {}

  /// The one parameter: the only element of an array, or a bare object (node book 12.2). Null if there is
  /// none.
  [[nodiscard]] codec::Json single() const;
  /// `single().at(key)`, or the element `index` where parameters are given as an array of more than one.
  [[nodiscard]] codec::Json value() const { return value_; }
  /// A string's text, long ones included.
  [[nodiscard]] std::string_view text(const codec::Json& string) const;
  /// The bytes of a hex string of at most `max_bytes`; those of long ones were decoded while scanning.
  [[nodiscard]] Result<Bytes> hex(const codec::Json& string, std::size_t max_bytes) const;

 private:
  codec::Json value_;
  const JsonScanner* scanner_;
};

using OnReply = std::move_only_function<void(RpcResult)>;
/// Starts a call. `reply` is called once, now or later; the handle is destroyed when it is no longer wanted.
using RpcHandler = std::move_only_function<Handle(const RpcParams&, OnReply reply)>;

struct RpcMethod {
  std::string name;
  std::string help;
  Duration deadline{std::chrono::seconds(5)};  // node book 12.1: publish 60 s, others 5 s
  RpcHandler handler;
};

/// What is counted per method: preconf_rpc_requests_total and so on.
struct RpcMethodCounters {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;  ///< invalid params included
  Histogram duration;
};

class MethodTable {
 public:
  /// A name that is taken already is replaced.
  void add(RpcMethod method);
  /// For methods that answer at once.
  void add(std::string name, std::string help, std::move_only_function<RpcResult(const RpcParams&)> answer);
  [[nodiscard]] RpcMethod* find(std::string_view name);
  [[nodiscard]] const std::map<std::string, RpcMethod, std::less<>>& methods() const { return methods_; }

 private:
  std::map<std::string, RpcMethod, std::less<>> methods_;
};

class JsonRpc {
 public:
  /// The text to send, or nothing if all calls were notifications.
  using OnResponse = std::move_only_function<void(std::optional<std::string>)>;

  JsonRpc(Reactor& reactor, Random& random, MethodTable methods);
  ~JsonRpc();
  JsonRpc(const JsonRpc&) = delete;
  JsonRpc& operator=(const JsonRpc&) = delete;

  /// Handles one body; `on_response` runs once, perhaps inside this call.
  void handle(std::string body, OnResponse on_response);

  [[nodiscard]] const std::map<std::string, RpcMethodCounters, std::less<>>& counters() const {
    return counters_;
  }
  /// Bodies that were no JSON-RPC, and calls of unknown methods.
  [[nodiscard]] std::uint64_t malformed() const { return malformed_; }
  [[nodiscard]] std::uint64_t unknown_methods() const { return unknown_methods_; }
  [[nodiscard]] std::size_t waiting() const { return exchanges_.size(); }

  /// The text of an error response, for errors before any call (413).
  [[nodiscard]] static std::string error_text(int code, std::string_view message);

 private:
  struct Exchange;
  struct Call;

  void scan(std::uint64_t id);
  void start(Exchange& exchange, std::string_view short_body);
  void release_body(Exchange& exchange);
  void start_call(Exchange& exchange, const codec::Json& request, std::size_t index);
  void start_method(Exchange& exchange, Call& call, const codec::Json& request, RpcMethod& method);
  void finish_call(std::uint64_t exchange_id, std::size_t index, RpcResult result);
  void finish(Exchange& exchange);
  void reply(std::uint64_t id, std::optional<std::string> text);

  Reactor& reactor_;
  Random& random_;
  MethodTable methods_;
  std::map<std::uint64_t, std::unique_ptr<Exchange>> exchanges_;
  std::uint64_t next_id_ = 1;
  std::size_t bodies_ = 0;
  std::map<std::string, RpcMethodCounters, std::less<>> counters_;
  std::uint64_t malformed_ = 0;
  std::uint64_t unknown_methods_ = 0;
};

}  // namespace libpreconf::rpc
