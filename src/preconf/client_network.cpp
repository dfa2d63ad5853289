#include "libpreconf/preconf/client_network.h"

namespace libpreconf::preconf {

Result<> P2pServiceNetwork::publish_commitment(const p2p::SignedCommitment& commitment) {
  return service_.publish_commitment(commitment);
}

Result<> P2pServiceNetwork::publish_raw_tx_list(const p2p::RawTxList& list) {
  return service_.publish_raw_tx_list(list);
}

Handle P2pServiceNetwork::request_head(const p2p::PeerId& peer, p2p::P2pService::OnHead on_head) {
  return service_.request_head(peer, std::move(on_head));
}

Handle P2pServiceNetwork::request_commitments(const p2p::PeerId& peer, const U256& start,
                                              std::uint32_t max_count,
                                              p2p::P2pService::OnCommitments on_commitments) {
  return service_.request_commitments(peer, start, max_count, std::move(on_commitments));
}

Handle P2pServiceNetwork::request_raw_tx_list(const p2p::PeerId& peer, const Hash256& hash,
                                              p2p::P2pService::OnRawTxList on_list) {
  return service_.request_raw_tx_list(peer, hash, std::move(on_list));
}

std::vector<p2p::PeerId> P2pServiceNetwork::connected_peers() const {
  return service_.connected_peers();
}

const p2p::PeerId& P2pServiceNetwork::local_peer_id() const {
  return service_.local_peer_id();
}

}  // namespace libpreconf::preconf
