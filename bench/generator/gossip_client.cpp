#include "generator/gossip_client.h"

#include <fmt/core.h>

#include "common/arguments.h"
#include "common/names.h"
#include "libp2p/gossipsub_frames.h"
#include "libp2p/gossipsub_rpc.h"
#include "libp2p/pubsub_message.h"

namespace libpreconf::bench {

using namespace libp2p;

/// The gossip streams: speaks first on ours, listens on the server's.
class GossipClient::Gossip final : public Protocol, public StreamReceiver {
 public:
  std::vector<std::string> protocol_ids() const override { return {"/meshsub/1.2.0", "/meshsub/1.1.0"}; }
  StreamReceiver* on_inbound_stream(Stream&) override {
    frames_ = FrameAssembler(limits::kMaxRpcSize);
    return &hears_;
  }
  void on_connected(const ConnectionInfo& info) override {
    opening_ = owner->open_stream(info.id, protocol_ids(),
                                  [this](Result<Stream*> opened) { on_opened(std::move(opened)); });
  }

  // Of our own stream:
  void on_data(Stream&, ByteView) override {}
  void on_remote_closed(Stream&) override {}
  void on_writable(Stream&) override {
    if (writable) writable();
  }
  void on_reset(Stream&) override { stream = nullptr; }

  Swarm* owner = nullptr;
  Stream* stream = nullptr;
  OnMessage message;
  std::move_only_function<void()> writable;
  std::uint64_t heard = 0;
  bool grafted = false;
  bool passive = false;

 private:
  /// The server's stream.
  struct Hears final : StreamReceiver {
    explicit Hears(Gossip& owner_in) : owner(owner_in) {}
    void on_data(Stream&, ByteView bytes) override { owner.hear(bytes); }
    void on_remote_closed(Stream&) override {}
    void on_reset(Stream&) override {}
    Gossip& owner;
  };

  void on_opened(Result<Stream*> opened) {
    if (!opened) die("no gossip stream: " + opened.error().message);
    stream = *opened;
    stream->set_receiver(this);
    for (const std::string_view topic : {kCommitmentsTopic, kTxListsTopic}) {
      stream->write(encode_subscription(topic, true));
    }
    if (passive) return;
    for (const std::string_view topic : {kCommitmentsTopic, kTxListsTopic}) {
      stream->write(encode_graft(topic));
    }
  }

  void hear(ByteView bytes) {
    heard += bytes.size();
    if (grafted && !message) return;
    frames_.feed(bytes);
    ByteView rpc;
    while (frames_.next(rpc) == FrameStatus::frame) {
      for_each_control(rpc, [&](ControlKind kind, ByteView) { grafted |= kind == ControlKind::graft; });
      if (message) for_each_field(rpc, kRpcPublish, [&](ByteView entry) { tell(entry); });
    }
    frames_.keep_rest();
  }
  void tell(ByteView entry) {
    PubsubMessageView view;
    if (parse_pubsub_message(entry, view)) message(view.topic, view.payload());
  }

  Hears hears_{*this};
  FrameAssembler frames_{limits::kMaxRpcSize};
  Handle opening_;
};

struct GossipClient::Impl {
  Impl(LibeventReactor& reactor_in, Random& random)
      : reactor(reactor_in),
        identity(Identity::generate(KeyType::ed25519, random)),
        swarm(reactor, random, identity.clone(), SwarmConfig{}, events()),
        identify(swarm, {"preconf-p2p/0.1", "bench"}),
        ping(swarm) {
    gossip.owner = &swarm;
    swarm.add_protocol(identify);
    swarm.add_protocol(ping);
    swarm.add_protocol(gossip);
  }

  SwarmEvents events() {
    SwarmEvents out;
    out.on_connected = [this](const ConnectionInfo& info) { connection = info.id; };
    out.on_disconnected = [](const ConnectionInfo&, const Error& cause) {
      die("the server ended the connection: " + cause.message);
    };
    out.on_dial_failed = [](const Multiaddr&, const Error& cause) { die("dial: " + cause.message); };
    return out;
  }

  LibeventReactor& reactor;
  Identity identity;
  Gossip gossip;
  Swarm swarm;
  Identify identify;
  Ping ping;
  ConnectionId connection = 0;
};

GossipClient::GossipClient(LibeventReactor& reactor, Random& random)
    : impl_(std::make_unique<Impl>(reactor, random)) {}
GossipClient::~GossipClient() = default;

void GossipClient::begin(const std::string& multiaddr) {
  const auto address = Multiaddr::parse(multiaddr);
  if (!address) die(address.error().message);
  if (const auto started = impl_->swarm.dial(*address); !started) die("dial: " + started.error().message);
}

bool GossipClient::ready() const noexcept {
  return impl_->gossip.stream != nullptr && impl_->gossip.heard > 0;
}

void GossipClient::connect(const std::string& multiaddr, Duration limit) {
  begin(multiaddr);
  if (!impl_->reactor.run_until([this] { return ready(); }, limit)) die("the server's gossip did not begin");
}

void GossipClient::stay_passive() noexcept {
  impl_->gossip.passive = true;
}

std::string GossipClient::listen() {
  const auto bound = impl_->swarm.listen(Multiaddr::of(SocketAddress::v4({127, 0, 0, 1}, 0)));
  if (!bound) die("listen: " + bound.error().message);
  return bound->to_string();
}

bool GossipClient::grafted() const noexcept {
  return impl_->gossip.grafted;
}

void GossipClient::on_message(OnMessage callback) {
  impl_->gossip.message = std::move(callback);
}

Stream& GossipClient::stream() {
  if (impl_->gossip.stream == nullptr) die("the server has reset our gossip stream");
  return *impl_->gossip.stream;
}

void GossipClient::on_writable(std::move_only_function<void()> callback) {
  impl_->gossip.writable = std::move(callback);
}

const Identity& GossipClient::identity() const {
  return impl_->identity;
}

Swarm& GossipClient::swarm() {
  return impl_->swarm;
}

ConnectionId GossipClient::connection() const {
  return impl_->connection;
}

std::uint64_t GossipClient::bytes_heard() const noexcept {
  return impl_->gossip.heard;
}

}  // namespace libpreconf::bench
