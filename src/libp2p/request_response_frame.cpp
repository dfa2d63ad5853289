#include "libp2p/request_response_frame.h"

#include <algorithm>
#include <limits>

#include "codec/varint.h"

namespace libpreconf::libp2p {

LengthPrefixedReader::Status LengthPrefixedReader::feed(ByteView bytes) {
  if (status_ != Status::need_more) return status_;
  if (!has_length_) read_prefix(bytes);
  if (status_ != Status::need_more || !has_length_) return status_;
  const ByteView more = bytes.first(std::min(bytes.size(), length_ - body_.size()));
  // Doubled as it grows, but never beyond the body: who keeps it for long keeps no more than it counts.
  if (const std::size_t needed = body_.size() + more.size(); needed > body_.capacity()) {
    body_.reserve(std::min(length_, std::max(needed, 2 * body_.capacity())));
  }
  body_.insert(body_.end(), more.begin(), more.end());
  if (body_.size() == length_) status_ = Status::complete;
  return status_;
}

void LengthPrefixedReader::read_prefix(ByteView& bytes) {
  while (!bytes.empty()) {
    prefix_[prefix_size_++] = bytes.front();
    bytes = bytes.subspan(1);
    const ByteView held = ByteView(prefix_).first(prefix_size_);
    const codec::VarintRead read = codec::read_varint(held, prefix_.size());
    const bool over = prefix_size_ == prefix_.size() && read.status == codec::VarintStatus::incomplete;
    if (over || read.status == codec::VarintStatus::malformed ||
        read.value > std::numeric_limits<std::uint32_t>::max()) {
      status_ = Status::malformed;
      return;
    }
    if (read.status == codec::VarintStatus::incomplete) continue;
    if (read.value > max_body_) {
      status_ = Status::too_large;
      return;
    }
    has_length_ = true;
    length_ = static_cast<std::size_t>(read.value);
    return;
  }
}

SharedBytes encode_length_prefixed(ByteView body, std::size_t more) {
  const std::size_t length = body.size() + more;
  auto frame = std::make_shared<Bytes>();
  frame->reserve(codec::varint_size(length) + body.size());
  codec::append_varint(*frame, length);
  frame->insert(frame->end(), body.begin(), body.end());
  return frame;
}

}  // namespace libpreconf::libp2p
