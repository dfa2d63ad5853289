#pragma once
// The heart between a driver that the test is, scripted peers, and virtual time.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "codec/txlist.h"
#include "crypto/secp256k1.h"
#include "libpreconf/preconf/memory_commitment_store.h"
#include "libpreconf/preconf/preconfirmation_client.h"
#include "libpreconf/preconf/static_signer_schedule.h"
#include "libpreconf/preconf/store_commitment_source.h"
#include "p2p/signing.h"
#include "preconf/client_counters.h"
#include "reactor/simulated.h"

namespace libpreconf::preconf::test {

using namespace std::chrono_literals;
using p2p::PeerId;

inline PeerId peer_named(std::uint8_t number) {
  Bytes multihash{0x00, 0x24, 0x08, 0x01, 0x12, 0x20};
  multihash.resize(38, number);
  return PeerId::from_bytes(multihash).value();
}

inline crypto::Secp256k1Key key_of(std::uint8_t byte) {
  return crypto::Secp256k1Key::from_bytes(Bytes(32, byte)).value();
}

inline p2p::RawTxList list_of(Bytes compressed) {
  const Hash256 hash = p2p::tx_list_hash(compressed);
  return {.hash = hash, .tx_list = std::make_shared<const Bytes>(std::move(compressed))};
}

/// A list of one typed transaction whose content differs by `seed`.
inline p2p::RawTxList valid_list(std::uint64_t seed) {
  Bytes transaction{0x02};
  for (int i = 0; i < 8; ++i) transaction.push_back(static_cast<std::uint8_t>(seed >> (8 * i)));
  return list_of(codec::encode_tx_list({transaction}).value());
}

/// One promise with its list.
struct Promise {
  p2p::SignedCommitment commitment;
  p2p::RawTxList list;  ///< of a marker: no bytes
  [[nodiscard]] Hash256 hash() const { return p2p::preconfirmation_hash(commitment.preconf()); }
  [[nodiscard]] std::uint64_t number() const { return commitment.preconf().block_number.limbs()[0]; }
};

constexpr std::uint64_t kGenesisTime = 1764000000;
constexpr std::uint8_t kPreconferKey = 7;

/// What a preconfer may put differently.
struct Content {
  std::uint64_t number = 1;
  Hash256 parent{};
  bool eop = false;
  std::uint64_t seed = 0;  ///< of the list
  std::uint8_t key = kPreconferKey;
  std::function<void(p2p::PreconfCommitment&)> change;
};

inline Promise sign(const p2p::PreconfCommitment& commitment, p2p::RawTxList list, std::uint8_t key) {
  return {.commitment = p2p::sign_commitment(key_of(key), p2p::placeholder_domain(), commitment),
          .list = std::move(list)};
}

inline p2p::PreconfCommitment unsigned_commitment(const Content& content) {
  p2p::PreconfCommitment out;
  out.preconf.eop = content.eop;
  out.preconf.block_number = content.number;
  out.preconf.timestamp = kGenesisTime + 2 * content.number;
  out.preconf.gas_limit = 30'000'000;
  out.preconf.anchor_block_number = 100;
  out.preconf.parent_preconfirmation_hash = content.parent;
  out.preconf.submission_window_end = kGenesisTime + 12;
  out.preconf.proposal_id = content.number;
  return out;
}

inline Promise block(const Content& content) {
  auto commitment = unsigned_commitment(content);
  auto list = valid_list(content.number * 1000 + content.seed);
  commitment.preconf.raw_tx_list_hash = list.hash;
  if (content.change) content.change(commitment);
  return sign(commitment, std::move(list), content.key);
}

inline Promise marker(Content content) {
  content.eop = true;
  auto commitment = unsigned_commitment(content);
  if (content.change) content.change(commitment);
  return sign(commitment, {}, content.key);
}

/// Blocks 1 to `count` (or from `first`), linked.
inline std::vector<Promise> chain(std::uint64_t count, std::uint64_t first = 1, Hash256 parent = {}) {
  std::vector<Promise> out;
  for (std::uint64_t number = first; number < first + count; ++number) {
    out.push_back(block({.number = number, .parent = parent}));
    parent = out.back().hash();
  }
  return out;
}

inline StoredCommitment stored(const Promise& promise, std::uint8_t key = kPreconferKey) {
  return {.commitment = promise.commitment,
          .hash = promise.hash(),
          .digest = p2p::signing_digest(p2p::placeholder_domain(), promise.commitment.commitment),
          .signer = key_of(key).address()};
}

/// A driver that executes what it gets, or does what the test says.
class FakeDriver final : public DriverClient {
 public:
  explicit FakeDriver(Reactor& reactor) : reactor_(reactor) {}

