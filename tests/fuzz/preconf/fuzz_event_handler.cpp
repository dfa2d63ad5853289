// A script of commitments, lists, tips and driver answers against the invariants of node book 18:
//   I-9   a block is submitted only after the one below it
//   I-10  a child of another parent than the executed one is never submitted
//   I-11  only what was accepted is served, and the head can be served
//   I-13  a marker never consumes a height
// and against the bounds of the store.

#include <algorithm>
#include <map>

#include "codec/txlist.h"
#include "libpreconf/preconf/memory_commitment_store.h"
#include "libpreconf/preconf/preconfirmation_client.h"
#include "libpreconf/preconf/static_signer_schedule.h"
#include "libpreconf/preconf/store_commitment_source.h"
#include "preconf/limits.h"
#include "reactor/simulated.h"
#include "script.h"

namespace {

using namespace libpreconf;
using namespace libpreconf::preconf;
using fuzz::check;
using fuzz::Script;

constexpr Address kSigner{1, 2, 3};

class ScriptedDriver final : public DriverClient {
 public:
  explicit ScriptedDriver(Reactor& reactor) : reactor_(reactor) {}

  Handle submit_preconfirmation(PreconfirmationInput input, OnSubmitted on_submitted) override {
    const auto& preconf = input.commitment.preconf();
    const std::uint64_t number = preconf.block_number.limbs()[0];
    check(number <= tip + 1 + queued);
    Result<SubmitStatus> answer = SubmitStatus::executed;
    if (input.should_skip()) {
      answer = SubmitStatus::skipped;
    } else {
      check(input.transactions != nullptr);
      check_block(number, preconf);
      if (next_error) answer = fail(*next_error, "scripted");
      next_error.reset();
    }
    if (answer == SubmitStatus::executed) {
      executed[number] = p2p::preconfirmation_hash(preconf);
      executed.erase(executed.upper_bound(number), executed.end());
      tip = number;
    }
    return reactor_.after(Duration(1000), [answer, callback = std::move(on_submitted)]() mutable {
      callback(std::move(answer));
    });
  }
  Handle wait_event_sync(OnSynced on_synced) override {
    return reactor_.after(Duration(0), [callback = std::move(on_synced)]() mutable { callback({}); });
  }
  Result<U256> event_sync_tip() const override { return U256(confirmed); }
  Result<U256> preconf_tip() const override { return U256(tip); }
  Handle on_tip_change(std::move_only_function<void()> callback) override {
    tip_change = std::move(callback);
    return {};
  }
  Handle on_room(std::move_only_function<void()> callback) override {
    room = std::move(callback);
    return {};
  }

  std::uint64_t tip = 0;
  std::uint64_t confirmed = 0;
  std::uint64_t queued = 0;
  std::optional<ErrorCode> next_error;
  /// What this driver executed for the heart; heights that came from outside are absent.
  std::map<std::uint64_t, Hash256> executed;
  std::map<Hash256, Hash256> marker_parents;
  std::move_only_function<void()> tip_change;
  std::move_only_function<void()> room;

 private:
  void check_block(std::uint64_t number, const p2p::Preconfirmation& preconf) const {
    check(number == tip + 1);  // I-9, I-13
    const auto below = executed.find(number - 1);
    if (below == executed.end() || number - 1 <= confirmed) return;
    Hash256 parent = preconf.parent_preconfirmation_hash;
    for (std::size_t i = 0; i <= kMaxMarkerChain && parent != below->second; ++i) {
      const auto marker = marker_parents.find(parent);
      if (marker == marker_parents.end()) break;
      parent = marker->second;
    }
    check(parent == below->second);  // I-10
  }

  Reactor& reactor_;
};

/// Commitments by small numbers; parents are taken from what the script has made before.
class World {
 public:
  explicit World(const std::uint8_t* data, std::size_t size)
      : script_(data, std::min<std::size_t>(size, 400)),
        schedule_(StaticSignerSchedule::one_signer(kSigner)),
        client_(PreconfirmationClient::create(reactor_, {}, store_, schedule_, driver_).value()),
        events_(client_->network_events()) {
    client_->start(network_);
    network_sim_.run_for(Duration(1000));
    hashes_.push_back({});
  }
  ~World() { client_->stop(); }

  void run() {
    while (!script_.ended()) {
      step();
      network_sim_.run_for(Duration(std::int64_t{script_.byte()} * 500));
      check_served();
    }
    network_sim_.run_for(std::chrono::seconds(30));
    check_served();
  }

