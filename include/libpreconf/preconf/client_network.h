#pragma once
// The network as the heart needs it: publish, ask one peer, see who is connected. Two implementations:
// P2pServiceNetwork (below), and the scripted peers of the tests.

#include <vector>

#include "libpreconf/p2p/p2p_service.h"

namespace libpreconf::preconf {

/// The contracts are those of P2pService's members of the same names.
class ClientNetwork {
 public:
  virtual ~ClientNetwork() = default;
  virtual Result<> publish_commitment(const p2p::SignedCommitment& commitment) = 0;
  virtual Result<> publish_raw_tx_list(const p2p::RawTxList& list) = 0;
  [[nodiscard]] virtual Handle request_head(const p2p::PeerId& peer, p2p::P2pService::OnHead on_head) = 0;
  [[nodiscard]] virtual Handle request_commitments(const p2p::PeerId& peer, const U256& start,
                                                   std::uint32_t max_count,
                                                   p2p::P2pService::OnCommitments on_commitments) = 0;
  [[nodiscard]] virtual Handle request_raw_tx_list(const p2p::PeerId& peer, const Hash256& hash,
                                                   p2p::P2pService::OnRawTxList on_list) = 0;
  /// In order of id.
  [[nodiscard]] virtual std::vector<p2p::PeerId> connected_peers() const = 0;
  [[nodiscard]] virtual const p2p::PeerId& local_peer_id() const = 0;
};

/// The real network. `service` must outlive it.
class P2pServiceNetwork final : public ClientNetwork {
 public:
  explicit P2pServiceNetwork(p2p::P2pService& service) : service_(service) {}

  Result<> publish_commitment(const p2p::SignedCommitment& commitment) override;
  Result<> publish_raw_tx_list(const p2p::RawTxList& list) override;
  [[nodiscard]] Handle request_head(const p2p::PeerId& peer, p2p::P2pService::OnHead on_head) override;
  [[nodiscard]] Handle request_commitments(const p2p::PeerId& peer, const U256& start,
                                           std::uint32_t max_count,
                                           p2p::P2pService::OnCommitments on_commitments) override;
  [[nodiscard]] Handle request_raw_tx_list(const p2p::PeerId& peer, const Hash256& hash,
                                           p2p::P2pService::OnRawTxList on_list) override;
  [[nodiscard]] std::vector<p2p::PeerId> connected_peers() const override;
  [[nodiscard]] const p2p::PeerId& local_peer_id() const override;

 private:
  p2p::P2pService& service_;
};

}  // namespace libpreconf::preconf
