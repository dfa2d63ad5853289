#pragma once
// One frame of a request-response stream (p2p-wire 9.2, 9.3): a minimal varint of at most 32 bits, then that
// many bytes. What follows the frame is ignored. The body grows with what arrives.

#include <array>
#include <cstdint>

#include "libp2p/limits.h"
#include "libp2p/stream.h"
#include "libpreconf/base/bytes.h"

namespace libpreconf::libp2p {

class LengthPrefixedReader {
 public:
  enum class Status : std::uint8_t { need_more, complete, too_large, malformed };

  explicit LengthPrefixedReader(std::size_t max_body) : max_body_(max_body) {}

  /// Takes the next bytes of the stream. Every answer but need_more is final.
  [[nodiscard]] Status feed(ByteView bytes);
  [[nodiscard]] Status status() const noexcept { return status_; }
  /// The whole body, once complete.
  [[nodiscard]] Bytes take_body() noexcept { return std::move(body_); }

 private:
  /// Moves bytes into the prefix until it is whole.
  void read_prefix(ByteView& bytes);

  std::size_t max_body_;
  Status status_ = Status::need_more;
  std::array<std::uint8_t, limits::kMaxRequestResponsePrefix> prefix_{};
  std::size_t prefix_size_ = 0;
  bool has_length_ = false;
  std::size_t length_ = 0;
  Bytes body_;
};

/// Length and body; `more` bytes of the body follow outside of the frame.
[[nodiscard]] SharedBytes encode_length_prefixed(ByteView body, std::size_t more = 0);

}  // namespace libpreconf::libp2p
