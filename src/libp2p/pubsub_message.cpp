#include "libp2p/pubsub_message.h"

#include <array>

#include "codec/protobuf.h"
#include "codec/varint.h"

namespace libpreconf::libp2p {
namespace {

constexpr std::string_view kSigningPrefix = "libp2p-pubsub:";
constexpr std::uint32_t kFrom = 1;
constexpr std::uint32_t kData = 2;
constexpr std::uint32_t kSeqno = 3;
constexpr std::uint32_t kTopic = 4;
constexpr std::uint32_t kSignature = 5;
constexpr std::uint32_t kKey = 6;
constexpr std::uint32_t kRpcPublish = 2;

std::size_t field_size(std::uint32_t number, const std::optional<ByteView>& value) noexcept {
  return value ? codec::protobuf_bytes_size(number, value->size()) : 0;
}

std::size_t signed_fields_size(const PubsubMessageView& message) noexcept {
  return field_size(kFrom, message.from) + field_size(kData, message.data) +
         field_size(kSeqno, message.seqno) + codec::protobuf_bytes_size(kTopic, message.topic.size());
}

void write_field(codec::ProtobufWriter& writer, std::uint32_t number, const std::optional<ByteView>& value) {
  if (value) writer.bytes(number, *value);
}

void write_signed_fields(codec::ProtobufWriter& writer, const PubsubMessageView& message) {
  write_field(writer, kFrom, message.from);
  write_field(writer, kData, message.data);
  write_field(writer, kSeqno, message.seqno);
  writer.text(kTopic, message.topic);
}

bool is_key_protobuf(ByteView key) noexcept {
  constexpr std::array<std::uint8_t, 4> kEd25519 = {0x08, 0x01, 0x12, 0x20};
  constexpr std::array<std::uint8_t, 4> kSecp256k1 = {0x08, 0x02, 0x12, 0x21};
  return (key.size() == 36 && equal(key.first(4), kEd25519)) ||
         (key.size() == 37 && equal(key.first(4), kSecp256k1));
}

}  // namespace

bool parse_pubsub_message(ByteView message, PubsubMessageView& out) noexcept {
  out = PubsubMessageView{};
  codec::ProtobufReader reader(message);
  codec::ProtobufField field;
  while (reader.next(field)) {
    if (field.type != codec::WireType::length_delimited) continue;
    switch (field.number) {
      case kFrom:
        out.from = field.bytes;
        break;
      case kData:
        out.data = field.bytes;
        break;
      case kSeqno:
        out.seqno = field.bytes;
        break;
      case kTopic:
        out.topic = as_text(field.bytes);
        break;
      case kSignature:
        out.signature = field.bytes;
        break;
      case kKey:
        out.key = field.bytes;
        break;
      default:
        break;
    }
  }
  return !reader.failed();
}

PubsubFault check_pubsub_fields(const PubsubMessageView& message, PeerId& author) {
  if (!message.from) return PubsubFault::no_author;
  if (!message.signature || message.signature->empty()) return PubsubFault::no_signature;
  if (!message.seqno || (message.seqno->size() != 8 && !message.seqno->empty())) {
    return PubsubFault::bad_seqno;
  }
  auto parsed = PeerId::from_bytes(*message.from);
  if (!parsed) return PubsubFault::no_author;
  author = *parsed;
  const ByteView key = pubsub_signing_key(message, author);
  if (key.empty()) return PubsubFault::no_key;
  // The inlined key is the author by construction; only a key of its own can belong to somebody else.
  if (message.key && key.data() == message.key->data() && PeerId::of_public_key(key) != author) {
    return PubsubFault::key_mismatch;
  }
  return PubsubFault::none;
}

ByteView pubsub_signing_key(const PubsubMessageView& message, const PeerId& author) noexcept {
  if (message.key && is_key_protobuf(*message.key)) return *message.key;
  return author.inlined_public_key();
}

void write_signed_bytes(const PubsubMessageView& message, Bytes& out) {
  out.clear();
  out.reserve(kSigningPrefix.size() + signed_fields_size(message));
  const ByteView prefix = as_bytes(kSigningPrefix);
  out.insert(out.end(), prefix.begin(), prefix.end());
  codec::ProtobufWriter writer(out);
  write_signed_fields(writer, message);
}

std::size_t pubsub_message_size(const PubsubMessageView& message) noexcept {
  return signed_fields_size(message) + field_size(kSignature, message.signature) +
         field_size(kKey, message.key);
}

PublishFrame make_publish_frame(const PubsubMessageView& message) {
  const std::size_t message_size = pubsub_message_size(message);
  const std::size_t rpc_size = codec::protobuf_bytes_size(kRpcPublish, message_size);
  auto frame = std::make_shared<Bytes>();
  frame->reserve(codec::varint_size(rpc_size) + rpc_size);
  codec::append_varint(*frame, rpc_size);
  codec::ProtobufWriter writer(*frame);
  writer.header(kRpcPublish, message_size);
  write_signed_fields(writer, message);
  write_field(writer, kSignature, message.signature);
  write_field(writer, kKey, message.key);

  // `data` follows `from`, so its place is known without a search.
  const std::size_t data_size = message.payload().size();
  std::size_t data_end = frame->size() - message_size + field_size(kFrom, message.from);
  data_end += field_size(kData, message.data);
  const ByteView data = ByteView(*frame).subspan(data_end - (message.data ? data_size : 0), data_size);
  return PublishFrame{std::move(frame), data, message_size};
}

}  // namespace libpreconf::libp2p
