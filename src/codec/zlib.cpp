#include "codec/zlib.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace libpreconf::codec {
namespace {

// zlib counts in unsigned int.
constexpr std::size_t kMaxPiece = std::numeric_limits<uInt>::max();
constexpr std::size_t kDeflateRoom = 16'384;
constexpr std::size_t kLeastInflateRoom = 4'096;
/// By which transaction lists shrink at most as a rule.
constexpr std::size_t kUsualRatio = 8;
constexpr std::size_t kPieceAtOnce = 65'536;

std::size_t piece_of(std::size_t budget) {
  return std::clamp<std::size_t>(budget, 1, kMaxPiece);
}

// zlib takes its input by a pointer to what is not const, and only reads it.
Bytef* input_of(ByteView view) {
  return const_cast<Bytef*>(view.data());
}

std::unexpected<Error> decode_failed(const char* reason) {
  return fail(ErrorCode::malformed, reason != nullptr ? reason : "not a zlib stream");
}

}  // namespace

struct Inflater::Impl {
  ByteView rest;
  std::size_t max_output;
  Bytes output;
  z_stream stream{};

  Impl(ByteView compressed, std::size_t max) : rest(compressed), max_output(max) {
    PRECONF_ASSERT(inflateInit(&stream) == Z_OK);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { inflateEnd(&stream); }

  Result<bool> step(std::size_t budget);
  Result<bool> inflate_some(std::size_t input_size, std::size_t output_size);
};

// Room is made as it is likely to be needed: small lists are the rule, and a slice's worth of zeros for each
// would cost more than to inflate it.
Result<bool> Inflater::Impl::step(std::size_t budget) {
  std::size_t output_left = piece_of(budget);
  std::size_t input_left = output_left;
  while (output_left > 0 && input_left > 0) {
    const std::size_t made_before = output.size();
    const std::size_t rest_before = rest.size();
    const std::size_t room = std::max(kLeastInflateRoom, rest.size() * kUsualRatio);
    PRECONF_TRY(const bool ended,
                inflate_some(std::min(input_left, rest.size()), std::min(output_left, room)));
    if (ended) return true;
    output_left -= std::min(output_left, output.size() - made_before);
    input_left -= rest_before - rest.size();
  }
  return false;
}

Result<bool> Inflater::Impl::inflate_some(std::size_t input_size, std::size_t output_size) {
  const ByteView input = rest.first(input_size);
  const std::size_t before = output.size();
  // One byte of room over the limit tells a stream that ends there from one that goes on.
  const std::size_t room = std::min(output_size - 1, max_output - before) + 1;
  output.resize(before + room);
  stream.next_in = input_of(input);
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = output.data() + before;
  stream.avail_out = static_cast<uInt>(room);
  const int status = inflate(&stream, Z_NO_FLUSH);
  const std::size_t taken = input.size() - stream.avail_in;
  const std::size_t made = room - stream.avail_out;
  rest = rest.subspan(taken);
  output.resize(before + made);
  if (output.size() > max_output) {
    return fail(ErrorCode::too_large, "inflates to more than " + std::to_string(max_output) + " bytes");
  }
  if (status == Z_STREAM_END) return true;
  // Z_BUF_ERROR says only that nothing moved, which is the end of a stream that was cut short.
  if (status != Z_OK && status != Z_BUF_ERROR) {
    return decode_failed(status == Z_NEED_DICT ? "needs a preset dictionary" : stream.msg);
  }
  if (taken == 0 && made == 0) return decode_failed("the stream ends early");
  return false;
}

Inflater::Inflater(ByteView compressed, std::size_t max_output)
    : impl_(std::make_unique<Impl>(compressed, max_output)) {}
Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;

Result<bool> Inflater::step(std::size_t budget) {
  return impl_->step(budget);
}

Bytes Inflater::take_output() {
  return std::exchange(impl_->output, {});
}

struct Deflater::Impl {
  ByteView rest;
  Bytes output;
  z_stream stream{};

  explicit Impl(ByteView data) : rest(data) {
    PRECONF_ASSERT(deflateInit(&stream, Z_DEFAULT_COMPRESSION) == Z_OK);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { deflateEnd(&stream); }

  Result<bool> step(std::size_t budget);
};

Result<bool> Deflater::Impl::step(std::size_t budget) {
  const ByteView input = rest.first(std::min(piece_of(budget), rest.size()));
  rest = rest.subspan(input.size());
  stream.next_in = input_of(input);
  stream.avail_in = static_cast<uInt>(input.size());
  int status = Z_OK;
  do {
    const std::size_t before = output.size();
    output.resize(before + kDeflateRoom);
    stream.next_out = output.data() + before;
    stream.avail_out = static_cast<uInt>(kDeflateRoom);
    status = deflate(&stream, rest.empty() ? Z_FINISH : Z_NO_FLUSH);
    output.resize(output.size() - stream.avail_out);
    if (status == Z_STREAM_ERROR) return fail(ErrorCode::internal, "the deflate stream is inconsistent");
  } while (status != Z_STREAM_END && stream.avail_out == 0);
  return status == Z_STREAM_END;
}

Deflater::Deflater(ByteView data) : impl_(std::make_unique<Impl>(data)) {}
Deflater::~Deflater() = default;
Deflater::Deflater(Deflater&&) noexcept = default;

Result<bool> Deflater::step(std::size_t budget) {
  return impl_->step(budget);
}

Bytes Deflater::take_output() {
  return std::exchange(impl_->output, {});
}

Result<Bytes> zlib_decompress(ByteView compressed, std::size_t max_output) {
  Inflater inflater(compressed, max_output);
  for (bool ended = false; !ended;) {
    PRECONF_TRY(ended, inflater.step(kPieceAtOnce));
  }
  return inflater.take_output();
}

Result<Bytes> zlib_compress(ByteView data) {
  Deflater deflater(data);
  for (bool ended = false; !ended;) {
    PRECONF_TRY(ended, deflater.step(kPieceAtOnce));
  }
  return deflater.take_output();
}

}  // namespace libpreconf::codec
