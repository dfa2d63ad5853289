#pragma once
// Protobuf wire format, read in place: a reader walks the fields of one message and hands out views.
// Groups are refused; unknown fields are the caller's to skip.

#include <cstdint>
#include <optional>

#include "libpreconf/base/bytes.h"

namespace libpreconf::codec {

enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, length_delimited = 2, fixed32 = 5 };

struct ProtobufField {
  std::uint32_t number = 0;
  WireType type = WireType::varint;
  std::uint64_t integer = 0;  ///< varint, fixed32 and fixed64
  ByteView bytes;             ///< length_delimited
};

/// `while (reader.next(field)) ...; if (reader.failed()) ...`
class ProtobufReader {
 public:
  explicit ProtobufReader(ByteView message) noexcept : rest_(message) {}
  /// False at the end and after a fault; `failed()` tells which.
  [[nodiscard]] bool next(ProtobufField& field) noexcept;
  [[nodiscard]] bool failed() const noexcept { return failed_; }

 private:
  bool fail() noexcept {
    failed_ = true;
    return false;
  }
  ByteView rest_;
  bool failed_ = false;
};

/// Appends fields to a byte string, in the order of the calls.
class ProtobufWriter {
 public:
  explicit ProtobufWriter(Bytes& out) noexcept : out_(out) {}
  void varint(std::uint32_t number, std::uint64_t value);
  void bytes(std::uint32_t number, ByteView value);
  void text(std::uint32_t number, std::string_view value) { bytes(number, as_bytes(value)); }
  /// Tag and length of a length-delimited field whose `size` bytes the caller appends next.
  void header(std::uint32_t number, std::size_t size);

 private:
  Bytes& out_;
};

/// Encoded size of a length-delimited field with `size` bytes.
[[nodiscard]] std::size_t protobuf_bytes_size(std::uint32_t number, std::size_t size) noexcept;
[[nodiscard]] std::size_t protobuf_varint_size(std::uint32_t number, std::uint64_t value) noexcept;

}  // namespace libpreconf::codec
