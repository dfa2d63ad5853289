#pragma once
// A libp2p peer of another language as a child process, driven by JSON lines (see js-peer/README.md).
//
// Events and answers are kept in the order in which they came; waits look at all of them from a mark on.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "process/child_process.h"
#include "process/json_value.h"

namespace libpreconf::test {

/// Whose library it is: "js", "rust" or "go".
using PeerKind = std::string;

class ForeignPeer {
 public:
  struct Options {
    PeerKind kind;
    std::string seed;  ///< same text, same identity
    std::string key_type = "ed25519";
    std::uint16_t port = 0;
    std::vector<std::string> more_arguments;
  };
  using Condition = std::function<bool(const JsonValue&)>;

  /// Starts and waits until it listens. Where each kind's program is, PRECONF_JS_PEER, PRECONF_RUST_PEER and
  /// PRECONF_GO_PEER say; throws TestFailure if the variable is not set.
  explicit ForeignPeer(Options options);

  void kill_now() { child_.kill_now(); }
  [[nodiscard]] const std::string& multiaddr() const { return multiaddr_; }
  [[nodiscard]] const std::string& peer_id() const { return peer_id_; }

  /// Sends a command and waits for its result; `members` are further members as JSON text ("\"ms\":5").
  /// Throws TestFailure with the peer's error.
  JsonValue command(std::string_view name, std::string_view members = "");
  /// The same, with an answer that may be an error object (member "error").
  JsonValue try_command(std::string_view name, std::string_view members = "");

  void dial(std::string_view multiaddr);
  /// Publishes bytes on "commitments" or "txlists".
  JsonValue publish(std::string_view topic, ByteView data);
  /// Puts bytes into the peer's own store as a publication, which a message that it has heard already is not.
  void keep(std::string_view topic, ByteView data);
  /// The body of the answer to a request; empty if the stream ended without one.
  [[nodiscard]] Bytes request_head(std::string_view peer);
  [[nodiscard]] Bytes request_commitments(std::string_view peer, std::uint64_t start, std::uint32_t count);
  [[nodiscard]] Bytes request_tx_list(std::string_view peer, const Hash256& hash);

  /// A place in the stream of events, for `wait_event` to begin at.
  [[nodiscard]] std::size_t mark() const { return child_.line_count(); }
  /// The first event `name` at or after `from` that fulfils `condition`.
  JsonValue wait_event(std::string_view name, const Condition& condition = nullptr, std::size_t from = 0,
                       Milliseconds limit = kPatience);
  /// Waits until both meshes contain `peer`.
  void wait_for_mesh(const std::string& peer);
  /// Waits until this peer has heard a message with these bytes from `from`; the event.
  JsonValue wait_gossip(ByteView data, const std::string& from);

  [[nodiscard]] const ChildProcess& child() const { return child_; }

 private:
  JsonValue parsed(std::size_t index);

  ChildProcess child_;
  std::vector<JsonValue> parsed_;
  std::uint64_t next_id_ = 1;
  std::string multiaddr_;
  std::string peer_id_;
};

/// The program that stands for a kind, from the environment.
[[nodiscard]] std::string foreign_program(const PeerKind& kind);

}  // namespace libpreconf::test
