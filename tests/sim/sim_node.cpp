#include "sim/sim_node.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "l2/payload_attributes.h"
#include "libp2p/identity.h"

namespace libpreconf::sim {

using preconfer::Preconfer;
using preconfer::Promise;

namespace {

constexpr std::size_t kPerRow = 200;
/// How long the L1 follower leaves a busy driver alone.
constexpr Duration kDerivationPause = std::chrono::milliseconds(50);
/// `basefeeSharingPctg`, as the block producer has it.
constexpr std::uint8_t kSharingPercentage = driver::BlockProducerConfig{}.base_fee_sharing_percentage;

}  // namespace

std::string ip_of(std::size_t index) {
  return fmt::format("10.{}.{}.1", index / kPerRow, index % kPerRow);
}

std::size_t index_of(const FixedBytes<4>& ip) {
  return ip[1] * kPerRow + ip[2];
}

crypto::Secp256k1Key preconfer_key(std::size_t index) {
  SeededRandom random(0x70726563'00000000 + index);
  return crypto::Secp256k1Key::generate(random);
}

Bytes identity_of(std::size_t index) {
  SeededRandom random(index + 1);
  const auto type = index % 2 == 0 ? libp2p::KeyType::secp256k1 : libp2p::KeyType::ed25519;
  return libp2p::Identity::generate(type, random).private_key_protobuf();
}

std::string multiaddr_of(std::size_t index) {
  // Every simulation of a sweep has the same nodes.
  static std::map<std::size_t, std::string> known;
  if (const auto found = known.find(index); found != known.end()) return found->second;
  const auto identity = libp2p::Identity::from_private_key_protobuf(identity_of(index));
  const auto text =
      fmt::format("/ip4/{}/tcp/{}/p2p/{}", ip_of(index), kPort, identity->peer_id().to_string());
  return known.emplace(index, text).first->second;
}

SimNode::SimNode(Reactor& reactor, const p2p::SignerSchedule& schedule, preconfer::TransactionPool& pool,
                 const Chronicle& chronicle, NodeSetup setup, Hooks hooks)
    : reactor_(reactor),
      schedule_(schedule),
      pool_(pool),
      chronicle_(chronicle),
      setup_(std::move(setup)),
      hooks_(std::move(hooks)),
      ip_(ip_of(setup_.index)),
      random_(setup_.seed),
      inbox_(reactor) {}

SimNode::~SimNode() {
  end(/*keep_engine=*/false);
}

Result<> SimNode::start() {
  ++life_;
  confirmed_ = 0;
  if (!engine_) {
    engine_ =
        std::make_unique<l2::InMemoryEngine>(reactor_, l2::InMemoryEngineConfig{kChainId, setup_.funded});
  }
  node::PreconfirmationDriverNodeConfig config;
  config.p2p.chain_id = kChainId;
  config.p2p.listen = {SocketAddress::parse(fmt::format("{}:{}", ip_, kPort)).value()};
  config.p2p.static_peers = setup_.static_peers;
  config.p2p.identity = identity_of(setup_.index);
  PRECONF_TRY(auto created, node::PreconfirmationDriverNode::create(reactor_, random_, std::move(config),
                                                                    schedule_, inbox_));
  core_ = std::move(created.node);
  driver::BlockProducerConfig producer;
  producer.chain_id = kChainId;
  producer_ = std::make_unique<driver::BlockProducer>(
      reactor_, std::move(created.channels), *engine_, producer,
      [this](const driver::BlockProducer::Outcome& outcome) { hooks_.on_outcome(*this, outcome); });
  events_ = core_->subscribe([this](const preconf::ClientEvent& event) { hooks_.on_event(*this, event); });
  crypto::Secp256k1Key key = preconfer_key(setup_.index);
  preconfer::PreconferConfig promises;
  promises.chain_id = kChainId;
  promises.coinbase = key.address();
  preconfer_ = std::make_unique<Preconfer>(reactor_, pool_, std::move(key), promises,
                                           [this](const Promise& promise, Preconfer::OnPublished published) {
                                             return publish(promise, std::move(published));
                                           });
  producer_->start();
  PRECONF_CHECK_OK(core_->start());
  follow_l1();
  return {};
}

void SimNode::end(bool keep_engine) {
  derivation_.reset();
  preconfer_.reset();
  events_.reset();
  producer_.reset();
  core_.reset();
  if (!keep_engine) engine_.reset();
}

Handle SimNode::publish(const Promise& promise, Preconfer::OnPublished on_published) {
  hooks_.on_promised(*this, promise);
  auto answer = [this, callback = std::move(on_published)](preconf::PublishResult result) mutable {
    if (result) return callback({});
    hooks_.on_refused(*this, result.error());
    callback(fail(ErrorCode::refused, result.error().message));
  };
  if (!promise.tx_list) return core_->publish_commitment(promise.commitment_ssz, std::move(answer));
  return core_->publish_block({promise.commitment_ssz, promise.preconf().raw_tx_list_hash, promise.tx_list},
                              std::move(answer));
}

// --- L1 ----------------------------------------------------------------------------------------------------

void SimNode::follow_l1() {
  if (!running() || derivation_) return;
  const std::uint64_t before = confirmed_;
  while (confirmed_ < chronicle_.confirmed()) {
    const PromisedBlock& block = *chronicle_.canonical(confirmed_ + 1);
    const l2::BlockHeader* header = engine_->find_header(block.number());
    if (header == nullptr) {
      derive(block);
      break;
    }
    if (header->hash != block.header->hash) return hooks_.on_contradicted(*this, block.number());
    ++confirmed_;
  }
  if (confirmed_ != before) producer_->set_event_sync_tip(U256(confirmed_));
  producer_->hold(static_cast<bool>(derivation_));
}

void SimNode::follow_l1_later() {
  derivation_ = reactor_.after(kDerivationPause, [this] {
    derivation_.reset();
    follow_l1();
  });
}

/// Derivation and the promises' driver take turns (node book I-7).
void SimNode::derive(const PromisedBlock& block) {
  producer_->hold(true);
  if (!producer_->idle()) return follow_l1_later();
  const l2::BlockHeader& wanted = *block.header;
  l2::BlockAttributes attributes;
  attributes.number = wanted.number;
  attributes.parent_hash = wanted.parent_hash;
  attributes.timestamp = wanted.timestamp;
  attributes.gas_limit = wanted.gas_limit;
  attributes.base_fee = wanted.base_fee;
  attributes.coinbase = wanted.coinbase;
  attributes.mix_hash = l2::mix_hash(head().difficulty, wanted.number);
  attributes.extra_data =
      l2::extra_data(kSharingPercentage, block.commitment.preconf().proposal_id.limbs()[0]).value();
  attributes.tx_list_rlp = block.list_rlp;
  derivation_ = engine_->build_block(std::move(attributes),
                                     [this, number = wanted.number](const Result<l2::BlockHeader>& built) {
                                       derivation_.reset();
                                       if (!built) return follow_l1_later();
                                       producer_->engine_changed(number);
                                       follow_l1();
                                     });
}

// --- What a promise stands on
// --------------------------------------------------------------------------------

Hash256 SimNode::link() const {
  return preconfer::parent_link(core_->store(), head().number);
}

preconfer::Parent SimNode::parent() const {
  const l2::BlockHeader* before = head().number > 0 ? engine_->find_header(head().number - 1) : &head();
  return {.block_number = head().number,
          .preconfirmation_hash = link(),
          .next_base_fee = l2::base_fee_of_child(head(), before != nullptr ? *before : head(), kChainId)};
}

}  // namespace libpreconf::sim
