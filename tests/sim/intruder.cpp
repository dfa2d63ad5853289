#include "sim/intruder.h"

#include "p2p/signing.h"
#include "sim/sim_node.h"
#include "sim/slots.h"

namespace libpreconf::sim {

using namespace std::chrono_literals;

namespace {

constexpr Duration kPace = 300ms;
/// Bare connections that it holds at a time.
constexpr std::size_t kMostConnections = 12;

}  // namespace

/// A head far away (attack D2), pages that are not what was asked for (D1), lists of other bytes.
class Intruder::LyingSource final : public p2p::CommitmentSource {
 public:
  explicit LyingSource(Intruder& owner) : owner_(owner) {}

  [[nodiscard]] p2p::PreconfHead head() const override {
    const std::uint64_t ahead = owner_.chronicle_.tip() + 1 + owner_.random_.below(2000);
    return {.block_number = owner_.random_.below(4) == 0 ? U256::max() : U256(ahead),
            .submission_window_end = U256(kStart)};
  }
  [[nodiscard]] std::vector<p2p::SignedCommitment> commitments_from(const U256& start,
                                                                    std::size_t max_count) const override {
    std::vector<p2p::SignedCommitment> page;
    while (page.size() < std::min<std::size_t>(max_count, 3)) {
      page.push_back(owner_.invent());
      page.back().commitment.preconf.block_number = start;
    }
    return page;
  }
  [[nodiscard]] std::optional<p2p::RawTxList> tx_list(const Hash256& hash) const override {
    return p2p::RawTxList{hash, std::make_shared<const Bytes>(40, std::uint8_t{7})};
  }

 private:
  Intruder& owner_;
};

Intruder::Intruder(Reactor& reactor, const p2p::SignerSchedule& schedule, const Chronicle& chronicle,
                   std::size_t index, std::uint64_t seed, const std::vector<std::size_t>& victims)
    : reactor_(reactor),
      chronicle_(chronicle),
      random_(seed),
      victims_(victims),
      key_(crypto::Secp256k1Key::generate(random_)),
      source_(std::make_unique<LyingSource>(*this)) {
  p2p::P2pConfig config;
  config.chain_id = kChainId;
  config.identity = identity_of(index);
  for (const std::size_t victim : victims) config.static_peers.push_back(multiaddr_of(victim));
  p2p::NetworkEvents events;
  events.on_commitment = [](const p2p::PeerId&, const p2p::SignedCommitment&, const p2p::RecoveredSigner&) {
    return p2p::GossipDecision::ignore;  // it keeps what it hears to itself
  };
  if (auto made = p2p::P2pService::create(reactor, random_, std::move(config), schedule, *source_,
                                          std::move(events))) {
    service_ = *std::move(made);
  }
}

Intruder::~Intruder() = default;

Result<> Intruder::start() {
  if (!service_) return fail(ErrorCode::invalid, "the hostile peer could not be made");
  PRECONF_CHECK_OK(service_->start());
  timer_ = reactor_.every(kPace, [this] { act(); });
  return {};
}

void Intruder::act() {
  switch (random_.below(4)) {
    case 0:
    case 1:
      return gossip_commitment();
    case 2:
      return gossip_list();
    default:
      return knock();
  }
}

/// A promise that looks like the newest one, by a key that nobody elected.
p2p::SignedCommitment Intruder::invent() {
  p2p::PreconfCommitment commitment;
  if (const PromisedBlock* tip = chronicle_.canonical(chronicle_.tip())) {
    commitment = tip->commitment.commitment;
  }
  p2p::Preconfirmation& preconf = commitment.preconf;
  preconf.block_number = preconf.block_number.saturating_add(random_.below(3));
  preconf.timestamp = preconf.timestamp.saturating_add(random_.below(3));
  random_.fill(preconf.raw_tx_list_hash);
  return p2p::sign_commitment(key_, p2p::placeholder_domain(), commitment);
}

void Intruder::gossip_commitment() {
  p2p::SignedCommitment rubbish = invent();
  p2p::Preconfirmation& preconf = rubbish.commitment.preconf;
  switch (random_.below(6)) {
    case 0:
      random_.fill(rubbish.signature);  // no signature at all
      break;
    case 1:
      preconf.submission_window_end = preconf.submission_window_end.saturating_add(1);
      break;
    case 2:
      preconf.block_number = U256::max();
      break;
    case 3:
      preconf.raw_tx_list_hash = Hash256{};
      preconf.eop = random_.below(2) == 0;
      break;
    case 4:  // an honest promise with one field changed after it was signed
      if (const PromisedBlock* tip = chronicle_.canonical(chronicle_.tip())) {
        rubbish = tip->commitment;
        random_.fill(rubbish.commitment.preconf.coinbase);
      }
      break;
    default:
      break;
  }
  (void)service_->publish_commitment(rubbish);
}

void Intruder::gossip_list() {
  Bytes bytes(1 + random_.below(400));
  random_.fill(bytes);
  const auto shared = std::make_shared<const Bytes>(std::move(bytes));
  p2p::RawTxList list{p2p::tx_list_hash(*shared), shared};
  // Its own name, a random one, or that of a list that honest nodes wait for.
  if (random_.below(3) == 0) random_.fill(list.hash);
  const PromisedBlock* tip = chronicle_.canonical(chronicle_.tip());
  if (tip != nullptr && random_.below(3) == 0) list.hash = tip->commitment.preconf().raw_tx_list_hash;
  (void)service_->publish_raw_tx_list(list);
}

/// A bare connection that says nothing (A1), or nothing that anybody understands (A5, A7).
void Intruder::knock() {
  const std::size_t victim = victims_[random_.below(victims_.size())];
  const auto address = SocketAddress::parse(ip_of(victim) + ":" + std::to_string(kPort));
  if (connections_.size() >= kMostConnections) {
    connections_.erase(connections_.begin());
    knocks_.clear();
  }
  knocks_.push_back(reactor_.connect_tcp(*address, [this](Result<std::unique_ptr<TcpConnection>> connected) {
    if (!connected) return;
    (*connected)->start({});
    Bytes bytes(random_.below(300));
    random_.fill(bytes);
    (*connected)->send(bytes);
    connections_.push_back(*std::move(connected));
  }));
}

}  // namespace libpreconf::sim
