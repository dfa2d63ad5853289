#pragma once
// Two libp2p connections over a memory pipe, each with a host that records: for tests and fuzz targets.

#include <map>

#include "libp2p/connection.h"
#include "libpreconf/base/random.h"
#include "support/memory_pipe.h"

namespace libpreconf::test {

/// What one stream's receiver heard.
struct StreamLog final : libp2p::StreamReceiver {
  void on_data(libp2p::Stream& from, ByteView bytes) override {
    data.insert(data.end(), bytes.begin(), bytes.end());
    if (echo) from.write(bytes);
  }
  void on_remote_closed(libp2p::Stream& from) override {
    ++remote_closed;
    if (echo) from.close_write();
  }
  void on_writable(libp2p::Stream&) override { ++writable; }
  void on_reset(libp2p::Stream&) override {
    ++resets;
    stream = nullptr;
  }
  libp2p::Stream* stream = nullptr;
  Bytes data;
  int remote_closed = 0;
  int writable = 0;
  int resets = 0;
  bool echo = false;
};

/// One side: owns its connection, accepts every inbound stream of `protocols`.
class ConnectionSide final : public libp2p::ConnectionHost {
 public:
  ConnectionSide(libp2p::KeyType type, std::uint64_t seed)
      : random(seed), identity(libp2p::Identity::generate(type, random)), noise(identity, random) {}

  void adopt(libp2p::Direction direction, std::unique_ptr<TcpConnection> tcp,
             const libp2p::PeerId& expected) {
    connection.emplace(*this, 7, direction, std::move(tcp), noise, crypto::X25519KeyPair::generate(random),
                       expected);
    connection->start();
  }
  /// What a loop would do before it sleeps.
  void flush() {
    if (!dirty) return;
    dirty = false;
    connection->flush();
  }

  [[nodiscard]] Instant now() const override { return time; }
  libp2p::NoiseBuffers& noise_buffers() override { return buffers; }
  [[nodiscard]] const std::vector<std::string>& served_protocols() const override { return protocols; }
  [[nodiscard]] bool keeps_alive(std::string_view protocol) const override { return protocol != "/ping"; }
  libp2p::StreamReceiver* on_inbound_stream(libp2p::Stream& stream) override {
    if (!accepts) return nullptr;
    auto& log = logs.emplace_back(std::make_unique<StreamLog>());
    log->stream = &stream;
    log->echo = echo;
    return log.get();
  }
  void on_upgrade_progress(libp2p::Connection&) override { ++progress; }
  Result<> on_upgraded(libp2p::Connection&) override {
    ++upgraded;
    if (refuses) return fail(ErrorCode::limit, "full");
    return {};
  }
  void on_closed(libp2p::Connection& closing, const Error& why) override {
    ++closed;
    cause = why;
    socket = closing.take_tcp();
  }
  void needs_flush(libp2p::Connection&) override { dirty = true; }
  void turn_begins() override {}
  void turn_ends() override { flush(); }
  libp2p::ConnectionCounters& connection_counters() override { return counters; }

  SeededRandom random;
  libp2p::Identity identity;
  libp2p::NoiseIdentity noise;
  libp2p::NoiseBuffers buffers;
  libp2p::ConnectionCounters counters;
  std::vector<std::string> protocols = {"/echo/1", "/sink/1", "/ping"};
  std::vector<std::unique_ptr<StreamLog>> logs;
  Instant time{Duration(std::chrono::seconds(5))};
  bool accepts = true;
  bool echo = false;
  bool refuses = false;
  bool dirty = false;
  int progress = 0;
  int upgraded = 0;
  int closed = 0;
  Error cause;
  std::unique_ptr<TcpConnection> socket;  ///< kept, so that a go away can still be read
  /// Last: its destructor looks at the rest.
  std::optional<libp2p::Connection> connection;
};

struct ConnectionPair {
  explicit ConnectionPair(const libp2p::PeerId& expected = {},
                          libp2p::KeyType dialer_type = libp2p::KeyType::ed25519)
      : dialer(dialer_type, 1), listener(libp2p::KeyType::secp256k1, 2), ends(MemoryPipe::make()) {
    listener.adopt(libp2p::Direction::inbound, std::move(ends.listener), {});
    dialer.adopt(libp2p::Direction::outbound, std::move(ends.dialer), expected);
  }
  /// Moves everything until both sides are silent.
  void run(std::size_t piece = 1 << 16) {
    do {
      dialer.flush();
      listener.flush();
    } while (ends.pipe->pump(piece) > 0 || dialer.dirty || listener.dirty);
  }

  ConnectionSide dialer;
  ConnectionSide listener;
  MemoryPipe::Ends ends;
};

}  // namespace libpreconf::test
