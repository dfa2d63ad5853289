// Raw snappy: the verdict and the content agree with a decoder that was written for nothing but to be
// obvious, and any content, wrapped in literals, is valid.
#include <optional>

#include "codec/snappy.h"
#include "codec/varint.h"
#include "fuzz/input.h"

using namespace libpreconf;
using fuzz::require;

namespace {

constexpr std::size_t kMax = 1 << 20;

class ObviousDecoder {
 public:
  explicit ObviousDecoder(ByteView block) : block_(block) {}

  std::optional<Bytes> decode() {
    const std::optional<std::uint64_t> declared = length();
    if (!declared || *declared > kMax) return std::nullopt;
    while (at_ < block_.size()) {
      if (!element() || content_.size() > *declared) return std::nullopt;
    }
    if (content_.size() != *declared) return std::nullopt;
    return content_;
  }

 private:
  std::optional<std::uint64_t> length() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at_ == block_.size()) return std::nullopt;
      const std::uint8_t byte = block_[at_++];
      value |= static_cast<std::uint64_t>(byte % 128) << shift;
      if (byte < 128) return value;
    }
    return std::nullopt;
  }

  std::optional<std::size_t> number(std::size_t bytes) {
    if (block_.size() - at_ < bytes) return std::nullopt;
    std::size_t value = 0;
    for (std::size_t i = bytes; i-- > 0;) value = value * 256 + block_[at_ + i];
    at_ += bytes;
    return value;
  }

  bool element() {
    const unsigned tag = block_[at_++];
    switch (tag % 4) {
      case 0:
        return literal(tag / 4);
      case 1: {
        const auto low = number(1);
        return low && copy(4 + tag / 4 % 8, tag / 32 * 256 + *low);
      }
      case 2: {
        const auto offset = number(2);
        return offset && copy(1 + tag / 4, *offset);
      }
      default: {
        const auto offset = number(4);
        return offset && copy(1 + tag / 4, *offset);
      }
    }
  }

  bool literal(std::size_t size) {
    if (size >= 60) {
      if (block_.size() - at_ < 4) return false;
      size = *number(size - 59);
    }
    ++size;
    if (block_.size() - at_ < size) return false;
    content_.insert(content_.end(), block_.begin() + static_cast<std::ptrdiff_t>(at_),
                    block_.begin() + static_cast<std::ptrdiff_t>(at_ + size));
    at_ += size;
    return content_.size() <= kMax;
  }

  bool copy(std::size_t size, std::size_t offset) {
    if (offset == 0 || offset > content_.size()) return false;
    for (std::size_t i = 0; i < size; ++i) content_.push_back(content_[content_.size() - offset]);
    return true;
  }

  ByteView block_;
  std::size_t at_ = 0;
  Bytes content_;
};

Bytes in_literals(ByteView content) {
  Bytes block;
  codec::append_varint(block, content.size());
  while (!content.empty()) {
    const std::size_t size = std::min<std::size_t>(content.size(), 60);
    block.push_back(static_cast<std::uint8_t>((size - 1) << 2));
    block.insert(block.end(), content.begin(), content.begin() + static_cast<std::ptrdiff_t>(size));
    content = content.subspan(size);
  }
  return block;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView block(data, size);
  const auto expected = ObviousDecoder(block).decode();
  require(codec::snappy_is_valid(block, kMax) == expected.has_value());
  require(codec::snappy_decompress(block, kMax) == expected);
  if (expected) {
    require(codec::snappy_declared_length(block, kMax) == expected->size());
    if (!expected->empty()) require(!codec::snappy_is_valid(block, expected->size() - 1));
  }
  require(codec::snappy_decompress(in_literals(block), kMax) == to_bytes(block));
  return 0;
}
