// Request bodies of strangers: each ends in exactly one answer or refusal, an answer decodes, and no ten
// seconds see more answers than the window allows.
#include <deque>

#include "fuzz/input.h"
#include "p2p/request_server.h"

using namespace libpreconf;
using fuzz::require;

namespace {

/// Holds 300 commitments and one list.
class Source final : public p2p::CommitmentSource {
 public:
  p2p::PreconfHead head() const override { return {300, 12}; }
  std::vector<p2p::SignedCommitment> commitments_from(const U256& start,
                                                      std::size_t max_count) const override {
    std::vector<p2p::SignedCommitment> out;
    for (std::uint64_t number = start.to_u64().value_or(301); number <= 300 && out.size() < max_count;
         ++number) {
      out.emplace_back().commitment.preconf.block_number = number;
    }
    return out;
  }
  std::optional<p2p::RawTxList> tx_list(const Hash256& hash) const override {
    if (hash[0] % 2 == 1) return std::nullopt;
    return p2p::RawTxList{hash, std::make_shared<const Bytes>(hash[1], 7)};
  }
};

bool decodes(p2p::RequestKind kind, const Bytes& body) {
  switch (kind) {
    case p2p::RequestKind::head:
      return p2p::decode_preconf_head(body).has_value();
    case p2p::RequestKind::commitments:
      return p2p::decode_commitments_response(body).has_value();
    case p2p::RequestKind::raw_tx_list:
      return p2p::decode_raw_tx_list(body).has_value();
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const Source source;
  std::vector<p2p::RequestKind> asked;
  std::vector<int> ended;
  std::array<std::deque<Instant>, p2p::kRequestKindCount> answers;
  Instant now{};

  p2p::RequestServer::Hooks hooks;
  hooks.respond = [&](p2p::RequestServer::Token token, ByteView head, const libp2p::SharedBytes& tail) {
    Bytes body = to_bytes(head);
    if (tail) body.insert(body.end(), tail->begin(), tail->end());
    ++ended.at(token);
    const p2p::RequestKind kind = asked.at(token);
    require(decodes(kind, body));
    auto& times = answers[p2p::index_of(kind)];
    times.push_back(now);
    if (times.size() > 8) {
      require(now - times.front() >= Duration(std::chrono::seconds(10)));
      times.pop_front();
    }
  };
  hooks.refuse = [&](p2p::RequestServer::Token token) { ++ended.at(token); };
  p2p::RequestServer server(source, 8, std::move(hooks));

  const libp2p::PeerId peer = libp2p::PeerId::from_bytes(Bytes{0, 2, 8, 1}).value();
  while (!input.empty()) {
    const Instant next = now + std::chrono::milliseconds(input.byte() * 10);
    for (auto due = server.next_due(); due && *due <= next; due = server.next_due()) {
      now = std::max(now, *due);
      server.tick(now);
    }
    now = next;
    const p2p::RequestKind kind = p2p::kRequestKinds[input.byte() % p2p::kRequestKindCount];
    const std::size_t token = asked.size();
    asked.push_back(kind);
    ended.push_back(0);
    server.on_request(token, peer, kind, input.take(input.byte() % 64), now);
  }
  while (const auto due = server.next_due()) {
    now = std::max(now, *due);
    server.tick(now);
  }
  for (const int times : ended) require(times == 1);
  return 0;
}
