#include "p2p/request_server.h"

#include <algorithm>

#include "p2p/commitment_view.h"

namespace libpreconf::p2p {

RequestServer::RequestServer(const CommitmentSource& source, std::uint32_t requests_per_window, Hooks hooks)
    : source_(source), limit_(requests_per_window), hooks_(std::move(hooks)) {}

RequestServer::Window& RequestServer::window_of(const PeerId& peer, RequestKind kind) {
  if (PeerWindows* windows = windows_.find(peer)) return (*windows)[index_of(kind)];
  const Window fresh{AnswerWindow(limit_, limits::kRequestWindow), 0};
  windows_.put(peer, PeerWindows{fresh, fresh, fresh});
  return (*windows_.find(peer))[index_of(kind)];
}

void RequestServer::on_request(Token token, const PeerId& peer, RequestKind kind, ByteView body,
                               Instant now) {
  if (limit_ == 0) return answer(token, peer, kind, body);
  Window& window = window_of(peer, kind);
  const Instant at = window.answers.next_free(now);
  if (at <= now) {
    window.answers.take(now);
    return answer(token, peer, kind, body);
  }
  ++counters_.rate_limited[index_of(kind)];
  // A later answer would come after the requester's own deadline, for which reference peers ban.
  if (at - now > limits::kLatestAnswer || window.late >= limits::kLateAnswersPerPeer ||
      late_.size() >= limits::kLateAnswers) {
    return refuse(token, peer, kind, ServeOutcome::refused);
  }
  window.answers.take(at);
  ++window.late;
  late_.emplace(at, Late{token, peer, kind, to_bytes(body)});
}

void RequestServer::drop_late(std::multimap<Instant, Late>::iterator at) {
  if (PeerWindows* windows = windows_.find(at->second.peer)) {
    Window& window = (*windows)[index_of(at->second.kind)];
    if (window.late > 0) --window.late;
  }
  late_.erase(at);
}

void RequestServer::tick(Instant now) {
  while (!late_.empty() && late_.begin()->first <= now) {
    const Late late = late_.begin()->second;
    drop_late(late_.begin());
    answer(late.token, late.peer, late.kind, late.body);
  }
}

std::optional<Instant> RequestServer::next_due() const {
  return late_.empty() ? std::nullopt : std::optional(late_.begin()->first);
}

void RequestServer::answer(Token token, const PeerId& peer, RequestKind kind, ByteView body) {
  switch (kind) {
    case RequestKind::head: {
      if (!decode_head_request(body)) break;
      hooks_.respond(token, encode(source_.head()), nullptr);
      return conclude(peer, kind, ServeOutcome::served);
    }
    case RequestKind::commitments: {
      const auto request = decode_commitments_request(body);
      if (!request) break;
      const std::size_t count = std::min<std::size_t>(request->max_count, kMaxCommitmentsPerResponse);
      auto commitments = count == 0 ? std::vector<SignedCommitment>()
                                    : source_.commitments_from(request->start_block_number, count);
      // The source is trusted with what it returns, but not with how much.
      if (commitments.size() > count) commitments.resize(count);
      hooks_.respond(token, encode_commitments_response(commitments), nullptr);
      return conclude(peer, kind, ServeOutcome::served);
    }
    case RequestKind::raw_tx_list: {
      const auto hash = decode_raw_tx_list_request(body);
      if (!hash) break;
      const auto list = source_.tx_list(*hash);
      // A list of 2 MiB is shared with the store, not copied.
      hooks_.respond(token, encode_raw_tx_list_head(*hash), list ? list->tx_list : nullptr);
      return conclude(peer, kind, list ? ServeOutcome::served : ServeOutcome::not_found);
    }
  }
  refuse(token, peer, kind, ServeOutcome::undecodable);
}

void RequestServer::refuse(Token token, const PeerId& peer, RequestKind kind, ServeOutcome outcome) {
  hooks_.refuse(token);
  conclude(peer, kind, outcome);
}

void RequestServer::conclude(const PeerId& peer, RequestKind kind, ServeOutcome outcome) {
  ++counters_.outcome[index_of(kind)][static_cast<std::size_t>(outcome)];
  if (hooks_.on_outcome) hooks_.on_outcome(peer, kind, outcome);
}

}  // namespace libpreconf::p2p