  Handle submit_preconfirmation(PreconfirmationInput input, OnSubmitted on_submitted) override {
    attempts.push_back(input.commitment.preconf().block_number.limbs()[0]);
    Result<SubmitStatus> answer = SubmitStatus::executed;
    if (!answers.empty()) {
      answer = answers.front();
      answers.erase(answers.begin());
    }
    if (answer) inputs.push_back(input);
    return reactor_.after(
        1ms, [this, input = std::move(input), answer, callback = std::move(on_submitted)]() mutable {
          const auto number = input.commitment.preconf().block_number;
          if (answer == SubmitStatus::executed && moves_tip && !input.should_skip() && number > tip)
            tip = number;
          callback(std::move(answer));
        });
  }
  Handle wait_event_sync(OnSynced on_synced) override {
    if (!synced) return reactor_.after(24h, [] {});
    return reactor_.after(0ms, [callback = std::move(on_synced)]() mutable { callback({}); });
  }
  Result<U256> event_sync_tip() const override {
    if (event_tip) return *event_tip;
    return fail(ErrorCode::unavailable, "event sync tip is unknown (confirmed sync not ready)");
  }
  Result<U256> preconf_tip() const override {
    if (knows_tip) return tip;
    return fail(ErrorCode::unavailable, "tip is unknown");
  }
  Handle on_tip_change(std::move_only_function<void()> callback) override {
    tip_change = std::move(callback);
    return {};
  }
  Handle on_room(std::move_only_function<void()> callback) override {
    room = std::move(callback);
    return {};
  }
  Handle on_rejected(OnRejected callback) override {
    rejected = std::move(callback);
    return {};
  }

  /// Numbers of what was taken, in order.
  [[nodiscard]] std::vector<std::uint64_t> taken() const {
    std::vector<std::uint64_t> out;
    for (const auto& input : inputs) out.push_back(input.commitment.preconf().block_number.limbs()[0]);
    return out;
  }

  std::vector<Result<SubmitStatus>> answers;  ///< used up one by one; then `executed`
  std::vector<PreconfirmationInput> inputs;
  std::vector<std::uint64_t> attempts;
  bool synced = true;
  bool moves_tip = true;
  bool knows_tip = true;
  U256 tip;
  std::optional<U256> event_tip = U256(0);
  std::move_only_function<void()> tip_change;
  std::move_only_function<void()> room;
  OnRejected rejected;

 private:
  Reactor& reactor_;
};

/// Peers with what they serve, and what they are asked.
class ScriptedNetwork final : public ClientNetwork {
 public:
  struct Peer {
    std::optional<p2p::PreconfHead> head;  ///< absent: the request fails
    MemoryCommitmentStore commitments;
    std::map<Hash256, p2p::RawTxList> lists;
    /// Replaces the page that the store would give.
    std::function<std::vector<p2p::SignedCommitment>(std::uint64_t start, std::uint32_t count)> page;
    bool silent = false;
    std::size_t heads_asked = 0;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> pages_asked;
    std::size_t lists_asked = 0;
    std::vector<Hash256> asked_for;  ///< the lists, in order

    void serve(const Promise& promise) {
      commitments.insert_commitment(stored(promise));
      if (promise.list.tx_list) lists[promise.list.hash] = promise.list;
      const auto& preconf = promise.commitment.preconf();
      if (!head || head->block_number <= preconf.block_number) {
        head = p2p::PreconfHead{preconf.block_number, preconf.submission_window_end};
      }
    }
  };

  explicit ScriptedNetwork(Reactor& reactor) : reactor_(reactor) {}

  Peer& add(std::uint8_t number) { return peers[peer_named(number)]; }

