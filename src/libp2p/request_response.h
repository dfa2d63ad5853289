#pragma once
// Requests with one answer each, over streams of their own (p2p-wire 9): the requester writes one frame and
// half-closes, the responder writes one frame and closes. A refusal is a close without bytes.
//
//   requester: opening -> waiting -(answer, end, deadline)-> draining -(FIN, linger)-> gone
//   responder: reading -(whole request)-> asked -(respond)-> answered -(FIN, deadline)-> gone
//
// The reference bans a peer that resets an exchange it may still answer. So when a request's handle is
// destroyed, or its deadline passes, the exchange goes on without a listener until the other side ends it or
// the linger time is over.
//
// Owned by whoever owns the swarm, which it must outlive. Bounds: exchanges per connection and protocol,
// body sizes per protocol id, one deadline per exchange.

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/counters.h"
#include "libp2p/limits.h"
#include "libp2p/stream.h"
#include "libp2p/stream_opener.h"
#include "libpreconf/reactor/reactor.h"

namespace libpreconf::libp2p {

struct RequestResponseProtocol {
  std::string id;
  std::size_t max_request = 0;  ///< bytes of the body, as for the response
  std::size_t max_response = 0;
};

struct RequestResponseConfig {
  /// Everything below names a protocol by its index in this list.
  std::vector<RequestResponseProtocol> protocols;
  Duration timeout = limits::kExchangeTimeout;
  Duration linger = limits::kExchangeLinger;
  std::size_t max_exchanges = limits::kMaxExchangesPerProtocol;
};

class RequestResponse;

/// The right and duty to answer one request, now or later. Destroyed without an answer it refuses, which is
/// a close without bytes. Outlives anything: an exchange that ended meanwhile makes it a no-op.
class Responder {
 public:
  Responder() = default;
  Responder(Responder&& other) noexcept;
  Responder& operator=(Responder&& other) noexcept;
  ~Responder();

  /// The answer is `head`, which is copied, and then `tail`, which is not and may be absent.
  /// Errors: `too_large` for the protocol (and refused), `closed` when the exchange has ended.
  Result<> respond(ByteView head, SharedBytes tail = nullptr);
  void refuse();
  /// Whether somebody still waits.
  [[nodiscard]] bool is_open() const noexcept;

 private:
  friend class RequestResponse;
  struct Link;
  explicit Responder(std::unique_ptr<Link> link);
  std::unique_ptr<Link> link_;
};

struct RequestResponseHooks {
  /// A whole request has arrived; false refuses it. The place of the application's rate limit. Absent: true.
  std::move_only_function<bool(const PeerId& from, std::size_t protocol)> admit;
  std::move_only_function<void(const PeerId& from, std::size_t protocol, Bytes request, Responder)>
      on_request;
};

class RequestResponse final : public Protocol {
 public:
  struct Counters {
    Counter requests_sent = 0;
    Counter responses_received = 0;
    Counter requests_unsupported = 0;
    Counter requests_timed_out = 0;
    Counter requests_failed = 0;     ///< every other way without an answer
    Counter requests_abandoned = 0;  ///< handle destroyed before the answer
    Counter responses_malformed = 0;
    Counter requests_received = 0;
    Counter requests_not_admitted = 0;
    Counter requests_malformed = 0;   ///< too large, bad prefix, or ended early
    Counter requests_unfinished = 0;  ///< deadline while reading
    Counter responses_sent = 0;
    Counter responses_refused = 0;  ///< by the application
    Counter responses_late = 0;     ///< deadline before the application answered
    Counter responses_unread = 0;   ///< deadline before the remote took the answer
    Counter streams_refused = 0;    ///< over the limit of exchanges
  };
  using OnResponse = std::move_only_function<void(Result<Bytes>)>;

  /// `reactor` must outlive the object.
  RequestResponse(Reactor& reactor, RequestResponseConfig config, RequestResponseHooks hooks,
                  StreamOpener open_stream);
  ~RequestResponse() override;
  RequestResponse(const RequestResponse&) = delete;
  RequestResponse& operator=(const RequestResponse&) = delete;

  /// Calls back exactly once, never inside this call, unless the handle is destroyed first. Errors:
  /// `unavailable` (not connected), `limit`, `too_large`, `unsupported` (the peer does not speak it),
  /// `timed_out`, `closed` (ended or reset without a whole answer), `malformed`.
  [[nodiscard]] Handle request(const PeerId& peer, std::size_t protocol, ByteView body,
                               OnResponse on_response);

  /// Exchanges that still hold a stream, of both roles.
  [[nodiscard]] std::size_t exchanges() const noexcept { return asked_.size() + served_.size(); }
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }
  [[nodiscard]] const RequestResponseConfig& config() const noexcept { return config_; }

  // ---- Protocol ----
  [[nodiscard]] std::vector<std::string> protocol_ids() const override;
  StreamReceiver* on_inbound_stream(Stream& stream) override;
  void on_connected(const ConnectionInfo& info) override;
  void on_disconnected(const ConnectionInfo& info) override;

 private:
  friend class Responder;
  class Asked;   // an exchange that we began
  class Served;  // one that a remote began
  class RequestHandle;
  using ExchangeId = std::uint64_t;
  struct Connection {
    PeerId peer;
    std::array<std::size_t, limits::kMaxRequestResponseProtocols> exchanges{};
  };

  [[nodiscard]] std::optional<ConnectionId> connection_of(const PeerId& peer) const;
  [[nodiscard]] bool enter(ConnectionId connection, std::size_t protocol);
  void leave(ConnectionId connection, std::size_t protocol);
  void remove_asked(ExchangeId id);
  void remove_served(ExchangeId id);
  void count_failure(ErrorCode code);

  Reactor& reactor_;
  RequestResponseConfig config_;
  RequestResponseHooks hooks_;
  StreamOpener open_stream_;
  std::map<ConnectionId, Connection> connections_;
  std::map<PeerId, std::vector<ConnectionId>> peers_;
  std::map<ExchangeId, std::unique_ptr<Asked>> asked_;
  std::map<ExchangeId, std::unique_ptr<Served>> served_;
  ExchangeId last_exchange_ = 0;
  Counters counters_;
};

}  // namespace libpreconf::libp2p
