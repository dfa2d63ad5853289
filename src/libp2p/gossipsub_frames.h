#pragma once
// Cuts a stream of bytes into frames (varint length, body). A frame that lies whole in the bytes just fed is
// handed out as a view of them; one that is split is gathered in a buffer that grows with what arrives,
// never from the declared length (attacks.md C10).
//
//   assembler.feed(bytes);
//   while (assembler.next(frame) == FrameStatus::frame) use(frame);
//   assembler.keep_rest();      // before `bytes` go away

#include "libpreconf/base/bytes.h"

namespace libpreconf::libp2p {

enum class FrameStatus : std::uint8_t { frame, need_more, too_large, malformed };

class FrameAssembler {
 public:
  explicit FrameAssembler(std::size_t max_frame) : max_frame_(max_frame) {}

  /// Looks at `bytes` until `keep_rest`.
  void feed(ByteView bytes);
  /// The next whole frame's body; valid until the next call. A fault stays.
  [[nodiscard]] FrameStatus next(ByteView& body);
  /// Copies what has not been handed out.
  void keep_rest();

  /// Bytes held from one call to the next.
  [[nodiscard]] std::size_t buffered() const noexcept { return buffer_.size() - taken_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return buffer_.capacity(); }

 private:
  struct Header {
    FrameStatus status = FrameStatus::need_more;
    std::size_t prefix = 0;
    std::size_t size = 0;
  };
  [[nodiscard]] Header read_header(ByteView bytes) const noexcept;
  [[nodiscard]] FrameStatus next_in_input(ByteView& body);
  [[nodiscard]] FrameStatus next_in_buffer(ByteView& body);
  void drop_taken();

  std::size_t max_frame_;
  Bytes buffer_;
  std::size_t taken_ = 0;  // bytes at the front of buffer_ that were handed out
  ByteView input_;
};

}  // namespace libpreconf::libp2p
