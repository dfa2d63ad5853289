#pragma once
// One whole node, as `preconfd run` runs one and the devnet several on the same loop: the facade
// (PreconfirmationDriverNode), the in-memory engine with its block producer, the sidecar RPC and the metrics.
//
// Owned by the runner or the devnet. States: created -start-> running -stop-> stopped. Destroying it stops at
// once. Callbacks run on the reactor's thread.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "driver/block_producer.h"
#include "l2/in_memory_engine.h"
#include "libpreconf/base/random.h"
#include "libpreconf/node/preconfirmation_driver_node.h"
#include "libpreconf/p2p/signer_schedule.h"
#include "libpreconf/reactor/libevent_reactor.h"
#include "rpc/json_rpc.h"

namespace libpreconf::node {

struct FullNodeConfig {
  PreconfirmationDriverNodeConfig node;
  l2::InMemoryEngineConfig engine;
  /// Absent: no RPC listener. Port 0 takes a free one.
  std::optional<SocketAddress> rpc_address;
  /// Absent: no metrics listener.
  std::optional<SocketAddress> metrics_address;
  /// Adds methods to the RPC's table before it is served (the devnet's eth_* methods). Called once, in
  /// `start`.
  std::function<void(rpc::MethodTable&)> extend_rpc;
  /// Told what became of each input of the driver; must not destroy the node.
  driver::BlockProducer::OnOutcome on_outcome;
};

class FullNode {
 public:
  /// `reactor`, `random` and `schedule` must outlive the node.
  [[nodiscard]] static Result<std::unique_ptr<FullNode>> create(LibeventReactor& reactor, Random& random,
                                                                FullNodeConfig config,
                                                                const p2p::SignerSchedule& schedule);
  ~FullNode();

  /// Binds every listener; the error names the address that could not be had.
  [[nodiscard]] Result<> start();
  /// RPC first, then the network; `on_done` within `limit`.
  void stop(Duration limit, std::move_only_function<void()> on_done);

  [[nodiscard]] PreconfirmationDriverNode& core();
  [[nodiscard]] l2::InMemoryEngine& engine();
  /// Multiaddrs with /p2p/, "http://127.0.0.1:PORT", "http://127.0.0.1:PORT/metrics"; empty when not served.
  [[nodiscard]] std::vector<std::string> p2p_addresses() const;
  [[nodiscard]] std::string rpc_url() const;
  [[nodiscard]] std::string metrics_url() const;

 private:
  struct Impl;
  explicit FullNode(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace libpreconf::node