 private:
  class NoPeers final : public ClientNetwork {
   public:
    Result<> publish_commitment(const p2p::SignedCommitment&) override { return {}; }
    Result<> publish_raw_tx_list(const p2p::RawTxList&) override { return {}; }
    Handle request_head(const p2p::PeerId&, p2p::P2pService::OnHead) override { return {}; }
    Handle request_commitments(const p2p::PeerId&, const U256&, std::uint32_t,
                               p2p::P2pService::OnCommitments) override {
      return {};
    }
    Handle request_raw_tx_list(const p2p::PeerId&, const Hash256&, p2p::P2pService::OnRawTxList) override {
      return {};
    }
    std::vector<p2p::PeerId> connected_peers() const override { return {}; }
    const p2p::PeerId& local_peer_id() const override { return local_; }

   private:
    p2p::PeerId local_;
  };

  void step() {
    switch (script_.byte() % 8) {
      case 0:
      case 1:
      case 2:
        return hear_commitment();
      case 3:
      case 4:
        return hear_list(script_.byte());
      case 5:
        // L1 or another process moved the engine.
        driver_.tip = std::max<std::uint64_t>(driver_.confirmed, script_.byte() % 24);
        driver_.executed.erase(driver_.executed.upper_bound(driver_.tip), driver_.executed.end());
        return driver_.tip_change();
      case 6:
        driver_.next_error = script_.byte() % 2 == 0 ? ErrorCode::invalid : ErrorCode::unavailable;
        return;
      default:
        driver_.confirmed = std::min<std::uint64_t>(driver_.tip, driver_.confirmed + script_.byte() % 3);
        return driver_.tip_change();
    }
  }

  void hear_commitment() {
    const std::uint8_t shape = script_.byte();
    p2p::SignedCommitment commitment;
    auto& preconf = commitment.commitment.preconf;
    const std::uint64_t number = script_.byte() % 24;
    preconf.block_number = shape == 255 ? U256::max() : U256(number);
    preconf.timestamp = U256(1000 + number * 2 + (shape & 1));
    preconf.parent_preconfirmation_hash = hashes_[script_.byte() % hashes_.size()];
    preconf.eop = (shape & 2) != 0;
    if ((shape & 6) != 6) preconf.raw_tx_list_hash = list_of(script_.byte()).hash;
    if (shape == 254) preconf.proposal_id = U256::max();
    const Hash256 hash = p2p::preconfirmation_hash(preconf);
    if (hashes_.size() < 64) hashes_.push_back(hash);
    if (preconf.is_eop_only()) driver_.marker_parents[hash] = preconf.parent_preconfirmation_hash;
    const p2p::RecoveredSigner signer{shape == 253 ? Address{} : kSigner,
                                      p2p::signing_digest(p2p::placeholder_domain(), commitment.commitment)};
    (void)events_.on_commitment(p2p::PeerId(), commitment, signer);
  }

  void hear_list(std::uint8_t name) { (void)events_.on_raw_tx_list(p2p::PeerId(), list_of(name)); }

  /// Some are garbage; few enough names that commitments and lists meet.
  static p2p::RawTxList list_of(std::uint8_t name) {
    name %= 8;
    Bytes bytes = name == 7 ? Bytes{1, 2, 3} : codec::encode_tx_list({Bytes{2, name}}).value();
    const Hash256 hash = p2p::tx_list_hash(bytes);
    return {.hash = hash, .tx_list = std::make_shared<const Bytes>(std::move(bytes))};
  }

  void check_served() const {
    const StoreCommitmentSource source(store_);
    const p2p::PreconfHead head = source.head();
    if (!head.block_number.is_zero()) {
      const auto page = source.commitments_from(head.block_number, 1);  // I-20
      check(page.size() == 1 && page[0].preconf().block_number == head.block_number);
    }
    for (const auto& commitment : source.commitments_from(U256(0), 256)) {
      check(commitment.preconf().block_number.fits_u64() && commitment.preconf().proposal_id.is_zero());
      check(commitment.preconf().eop || commitment.preconf().raw_tx_list_hash != Hash256{});
    }
    for (std::uint64_t number = 0; number < 24; ++number) {
      check(store_.candidates(number).size() <= kMaxCandidatesPerSigner);
    }
  }

  Script script_;
  SimulatedNetwork network_sim_{1};
  Reactor& reactor_ = network_sim_.host("10.0.0.1");
  ScriptedDriver driver_{reactor_};
  NoPeers network_;
  MemoryCommitmentStore store_;
  StaticSignerSchedule schedule_;
  std::unique_ptr<PreconfirmationClient> client_;
  p2p::NetworkEvents events_;
  std::vector<Hash256> hashes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World(data, size).run();
  return 0;
}
