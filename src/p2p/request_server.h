#pragma once
// Answers the three requests from the CommitmentSource, from the first second on: the zero head and empty
// lists where there is nothing yet (p2p-wire 9.4, 9.6).
//
// More than the window's requests are answered late, in their turn; what would wait too long is refused by
// closing the stream without a byte, never by a ban (p2p-wire 19.1, 19). Sans-IO: owned by P2pService, or by
// a test. Each request ends in exactly one of the hooks `respond` and `refuse`; a requester that has gone
// meanwhile is the hook's business.

#include <array>
#include <functional>
#include <map>
#include <optional>

#include "base/bounded.h"
#include "base/counters.h"
#include "libp2p/stream.h"
#include "libpreconf/p2p/commitment_source.h"
#include "libpreconf/p2p/p2p_service.h"
#include "p2p/limits.h"
#include "p2p/request_window.h"
#include "p2p/topics.h"

namespace libpreconf::p2p {

enum class ServeOutcome : std::uint8_t { served, not_found, undecodable, refused, count_ };

struct RequestServerCounters {
  /// By kind and outcome.
  std::array<std::array<Counter, static_cast<std::size_t>(ServeOutcome::count_)>, kRequestKindCount>
      outcome{};
  /// Requests over the window, by kind: answered late or refused.
  std::array<Counter, kRequestKindCount> rate_limited{};

  [[nodiscard]] Counter of(RequestKind kind, ServeOutcome which) const noexcept {
    return outcome[index_of(kind)][static_cast<std::size_t>(which)];
  }
};

class RequestServer {
 public:
  using Token = std::uint64_t;
  struct Hooks {
    /// The body of the answer, without its length prefix: `head`, then `tail`, which may be absent.
    std::move_only_function<void(Token, ByteView head, libp2p::SharedBytes tail)> respond;
    std::move_only_function<void(Token)> refuse;
    std::move_only_function<void(const PeerId&, RequestKind, ServeOutcome)> on_outcome;
  };

  /// `source` must outlive the server. `requests_per_window` 0: no limit.
  RequestServer(const CommitmentSource& source, std::uint32_t requests_per_window, Hooks hooks);

  void on_request(Token token, const PeerId& peer, RequestKind kind, ByteView body, Instant now);
  /// Answers what is due. To be called when `next_due` comes: the window counts the due times.
  void tick(Instant now);
  [[nodiscard]] std::optional<Instant> next_due() const;

  [[nodiscard]] std::size_t late_count() const noexcept { return late_.size(); }
  [[nodiscard]] const RequestServerCounters& counters() const noexcept { return counters_; }

 private:
  struct Window {
    AnswerWindow answers;
    std::size_t late = 0;
  };
  using PeerWindows = std::array<Window, kRequestKindCount>;
  struct Late {
    Token token = 0;
    PeerId peer;
    RequestKind kind{};
    Bytes body;
  };

  Window& window_of(const PeerId& peer, RequestKind kind);
  void drop_late(std::multimap<Instant, Late>::iterator at);
  void answer(Token token, const PeerId& peer, RequestKind kind, ByteView body);
  void conclude(const PeerId& peer, RequestKind kind, ServeOutcome outcome);
  void refuse(Token token, const PeerId& peer, RequestKind kind, ServeOutcome outcome);

  const CommitmentSource& source_;
  std::uint32_t limit_;
  Hooks hooks_;
  RequestServerCounters counters_;
  // A peer that is forgotten early gets a fresh window, no more.
  FifoMap<PeerId, PeerWindows, libp2p::PeerIdHash> windows_{limits::kReputationPeers};
  std::multimap<Instant, Late> late_;
};

}  // namespace libpreconf::p2p
