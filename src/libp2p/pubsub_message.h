#pragma once
// The pubsub Message protobuf and the strict signing policy (p2p-wire 7.3), over views: parsing, the signed
// bytes, the checks of a received message, and the frame in which a message travels.
//
// What is signed, and what is sent on, is always the canonical encoding of the fields (tag order, minimal
// varints, present fields only), built from views into a buffer; a sender that signed anything else
// fails verification by itself.

#include <functional>
#include <optional>
#include <string_view>

#include "libp2p/stream.h"
#include "libpreconf/base/bytes.h"
#include "libpreconf/libp2p/peer_id.h"

namespace libpreconf::libp2p {

/// One Message; the views look into the buffer it was parsed from. Presence counts: an absent field is not
/// signed, an empty one is.
struct PubsubMessageView {
  std::optional<ByteView> from;
  std::optional<ByteView> data;
  std::optional<ByteView> seqno;
  std::string_view topic;
  std::optional<ByteView> signature;
  std::optional<ByteView> key;

  [[nodiscard]] ByteView payload() const noexcept { return data.value_or(ByteView{}); }
};

/// Checks a signature: public key protobuf, signed bytes, signature.
using MessageVerifier =
    std::move_only_function<bool(ByteView public_key_protobuf, ByteView signed_bytes, ByteView signature)>;
/// Signs with the node's identity.
using MessageSigner = std::move_only_function<Bytes(ByteView signed_bytes)>;

enum class PubsubFault : std::uint8_t {
  none,
  no_author,     ///< `from` absent or no peer id
  no_signature,  ///< the anonymous messages of other networks
  bad_seqno,     ///< absent, or neither 0 nor 8 bytes
  no_key,        ///< not in the message, and not inside `from`
  key_mismatch,  ///< the key is not the author's
  bad_signature,
};

/// False if the protobuf is broken. Unknown fields are skipped; the last of a repeated scalar counts.
[[nodiscard]] bool parse_pubsub_message(ByteView message, PubsubMessageView& out) noexcept;

/// Everything about author, key and sequence number that needs no signature check. Sets `author`.
[[nodiscard]] PubsubFault check_pubsub_fields(const PubsubMessageView& message, PeerId& author);
/// The public key protobuf that must have signed: field 6 if it is a key, else the one inside `author`,
/// which must live as long as the answer. Empty if there is none.
[[nodiscard]] ByteView pubsub_signing_key(const PubsubMessageView& message, const PeerId& author) noexcept;

/// Replaces `out` by the signed bytes: "libp2p-pubsub:" and fields 1 to 4.
void write_signed_bytes(const PubsubMessageView& message, Bytes& out);

/// Size of the canonical Message protobuf.
[[nodiscard]] std::size_t pubsub_message_size(const PubsubMessageView& message) noexcept;

/// A frame (varint length, RPC) that publishes one message, with views of the parts that outlive the call.
struct PublishFrame {
  SharedBytes frame;
  ByteView data;             ///< inside `frame`
  std::size_t message_size;  ///< of the Message protobuf
};
[[nodiscard]] PublishFrame make_publish_frame(const PubsubMessageView& message);

}  // namespace libpreconf::libp2p
