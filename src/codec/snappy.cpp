// The format: a varint with the size of the content, then elements until the input ends. An element is a tag,
// up to four little-endian bytes that belong to it, and for a literal its bytes.
//
//   tag & 3   element           length                offset
//   0         literal           (tag >> 2) + 1; for tag >> 2 of 60..63 the next 1..4 bytes + 1
//   1         copy, 1 byte      4 + (tag >> 2 & 7)    (tag >> 5) << 8 | byte
//   2         copy, 2 bytes     (tag >> 2) + 1        the next two bytes
//   3         copy, 4 bytes     (tag >> 2) + 1        the next four bytes
//
// Where the format leaves a choice the verdict is the snap crate's, because peers that use it decide the ids.
#include "codec/snappy.h"

#include <cstring>

namespace libpreconf::codec {
namespace {

constexpr std::uint64_t kMaxContent = 0xffffffff;

struct Header {
  std::size_t content = 0;
  std::size_t size = 0;
};

// Up to ten bytes, longer forms than needed included; bits beyond the 64th fall off, as they do in the crate.
std::optional<Header> read_header(ByteView block) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < block.size() && i < 10; ++i) {
    value |= static_cast<std::uint64_t>(block[i] & 0x7f) << (7 * i);
    if (block[i] >= 0x80) continue;
    if (value > kMaxContent) return std::nullopt;
    return Header{static_cast<std::size_t>(value), i + 1};
  }
  return std::nullopt;
}

struct Element {
  bool literal = false;
  std::size_t length = 0;
  std::size_t offset = 0;  ///< of a copy, backwards from the end of the content so far
};

std::uint32_t little_endian(ByteView bytes) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= static_cast<std::uint32_t>(bytes[i]) << (8 * i);
  return value;
}

// Takes a tag and the bytes that belong to it.
bool take_element(ByteView& rest, Element& element) noexcept {
  const std::uint8_t tag = rest[0];
  rest = rest.subspan(1);
  element.literal = (tag & 3) == 0;
  element.length = static_cast<std::size_t>(tag >> 2) + 1;
  if (element.literal) {
    if (element.length <= 60) return true;
    const std::size_t size = element.length - 60;
    // The crate reads four bytes at once and masks; a literal of over 60 bytes has them after it anyway, but
    // a broken block that ends earlier must be broken here as well.
    if (rest.size() < 4) return false;
    element.length = static_cast<std::size_t>(little_endian(rest.first(size))) + 1;
    rest = rest.subspan(size);
    return true;
  }
  const std::size_t size = (tag & 3) == 3 ? 4 : (tag & 3);
  if (rest.size() < size) return false;
  element.offset = little_endian(rest.first(size));
  if (size == 1) {
    element.length = 4 + static_cast<std::size_t>((tag >> 2) & 7);
    element.offset |= static_cast<std::size_t>(tag >> 5) << 8;
  }
  rest = rest.subspan(size);
  return true;
}

// Appends a copy that may overlap what it writes: a short offset repeats a pattern.
void copy_back(std::uint8_t* out, std::size_t at, const Element& element) noexcept {
  const std::uint8_t* from = out + at - element.offset;
  std::uint8_t* to = out + at;
  if (element.offset >= element.length) {
    std::memcpy(to, from, element.length);
    return;
  }
  for (std::size_t i = 0; i < element.length; ++i) to[i] = from[i];
}

// Walks the elements without making the content.
bool elements_are_valid(ByteView rest, std::size_t content) noexcept {
  std::size_t written = 0;
  Element element;
  while (!rest.empty()) {
    if (!take_element(rest, element)) return false;
    if (element.length > content - written) return false;
    if (element.literal) {
      if (element.length > rest.size()) return false;
      rest = rest.subspan(element.length);
    } else if (element.offset == 0 || element.offset > written) {
      return false;
    }
    written += element.length;
  }
  return written == content;
}

// The header of a block whose content has at most `max` bytes, if the whole block is valid.
std::optional<Header> valid_header(ByteView block, std::size_t max) noexcept {
  const std::optional<Header> header = read_header(block);
  if (!header || header->content > max) return std::nullopt;
  if (!elements_are_valid(block.subspan(header->size), header->content)) return std::nullopt;
  return header;
}

}  // namespace

std::optional<std::size_t> snappy_declared_length(ByteView block, std::size_t max) noexcept {
  const std::optional<Header> header = read_header(block);
  if (!header || header->content > max) return std::nullopt;
  return header->content;
}

bool snappy_is_valid(ByteView block, std::size_t max) noexcept {
  return valid_header(block, max).has_value();
}

std::optional<Bytes> snappy_decompress(ByteView block, std::size_t max) {
  const std::optional<Header> header = valid_header(block, max);
  if (!header) return std::nullopt;
  Bytes out(header->content);
  ByteView rest = block.subspan(header->size);
  std::size_t written = 0;
  Element element;
  while (!rest.empty() && take_element(rest, element)) {
    if (element.literal) {
      std::memcpy(out.data() + written, rest.data(), element.length);
      rest = rest.subspan(element.length);
    } else {
      copy_back(out.data(), written, element);
    }
    written += element.length;
  }
  return out;
}

}  // namespace libpreconf::codec
