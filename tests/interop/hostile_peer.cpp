#include "interop/hostile_peer.h"

#include "codec/varint.h"
#include "libp2p/pubsub_message.h"
#include "libp2p/swarm.h"
#include "libpreconf/reactor/libevent_reactor.h"

namespace libpreconf::test {
namespace {

using namespace libp2p;

/// Takes what the node says on a stream, and remembers how it ended.
struct Listener final : StreamReceiver {
  void on_data(Stream&, ByteView bytes) override { heard.insert(heard.end(), bytes.begin(), bytes.end()); }
  void on_remote_closed(Stream&) override { ended = true; }
  void on_reset(Stream&) override { ended = true; }

  Bytes heard;
  bool ended = false;
};

/// Accepts the node's own gossip stream and lets it talk to nobody.
struct DeafGossip final : Protocol {
  std::vector<std::string> protocol_ids() const override { return {"/meshsub/1.1.0"}; }
  StreamReceiver* on_inbound_stream(Stream&) override { return &inbound; }
  Listener inbound;
};

}  // namespace

struct HostilePeer::Impl {
  Impl()
      : reactor(LibeventReactor::create(clock).value()),
        identity(Identity::generate(KeyType::ed25519, random)),
        swarm(*reactor, random, identity.clone(), SwarmConfig{}, events()) {
    swarm.add_protocol(gossip);
  }

  SwarmEvents events() {
    SwarmEvents out;
    out.on_connected = [this](const ConnectionInfo& info) { connection = info.id; };
    out.on_disconnected = [this](const ConnectionInfo&, const Error& cause) {
      disconnected = true;
      last_error = cause.message;
    };
    out.on_dial_failed = [this](const Multiaddr&, const Error& cause) {
      disconnected = true;
      last_error = cause.message;
    };
    return out;
  }

  /// Runs the loop until `done`.
  bool run_until(std::move_only_function<bool()> done, Milliseconds limit = kPatience) {
    return reactor->run_until(std::move(done), limit);
  }

  Stream* open(const std::string& protocol, Listener& receiver) {
    Stream* found = nullptr;
    bool answered = false;
    const Handle opening = swarm.open_stream(connection, {protocol}, [&](Result<Stream*> opened) {
      answered = true;
      if (!opened) {
        last_error = opened.error().message;
        return;
      }
      found = *opened;
      found->set_receiver(&receiver);
    });
    (void)run_until([&] { return answered; });
    return found;
  }

  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<LibeventReactor> reactor;
  Identity identity;
  DeafGossip gossip;
  Listener listener;
  Swarm swarm;
  ConnectionId connection = 0;
  Stream* stream = nullptr;
  bool disconnected = false;
  std::string last_error;
  std::uint64_t next_number = 1;
};

HostilePeer::HostilePeer() : impl_(std::make_unique<Impl>()) {}
HostilePeer::~HostilePeer() = default;

void HostilePeer::connect(const std::string& multiaddr) {
  const auto started = impl_->swarm.dial(Multiaddr::parse(multiaddr).value());
  if (!started) throw TestFailure("dial: " + started.error().message);
  (void)impl_->run_until([this] { return impl_->connection != 0 || impl_->disconnected; });
  impl_->stream = impl_->open("/meshsub/1.1.0", impl_->listener);
  if (impl_->stream == nullptr) throw TestFailure("no gossip stream: " + impl_->last_error);
}

Bytes HostilePeer::publish_frame(std::string_view topic, ByteView data, Signing signing) {
  Bytes number(8);
  for (std::size_t i = 0; i < 8; ++i)
    number[7 - i] = static_cast<std::uint8_t>(impl_->next_number >> (8 * i));
  ++impl_->next_number;
  PubsubMessageView message;
  message.data = data;
  message.topic = topic;
  Bytes signature;
  if (signing != Signing::none) {
    message.from = impl_->identity.peer_id().bytes();
    message.seqno = number;
    Bytes signed_bytes;
    write_signed_bytes(message, signed_bytes);
    signature = impl_->identity.sign(signed_bytes);
    if (signing == Signing::forged) signature[10] ^= 1;
    message.signature = signature;
  }
  return *make_publish_frame(message).frame;
}

bool HostilePeer::send(const Bytes& bytes) {
  if (cut_off()) return false;
  impl_->stream->write(bytes);
  return impl_->run_until([this] { return cut_off() || impl_->stream->queued() == 0; }) && !cut_off();
}

Bytes HostilePeer::exchange(const std::string& protocol, ByteView bytes) {
  Listener listener;
  Stream* stream = impl_->open(protocol, listener);
  if (stream == nullptr) throw TestFailure("no stream for " + protocol + ": " + impl_->last_error);
  stream->write(bytes);
  stream->close_write();
  if (!impl_->run_until([&] { return listener.ended || impl_->disconnected; })) {
    throw TestFailure("the stream for " + protocol + " was not ended");
  }
  // Both directions have ended: the stream is gone, and `listener` hears nothing any more.
  return listener.heard;
}

void HostilePeer::wait_until(std::string_view what, const std::function<bool()>& condition) {
  const TimerHandle tick = impl_->reactor->every(Milliseconds(10), [] {});
  if (!impl_->run_until([&] { return condition(); })) {
    throw TestFailure("the hostile peer waited in vain: " + std::string(what));
  }
}

bool HostilePeer::wait_until_cut_off(Milliseconds limit) {
  return impl_->run_until([this] { return cut_off(); }, limit);
}

bool HostilePeer::cut_off() const {
  return impl_->disconnected || impl_->listener.ended;
}

}  // namespace libpreconf::test
