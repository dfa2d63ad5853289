// Requests of ours under any sequence of answers, departures, cancellations and time: each callback comes
// exactly once unless its handle went first, and no window of ten seconds sees more than seven requests end
// or run.
#include <deque>
#include <set>

#include "fuzz/input.h"
#include "p2p/request_client.h"

using namespace libpreconf;
using namespace libpreconf::p2p;
using fuzz::require;

namespace {

struct World {
  struct Asked {
    Handle handle;
    bool cancelled = false;
    int called = 0;
  };
  std::set<PeerId> connected;
  std::deque<std::pair<RequestClient::Ticket, RequestKind>> in_flight;
  std::array<std::deque<Instant>, kRequestKindCount> sent;
  std::deque<Asked> asked;  // stable addresses
  Instant now{};
  PeerId peer = PeerId::from_bytes(Bytes{0, 2, 8, 1}).value();
  RequestClient client{{}, hooks()};

  RequestClient::Hooks hooks() {
    RequestClient::Hooks out;
    out.send = [this](RequestClient::Ticket ticket, const PeerId&, RequestKind kind, const Bytes&) {
      in_flight.emplace_back(ticket, kind);
      auto& times = sent[index_of(kind)];
      times.push_back(now);
      if (times.size() <= limits::kRequestsPerWindow) return;
      require(now - times.front() >= limits::kRequestWindow);
      times.pop_front();
    };
    out.is_connected = [this](const PeerId& id) { return connected.contains(id); };
    return out;
  }

  void ask(RequestKind kind, fuzz::Input& input) {
    Asked& one = asked.emplace_back();
    const auto note = [&one](const auto&) { require(!one.cancelled && ++one.called == 1); };
    switch (kind) {
      case RequestKind::head:
        one.handle = client.request_head(peer, note, now);
        break;
      case RequestKind::commitments:
        one.handle = client.request_commitments(peer, input.byte(), input.byte() * 2, note, now);
        break;
      case RequestKind::raw_tx_list:
        one.handle = client.request_raw_tx_list(peer, input.fixed<32>(), note, now);
        break;
    }
  }

  void answer(fuzz::Input& input) {
    if (in_flight.empty()) return;
    const auto ticket = in_flight.front().first;
    in_flight.pop_front();
    const std::uint8_t how = input.byte();
    if (how == 0) return client.on_answer(ticket, fail(ErrorCode::timed_out, ""), now);
    if (how == 1) return client.on_answer(ticket, Bytes(64), now);
    client.on_answer(ticket, to_bytes(input.take(how)), now);
  }

  void cancel(std::uint8_t which) {
    if (asked.empty()) return;
    Asked& one = asked[which % asked.size()];
    if (one.called == 0) one.cancelled = true;
    one.handle.reset();
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  World world;
  world.connected.insert(world.peer);
  for (int steps = 0; !input.empty() && steps < 500; ++steps) {
    switch (input.byte() % 8) {
      case 0:
      case 1:
        world.ask(kRequestKinds[input.byte() % kRequestKindCount], input);
        break;
      case 2:
      case 3:
        world.answer(input);
        break;
      case 4:
        world.client.work();
        break;
      case 5:
        world.cancel(input.byte());
        break;
      case 6:
        world.now += std::chrono::milliseconds(input.byte() * 20);
        world.client.tick(world.now);
        break;
      case 7:
        if (world.connected.erase(world.peer) > 0) {
          world.client.on_peer_gone(world.peer);
        } else {
          world.connected.insert(world.peer);
        }
        break;
    }
  }
  world.client.close();
  while (world.client.has_work()) world.client.work();
  for (const auto& one : world.asked) require(one.called == (one.cancelled ? 0 : 1));
  require(world.client.open_count() == 0 && world.client.waiting_count() == 0);
  return 0;
}
