// An RPC that the scan passes can be walked to the end, its entries can be encoded again, and what we encode
// is read back as it was; frames come out of any split of the bytes as they went in.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "codec/varint.h"
#include "fuzz/input.h"
#include "libp2p/gossipsub_frames.h"
#include "libp2p/gossipsub_rpc.h"

using namespace libpreconf;
using fuzz::require;
using namespace libpreconf::libp2p;

namespace {

std::vector<MessageId> ids_of(ControlKind kind, ByteView entry) {
  std::vector<MessageId> ids;
  for_each_id(kind, entry, [&](const MessageId& id) {
    ids.push_back(id);
    return true;
  });
  return ids;
}

SharedBytes encode_again(ControlKind kind, ByteView entry) {
  switch (kind) {
    case ControlKind::ihave:
      return encode_ihave(read_control_topic(entry), ids_of(kind, entry));
    case ControlKind::iwant:
      return encode_iwant(ids_of(kind, entry));
    case ControlKind::graft:
      return encode_graft(read_control_topic(entry));
    case ControlKind::prune:
      return encode_prune(read_prune(entry).topic, read_prune(entry).backoff_seconds);
    case ControlKind::idontwant:
      return encode_idontwant(ids_of(kind, entry));
  }
  std::abort();
}

void check_rpc(ByteView rpc) {
  RpcSummary summary;
  if (scan_rpc(rpc, summary) != RpcFault::none) return;
  for_each_field(rpc, kRpcSubscriptions, [&](ByteView entry) {
    const SubscriptionView view = read_subscription(entry);
    const SharedBytes frame = encode_subscription(view.topic, view.subscribe);
    const codec::VarintRead prefix = codec::read_varint(*frame);
    for_each_field(ByteView(*frame).subspan(prefix.size), kRpcSubscriptions, [&](ByteView again) {
      require(read_subscription(again).topic == view.topic);
      require(read_subscription(again).subscribe == view.subscribe);
    });
  });
  for_each_control(rpc, [&](ControlKind kind, ByteView entry) {
    const SharedBytes frame = encode_again(kind, entry);
    const codec::VarintRead prefix = codec::read_varint(*frame);
    require(prefix.size + prefix.value == frame->size());
    std::size_t entries = 0;
    for_each_control(ByteView(*frame).subspan(prefix.size), [&](ControlKind same_kind, ByteView again) {
      ++entries;
      require(same_kind == kind && ids_of(kind, again) == ids_of(kind, entry));
      require(read_prune(again).topic == read_prune(entry).topic || kind != ControlKind::prune);
      require(read_prune(again).backoff_seconds == read_prune(entry).backoff_seconds ||
              kind != ControlKind::prune);
    });
    require(entries == 1);
  });
}

/// Feeds the same bytes whole and in pieces: the frames and the end are the same.
void check_frames(ByteView bytes, std::size_t piece) {
  FrameAssembler whole(1 << 20), split(1 << 20);
  std::vector<Bytes> expected, actual;
  ByteView body;
  whole.feed(bytes);
  FrameStatus end = whole.next(body);
  for (; end == FrameStatus::frame; end = whole.next(body)) expected.push_back(to_bytes(body));
  FrameStatus split_end = FrameStatus::need_more;
  for (ByteView rest = bytes; !rest.empty() && split_end == FrameStatus::need_more;) {
    const Bytes part = to_bytes(rest.first(std::min(piece, rest.size())));
    rest = rest.subspan(part.size());
    split.feed(part);
    split_end = split.next(body);
    for (; split_end == FrameStatus::frame; split_end = split.next(body)) actual.push_back(to_bytes(body));
    split.keep_rest();
  }
  require(actual == expected && split_end == end);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView input(data + 1, size - 1);
  check_rpc(input);
  check_frames(input, std::size_t{data[0]} % 31 + 1);
  return 0;
}
