#pragma once
// The other ends of a node under test: bare gossip peers that subscribe, graft, send the frames they are
// given and throw away what they hear. They live on a loop of their own, so that what they allocate can be
// told from what the node does.

#include <sys/eventfd.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "crypto/secp256k1.h"
#include "libp2p/gossipsub_rpc.h"
#include "libp2p/pubsub_message.h"
#include "libp2p/swarm.h"
#include "libpreconf/reactor/libevent_reactor.h"

namespace libpreconf::test {

/// A loop whose turns never wait, so that two of them can take turns on one thread.
class BusyLoop {
 public:
  explicit BusyLoop(const Clock& clock)
      : reactor_(LibeventReactor::create(clock).value()),
        always_(::eventfd(1, EFD_CLOEXEC)),
        watch_(reactor_->on_readable(always_, [] {})) {}
  BusyLoop(const BusyLoop&) = delete;
  BusyLoop& operator=(const BusyLoop&) = delete;
  ~BusyLoop() {
    watch_.reset();
    ::close(always_);
  }
  [[nodiscard]] LibeventReactor& reactor() { return *reactor_; }
  /// At most `turns` turns; true if `done` held after one of them.
  template <class Done>
  bool spin(int turns, Done&& done) {
    bool held = false;
    (void)reactor_->run_until([&] { return (held = done()) || turns-- == 0; }, std::chrono::hours(1));
    return held;
  }
  void spin(int turns) {
    spin(turns, [] { return false; });
  }

 private:
  std::unique_ptr<LibeventReactor> reactor_;
  int always_;
  Handle watch_;
};

class GossipPeer final : private libp2p::Protocol, private libp2p::StreamReceiver {
 public:
  GossipPeer(Reactor& reactor, std::uint64_t seed, std::vector<std::string> topics)
      : topics_(std::move(topics)),
        random_(seed),
        swarm_(reactor, random_, libp2p::Identity::generate(libp2p::KeyType::ed25519, random_), {}, {}) {
    swarm_.add_protocol(*this);
  }
  void dial(const std::string& address) {
    EXPECT_TRUE(swarm_.dial(libp2p::Multiaddr::parse(address).value()));
  }
  [[nodiscard]] bool ready() const { return stream_ != nullptr && heard_ > 0; }
  void write(const libp2p::SharedBytes& frame) { stream_->write(frame); }
  [[nodiscard]] std::size_t heard() const { return heard_; }
  /// A frame that publishes `data` as this peer's own message.
  [[nodiscard]] libp2p::SharedBytes sign(const std::string& topic, ByteView data) {
    Bytes seqno(8);
    random_.fill(seqno);
    libp2p::PubsubMessageView message;
    message.from = swarm_.local_peer().bytes();
    message.data = data;
    message.seqno = ByteView(seqno);
    message.topic = topic;
    Bytes preimage;
    libp2p::write_signed_bytes(message, preimage);
    const Bytes signature = swarm_.identity().sign(preimage);
    message.signature = ByteView(signature);
    return libp2p::make_publish_frame(message).frame;
  }

 private:
  static constexpr const char* kProtocolId = "/meshsub/1.2.0";

  // Protocol
  [[nodiscard]] std::vector<std::string> protocol_ids() const override { return {kProtocolId}; }
  libp2p::StreamReceiver* on_inbound_stream(libp2p::Stream&) override { return this; }
  void on_connected(const libp2p::ConnectionInfo& info) override {
    opening_ = swarm_.open_stream(info.id, {kProtocolId}, [this](Result<libp2p::Stream*> opened) {
      stream_ = opened.value();
      stream_->set_receiver(this);
      for (const std::string& topic : topics_) {
        stream_->write(libp2p::encode_subscription(topic, true));
        stream_->write(libp2p::encode_graft(topic));
      }
    });
  }
  // StreamReceiver
  void on_data(libp2p::Stream&, ByteView bytes) override { heard_ += bytes.size(); }
  void on_remote_closed(libp2p::Stream&) override {}
  void on_reset(libp2p::Stream&) override { stream_ = nullptr; }

  std::vector<std::string> topics_;
  SeededRandom random_;
  Handle opening_;
  libp2p::Stream* stream_ = nullptr;
  std::size_t heard_ = 0;
  libp2p::Swarm swarm_;
};

}  // namespace libpreconf::test
