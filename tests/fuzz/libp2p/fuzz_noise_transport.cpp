// What one side seals, the other opens, in any split; what nobody sealed is never opened.
#include "fuzz/input.h"
#include "libp2p/noise_transport.h"

using namespace libpreconf;
using fuzz::require;
using namespace libpreconf::libp2p;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  NoiseBuffers buffers;
  const FixedBytes<32> one{1};
  const FixedBytes<32> other{2};
  const std::size_t piece = 1 + input.byte() * 7;
  const std::size_t frames = input.byte() % 8;

  NoiseTransport sender(one, other);
  NoiseTransport receiver(other, one);
  Bytes wire;
  std::vector<Bytes> plaintexts;
  for (std::size_t i = 0; i < frames; ++i) {
    const std::size_t repeat = input.byte();
    Bytes plaintext;
    const ByteView part = input.take(input.byte());
    for (std::size_t n = 0; n <= repeat; ++n) plaintext.insert(plaintext.end(), part.begin(), part.end());
    plaintext.resize(std::min(plaintext.size(), limits::kNoisePlaintext));
    sender.append_sealed(plaintext, wire);
    plaintexts.push_back(std::move(plaintext));
  }
  std::size_t opened = 0;
  for (std::size_t at = 0; at < wire.size(); at += piece) {
    ByteView in = ByteView(wire).subspan(at, std::min(piece, wire.size() - at));
    for (;;) {
      const auto plaintext = receiver.next(in, buffers);
      require(plaintext.has_value());
      if (!*plaintext) break;
      require(opened < plaintexts.size() && equal(**plaintext, plaintexts[opened]));
      ++opened;
    }
    require(in.empty());
  }
  require(opened == plaintexts.size());

  ByteView foreign = input.rest();
  const auto plaintext = receiver.next(foreign, buffers);
  require(!plaintext.has_value() || !plaintext->has_value());
  receiver.release(buffers);
  return 0;
}
