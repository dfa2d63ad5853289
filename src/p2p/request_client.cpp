#include "p2p/request_client.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"

namespace libpreconf::p2p {

std::string_view to_string(RequestOutcome outcome) noexcept {
  switch (outcome) {
    case RequestOutcome::success:
      return "success";
    case RequestOutcome::not_found:
      return "not_found";
    case RequestOutcome::invalid:
      return "validation";
    case RequestOutcome::timeout:
      return "timeout";
    case RequestOutcome::failure:
      return "outbound_failure";
    case RequestOutcome::count_:
      break;
  }
  return "unknown";
}

/// What a caller's handle keeps: destroying it gives the request up.
class RequestClient::Cancel final : public Registration {
 public:
  Cancel(std::shared_ptr<RequestClient*> client, Ticket ticket)
      : client_(std::move(client)), ticket_(ticket) {}
  ~Cancel() override {
    if (*client_ != nullptr) (*client_)->cancel(ticket_);
  }
  Cancel(const Cancel&) = delete;
  Cancel& operator=(const Cancel&) = delete;

 private:
  std::shared_ptr<RequestClient*> client_;
  Ticket ticket_;
};

RequestClient::RequestClient(RequestClientConfig config, Hooks hooks)
    : config_(std::move(config)), hooks_(std::move(hooks)), self_(std::make_shared<RequestClient*>(this)) {
  PRECONF_ASSERT(hooks_.complete());
}

RequestClient::~RequestClient() {
  *self_ = nullptr;
}

// --- Asking ------------------------------------------------------------------------------------------------

Handle RequestClient::request_head(const PeerId& peer, P2pService::OnHead on_head, Instant now) {
  Exchange exchange;
  exchange.peer = peer;
  exchange.kind = RequestKind::head;
  exchange.callback = std::move(on_head);
  exchange.request = to_bytes(encode_head_request());
  return open(std::move(exchange), std::nullopt, now);
}

Handle RequestClient::request_commitments(const PeerId& peer, const U256& start, std::uint32_t max_count,
                                          P2pService::OnCommitments on_commitments, Instant now) {
  const CommitmentsRequest request{start, max_count};
  Exchange exchange;
  exchange.peer = peer;
  exchange.kind = RequestKind::commitments;
  exchange.callback = std::move(on_commitments);
  exchange.request = to_bytes(encode(request));
  exchange.check.emplace<PageCheck>(config_.signing_domain, config_.expected_slasher, request);
  std::optional<Error> refusal;
  if (max_count > kMaxCommitmentsPerResponse) {
    refusal = Error{ErrorCode::invalid, fmt::format("a page holds at most {} commitments, {} were asked for",
                                                    kMaxCommitmentsPerResponse, max_count)};
  }
  return open(std::move(exchange), std::move(refusal), now);
}

Handle RequestClient::request_raw_tx_list(const PeerId& peer, const Hash256& hash,
                                          P2pService::OnRawTxList on_list, Instant now) {
  Exchange exchange;
  exchange.peer = peer;
  exchange.kind = RequestKind::raw_tx_list;
  exchange.callback = std::move(on_list);
  exchange.request = to_bytes(hash);
  exchange.check.emplace<ListCheck>(hash);
  return open(std::move(exchange), std::nullopt, now);
}

Handle RequestClient::open(Exchange exchange, std::optional<Error> refusal, Instant now) {
  const Ticket ticket = next_ticket_++;
  const PeerId peer = exchange.peer;
  const RequestKind kind = exchange.kind;
  exchanges_.emplace(ticket, std::move(exchange));
  Handle handle(std::make_unique<Cancel>(self_, ticket));

  if (!refusal && waiting_count_ >= limits::kWaitingRequests) {
    refusal = Error{ErrorCode::limit, fmt::format("{} requests wait already", waiting_count_)};
  }
  if (refusal) {
    ++counters_.refused[index_of(kind)];
    fail_later(ticket, *std::move(refusal));
  } else if (!hooks_.is_connected(peer)) {
    ++counters_.no_peer[index_of(kind)];
    fail_later(ticket,
               Error{ErrorCode::unavailable, fmt::format("peer {} is not connected", peer.to_string())});
  } else {
    Lane& lane = lane_of(peer, kind);
    lane.waiting.push_back(ticket);
    ++waiting_count_;
    pump(peer, lane, now);
    if (!lane.waiting.empty() && lane.waiting.back() == ticket) ++counters_.paced[index_of(kind)];
  }
  return handle;
}

RequestClient::Lane& RequestClient::lane_of(const PeerId& peer, RequestKind kind) {
  auto found = lanes_.find(peer);
  if (found == lanes_.end()) {
    const Lane fresh{PaceWindow(config_.requests_per_window, limits::kRequestWindow), {}};
    found = lanes_.emplace(peer, Lanes{fresh, fresh, fresh}).first;
  }
  return found->second[index_of(kind)];
}

void RequestClient::pump(const PeerId& peer, Lane& lane, Instant now) {
  const bool paced = config_.requests_per_window != 0;
  while (!lane.waiting.empty() && (!paced || lane.window.may_start(now)) && hooks_.is_connected(peer)) {
    const Ticket ticket = lane.waiting.front();
    lane.waiting.pop_front();
    --waiting_count_;
    start(ticket, lane, now);
  }
}

void RequestClient::start(Ticket ticket, Lane& lane, Instant now) {
  Exchange& exchange = exchanges_.at(ticket);
  exchange.phase = Phase::in_flight;
  exchange.sent_at = now;
  lane.window.start();
  ++counters_.sent[index_of(exchange.kind)];
  hooks_.send(ticket, exchange.peer, exchange.kind, std::move(exchange.request));
}

void RequestClient::cancel(Ticket ticket) {
  const auto found = exchanges_.find(ticket);
  if (found == exchanges_.end()) return;
  Exchange& exchange = found->second;
  switch (exchange.phase) {
    case Phase::in_flight:
      // The window stays taken until the exchange has ended. The callback goes now: it may own the caller.
      exchange.abandoned = true;
      ++counters_.abandoned[index_of(exchange.kind)];
      std::exchange(exchange.callback, Callback());
      return;
    case Phase::waiting:
      if (std::erase(lane_of(exchange.peer, exchange.kind).waiting, ticket) > 0) --waiting_count_;
      break;
    case Phase::checking:
      std::erase(checking_, ticket);
      break;
    case Phase::failed:
      std::erase_if(failed_, [&](const auto& entry) { return entry.first == ticket; });
      break;
  }
  // Out of the map first: what the callback holds may come back to us.
  const auto gone = exchanges_.extract(found);
}

// --- Answers -----------------------------------------------------------------------------------------------

void RequestClient::on_answer(Ticket ticket, Result<Bytes> body, Instant now) {
  const auto found = exchanges_.find(ticket);
  // An exchange that `close` has failed already may still come to its own end.
  if (found == exchanges_.end() || found->second.phase != Phase::in_flight) return;
  Exchange& exchange = found->second;
  Lane& lane = lane_of(exchange.peer, exchange.kind);
  lane.window.end(now);
  RequestOutcome outcome = RequestOutcome::success;
  std::optional<Error> error;
  if (!body) {
    error = std::move(body).error();
    outcome = error->code == ErrorCode::timed_out ? RequestOutcome::timeout : RequestOutcome::failure;
  } else if (auto begun = begin_check(exchange, *std::move(body)); !begun) {
    error = std::move(begun).error();
    outcome = error->code == ErrorCode::not_found ? RequestOutcome::not_found : RequestOutcome::invalid;
  }
  counters_.round_trip[index_of(exchange.kind)][static_cast<std::size_t>(outcome)].observe(now -
                                                                                           exchange.sent_at);
  if (error) {
    conclude(exchange, outcome, &*error);
    fail_later(ticket, *std::move(error));
  } else if (exchange.abandoned) {
    exchanges_.erase(found);
  } else {
    exchange.phase = Phase::checking;
    checking_.push_back(ticket);
  }
}

Result<> RequestClient::begin_check(Exchange& exchange, Bytes body) {
  if (auto* page = std::get_if<PageCheck>(&exchange.check)) return page->begin(body);
  if (auto* list = std::get_if<ListCheck>(&exchange.check)) return list->begin(std::move(body));
  PRECONF_TRY(exchange.head, decode_preconf_head(body));
  return {};
}

Result<bool> RequestClient::step_check(Exchange& exchange) {
  if (auto* page = std::get_if<PageCheck>(&exchange.check)) return page->step();
  if (auto* list = std::get_if<ListCheck>(&exchange.check)) return list->step();
  return true;
}

void RequestClient::fail_later(Ticket ticket, Error error) {
  const auto found = exchanges_.find(ticket);
  if (found == exchanges_.end()) return;
  if (found->second.abandoned) {
    exchanges_.erase(found);
    return;
  }
  found->second.phase = Phase::failed;
  failed_.emplace_back(ticket, std::move(error));
}

void RequestClient::on_peer_gone(const PeerId& peer) {
  const auto lanes = lanes_.find(peer);
  if (lanes == lanes_.end()) return;
  for (const RequestKind kind : kRequestKinds) {
    auto waiting = std::exchange(lanes->second[index_of(kind)].waiting, {});
    waiting_count_ -= waiting.size();
    counters_.no_peer[index_of(kind)] += waiting.size();
    for (const Ticket ticket : waiting) {
      fail_later(ticket, Error{ErrorCode::closed, fmt::format("peer {} has gone", peer.to_string())});
    }
  }
}

void RequestClient::close() {
  for (auto& [peer, lanes] : lanes_) {
    for (Lane& lane : lanes) lane.waiting.clear();
  }
  waiting_count_ = 0;
  checking_.clear();
  std::vector<Ticket> open;
  for (const auto& [ticket, exchange] : exchanges_) {
    if (exchange.phase != Phase::failed) open.push_back(ticket);
  }
  for (const Ticket ticket : open) fail_later(ticket, Error{ErrorCode::closed, "the network was stopped"});
}

// --- Time and work -----------------------------------------------------------------------------------------

void RequestClient::tick(Instant now) {
  for (auto at = lanes_.begin(); at != lanes_.end();) {
    bool idle = true;
    for (const RequestKind kind : kRequestKinds) {
      Lane& lane = at->second[index_of(kind)];
      pump(at->first, lane, now);
      idle = idle && lane.waiting.empty() && lane.window.is_idle(now);
    }
    at = idle ? lanes_.erase(at) : std::next(at);
  }
}

std::optional<Instant> RequestClient::next_due() const {
  std::optional<Instant> due;
  for (const auto& [peer, lanes] : lanes_) {
    for (const Lane& lane : lanes) {
      if (lane.waiting.empty()) continue;
      const auto free = lane.window.next_free();
      if (free && (!due || *free < *due)) due = free;
    }
  }
  return due;
}

void RequestClient::work() {
  for (std::size_t spent = 0; spent < limits::kCheckingPerTurn && has_work();) spent += work_slice();
}

/// At most one callback. Returns the cost.
std::size_t RequestClient::work_slice() {
  if (failed_.empty()) return check_slice();
  auto [ticket, error] = std::move(failed_.front());
  failed_.pop_front();
  deliver_error(ticket, std::move(error));
  return limits::kCallbackCost;
}

std::size_t RequestClient::check_slice() {
  const Ticket ticket = checking_.front();
  checking_.pop_front();
  Exchange& exchange = exchanges_.at(ticket);
  const std::size_t before = cost_so_far(exchange);
  auto done = step_check(exchange);
  const std::size_t cost = cost_so_far(exchange) - before + limits::kCallbackCost;
  if (!done) {
    const Error error = std::move(done).error();
    conclude(exchange, RequestOutcome::invalid, &error);
    deliver_error(ticket, error);
  } else if (*done) {
    conclude(exchange, RequestOutcome::success, nullptr);
    deliver(ticket);
  } else {
    // One slice for each in turn: a page does not make a head wait.
    checking_.push_back(ticket);
  }
  return cost;
}

std::size_t RequestClient::cost_so_far(const Exchange& exchange) {
  if (const auto* page = std::get_if<PageCheck>(&exchange.check)) {
    return page->recovered() * limits::kRecoveryCost;
  }
  if (const auto* list = std::get_if<ListCheck>(&exchange.check)) {
    return list->hashed() / limits::kHashBytesPerCost;
  }
  return 0;
}

void RequestClient::conclude(const Exchange& exchange, RequestOutcome outcome, const Error* cause) {
  ++counters_.outcome[index_of(exchange.kind)][static_cast<std::size_t>(outcome)];
  if (hooks_.on_outcome) hooks_.on_outcome(exchange.peer, exchange.kind, outcome, cause);
}

void RequestClient::deliver(Ticket ticket) {
  auto node = exchanges_.extract(ticket);
  if (node.empty()) return;
  Exchange& exchange = node.mapped();
  if (auto* on_head = std::get_if<P2pService::OnHead>(&exchange.callback)) {
    (*on_head)(exchange.head);
  } else if (auto* on_page = std::get_if<P2pService::OnCommitments>(&exchange.callback)) {
    (*on_page)(std::get<PageCheck>(exchange.check).take());
  } else {
    std::get<P2pService::OnRawTxList>(exchange.callback)(std::get<ListCheck>(exchange.check).take());
  }
}

void RequestClient::deliver_error(Ticket ticket, Error error) {
  auto node = exchanges_.extract(ticket);
  if (node.empty()) return;
  std::visit([&](auto& callback) { callback(std::unexpected(std::move(error))); }, node.mapped().callback);
}

}  // namespace libpreconf::p2p
