#include "codec/protobuf.h"

#include "codec/varint.h"

namespace libpreconf::codec {
namespace {

constexpr std::uint64_t kMaxTag = 0xffffffff;

std::uint64_t tag_of(std::uint32_t number, WireType type) noexcept {
  return static_cast<std::uint64_t>(number) << 3 | static_cast<std::uint64_t>(type);
}

std::uint64_t read_little_endian(ByteView bytes) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
  return value;
}

// Protobuf allows longer forms than needed.
bool take_varint(ByteView& rest, std::uint64_t& value) noexcept {
  const VarintRead read = read_varint(rest, 10, false);
  if (read.status != VarintStatus::ok) return false;
  value = read.value;
  rest = rest.subspan(read.size);
  return true;
}

bool take_bytes(ByteView& rest, std::uint64_t size, ByteView& bytes) noexcept {
  if (size > rest.size()) return false;
  bytes = rest.first(static_cast<std::size_t>(size));
  rest = rest.subspan(static_cast<std::size_t>(size));
  return true;
}

bool take_fixed_width(ByteView& rest, std::size_t size, std::uint64_t& value) noexcept {
  ByteView bytes;
  if (!take_bytes(rest, size, bytes)) return false;
  value = read_little_endian(bytes);
  return true;
}

}  // namespace

bool ProtobufReader::next(ProtobufField& field) noexcept {
  if (failed_ || rest_.empty()) return false;
  std::uint64_t tag = 0;
  if (!take_varint(rest_, tag) || tag > kMaxTag || tag >> 3 == 0) return fail();
  field.number = static_cast<std::uint32_t>(tag >> 3);
  field.integer = 0;
  field.bytes = {};
  switch (tag & 7) {
    case 0:
      field.type = WireType::varint;
      return take_varint(rest_, field.integer) || fail();
    case 1:
      field.type = WireType::fixed64;
      return take_fixed_width(rest_, 8, field.integer) || fail();
    case 2: {
      field.type = WireType::length_delimited;
      std::uint64_t size = 0;
      return (take_varint(rest_, size) && take_bytes(rest_, size, field.bytes)) || fail();
    }
    case 5:
      field.type = WireType::fixed32;
      return take_fixed_width(rest_, 4, field.integer) || fail();
    default:
      return fail();  // groups (3, 4), and what was never assigned (6, 7)
  }
}

void ProtobufWriter::varint(std::uint32_t number, std::uint64_t value) {
  append_varint(out_, tag_of(number, WireType::varint));
  append_varint(out_, value);
}

void ProtobufWriter::bytes(std::uint32_t number, ByteView value) {
  header(number, value.size());
  out_.insert(out_.end(), value.begin(), value.end());
}

void ProtobufWriter::header(std::uint32_t number, std::size_t size) {
  append_varint(out_, tag_of(number, WireType::length_delimited));
  append_varint(out_, size);
}

std::size_t protobuf_bytes_size(std::uint32_t number, std::size_t size) noexcept {
  return varint_size(tag_of(number, WireType::length_delimited)) + varint_size(size) + size;
}

std::size_t protobuf_varint_size(std::uint32_t number, std::uint64_t value) noexcept {
  return varint_size(tag_of(number, WireType::varint)) + varint_size(value);
}

}  // namespace libpreconf::codec
