#include "libp2p/multistream.h"

#include <algorithm>

#include "codec/varint.h"
#include "libp2p/limits.h"

namespace libpreconf::libp2p {
namespace {

constexpr std::string_view kHeader = "/multistream/1.0.0";
constexpr std::string_view kNotAvailable = "na";
constexpr std::string_view kList = "ls";
/// The length prefix of a message within the limit has one or two bytes.
constexpr std::size_t kLengthBytes = 2;

std::unexpected<Error> too_long() {
  return fail(ErrorCode::too_large, "a multistream message is longer than 1024 bytes");
}

}  // namespace

void append_multistream(Bytes& out, std::string_view text) {
  codec::append_varint(out, text.size() + 1);
  out.insert(out.end(), text.begin(), text.end());
  out.push_back('\n');
}

Result<std::optional<std::string_view>> MultistreamReader::next(ByteView& in) {
  if (partial_done_) {
    partial_.clear();
    partial_done_ = false;
  }
  // The common case: the whole message is in `in`, and is read there.
  if (partial_.empty()) {
    const auto length = codec::read_varint(in, kLengthBytes);
    if (length.status == codec::VarintStatus::ok && length.value > limits::kMultistreamMessage) {
      return too_long();
    }
    if (length.status == codec::VarintStatus::ok && in.size() - length.size >= length.value) {
      const ByteView body = in.subspan(length.size, static_cast<std::size_t>(length.value));
      in = in.subspan(length.size + body.size());
      return text_of(body);
    }
  }
  for (;;) {
    const auto length = codec::read_varint(partial_, kLengthBytes);
    std::size_t missing = 1;
    if (length.status == codec::VarintStatus::malformed) {
      return fail(ErrorCode::malformed, "a multistream message has no valid length");
    }
    if (length.status == codec::VarintStatus::ok) {
      if (length.value > limits::kMultistreamMessage) return too_long();
      missing = length.size + static_cast<std::size_t>(length.value) - partial_.size();
      if (missing == 0) {
        partial_done_ = true;
        return text_of(ByteView(partial_).subspan(length.size));
      }
    }
    if (in.empty()) return std::nullopt;
    const std::size_t taken = std::min(missing, in.size());
    partial_.insert(partial_.end(), in.begin(), in.begin() + static_cast<std::ptrdiff_t>(taken));
    in = in.subspan(taken);
  }
}

Result<std::optional<std::string_view>> MultistreamReader::text_of(ByteView body) {
  if (body.empty() || body.back() != '\n') {
    return fail(ErrorCode::malformed, "a multistream message does not end in a newline");
  }
  return as_text(body.first(body.size() - 1));
}

void MultistreamDialer::start(Bytes& out) {
  append_multistream(out, kHeader);
  append_multistream(out, proposals_.front());
}

Result<std::size_t> MultistreamDialer::receive(ByteView in, Bytes& out) {
  ByteView rest = in;
  while (!agreed_) {
    PRECONF_TRY(const auto text, reader_.next(rest));
    if (!text) break;
    if (!header_seen_) {
      if (*text != kHeader)
        return fail(ErrorCode::unsupported, "the remote does not speak multistream 1.0.0");
      header_seen_ = true;
    } else if (*text == proposals_[current_]) {
      agreed_ = true;
    } else if (*text == kNotAvailable) {
      if (current_ + 1 == proposals_.size()) {
        return fail(ErrorCode::unsupported, "the remote has none of the proposed protocols");
      }
      append_multistream(out, proposals_[++current_]);
    } else {
      return fail(ErrorCode::malformed, "the remote answered a proposal with something else");
    }
  }
  return in.size() - rest.size();
}

Result<std::size_t> MultistreamListener::receive(ByteView in, Bytes& out) {
  ByteView rest = in;
  while (!agreed()) {
    PRECONF_TRY(const auto text, reader_.next(rest));
    if (!text) break;
    if (!header_seen_) {
      if (*text != kHeader)
        return fail(ErrorCode::unsupported, "the remote does not speak multistream 1.0.0");
      header_seen_ = true;
      append_multistream(out, kHeader);
      continue;
    }
    if (++rounds_ > limits::kMultistreamRounds) {
      return fail(ErrorCode::limit, "the remote proposed too many protocols");
    }
    answer(*text, out);
  }
  return in.size() - rest.size();
}

void MultistreamListener::answer(std::string_view proposal, Bytes& out) {
  if (proposal == kList) {
    Bytes names;
    for (const std::string& name : supported_) append_multistream(names, name);
    append_multistream(out, as_text(names));
    return;
  }
  const auto found = std::ranges::find(supported_, proposal);
  if (found == supported_.end()) {
    append_multistream(out, kNotAvailable);
    return;
  }
  agreed_ = &*found;
  append_multistream(out, *found);
}

}  // namespace libpreconf::libp2p
