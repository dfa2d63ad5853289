#pragma once
// The gossipsub RPC protobuf (p2p-wire 7.2): one scan that decides whether a received RPC decodes and keeps
// its budgets, views that walk it afterwards without allocating, and encoders for the frames that we send.
//
// The walkers may be used only on an RPC that `scan_rpc` has passed: they skip what does not decode.

#include <optional>
#include <span>
#include <string_view>

#include "codec/protobuf.h"
#include "libp2p/gossipsub_id_ring.h"
#include "libp2p/stream.h"
#include "libpreconf/base/bytes.h"

namespace libpreconf::libp2p {

enum class RpcFault : std::uint8_t { none, malformed, too_many_subscriptions, too_much_control };

struct RpcSummary {
  bool subscriptions = false;
  bool messages = false;
  bool control = false;
};

/// Decodes everything once, down to the last nested field, and counts (attacks.md C3, C4). Messages are
/// not looked into beyond their fields.
[[nodiscard]] RpcFault scan_rpc(ByteView rpc, RpcSummary& summary) noexcept;

inline constexpr std::uint32_t kRpcSubscriptions = 1;
inline constexpr std::uint32_t kRpcPublish = 2;
inline constexpr std::uint32_t kRpcControl = 3;

enum class ControlKind : std::uint32_t { ihave = 1, iwant = 2, graft = 3, prune = 4, idontwant = 5 };

struct SubscriptionView {
  bool subscribe = false;  ///< only an explicit true subscribes
  std::string_view topic;
};
[[nodiscard]] SubscriptionView read_subscription(ByteView entry) noexcept;

struct PruneView {
  std::string_view topic;
  std::optional<std::uint64_t> backoff_seconds;
};
[[nodiscard]] PruneView read_prune(ByteView entry) noexcept;
/// The topic of an IHAVE or GRAFT entry.
[[nodiscard]] std::string_view read_control_topic(ByteView entry) noexcept;

/// Calls `visit(bytes)` for each length-delimited field `number` of `message`, in order.
template <class Visit>
void for_each_field(ByteView message, std::uint32_t number, Visit&& visit) {
  codec::ProtobufReader reader(message);
  codec::ProtobufField field;
  while (reader.next(field)) {
    if (field.number == number && field.type == codec::WireType::length_delimited) visit(field.bytes);
  }
}

/// Calls `visit(kind, entry)` for each control entry of the RPC, in order.
template <class Visit>
void for_each_control(ByteView rpc, Visit&& visit) {
  for_each_field(rpc, kRpcControl, [&](ByteView control) {
    codec::ProtobufReader reader(control);
    codec::ProtobufField field;
    while (reader.next(field)) {
      if (field.type != codec::WireType::length_delimited) continue;
      if (field.number >= 1 && field.number <= 5) visit(static_cast<ControlKind>(field.number), field.bytes);
    }
  });
}

/// Calls `visit(id)` for each message id of 20 bytes in an IHAVE, IWANT or IDONTWANT entry; ids of other
/// lengths cannot name a message of this network. The visitor returns false to stop.
template <class Visit>
void for_each_id(ControlKind kind, ByteView entry, Visit&& visit) {
  const std::uint32_t number = kind == ControlKind::ihave ? 2 : 1;
  codec::ProtobufReader reader(entry);
  codec::ProtobufField field;
  while (reader.next(field)) {
    if (field.number != number || field.type != codec::WireType::length_delimited) continue;
    if (field.bytes.size() != std::tuple_size_v<MessageId>) continue;
    if (!visit(take_fixed<std::tuple_size_v<MessageId>>(field.bytes))) return;
  }
}

// Frames, ready to be written: varint length, then an RPC with one item, as the reference sends them.
[[nodiscard]] SharedBytes encode_subscription(std::string_view topic, bool subscribe);
[[nodiscard]] SharedBytes encode_graft(std::string_view topic);
/// Without a backoff for peers that speak 1.0.0.
[[nodiscard]] SharedBytes encode_prune(std::string_view topic, std::optional<std::uint64_t> backoff_seconds);
[[nodiscard]] SharedBytes encode_ihave(std::string_view topic, std::span<const MessageId> ids);
[[nodiscard]] SharedBytes encode_iwant(std::span<const MessageId> ids);
[[nodiscard]] SharedBytes encode_idontwant(std::span<const MessageId> ids);

}  // namespace libpreconf::libp2p
