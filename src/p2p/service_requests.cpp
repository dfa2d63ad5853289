// Both sides of the three request protocols.

#include <fmt/core.h>

#include "base/log.h"
#include "p2p/service_impl.h"

namespace libpreconf::p2p {

// --- Ours --------------------------------------------------------------------------------------------------

RequestClient::Hooks P2pService::Impl::client_hooks() {
  RequestClient::Hooks hooks;
  hooks.send = [this](RequestClient::Ticket ticket, const PeerId& peer, RequestKind kind, Bytes body) {
    send_request(ticket, peer, kind, body);
  };
  hooks.is_connected = [this](const PeerId& peer) {
    return state == State::running && swarm->is_connected(peer);
  };
  hooks.on_outcome = [this](const PeerId& peer, RequestKind kind, RequestOutcome outcome,
                            const Error* cause) { on_request_outcome(peer, kind, outcome, cause); };
  return hooks;
}

void P2pService::Impl::send_request(RequestClient::Ticket ticket, const PeerId& peer, RequestKind kind,
                                    ByteView body) {
  exchanges[ticket] =
      request_response->request(peer, index_of(kind), body, [this, ticket](Result<Bytes> answer) {
        // Not before the end: the handle that goes is the one of this very callback.
        const auto own_handle = exchanges.extract(ticket);
        client.on_answer(ticket, std::move(answer), reactor.now());
        arm();
      });
}

void P2pService::Impl::on_request_outcome(const PeerId& peer, RequestKind kind, RequestOutcome outcome,
                                          const Error* cause) {
  const Instant now = reactor.now();
  std::string_view fault_kind;
  switch (outcome) {
    case RequestOutcome::success:
      reputation.reward(peer, now);
      break;
    case RequestOutcome::not_found:
      return;
    case RequestOutcome::invalid:
      reputation.penalize(peer, limits::kPenalty, now);
      fault_kind = "reqresp_validation";
      break;
    case RequestOutcome::timeout:
      reputation.penalize(peer, limits::kSmallPenalty, now);
      fault_kind = "reqresp_timeout";
      break;
    case RequestOutcome::failure:
      fault_kind = "reqresp_failure";
      break;
    case RequestOutcome::count_:
      return;
  }
  mirror_score(peer);
  if (cause == nullptr || !may_report_fault()) return;
  if (cause->code == ErrorCode::malformed || cause->code == ErrorCode::too_large)
    fault_kind = "reqresp_codec";
  if (cause->code == ErrorCode::limit) fault_kind = "reqresp_backpressure";
  fault(fault_kind, fmt::format("{} from {}: {}", to_string(kind), peer.to_string(), cause->message));
}

// --- Theirs ------------------------------------------------------------------------------------------------

libp2p::RequestResponseHooks P2pService::Impl::exchange_hooks() {
  libp2p::RequestResponseHooks hooks;
  hooks.on_request = [this](const PeerId& from, std::size_t protocol, Bytes request,
                            libp2p::Responder responder) {
    on_request(from, kRequestKinds[protocol], request, std::move(responder));
  };
  return hooks;
}

RequestServer::Hooks P2pService::Impl::server_hooks() {
  RequestServer::Hooks hooks;
  hooks.respond = [this](RequestServer::Token token, ByteView head, libp2p::SharedBytes tail) {
    const auto waiting = responders.extract(token);
    if (waiting.empty()) return;
    if (const auto sent = waiting.mapped().respond(head, std::move(tail)); !sent) {
      log_debug(LogArea::reqresp, "an answer could not be sent: {}", sent.error().message);
    }
  };
  hooks.refuse = [this](RequestServer::Token token) {
    auto waiting = responders.extract(token);
    if (!waiting.empty()) waiting.mapped().refuse();
  };
  hooks.on_outcome = [this](const PeerId& peer, RequestKind kind, ServeOutcome outcome) {
    if (outcome != ServeOutcome::refused && outcome != ServeOutcome::undecodable) return;
    reputation.penalize(peer, limits::kSmallPenalty, reactor.now());
    mirror_score(peer);
    if (!may_report_fault()) return;
    fault(outcome == ServeOutcome::refused ? "reqresp_rate_limited" : "reqresp_codec",
          fmt::format("{} for {}", to_string(kind), peer.to_string()));
  };
  return hooks;
}

void P2pService::Impl::on_request(const PeerId& peer, RequestKind kind, ByteView body,
                                  libp2p::Responder responder) {
  const RequestServer::Token token = next_token++;
  responders.emplace(token, std::move(responder));
  server.on_request(token, peer, kind, body, reactor.now());
  if (server.late_count() > 0) arm();
}

}  // namespace libpreconf::p2p
