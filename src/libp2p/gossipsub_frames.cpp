#include "libp2p/gossipsub_frames.h"

#include <algorithm>

#include "codec/varint.h"
#include "libp2p/limits.h"

namespace libpreconf::libp2p {

void FrameAssembler::feed(ByteView bytes) {
  keep_rest();
  input_ = bytes;
}

FrameStatus FrameAssembler::next(ByteView& body) {
  return buffered() == 0 ? next_in_input(body) : next_in_buffer(body);
}

FrameAssembler::Header FrameAssembler::read_header(ByteView bytes) const noexcept {
  const codec::VarintRead read = codec::read_varint(bytes, limits::kMaxFramePrefix);
  if (read.status == codec::VarintStatus::incomplete) return {};
  if (read.status == codec::VarintStatus::malformed) return {FrameStatus::malformed, 0, 0};
  if (read.value > max_frame_) return {FrameStatus::too_large, 0, 0};
  return {FrameStatus::frame, read.size, static_cast<std::size_t>(read.value)};
}

FrameStatus FrameAssembler::next_in_input(ByteView& body) {
  drop_taken();
  const Header header = read_header(input_);
  if (header.status != FrameStatus::frame) return header.status;
  if (input_.size() - header.prefix < header.size) return FrameStatus::need_more;
  body = input_.subspan(header.prefix, header.size);
  input_ = input_.subspan(header.prefix + header.size);
  return FrameStatus::frame;
}

FrameStatus FrameAssembler::next_in_buffer(ByteView& body) {
  while (true) {
    const ByteView held = ByteView(buffer_).subspan(taken_);
    const Header header = read_header(held);
    if (header.status == FrameStatus::too_large || header.status == FrameStatus::malformed) {
      return header.status;
    }
    if (header.status == FrameStatus::frame && held.size() - header.prefix >= header.size) {
      body = held.subspan(header.prefix, header.size);
      taken_ += header.prefix + header.size;
      return FrameStatus::frame;
    }
    if (input_.empty()) return FrameStatus::need_more;
    // Only what this frame lacks is copied; the frames behind it stay views of the input. While the prefix
    // itself is split, that is one byte at a time.
    const std::size_t wanted =
        header.status == FrameStatus::frame ? header.prefix + header.size - held.size() : 1;
    const ByteView more = input_.first(std::min(wanted, input_.size()));
    if (taken_ > 0) {
      buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(taken_));
      taken_ = 0;
    }
    buffer_.insert(buffer_.end(), more.begin(), more.end());
    input_ = input_.subspan(more.size());
  }
}

void FrameAssembler::drop_taken() {
  if (buffer_.empty()) return;
  buffer_.clear();
  taken_ = 0;
  if (buffer_.capacity() > limits::kKeptBufferBytes) Bytes().swap(buffer_);
}

void FrameAssembler::keep_rest() {
  if (input_.empty()) return;
  if (taken_ > 0) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
  }
  buffer_.insert(buffer_.end(), input_.begin(), input_.end());
  input_ = {};
}

}  // namespace libpreconf::libp2p
