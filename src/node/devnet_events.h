#pragma once
// What a devnet has to tell, and to whom: one call an event, in order.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libpreconf/base/bytes.h"

namespace libpreconf::node {

struct DevnetStarted {
  struct Node {
    std::size_t index = 0;
    Address preconfer{};
    std::vector<std::string> p2p_addresses;  ///< multiaddrs with /p2p/
    std::string rpc_url;
  };
  std::uint64_t chain_id = 0;
  double slot_time = 0;  ///< wall seconds of one 12-second slot
  double tx_rate = 0;
  std::optional<std::uint64_t> blocks;
  std::vector<Node> nodes;
};

struct DevnetBlock {
  std::uint64_t height = 0;
  Hash256 hash{};  ///< the preconfer's, or of the first node that has the block
  std::size_t preconfer = 0;
  std::size_t transactions = 0;
  bool end_of_preconf = false;
  /// Publish to executed, per node in milliseconds; absent where the node has not executed it (yet).
  std::vector<std::optional<double>> latency_ms;
  /// All nodes that run have the block, and it is the same.
  bool agree = false;
};

struct DevnetHandover {
  std::uint64_t height = 0;  ///< last block of the window
  std::size_t from = 0;
  std::size_t to = 0;
  bool marker = false;  ///< a commitment of its own, or riding on the block
};

struct DevnetSummary {
  std::uint64_t blocks = 0;
  std::uint64_t transactions = 0;
  std::uint64_t handovers = 0;
  std::uint64_t missed = 0;  ///< due, and not promised: the preconfer was behind or stopped
  std::optional<double> median_latency_ms;
  std::optional<double> worst_latency_ms;
  bool same_chain = false;
  /// Per node: height and hash of its head; absent for a node that is stopped.
  struct Head {
    std::uint64_t height = 0;
    Hash256 hash{};
  };
  std::vector<std::optional<Head>> heads;
};

class DevnetOutput {
 public:
  virtual ~DevnetOutput() = default;
  virtual void started(const DevnetStarted& event) = 0;
  virtual void block(const DevnetBlock& event) = 0;
  virtual void handover(const DevnetHandover& event) = 0;
  virtual void summary(const DevnetSummary& event) = 0;
  /// Something a person would want to know: a node stopped, a block was missed.
  virtual void note(const std::string& text) = 0;
};

}  // namespace libpreconf::node
