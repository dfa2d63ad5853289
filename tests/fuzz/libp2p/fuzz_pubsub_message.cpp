// A Message that parses, written canonically, parses to the same fields; writing it again changes nothing;
// the signed bytes are a prefix of the canonical message.
#include <cstdint>
#include <cstdlib>

#include "codec/varint.h"
#include "fuzz/input.h"
#include "libp2p/gossipsub_rpc.h"
#include "libp2p/pubsub_message.h"

using namespace libpreconf;
using fuzz::require;
using namespace libpreconf::libp2p;

namespace {

bool same(const std::optional<ByteView>& a, const std::optional<ByteView>& b) {
  return a.has_value() == b.has_value() && (!a || equal(*a, *b));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PubsubMessageView message;
  if (!parse_pubsub_message(ByteView(data, size), message)) return 0;
  PeerId author;
  if (check_pubsub_fields(message, author) == PubsubFault::none) {
    require(!author.empty());
    require(!pubsub_signing_key(message, author).empty());
  }

  const PublishFrame built = make_publish_frame(message);
  require(equal(built.data, message.payload()));
  const codec::VarintRead prefix = codec::read_varint(*built.frame);
  require(prefix.status == codec::VarintStatus::ok);
  require(prefix.size + prefix.value == built.frame->size());
  const ByteView rpc = ByteView(*built.frame).subspan(prefix.size);
  RpcSummary summary;
  require(scan_rpc(rpc, summary) == RpcFault::none && summary.messages);

  std::size_t messages = 0;
  for_each_field(rpc, kRpcPublish, [&](ByteView bytes) {
    ++messages;
    require(bytes.size() == built.message_size && bytes.size() == pubsub_message_size(message));
    PubsubMessageView again;
    require(parse_pubsub_message(bytes, again));
    require(same(again.from, message.from) && same(again.data, message.data));
    require(same(again.seqno, message.seqno) && again.topic == message.topic);
    require(same(again.signature, message.signature) && same(again.key, message.key));
    Bytes signed_bytes, signed_again;
    write_signed_bytes(message, signed_bytes);
    write_signed_bytes(again, signed_again);
    require(signed_bytes == signed_again);
    const ByteView fields = ByteView(signed_bytes).subspan(14);
    require(equal(fields, bytes.first(fields.size())));
  });
  require(messages == 1);
  return 0;
}
