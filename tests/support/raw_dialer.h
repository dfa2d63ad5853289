#pragma once
// A dialer that completes the upgrade and then says whatever a test wants inside the noise channel.

#include "support/connection_pair.h"

namespace libpreconf::test {

class RawDialer {
 public:
  explicit RawDialer(ConnectionSide& listener)
      : ends_(MemoryPipe::make()),
        random_(99),
        identity_(libp2p::Identity::generate(libp2p::KeyType::ed25519, random_)),
        noise_(identity_, random_),
        upgrade_(libp2p::Direction::outbound, noise_, crypto::X25519KeyPair::generate(random_), {}) {
    listener.adopt(libp2p::Direction::inbound, std::move(ends_.listener), {});
    Bytes out;
    upgrade_.start(out);
    while (!upgrade_.secured()) {
      ends_.pipe->inject(0, out);
      ends_.pipe->move(0, 1 << 16);
      const Bytes in = std::exchange(ends_.pipe->wire(1), {});
      out.clear();
      if (in.empty() || !upgrade_.receive(in, out)) return;
    }
    transport_.emplace(upgrade_.transport());
    Bytes proposal;
    upgrade_.start_muxer(proposal);
    transport_->append_sealed(proposal, out);
    ends_.pipe->inject(0, out);
    ends_.pipe->move(0, 1 << 16);
    static_cast<void>(take());
  }

  /// One noise message with this plaintext, delivered at once.
  void send(ByteView plaintext) {
    Bytes out;
    transport_->append_sealed(plaintext, out);
    ends_.pipe->inject(0, out);
    ends_.pipe->move(0, 1 << 16);
  }
  /// What the listener has sent since, opened.
  Bytes take() {
    const Bytes wire = std::exchange(ends_.pipe->wire(1), {});
    Bytes out;
    ByteView in = wire;
    for (;;) {
      auto plaintext = transport_->next(in, buffers_);
      if (!plaintext || !*plaintext) return out;
      out.insert(out.end(), (*plaintext)->begin(), (*plaintext)->end());
    }
  }

 private:
  MemoryPipe::Ends ends_;
  SeededRandom random_;
  libp2p::Identity identity_;
  libp2p::NoiseIdentity noise_;
  libp2p::ConnectionUpgrade upgrade_;
  std::optional<libp2p::NoiseTransport> transport_;
  libp2p::NoiseBuffers buffers_;
};

}  // namespace libpreconf::test
