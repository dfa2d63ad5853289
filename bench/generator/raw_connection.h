#pragma once
// A connection whose bulk can be sealed before the clock starts: noise and yamux by hand on a blocking
// socket, one stream of ours, everything that the server opens refused. So the sender costs a third of what
// the server does, and the server is what limits.
//
//   made -open_stream-> talking -seal-> frozen: only what was sealed may go out, in order -transfer ...->

#include <optional>
#include <string>

#include "libp2p/connection_upgrade.h"
#include "libp2p/noise_transport.h"
#include "libp2p/yamux_frame.h"
#include "libpreconf/base/random.h"

namespace libpreconf::bench {

class RawConnection {
 public:
  /// Connects and upgrades; dies if it cannot.
  RawConnection(const std::string& multiaddr, Random& random);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  /// Opens the one stream and agrees on its protocol.
  void open_stream(std::string_view protocol);
  /// Hears and refuses for a while, so that the server is done with its own streams.
  void settle(Duration time);
  /// Seals as many whole frames of random bytes as hold at least `bytes`, and the half-close behind them;
  /// returns how many bytes of data that are.
  std::uint64_t seal(std::uint64_t bytes, Random& random);
  /// Sends sealed frames until so many bytes of data are with the kernel.
  void transfer(std::uint64_t bytes);
  /// Sends what is left of them, the half-close too, and waits for the server's answer on the stream.
  [[nodiscard]] Bytes finish();

 private:
  void write_all(ByteView bytes) const;
  void say(const libp2p::YamuxHeader& header, ByteView body);
  /// Takes what is there; with `wait`, at least something.
  void hear(bool wait);
  void on_plaintext(ByteView plaintext);
  void on_frame(const libp2p::YamuxHeader& header, ByteView body);
  void send_up_to(std::size_t end);

  int socket_ = -1;
  libp2p::Identity identity_;
  libp2p::NoiseIdentity noise_;
  libp2p::ConnectionUpgrade upgrade_;
  std::optional<libp2p::NoiseTransport> transport_;
  libp2p::NoiseBuffers buffers_;
  Bytes plaintext_;  ///< of frames that are not whole
  Bytes heard_;      ///< on our stream
  std::int64_t credit_ = libp2p::limits::kYamuxInitialWindow;
  bool frozen_ = false;
  bool remote_closed_ = false;
  Bytes sealed_;
  std::size_t sent_ = 0;
};

}  // namespace libpreconf::bench
