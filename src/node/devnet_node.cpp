#include "node/devnet_node.h"

#include <utility>

#include "crypto/hash.h"
#include "l2/payload_attributes.h"
#include "libp2p/identity.h"
#include "node/devnet_eth_rpc.h"

namespace libpreconf::node {

namespace {

using preconfer::Preconfer;
using preconfer::Promise;

SocketAddress loopback(std::uint16_t port) {
  return SocketAddress::v4({127, 0, 0, 1}, port);
}

/// Both key types in turn, and the same peer ids every time.
libp2p::Identity identity_of(std::size_t index) {
  SeededRandom random(index + 1);
  const auto type = index % 2 == 0 ? libp2p::KeyType::secp256k1 : libp2p::KeyType::ed25519;
  return libp2p::Identity::generate(type, random);
}

/// The port in "http://127.0.0.1:8550".
std::uint16_t port_of(const std::string& url) {
  const auto address = SocketAddress::parse(std::string_view(url).substr(url.rfind('/') + 1));
  return address ? address->port() : std::uint16_t{0};
}

/// The port in "/ip4/127.0.0.1/tcp/9000/p2p/…".
std::uint16_t tcp_port_of(std::string_view multiaddr) {
  constexpr std::string_view kBefore = "/tcp/";
  const std::size_t begin = multiaddr.find(kBefore);
  if (begin == std::string_view::npos) return 0;
  const std::string_view rest = multiaddr.substr(begin + kBefore.size());
  return port_of("/127.0.0.1:" + std::string(rest.substr(0, rest.find('/'))));
}

}  // namespace

DevnetNode::DevnetNode(LibeventReactor& reactor, Random& random, const p2p::SignerSchedule& schedule,
                       preconfer::TransactionPool& pool, DevnetNodeSetup setup, OnExecuted on_executed,
                       OnPromised on_promised)
    : reactor_(reactor),
      random_(random),
      schedule_(schedule),
      pool_(pool),
      setup_(std::move(setup)),
      on_executed_(std::move(on_executed)),
      on_promised_(std::move(on_promised)) {}

crypto::Secp256k1Key DevnetNode::preconfer_key(std::size_t index) {
  SeededRandom random(0x70726563'00000000 + index);
  return crypto::Secp256k1Key::generate(random);
}

FullNodeConfig DevnetNode::make_config() {
  FullNodeConfig config;
  p2p::P2pConfig& network = config.node.p2p;
  network.chain_id = setup_.chain_id;
  network.listen = {loopback(setup_.p2p_port)};
  network.static_peers = setup_.static_peers;
  network.identity = identity_of(setup_.index).private_key_protobuf();
  network.agent_version = "preconfd/" PRECONF_VERSION;
  config.engine = {setup_.chain_id, setup_.funded};
  config.rpc_address = loopback(setup_.rpc_port);
  config.extend_rpc = [this](rpc::MethodTable& table) { add_eth_methods(table, full_->engine(), pool_); };
  config.on_outcome = [this](const driver::BlockProducer::Outcome& outcome) {
    if (outcome.header != nullptr) on_executed_(setup_.index, *outcome.header);
  };
  return config;
}

Result<> DevnetNode::start() {
  if (full_) return fail(ErrorCode::conflict, "the node runs already");
  PRECONF_TRY(full_, FullNode::create(reactor_, random_, make_config(), schedule_));
  if (const auto started = full_->start(); !started) {
    full_.reset();
    return std::unexpected(started.error());
  }
  keep_ports();
  crypto::Secp256k1Key key = preconfer_key(setup_.index);
  preconfer::PreconferConfig config;
  config.chain_id = setup_.chain_id;
  config.coinbase = key.address();
  preconfer_ =
      std::make_unique<Preconfer>(reactor_, pool_, std::move(key), config,
                                  [this](const Promise& promise, Preconfer::OnPublished on_published) {
                                    return publish(promise, std::move(on_published));
                                  });
  return {};
}

/// Others redial the address that they know.
void DevnetNode::keep_ports() {
  if (const auto addresses = full_->p2p_addresses(); !addresses.empty()) {
    setup_.p2p_port = tcp_port_of(addresses.front());
  }
  setup_.rpc_port = port_of(full_->rpc_url());
}

Handle DevnetNode::publish(const Promise& promise, Preconfer::OnPublished on_published) {
  on_promised_(setup_.index, promise);
  auto answer = [callback = std::move(on_published)](preconf::PublishResult result) mutable {
    if (result) return callback({});
    callback(fail(ErrorCode::refused, result.error().message));
  };
  if (!promise.tx_list) return full_->core().publish_commitment(promise.commitment_ssz, std::move(answer));
  return full_->core().publish_block(
      {promise.commitment_ssz, promise.preconf().raw_tx_list_hash, promise.tx_list}, std::move(answer));
}

void DevnetNode::stop(Duration limit, std::move_only_function<void()> on_done) {
  preconfer_.reset();
  if (!full_ || stopping_) return on_done();
  stopping_ = true;
  full_->stop(limit, [this, done = std::move(on_done)]() mutable {
    // The node may still be on the stack.
    reactor_.destroy_later(std::move(full_));
    stopping_ = false;
    done();
  });
}

Hash256 DevnetNode::link() const {
  return preconfer::parent_link(full_->core().store(), full_->engine().head_header().number);
}

preconfer::Parent DevnetNode::parent() const {
  const l2::InMemoryEngine& engine = full_->engine();
  const l2::BlockHeader& head = engine.head_header();
  const l2::BlockHeader* before = head.number > 0 ? engine.find_header(head.number - 1) : &head;
  preconfer::Parent parent;
  parent.block_number = head.number;
  parent.preconfirmation_hash = link();
  parent.next_base_fee = l2::base_fee_of_child(head, before != nullptr ? *before : head, setup_.chain_id);
  return parent;
}

}  // namespace libpreconf::node
