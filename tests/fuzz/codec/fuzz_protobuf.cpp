// Protobuf: the fields of any message that reads, written again, read as the same fields.
#include <vector>

#include "codec/protobuf.h"
#include "codec/varint.h"
#include "fuzz/input.h"

using namespace libpreconf;
using codec::ProtobufField;
using codec::WireType;
using fuzz::require;

namespace {

bool read_all(ByteView message, std::vector<ProtobufField>& fields) {
  codec::ProtobufReader reader(message);
  ProtobufField field;
  while (reader.next(field)) fields.push_back(field);
  require(!reader.next(field));
  return !reader.failed();
}

void write_fixed(Bytes& out, const ProtobufField& field, int bytes) {
  codec::append_varint(
      out, static_cast<std::uint64_t>(field.number) << 3 | static_cast<std::uint64_t>(field.type));
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(field.integer >> (8 * i)));
}

void write(Bytes& out, const ProtobufField& field) {
  codec::ProtobufWriter writer(out);
  const std::size_t before = out.size();
  switch (field.type) {
    case WireType::varint:
      writer.varint(field.number, field.integer);
      require(out.size() - before == codec::protobuf_varint_size(field.number, field.integer));
      return;
    case WireType::length_delimited:
      writer.bytes(field.number, field.bytes);
      require(out.size() - before == codec::protobuf_bytes_size(field.number, field.bytes.size()));
      return;
    case WireType::fixed64:
      return write_fixed(out, field, 8);
    case WireType::fixed32:
      return write_fixed(out, field, 4);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView message(data, size);
  std::vector<ProtobufField> fields;
  const bool good = read_all(message, fields);
  Bytes again;
  for (const ProtobufField& field : fields) {
    require(field.number > 0 && field.number < 1U << 29);
    write(again, field);
  }
  if (good) require(again.size() <= message.size());
  std::vector<ProtobufField> reread;
  require(read_all(again, reread) && reread.size() == fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    require(fields[i].number == reread[i].number && fields[i].type == reread[i].type);
    require(fields[i].integer == reread[i].integer && equal(fields[i].bytes, reread[i].bytes));
  }
  return 0;
}
