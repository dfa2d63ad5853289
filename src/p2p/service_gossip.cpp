// The gate between the router and the heart, and publishing.

#include <fmt/core.h>

#include "base/log.h"
#include "p2p/service_impl.h"

namespace libpreconf::p2p {

libp2p::GossipsubConfig P2pService::Impl::gossip_config(const libp2p::Identity& identity) const {
  libp2p::GossipsubConfig out;
  out.topics = {{names.topic(Topic::commitments), limits::kCommitmentPayload, true},
                {names.topic(Topic::raw_tx_lists), limits::kRawTxListPayload, true}};
  out.self = identity.peer_id();
  if (identity.peer_id().inlined_public_key().empty()) {
    out.public_key_protobuf = to_bytes(identity.public_key_protobuf());
  }
  out.first_seqno = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(reactor.wall_now().time_since_epoch()).count());
  out.heartbeat_interval = config.heartbeat_interval;
  return out;
}

libp2p::GossipsubHooks P2pService::Impl::gossip_hooks() {
  libp2p::GossipsubHooks hooks;
  hooks.precheck = [this](const PeerId& from, std::string_view topic, ByteView data) {
    return gate.precheck(from, topic, data);
  };
  hooks.validate = [this](const libp2p::GossipMessage& message) {
    gate.validate(message, reactor.now());
    if (gate.has_work()) arm();
  };
  hooks.verify = [](ByteView key, ByteView message, ByteView signature) {
    return libp2p::verify_signature(key, message, signature);
  };
  hooks.sign = [this](ByteView message) { return swarm->identity().sign(message); };
  return hooks;
}

GateHooks P2pService::Impl::gate_hooks() {
  GateHooks hooks;
  // The events were moved into place before the gate was made.
  if (events.on_commitment) {
    hooks.on_commitment = [this](const PeerId& from, const SignedCommitment& commitment,
                                 const RecoveredSigner& signer) {
      return events.on_commitment(from, commitment, signer);
    };
  }
  if (events.on_raw_tx_list) {
    hooks.on_raw_tx_list = [this](const PeerId& from, const RawTxList& list) {
      return events.on_raw_tx_list(from, list);
    };
  }
  hooks.report = [this](const libp2p::MessageId& id, libp2p::Verdict verdict) {
    gossip->report(id, verdict);
  };
  hooks.on_finding = [this](const PeerId& peer, Topic topic, Finding finding, bool published_it) {
    on_finding(peer, topic, finding, published_it);
  };
  return hooks;
}

void P2pService::Impl::on_finding(const PeerId& peer, Topic topic, Finding finding, bool published_it) {
  const Blame blame = blame_of(finding, published_it);
  if (blame == Blame::none) return;
  reputation.apply(peer, blame, reactor.now());
  mirror_score(peer);
  if (blame == Blame::reward || !may_report_fault()) return;
  const bool undecodable = finding == Finding::undecodable || finding == Finding::too_large;
  fault(undecodable ? "gossip_decode" : "gossip_validation",
        fmt::format("{} from {}: {}", to_string(topic), peer.to_string(), to_string(finding)));
}

Result<> P2pService::Impl::publish(Topic topic, ByteView ssz) {
  if (state != State::running) return fail(ErrorCode::unavailable, "the network is not running");
  const auto outcome = gossip->publish(names.topic(topic), ssz);
  if (outcome) {
    ++own.published[index_of(topic)];
    return {};
  }
  // The same message again is no error of anybody's: whoever has it, has it.
  if (outcome.error().code != ErrorCode::conflict) {
    ++own.publish_errors[index_of(topic)];
    if (may_report_fault()) {
      fault("publish_failure", fmt::format("{}: {}", to_string(topic), outcome.error().message));
    }
  }
  return std::unexpected(outcome.error());
}

}  // namespace libpreconf::p2p
