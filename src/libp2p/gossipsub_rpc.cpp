#include "libp2p/gossipsub_rpc.h"

#include "codec/varint.h"
#include "libp2p/limits.h"

namespace libpreconf::libp2p {
namespace {

using codec::ProtobufField;
using codec::ProtobufReader;
using codec::ProtobufWriter;
using codec::WireType;

/// True if every field of `message` decodes; nested messages are the caller's.
bool decodes(ByteView message) noexcept {
  ProtobufReader reader(message);
  ProtobufField field;
  while (reader.next(field)) {
  }
  return !reader.failed();
}

bool prune_decodes(ByteView entry) noexcept {
  constexpr std::uint32_t kPeers = 2;
  ProtobufReader reader(entry);
  ProtobufField field;
  while (reader.next(field)) {
    if (field.number == kPeers && field.type == WireType::length_delimited && !decodes(field.bytes)) {
      return false;
    }
  }
  return !reader.failed();
}

bool control_decodes(ByteView control) noexcept {
  ProtobufReader reader(control);
  ProtobufField field;
  while (reader.next(field)) {
    if (field.type != WireType::length_delimited || field.number < 1 || field.number > 5) continue;
    const bool good = field.number == static_cast<std::uint32_t>(ControlKind::prune)
                          ? prune_decodes(field.bytes)
                          : decodes(field.bytes);
    if (!good) return false;
  }
  return !reader.failed();
}

/// A frame whose RPC has one control message with one entry of `entry_size` bytes; the writer is handed to
/// `write` for the entry's content.
template <class Write>
SharedBytes control_frame(ControlKind kind, std::size_t entry_size, Write&& write) {
  const auto number = static_cast<std::uint32_t>(kind);
  const std::size_t control_size = codec::protobuf_bytes_size(number, entry_size);
  const std::size_t rpc_size = codec::protobuf_bytes_size(kRpcControl, control_size);
  auto frame = std::make_shared<Bytes>();
  frame->reserve(codec::varint_size(rpc_size) + rpc_size);
  codec::append_varint(*frame, rpc_size);
  ProtobufWriter writer(*frame);
  writer.header(kRpcControl, control_size);
  writer.header(number, entry_size);
  write(writer);
  return frame;
}

SharedBytes id_list_frame(ControlKind kind, std::span<const MessageId> ids) {
  const std::size_t size = ids.size() * codec::protobuf_bytes_size(1, std::tuple_size_v<MessageId>);
  return control_frame(kind, size, [&](ProtobufWriter& writer) {
    for (const MessageId& id : ids) writer.bytes(1, id);
  });
}

}  // namespace

RpcFault scan_rpc(ByteView rpc, RpcSummary& summary) noexcept {
  std::size_t subscriptions = 0;
  std::size_t control_bytes = 0;
  ProtobufReader reader(rpc);
  ProtobufField field;
  while (reader.next(field)) {
    if (field.type != WireType::length_delimited) continue;
    switch (field.number) {
      case kRpcSubscriptions:
        if (++subscriptions > limits::kMaxSubscriptionsPerRpc) return RpcFault::too_many_subscriptions;
        if (!decodes(field.bytes)) return RpcFault::malformed;
        break;
      case kRpcPublish:
        summary.messages = true;
        if (!decodes(field.bytes)) return RpcFault::malformed;
        break;
      case kRpcControl:
        summary.control = true;
        control_bytes += field.bytes.size();
        if (control_bytes > limits::kMaxControlBytesPerRpc) return RpcFault::too_much_control;
        if (!control_decodes(field.bytes)) return RpcFault::malformed;
        break;
      default:
        break;
    }
  }
  summary.subscriptions = subscriptions > 0;
  return reader.failed() ? RpcFault::malformed : RpcFault::none;
}

SubscriptionView read_subscription(ByteView entry) noexcept {
  SubscriptionView out;
  ProtobufReader reader(entry);
  ProtobufField field;
  while (reader.next(field)) {
    if (field.number == 1 && field.type == WireType::varint) out.subscribe = field.integer != 0;
    if (field.number == 2 && field.type == WireType::length_delimited) out.topic = as_text(field.bytes);
  }
  return out;
}

PruneView read_prune(ByteView entry) noexcept {
  PruneView out;
  ProtobufReader reader(entry);
  ProtobufField field;
  while (reader.next(field)) {
    if (field.number == 1 && field.type == WireType::length_delimited) out.topic = as_text(field.bytes);
    if (field.number == 3 && field.type == WireType::varint) out.backoff_seconds = field.integer;
  }
  return out;
}

std::string_view read_control_topic(ByteView entry) noexcept {
  std::string_view topic;
  for_each_field(entry, 1, [&](ByteView bytes) { topic = as_text(bytes); });
  return topic;
}

SharedBytes encode_subscription(std::string_view topic, bool subscribe) {
  const std::size_t entry_size =
      codec::protobuf_varint_size(1, 1) + codec::protobuf_bytes_size(2, topic.size());
  const std::size_t rpc_size = codec::protobuf_bytes_size(kRpcSubscriptions, entry_size);
  auto frame = std::make_shared<Bytes>();
  frame->reserve(codec::varint_size(rpc_size) + rpc_size);
  codec::append_varint(*frame, rpc_size);
  ProtobufWriter writer(*frame);
  writer.header(kRpcSubscriptions, entry_size);
  writer.varint(1, subscribe ? 1 : 0);
  writer.text(2, topic);
  return frame;
}

SharedBytes encode_graft(std::string_view topic) {
  return control_frame(ControlKind::graft, codec::protobuf_bytes_size(1, topic.size()),
                       [&](ProtobufWriter& writer) { writer.text(1, topic); });
}

SharedBytes encode_prune(std::string_view topic, std::optional<std::uint64_t> backoff_seconds) {
  const std::size_t size = codec::protobuf_bytes_size(1, topic.size()) +
                           (backoff_seconds ? codec::protobuf_varint_size(3, *backoff_seconds) : 0);
  return control_frame(ControlKind::prune, size, [&](ProtobufWriter& writer) {
    writer.text(1, topic);
    if (backoff_seconds) writer.varint(3, *backoff_seconds);
  });
}

SharedBytes encode_ihave(std::string_view topic, std::span<const MessageId> ids) {
  const std::size_t size = codec::protobuf_bytes_size(1, topic.size()) +
                           ids.size() * codec::protobuf_bytes_size(2, std::tuple_size_v<MessageId>);
  return control_frame(ControlKind::ihave, size, [&](ProtobufWriter& writer) {
    writer.text(1, topic);
    for (const MessageId& id : ids) writer.bytes(2, id);
  });
}

SharedBytes encode_iwant(std::span<const MessageId> ids) {
  return id_list_frame(ControlKind::iwant, ids);
}

SharedBytes encode_idontwant(std::span<const MessageId> ids) {
  return id_list_frame(ControlKind::idontwant, ids);
}

}  // namespace libpreconf::libp2p
