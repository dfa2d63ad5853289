#include "libp2p/identify_message.h"

#include <algorithm>

#include "codec/protobuf.h"
#include "libp2p/limits.h"

namespace libpreconf::libp2p {
namespace {

constexpr std::uint32_t kPublicKeyField = 1;
constexpr std::uint32_t kListenAddressField = 2;
constexpr std::uint32_t kProtocolField = 3;
constexpr std::uint32_t kObservedAddressField = 4;
constexpr std::uint32_t kProtocolVersionField = 5;
constexpr std::uint32_t kAgentVersionField = 6;

/// How many elements of a list fit into `room`, which shrinks by them. All field numbers take one byte.
template <class Element>
std::size_t fitting(const std::vector<Element>& list, std::size_t& room) {
  std::size_t count = 0;
  for (const Element& element : list) {
    const std::size_t size = codec::protobuf_bytes_size(kProtocolField, element.size());
    if (size > room) break;
    room -= size;
    ++count;
  }
  return count;
}

void put(codec::ProtobufWriter& writer, std::uint32_t number, ByteView value) {
  if (!value.empty()) writer.bytes(number, value);
}

std::string_view cut(std::string_view text) {
  return text.substr(0, limits::kIdentifyText);
}

}  // namespace

Bytes encode_identify(const IdentifyMessage& message) {
  const std::string_view protocol_version = cut(message.protocol_version);
  const std::string_view agent_version = cut(message.agent_version);
  std::size_t room = limits::kIdentifyMessage;
  for (const std::size_t size : {message.public_key.size(), message.observed_address.size(),
                                 protocol_version.size(), agent_version.size()}) {
    room -= std::min(room, codec::protobuf_bytes_size(kPublicKeyField, size));
  }
  // Protocols before addresses: a peer that misses one of the former asks for nothing.
  const std::size_t protocols = fitting(message.protocols, room);
  const std::size_t addresses = fitting(message.listen_addresses, room);

  Bytes out;
  codec::ProtobufWriter writer(out);
  put(writer, kPublicKeyField, message.public_key);
  for (std::size_t i = 0; i < addresses; ++i) put(writer, kListenAddressField, message.listen_addresses[i]);
  for (std::size_t i = 0; i < protocols; ++i) put(writer, kProtocolField, as_bytes(message.protocols[i]));
  put(writer, kObservedAddressField, message.observed_address);
  put(writer, kProtocolVersionField, as_bytes(protocol_version));
  put(writer, kAgentVersionField, as_bytes(agent_version));
  return out;
}

Result<IdentifyMessage> decode_identify(ByteView protobuf) {
  IdentifyMessage message;
  codec::ProtobufReader reader(protobuf);
  codec::ProtobufField field;
  const auto text = [&field] { return std::string(cut(as_text(field.bytes))); };
  while (reader.next(field)) {
    if (field.type != codec::WireType::length_delimited) continue;
    const bool short_enough = field.bytes.size() <= limits::kIdentifyText;
    switch (field.number) {
      case kPublicKeyField:
        if (short_enough) message.public_key = to_bytes(field.bytes);
        break;
      case kListenAddressField:
        if (short_enough && message.listen_addresses.size() < limits::kIdentifyAddresses) {
          message.listen_addresses.push_back(to_bytes(field.bytes));
        }
        break;
      case kProtocolField:
        if (short_enough && message.protocols.size() < limits::kIdentifyProtocols) {
          message.protocols.push_back(text());
        }
        break;
      case kObservedAddressField:
        if (short_enough) message.observed_address = to_bytes(field.bytes);
        break;
      case kProtocolVersionField:
        message.protocol_version = text();
        break;
      case kAgentVersionField:
        message.agent_version = text();
        break;
      default:
        break;
    }
  }
  if (reader.failed()) return fail(ErrorCode::malformed, "the identify message does not decode");
  return message;
}

void IdentifyMessage::merge(const IdentifyMessage& newer) {
  const auto replace = [](auto& old, const auto& now) {
    if (!now.empty()) old = now;
  };
  replace(public_key, newer.public_key);
  replace(listen_addresses, newer.listen_addresses);
  replace(protocols, newer.protocols);
  replace(observed_address, newer.observed_address);
  replace(protocol_version, newer.protocol_version);
  replace(agent_version, newer.agent_version);
}

}  // namespace libpreconf::libp2p
