#pragma once
// Whole services on a simulated network: real handshakes, virtual time.

#include <algorithm>

#include "base/log.h"
#include "fake_source.h"
#include "gate_fixture.h"
#include "libp2p/identity.h"
#include "p2p/counters.h"
#include "reactor/simulated.h"

namespace libpreconf::p2p::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// One node: a service with what it is made of, and what it was told.
struct TestNode {
  std::string ip;
  FakeSchedule schedule;
  FakeSource source;
  P2pConfig config;
  Bytes identity;
  std::unique_ptr<P2pService> service;

  GossipDecision heart = GossipDecision::accept;
  std::vector<SignedCommitment> commitments;
  std::vector<RawTxList> lists;
  std::vector<PeerId> connected;
  std::vector<PeerId> disconnected;
  std::vector<P2pFault> faults;
  std::vector<std::string> listening;

  bool has_fault(std::string_view kind) const {
    return std::ranges::any_of(faults, [&](const P2pFault& fault) { return fault.kind == kind; });
  }
  std::string address() const { return service->listen_addresses().at(0); }
  const PeerId& id() const { return service->local_peer_id(); }
  const P2pCounters& counters() const { return service->counters(); }
};

class ServiceTest : public testing::Test {
 protected:
  ServiceTest() {
    elected_address_ = elected_.address();
    log_set_level(LogLevel::off);
  }

  /// A node that listens on its own host and elects elected_ for all times.
  TestNode& add_node() {
    auto& node = *nodes_.emplace_back(std::make_unique<TestNode>());
    const auto number = static_cast<std::uint8_t>(nodes_.size());
    node.ip = "10.0.0." + std::to_string(number);
    node.schedule.answer = ElectedSigner{elected_address_, kWindowEnd, false};
    Bytes secret(32, number);
    node.identity = {0x08, 0x02, 0x12, 0x20};
    node.identity.insert(node.identity.end(), secret.begin(), secret.end());
    node.config.listen = {SocketAddress::parse(node.ip + ":9000").value()};
    return node;
  }

  void make(TestNode& node) {
    NetworkEvents events;
    events.on_listening = [&node](const std::string& address) { node.listening.push_back(address); };
    events.on_peer_connected = [&node](const PeerId& peer) { node.connected.push_back(peer); };
    events.on_peer_disconnected = [&node](const PeerId& peer) { node.disconnected.push_back(peer); };
    events.on_commitment = [&node](const PeerId&, const SignedCommitment& commitment,
                                   const RecoveredSigner&) {
      node.commitments.push_back(commitment);
      return node.heart;
    };
    events.on_raw_tx_list = [&node](const PeerId&, const RawTxList& list) {
      node.lists.push_back(list);
      return node.heart;
    };
    events.on_fault = [&node](const P2pFault& fault) { node.faults.push_back(fault); };
    P2pConfig config = node.config;
    config.identity = node.identity;
    auto service = P2pService::create(network_.host(node.ip), random_, std::move(config), node.schedule,
                                      node.source, std::move(events));
    ASSERT_TRUE(service.has_value()) << service.error().message;
    node.service = *std::move(service);
  }

  void start(TestNode& node) {
    make(node);
    const auto started = node.service->start();
    ASSERT_TRUE(started.has_value()) << started.error().message;
  }

  /// A started node that keeps dialling `peers`.
  TestNode& start_node(std::initializer_list<TestNode*> peers = {}) {
    TestNode& node = add_node();
    for (TestNode* peer : peers) node.config.static_peers.push_back(peer->address());
    start(node);
    return node;
  }

  bool run_until(std::move_only_function<bool()> done, Duration limit = seconds(30)) {
    return network_.run_until(std::move(done), limit);
  }
  /// Runs until each node hears every other one's subscriptions.
  void connect_all() {
    ASSERT_TRUE(run_until([this] {
      return std::ranges::all_of(nodes_, [](const auto& node) {
        const auto& peers = node->counters().topic_peers;
        return peers[0] > 0 && peers[1] > 0;
      });
    }));
    network_.run_for(seconds(1));
  }

  SignedCommitment sign(const PreconfCommitment& commitment) const {
    return sign_commitment(elected_, placeholder_domain(), commitment);
  }
  static RawTxList list_of(std::size_t size, std::uint8_t fill = 3) {
    auto bytes = std::make_shared<const Bytes>(size, fill);
    return {tx_list_hash(*bytes), bytes};
  }

  SimulatedNetwork network_{7};
  SeededRandom random_{11};
  crypto::Secp256k1Key elected_ = key_of(0x07);
  Address elected_address_{};
  std::vector<std::unique_ptr<TestNode>> nodes_;
};

}  // namespace libpreconf::p2p::test
