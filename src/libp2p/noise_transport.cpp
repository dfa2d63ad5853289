#include "libp2p/noise_transport.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace libpreconf::libp2p {
namespace {

void write_length(std::size_t length, MutableByteView out) {
  out[0] = static_cast<std::uint8_t>(length >> 8);
  out[1] = static_cast<std::uint8_t>(length);
}

std::size_t read_length(ByteView in) {
  return static_cast<std::size_t>(in[0]) << 8 | in[1];
}

}  // namespace

MutableByteView NoiseBuffers::plaintext() {
  if (!plaintext_) plaintext_ = std::make_unique_for_overwrite<Block>();
  return *plaintext_;
}

std::unique_ptr<NoiseBuffers::Block> NoiseBuffers::take() {
  if (spare_.empty()) return std::make_unique_for_overwrite<Block>();
  auto block = std::move(spare_.back());
  spare_.pop_back();
  return block;
}

void NoiseBuffers::give_back(std::unique_ptr<Block> block) {
  if (block && spare_.size() < limits::kNoiseSpareBlocks) spare_.push_back(std::move(block));
}

NoiseTransport::NoiseTransport(const FixedBytes<32>& send_key, const FixedBytes<32>& receive_key)
    : send_(send_key), receive_(receive_key) {}

void NoiseTransport::seal(MutableByteView frame) {
  PRECONF_ASSERT(frame.size() >= kOverhead && frame.size() <= kLengthSize + limits::kNoiseMessage);
  const MutableByteView message = frame.subspan(kLengthSize);
  const ByteView plaintext = message.first(message.size() - crypto::ChaCha20Poly1305::kTagSize);
  send_.seal(send_nonce_++, {}, plaintext, message);
  write_length(message.size(), frame);
}

void NoiseTransport::append_sealed(ByteView plaintext, Bytes& out) {
  const std::size_t start = out.size();
  out.resize(start + plaintext.size() + kOverhead);
  const MutableByteView frame = MutableByteView(out).subspan(start);
  std::ranges::copy(plaintext, frame.begin() + kLengthSize);
  seal(frame);
}

Result<std::optional<ByteView>> NoiseTransport::next(ByteView& in, NoiseBuffers& buffers) {
  if (partial_size_ == 0) {
    if (in.size() >= kLengthSize) {
      const std::size_t length = read_length(in);
      if (in.size() - kLengthSize >= length) {
        const ByteView message = in.subspan(kLengthSize, length);
        in = in.subspan(kLengthSize + length);
        return open(message, buffers);
      }
    }
    if (in.empty()) return std::nullopt;
  }
  if (partial_size_ < kLengthSize) keep(in, kLengthSize, buffers);
  if (partial_size_ < kLengthSize) return std::nullopt;
  const std::size_t frame_size = kLengthSize + read_length(*partial_);
  keep(in, frame_size, buffers);
  if (partial_size_ < frame_size) return std::nullopt;
  auto plaintext = open(ByteView(*partial_).subspan(kLengthSize, frame_size - kLengthSize), buffers);
  release(buffers);
  return plaintext;
}

Result<std::optional<ByteView>> NoiseTransport::open(ByteView message, NoiseBuffers& buffers) {
  if (message.size() < crypto::ChaCha20Poly1305::kTagSize) {
    return fail(ErrorCode::malformed, "a noise frame is shorter than its tag");
  }
  const MutableByteView out = buffers.plaintext().first(message.size() - crypto::ChaCha20Poly1305::kTagSize);
  if (!receive_.open(receive_nonce_++, {}, message, out)) {
    return fail(ErrorCode::bad_signature, "a noise frame does not authenticate");
  }
  return ByteView(out);
}

void NoiseTransport::keep(ByteView& in, std::size_t size, NoiseBuffers& buffers) {
  if (!partial_) partial_ = buffers.take();
  const std::size_t taken = std::min(size - partial_size_, in.size());
  if (taken > 0) std::memcpy(partial_->data() + partial_size_, in.data(), taken);
  partial_size_ += taken;
  in = in.subspan(taken);
}

void NoiseTransport::release(NoiseBuffers& buffers) {
  buffers.give_back(std::move(partial_));
  partial_size_ = 0;
}

}  // namespace libpreconf::libp2p
