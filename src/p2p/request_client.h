#pragma once
// The requests that we make: paced, checked, each answered exactly once.
//
//   request -> waiting -(its turn)-> in flight -(answer)-> checking -> callback
//                 |                      |
//                 +-- peer gone ---------+-- failure, timeout ------> callback with an error
//
// Pacing is per peer and protocol (p2p-wire 9.6, 13.3): reference peers ban whoever asks a ninth time in ten
// seconds. A request in flight is never taken back: when its handle is destroyed the exchange ends by itself,
// and its answer is dropped (p2p-wire 9.4).
//
// Sans-IO: exchanges start through a hook and end in `on_answer`. Owned by P2pService, or by a test.
// Callbacks come from `work` alone; they may call any member and destroy any handle, but not the client.
// Destroying the client drops every callback.

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <variant>

#include "base/counters.h"
#include "libpreconf/base/clock.h"
#include "libpreconf/p2p/p2p_service.h"
#include "p2p/answer_check.h"
#include "p2p/limits.h"
#include "p2p/request_window.h"
#include "p2p/topics.h"

namespace libpreconf::p2p {

enum class RequestOutcome : std::uint8_t { success, not_found, invalid, timeout, failure, count_ };
inline constexpr std::size_t kRequestOutcomeCount = static_cast<std::size_t>(RequestOutcome::count_);
[[nodiscard]] std::string_view to_string(RequestOutcome outcome) noexcept;

struct RequestClientCounters {
  std::array<std::array<Counter, kRequestOutcomeCount>, kRequestKindCount> outcome{};
  std::array<Counter, kRequestKindCount> sent{};
  std::array<Counter, kRequestKindCount> paced{};    ///< requests that had to wait for their turn
  std::array<Counter, kRequestKindCount> no_peer{};  ///< the peer was not connected, or left while we waited
  std::array<Counter, kRequestKindCount> abandoned{};  ///< handle destroyed while in flight
  std::array<Counter, kRequestKindCount> refused{};    ///< too many were waiting, or asked for too much
  /// From sending to the end of the answer.
  std::array<std::array<Histogram, kRequestOutcomeCount>, kRequestKindCount> round_trip;

  [[nodiscard]] Counter of(RequestKind kind, RequestOutcome which) const noexcept {
    return outcome[index_of(kind)][static_cast<std::size_t>(which)];
  }
};

struct RequestClientConfig {
  Hash256 signing_domain = placeholder_domain();
  std::optional<Address> expected_slasher;
  /// 0: not paced.
  std::uint32_t requests_per_window = limits::kRequestsPerWindow;
};

class RequestClient {
 public:
  using Ticket = std::uint64_t;
  struct Hooks {
    [[nodiscard]] bool complete() const noexcept { return send && is_connected; }
    /// Starts an exchange; its end comes to `on_answer`, never inside this call.
    std::move_only_function<void(Ticket, const PeerId&, RequestKind, Bytes body)> send;
    std::move_only_function<bool(const PeerId&)> is_connected;
    std::move_only_function<void(const PeerId&, RequestKind, RequestOutcome, const Error* cause)> on_outcome;
  };

  RequestClient(RequestClientConfig config, Hooks hooks);
  ~RequestClient();
  RequestClient(const RequestClient&) = delete;
  RequestClient& operator=(const RequestClient&) = delete;

  [[nodiscard]] Handle request_head(const PeerId& peer, P2pService::OnHead on_head, Instant now);
  [[nodiscard]] Handle request_commitments(const PeerId& peer, const U256& start, std::uint32_t max_count,
                                           P2pService::OnCommitments on_commitments, Instant now);
  [[nodiscard]] Handle request_raw_tx_list(const PeerId& peer, const Hash256& hash,
                                           P2pService::OnRawTxList on_list, Instant now);

  /// The end of an exchange that `send` started: the body of the answer, or why there is none.
  void on_answer(Ticket ticket, Result<Bytes> body, Instant now);
  /// The peer has no connection any more: what waits for its turn fails.
  void on_peer_gone(const PeerId& peer);
  /// Every request fails with `closed`; the callbacks come from `work`.
  void close();

  /// Starts what may start now, and forgets windows that are over.
  void tick(Instant now);
  /// When `tick` is worth calling again.
  [[nodiscard]] std::optional<Instant> next_due() const;
  [[nodiscard]] bool has_work() const noexcept { return !failed_.empty() || !checking_.empty(); }
  /// Checks and callbacks of about half a millisecond: many small answers, or 16 recoveries or 256 KiB of
  /// hashing of a large one.
  void work();

  [[nodiscard]] std::size_t waiting_count() const noexcept { return waiting_count_; }
  [[nodiscard]] std::size_t open_count() const noexcept { return exchanges_.size(); }
  [[nodiscard]] const RequestClientCounters& counters() const noexcept { return counters_; }

 private:
  class Cancel;
  enum class Phase : std::uint8_t { waiting, in_flight, checking, failed };
  using Callback = std::variant<P2pService::OnHead, P2pService::OnCommitments, P2pService::OnRawTxList>;
  struct Exchange {
    PeerId peer;
    RequestKind kind{};
    Phase phase = Phase::waiting;
    bool abandoned = false;
    Callback callback;
    Bytes request;
    Instant sent_at{};
    PreconfHead head;
    std::variant<std::monostate, PageCheck, ListCheck> check;
  };
  struct Lane {
    PaceWindow window;
    std::deque<Ticket> waiting;
  };
  using Lanes = std::array<Lane, kRequestKindCount>;

  Handle open(Exchange exchange, std::optional<Error> refusal, Instant now);
  void cancel(Ticket ticket);
  Lane& lane_of(const PeerId& peer, RequestKind kind);
  void pump(const PeerId& peer, Lane& lane, Instant now);
  void start(Ticket ticket, Lane& lane, Instant now);
  void fail_later(Ticket ticket, Error error);
  [[nodiscard]] Result<> begin_check(Exchange& exchange, Bytes body);
  [[nodiscard]] static Result<bool> step_check(Exchange& exchange);
  [[nodiscard]] static std::size_t cost_so_far(const Exchange& exchange);
  std::size_t work_slice();
  std::size_t check_slice();
  void conclude(const Exchange& exchange, RequestOutcome outcome, const Error* cause);
  void deliver(Ticket ticket);
  void deliver_error(Ticket ticket, Error error);

  RequestClientConfig config_;
  Hooks hooks_;
  RequestClientCounters counters_;
  Ticket next_ticket_ = 1;
  std::map<Ticket, Exchange> exchanges_;
  std::map<PeerId, Lanes> lanes_;
  std::size_t waiting_count_ = 0;
  std::deque<std::pair<Ticket, Error>> failed_;
  std::deque<Ticket> checking_;
  /// What handles hold on to: null once the client is gone.
  std::shared_ptr<RequestClient*> self_;
};

}  // namespace libpreconf::p2p
