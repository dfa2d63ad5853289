#pragma once
// One node of a devnet: a full node with an identity, a preconfer's key and loopback listeners of its own.
// Stopped and started again it keeps keys and ports, and has forgotten its chain.
//
//   stopped --start--> running --stop--> stopping --> stopped
//
// Owned by the devnet.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "node/full_node.h"
#include "preconfer/preconfer.h"

namespace libpreconf::node {

struct DevnetNodeSetup {
  std::size_t index = 0;
  std::uint64_t chain_id = 167001;
  std::uint16_t p2p_port = 0;  ///< 0: a free one
  std::uint16_t rpc_port = 0;
  std::vector<std::string> static_peers;
  std::vector<l2::GenesisAccount> funded;
};

class DevnetNode {
 public:
  /// A block stands in this node's engine.
  using OnExecuted = std::function<void(std::size_t index, const l2::BlockHeader& header)>;
  /// A promise is signed and on its way.
  using OnPromised = std::function<void(std::size_t index, const preconfer::Promise& promise)>;

  /// The references must outlive the node.
  DevnetNode(LibeventReactor& reactor, Random& random, const p2p::SignerSchedule& schedule,
             preconfer::TransactionPool& pool, DevnetNodeSetup setup, OnExecuted on_executed,
             OnPromised on_promised);

  /// The preconfer's address of the node with this index; from a fixed seed.
  [[nodiscard]] static crypto::Secp256k1Key preconfer_key(std::size_t index);

  /// Errors name the address that could not be had.
  [[nodiscard]] Result<> start();
  /// `on_done` when the node is gone, within `limit`. Nothing of it is called back afterwards.
  void stop(Duration limit, std::move_only_function<void()> on_done);

  [[nodiscard]] bool running() const noexcept { return full_ != nullptr && !stopping_; }
  [[nodiscard]] std::size_t index() const noexcept { return setup_.index; }
  // Of a node that runs.
  [[nodiscard]] FullNode& full() noexcept { return *full_; }
  [[nodiscard]] preconfer::Preconfer& preconfer() noexcept { return *preconfer_; }
  /// The hash that a promise on this node's head has to name.
  [[nodiscard]] Hash256 link() const;
  /// The head, and what a promise on it stands on.
  [[nodiscard]] preconfer::Parent parent() const;

 private:
  [[nodiscard]] FullNodeConfig make_config();
  [[nodiscard]] Handle publish(const preconfer::Promise& promise,
                               preconfer::Preconfer::OnPublished on_published);
  void keep_ports();

  LibeventReactor& reactor_;
  Random& random_;
  const p2p::SignerSchedule& schedule_;
  preconfer::TransactionPool& pool_;
  DevnetNodeSetup setup_;
  OnExecuted on_executed_;
  OnPromised on_promised_;
  bool stopping_ = false;
  std::unique_ptr<FullNode> full_;
  std::unique_ptr<preconfer::Preconfer> preconfer_;
};

}  // namespace libpreconf::node