  Result<> publish_commitment(const p2p::SignedCommitment& commitment) override {
    if (!publish_result) return publish_result;
    published.emplace_back(commitment);
    return {};
  }
  Result<> publish_raw_tx_list(const p2p::RawTxList& list) override {
    if (!publish_result) return publish_result;
    published.emplace_back(list);
    return {};
  }
  Handle request_head(const PeerId& peer, p2p::P2pService::OnHead on_head) override {
    Peer& asked = peers.at(peer);
    ++asked.heads_asked;
    Result<p2p::PreconfHead> answer = fail(ErrorCode::timed_out, "no answer");
    if (asked.head) answer = *asked.head;
    return answer_later(asked, std::move(on_head), std::move(answer));
  }
  Handle request_commitments(const PeerId& peer, const U256& start, std::uint32_t max_count,
                             p2p::P2pService::OnCommitments on_commitments) override {
    Peer& asked = peers.at(peer);
    const std::uint64_t from = start.limbs()[0];
    asked.pages_asked.emplace_back(from, max_count);
    p2p::CommitmentPage page;
    page.commitments =
        asked.page ? asked.page(from, max_count) : asked.commitments.commitments_from(start, max_count);
    for (const p2p::SignedCommitment& commitment : page.commitments) {
      const auto signer = p2p::recover_signer(p2p::placeholder_domain(), commitment);
      if (!signer) return answer_later(asked, std::move(on_commitments), no_signer());
      page.signers.push_back(*signer);
    }
    return answer_later(asked, std::move(on_commitments), Result<p2p::CommitmentPage>(std::move(page)));
  }
  Handle request_raw_tx_list(const PeerId& peer, const Hash256& hash,
                             p2p::P2pService::OnRawTxList on_list) override {
    Peer& asked = peers.at(peer);
    ++asked.lists_asked;
    asked.asked_for.push_back(hash);
    Result<p2p::RawTxList> answer = fail(ErrorCode::not_found, "the peer has no such list");
    if (const auto found = asked.lists.find(hash); found != asked.lists.end()) answer = found->second;
    return answer_later(asked, std::move(on_list), std::move(answer));
  }
  std::vector<PeerId> connected_peers() const override {
    std::vector<PeerId> out;
    for (const auto& [id, peer] : peers) out.push_back(id);
    return out;
  }
  const PeerId& local_peer_id() const override { return local_; }

  std::map<PeerId, Peer> peers;
  std::vector<std::variant<p2p::SignedCommitment, p2p::RawTxList>> published;
  Result<> publish_result;

 private:
  static Result<p2p::CommitmentPage> no_signer() {
    return fail(ErrorCode::invalid, "its signature does not recover");
  }
  template <class Callback, class Answer>
  Handle answer_later(const Peer& peer, Callback callback, Answer answer) {
    if (peer.silent) {
      return reactor_.after(10s, [callback = std::move(callback)]() mutable {
        callback(fail(ErrorCode::timed_out, "no answer in 10 s"));
      });
    }
    return reactor_.after(1ms, [callback = std::move(callback), answer = std::move(answer)]() mutable {
      callback(std::move(answer));
    });
  }

  Reactor& reactor_;
  PeerId local_ = peer_named(255);
};

class HeartTest : public testing::Test {
 protected:
  HeartTest() : schedule_(StaticSignerSchedule::one_signer(key_of(kPreconferKey).address())) {}
  ~HeartTest() override {
    if (client_) client_->stop();
  }

  void start(ClientConfig config = {}) {
    client_ = PreconfirmationClient::create(reactor_, config, store_, schedule_, driver_).value();
    net_ = client_->network_events();
    subscription_ = client_->subscribe([this](const ClientEvent& event) { events_.push_back(event); });
    client_->start(network_);
    run(20ms);
  }
  void run(Duration duration) { world_.run_for(duration); }

  /// `key` signed it, as far as the gate says.
  p2p::GossipDecision hear(const Promise& promise, std::uint8_t key = kPreconferKey,
                           PeerId from = peer_named(1)) {
    const Hash256 digest = p2p::signing_digest(p2p::placeholder_domain(), promise.commitment.commitment);
    return net_.on_commitment(from, promise.commitment, {key_of(key).address(), digest});
  }
  p2p::GossipDecision hear_list(const p2p::RawTxList& list) {
    return net_.on_raw_tx_list(peer_named(1), list);
  }
  void hear_both(const Promise& promise) {
    hear_list(promise.list);
    hear(promise);
    run(20ms);
  }
  void connect(std::uint8_t number) { net_.on_peer_connected(peer_named(number)); }

  template <class Event>
  [[nodiscard]] std::vector<Event> events_of() const {
    std::vector<Event> out;
    for (const auto& event : events_) {
      if (const auto* found = std::get_if<Event>(&event)) out.push_back(*found);
    }
    return out;
  }
  [[nodiscard]] const ClientCounters& counters() const { return client_->counters(); }
  using Numbers = std::vector<std::uint64_t>;

  SimulatedNetwork world_{1};
  Reactor& reactor_ = world_.host("10.0.0.1");
  FakeDriver driver_{reactor_};
  ScriptedNetwork network_{reactor_};
  MemoryCommitmentStore store_;
  StaticSignerSchedule schedule_;
  std::vector<ClientEvent> events_;
  std::unique_ptr<PreconfirmationClient> client_;
  Handle subscription_;
  p2p::NetworkEvents net_;
};

}  // namespace libpreconf::preconf::test
