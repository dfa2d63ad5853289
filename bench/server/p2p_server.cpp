#include "server/p2p_server.h"

#include "common/names.h"
#include "p2p/commitment_view.h"

namespace libpreconf::bench {

using namespace libp2p;

namespace {

/// Races of many connections from one address; the rivals have no limits.
SwarmConfig open_house() {
  SwarmConfig out;
  out.admission.max_pending = 512;
  out.max_established_inbound = 512;
  out.max_established = 1024;
  return out;
}

}  // namespace

P2pServer::P2pServer(Reactor& reactor, Random& random, const ServerConfig& config)
    : random_(random), config_(config) {
  Identity identity = Identity::generate(KeyType::ed25519, random);
  gossip_ = std::make_unique<GossipsubProtocol>(reactor, random, gossip_config(identity.peer_id()),
                                                gossip_hooks(), stream_opener());
  swarm_ = std::make_unique<Swarm>(reactor, random, std::move(identity), open_house(), SwarmEvents{});
  identify_ = std::make_unique<Identify>(*swarm_, IdentifyConfig{"preconf-p2p/0.1", "bench-server"});
  ping_ = std::make_unique<Ping>(*swarm_);
  swarm_->add_protocol(*identify_);
  swarm_->add_protocol(*ping_);
  swarm_->add_protocol(*gossip_);
  swarm_->add_protocol(sink_);
}

Result<std::string> P2pServer::start() {
  PRECONF_TRY(const Multiaddr bound,
              swarm_->listen(Multiaddr::of(SocketAddress::v4({127, 0, 0, 1}, config_.port))));
  return bound.to_string();
}

Result<> P2pServer::dial(const std::string& multiaddr) {
  PRECONF_TRY(const Multiaddr address, Multiaddr::parse(multiaddr));
  return swarm_->dial(address);
}

GossipsubConfig P2pServer::gossip_config(const PeerId& self) const {
  GossipsubConfig out;
  out.topics = {{std::string(kCommitmentsTopic)}, {std::string(kTxListsTopic)}};
  out.self = self;
  out.first_seqno = 1;
  out.score.invalid_weight = 0;
  return out;
}

GossipsubHooks P2pServer::gossip_hooks() {
  GossipsubHooks hooks;
  hooks.precheck = [](const PeerId&, std::string_view topic, ByteView data) {
    const bool formed = topic != kCommitmentsTopic || p2p::CommitmentView::of(data).has_value();
    return formed ? Verdict::accept : Verdict::reject;
  };
  hooks.validate = [this](const GossipMessage& message) {
    ++received_;
    gossip_->report(message.id, Verdict::accept);
    if (config_.echo && message.topic == kCommitmentsTopic) answer(message.data);
  };
  hooks.verify = [](ByteView key, ByteView message, ByteView signature) {
    return verify_signature(key, message, signature);
  };
  hooks.sign = [this](ByteView message) { return swarm_->identity().sign(message); };
  return hooks;
}

StreamOpener P2pServer::stream_opener() {
  return [this](ConnectionId connection, std::vector<std::string> protocols, Swarm::OnStream on_stream) {
    return swarm_->open_stream(connection, std::move(protocols), std::move(on_stream));
  };
}

void P2pServer::answer(ByteView data) {
  Bytes out(kCommitmentSize);
  random_.fill(out);
  std::copy_n(data.begin(), 8, out.begin());
  (void)gossip_->publish(kTxListsTopic, out);
}

}  // namespace libpreconf::bench
