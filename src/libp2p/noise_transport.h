#pragma once
// The noise channel after the handshake (p2p-wire 3.2), sans-IO: frames of a two-byte length and a sealed
// message, one counter nonce per direction.
//
// Sending seals where the bytes already are, in the socket's output queue. Receiving opens into one block
// that all connections of a swarm share, because only one of them is reading at a time; a frame whose end
// has not come yet waits in a block of its own, which goes back when the frame is complete. So an idle
// connection holds no buffer.

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "crypto/chacha20poly1305.h"
#include "libp2p/limits.h"
#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"

namespace libpreconf::libp2p {

/// Blocks for one frame each. Owned by the swarm, or by a test; outlives the transports that use it.
class NoiseBuffers {
 public:
  using Block = std::array<std::uint8_t, 2 + limits::kNoiseMessage>;

  /// Where a plaintext is opened; valid until the next frame of any connection is.
  [[nodiscard]] MutableByteView plaintext();
  [[nodiscard]] std::unique_ptr<Block> take();
  void give_back(std::unique_ptr<Block> block);

 private:
  std::unique_ptr<Block> plaintext_;
  std::vector<std::unique_ptr<Block>> spare_;
};

class NoiseTransport {
 public:
  /// What a frame has besides its plaintext.
  static constexpr std::size_t kLengthSize = 2;
  static constexpr std::size_t kOverhead = kLengthSize + crypto::ChaCha20Poly1305::kTagSize;

  NoiseTransport(const FixedBytes<32>& send_key, const FixedBytes<32>& receive_key);

  /// `frame` has room for length, plaintext and tag, and holds the plaintext (at most kNoisePlaintext bytes)
  /// behind the length. Completes it.
  void seal(MutableByteView frame);
  /// Appends a complete frame; for the few bytes of negotiations.
  void append_sealed(ByteView plaintext, Bytes& out);

  /// The next plaintext, or nothing until more bytes come; takes its bytes from `in`, and keeps the
  /// beginning of an unfinished frame. The view lies in `buffers.plaintext()`. An error (bad tag, short
  /// frame) ends the connection.
  [[nodiscard]] Result<std::optional<ByteView>> next(ByteView& in, NoiseBuffers& buffers);
  /// Gives back the block of an unfinished frame, when the connection ends.
  void release(NoiseBuffers& buffers);

 private:
  [[nodiscard]] Result<std::optional<ByteView>> open(ByteView message, NoiseBuffers& buffers);
  void keep(ByteView& in, std::size_t size, NoiseBuffers& buffers);

  crypto::ChaCha20Poly1305 send_;
  crypto::ChaCha20Poly1305 receive_;
  std::uint64_t send_nonce_ = 0;
  std::uint64_t receive_nonce_ = 0;
  std::unique_ptr<NoiseBuffers::Block> partial_;
  std::size_t partial_size_ = 0;
};

}  // namespace libpreconf::libp2p
