// From the socket to the protocols and back: noise, yamux, request-response frames.

#include <benchmark/benchmark.h>

#include <cstring>

#include "libp2p/noise_transport.h"
#include "libp2p/request_response_frame.h"
#include "libp2p/yamux_session.h"
#include "micro/samples.h"

namespace libpreconf::bench {
namespace {

using benchmark::DoNotOptimize;
using libp2p::NoiseTransport;

constexpr FixedBytes<32> kKey{1};

std::size_t size_of(const benchmark::State& state) {
  return static_cast<std::size_t>(state.range(0));
}

void noise_seal(benchmark::State& state) {
  NoiseTransport transport(kKey, kKey);
  Bytes frame = random_bytes(size_of(state) + NoiseTransport::kOverhead);
  for (auto _ : state) transport.seal(frame);
}
void noise_seal_floor(benchmark::State& state) {
  crypto::ChaCha20Poly1305 cipher(kKey);
  const Bytes plain = random_bytes(size_of(state));
  Bytes out(plain.size() + crypto::ChaCha20Poly1305::kTagSize);
  std::uint64_t nonce = 0;
  for (auto _ : state) cipher.seal(nonce++, {}, plain, out);
}
/// Frames that open only in their order, so that each pass needs a receiver of its own.
void noise_open(benchmark::State& state) {
  constexpr std::size_t kFrames = 64;
  NoiseTransport sender(kKey, kKey);
  Bytes wire;
  for (std::size_t i = 0; i < kFrames; ++i) sender.append_sealed(random_bytes(size_of(state)), wire);
  libp2p::NoiseBuffers buffers;
  while (state.KeepRunningBatch(kFrames)) {
    NoiseTransport receiver(kKey, kKey);
    ByteView in = wire;
    for (std::size_t i = 0; i < kFrames; ++i) DoNotOptimize(receiver.next(in, buffers));
  }
}
void noise_open_floor(benchmark::State& state) {
  crypto::ChaCha20Poly1305 cipher(kKey);
  const Bytes plain = random_bytes(size_of(state));
  Bytes sealed(plain.size() + crypto::ChaCha20Poly1305::kTagSize);
  cipher.seal(0, {}, plain, sealed);
  Bytes out(plain.size());
  for (auto _ : state) DoNotOptimize(cipher.open(0, {}, sealed, out));
}
BENCHMARK(noise_seal)->Name("noise/seal")->Arg(560)->Arg(16000);
BENCHMARK(noise_seal_floor)->Name("noise/seal/floor")->Arg(560)->Arg(16000);
BENCHMARK(noise_open)->Name("noise/open")->Arg(560)->Arg(16000);
BENCHMARK(noise_open_floor)->Name("noise/open/floor")->Arg(560)->Arg(16000);

class Ear final : public libp2p::YamuxStreamObserver {
 public:
  void on_data(ByteView bytes) override { DoNotOptimize(bytes.data()); }
  void on_remote_closed() override {}
  void on_writable() override {}
  void on_reset() override {}
};

class YamuxEnd final : public libp2p::YamuxSessionObserver {
 public:
  explicit YamuxEnd(libp2p::Direction direction) : session(direction, *this) {}
  void on_inbound_stream(libp2p::YamuxStream& stream) override {
    stream.set_observer(std::make_unique<Ear>());
  }
  void on_output() override {}
  libp2p::YamuxSession session;
};

/// A frame there and the window update that it brings now and then back.
void yamux_frame(benchmark::State& state) {
  YamuxEnd dialer(libp2p::Direction::outbound);
  YamuxEnd listener(libp2p::Direction::inbound);
  libp2p::YamuxStream& stream = **dialer.session.open_stream();
  stream.set_observer(std::make_unique<Ear>());
  const auto body = std::make_shared<const Bytes>(random_bytes(size_of(state)));
  Bytes wire(body->size() + 1000);
  Instant now{std::chrono::seconds(1)};
  for (auto _ : state) {
    now += Duration(50);
    stream.write(body);
    const std::size_t there = dialer.session.fill(wire);
    if (!listener.session.receive(ByteView(wire).first(there), now)) state.SkipWithError("not received");
    const std::size_t back = listener.session.fill(wire);
    if (!dialer.session.receive(ByteView(wire).first(back), now)) state.SkipWithError("not received");
  }
}
void yamux_frame_floor(benchmark::State& state) {
  const Bytes body = random_bytes(size_of(state));
  Bytes wire(body.size() + 12);
  for (auto _ : state) {
    std::memcpy(wire.data() + 12, body.data(), body.size());
    DoNotOptimize(wire.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(yamux_frame)->Name("yamux/frame")->Arg(560)->Arg(16000);
BENCHMARK(yamux_frame_floor)->Name("yamux/frame/floor")->Arg(560)->Arg(16000);

/// A body framed, cut as noise cuts it, and gathered again.
void request_frame(benchmark::State& state) {
  const Bytes body = random_bytes(size_of(state));
  for (auto _ : state) {
    const libp2p::SharedBytes frame = libp2p::encode_length_prefixed(body);
    libp2p::LengthPrefixedReader reader(body.size());
    for (ByteView rest = *frame; !rest.empty();) {
      const ByteView piece = rest.first(std::min<std::size_t>(rest.size(), 16 * 1024));
      DoNotOptimize(reader.feed(piece));
      rest = rest.subspan(piece.size());
    }
    DoNotOptimize(reader.take_body());
  }
}
void request_frame_floor(benchmark::State& state) {
  const Bytes body = random_bytes(size_of(state));
  for (auto _ : state) {
    Bytes frame = body;
    Bytes out = frame;
    DoNotOptimize(out.data());
  }
}
BENCHMARK(request_frame)->Name("request/frame")->Arg(36)->Arg(256 * 382);
BENCHMARK(request_frame_floor)->Name("request/frame/floor")->Arg(36)->Arg(256 * 382);

}  // namespace
}  // namespace libpreconf::bench
