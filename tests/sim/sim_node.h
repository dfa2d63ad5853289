#pragma once
// One node of a simulation: the public facade with the in-memory engine and its block producer, a preconfer's
// key, and an L1 follower that derives what L1 confirmed and the engine lacks.
//
//   absent --start--> running --end--> absent (engine kept or not) --start--> ...
//
// Owned by the simulation. Hooks run inside the node's callbacks and must not end it.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "driver/block_producer.h"
#include "driver/fixed_inbox_reader.h"
#include "l2/in_memory_engine.h"
#include "libpreconf/node/preconfirmation_driver_node.h"
#include "preconfer/preconfer.h"
#include "reactor/simulated.h"
#include "sim/chronicle.h"

namespace libpreconf::sim {

inline constexpr std::uint64_t kChainId = 167'001;
inline constexpr std::uint16_t kPort = 9000;

/// Each node has a subnet of its own.
[[nodiscard]] std::string ip_of(std::size_t index);
/// The node that an address belongs to.
[[nodiscard]] std::size_t index_of(const FixedBytes<4>& ip);
/// From a fixed seed, whatever the seed of the simulation.
[[nodiscard]] crypto::Secp256k1Key preconfer_key(std::size_t index);
[[nodiscard]] Bytes identity_of(std::size_t index);
[[nodiscard]] std::string multiaddr_of(std::size_t index);

struct NodeSetup {
  std::size_t index = 0;
  std::uint64_t seed = 0;
  std::vector<std::string> static_peers;
  std::vector<l2::GenesisAccount> funded;
};

class SimNode {
 public:
  struct Hooks {
    std::function<void(SimNode&, const driver::BlockProducer::Outcome&)> on_outcome;
    std::function<void(SimNode&, const preconf::ClientEvent&)> on_event;
    std::function<void(SimNode&, const preconfer::Promise&)> on_promised;
    /// This node's own promise was refused by itself.
    std::function<void(SimNode&, const preconf::PublishError&)> on_refused;
    /// L1 confirmed another block than the one that this node built at this height.
    std::function<void(SimNode&, std::uint64_t number)> on_contradicted;
  };

  /// The references must outlive the node.
  SimNode(Reactor& reactor, const p2p::SignerSchedule& schedule, preconfer::TransactionPool& pool,
          const Chronicle& chronicle, NodeSetup setup, Hooks hooks);
  ~SimNode();
  SimNode(const SimNode&) = delete;
  SimNode& operator=(const SimNode&) = delete;

  [[nodiscard]] Result<> start();
  /// The process ends, as by SIGKILL.
  void end(bool keep_engine);
  /// L1 has confirmed more.
  void follow_l1();

  [[nodiscard]] bool running() const noexcept { return core_ != nullptr; }
  [[nodiscard]] std::size_t index() const noexcept { return setup_.index; }
  [[nodiscard]] const std::string& ip() const noexcept { return ip_; }
  /// Counts the starts.
  [[nodiscard]] std::uint64_t life() const noexcept { return life_; }

  /// In its engine, which may have stayed after its end; null if it has no such block.
  [[nodiscard]] const l2::BlockHeader* find_block(std::uint64_t number) const {
    return engine_ ? engine_->find_header(number) : nullptr;
  }

  // Of a node that runs.
  [[nodiscard]] node::PreconfirmationDriverNode& core() noexcept { return *core_; }
  [[nodiscard]] const l2::InMemoryEngine& engine() const noexcept { return *engine_; }
  [[nodiscard]] preconfer::Preconfer& preconfer() noexcept { return *preconfer_; }
  /// Highest block that this node knows to be confirmed.
  [[nodiscard]] std::uint64_t confirmed() const noexcept { return confirmed_; }
  [[nodiscard]] const l2::BlockHeader& head() const noexcept { return engine_->head_header(); }
  /// The hash that a promise on this node's head has to name.
  [[nodiscard]] Hash256 link() const;
  [[nodiscard]] preconfer::Parent parent() const;

 private:
  [[nodiscard]] Handle publish(const preconfer::Promise& promise,
                               preconfer::Preconfer::OnPublished on_published);
  void follow_l1_later();
  void derive(const PromisedBlock& block);

  Reactor& reactor_;
  const p2p::SignerSchedule& schedule_;
  preconfer::TransactionPool& pool_;
  const Chronicle& chronicle_;
  NodeSetup setup_;
  Hooks hooks_;
  std::string ip_;
  std::uint64_t life_ = 0;
  std::uint64_t confirmed_ = 0;

  SeededRandom random_;
  driver::FixedInboxReader inbox_;
  std::unique_ptr<l2::InMemoryEngine> engine_;
  std::unique_ptr<node::PreconfirmationDriverNode> core_;
  std::unique_ptr<driver::BlockProducer> producer_;
  std::unique_ptr<preconfer::Preconfer> preconfer_;
  Handle events_;
  Handle derivation_;
};

}  // namespace libpreconf::sim
