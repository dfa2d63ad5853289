// The OP-stack message id (p2p-wire 7.4). Which of its two domains counts is decided by the verdict of a raw
// snappy decoder on bytes that nobody has vouched for, hence the limit on the declared length (C13).

#include <array>
#include <cstring>

#include "codec/snappy.h"
#include "crypto/hash.h"
#include "libp2p/gossipsub.h"

namespace libpreconf::libp2p {
namespace {

constexpr std::array<std::uint8_t, 4> kValidSnappy = {1, 0, 0, 0};
constexpr std::array<std::uint8_t, 4> kInvalidSnappy = {0, 0, 0, 0};

MessageId cut(const Hash256& hash) noexcept {
  MessageId id;
  std::memcpy(id.data(), hash.data(), id.size());
  return id;
}

}  // namespace

MessageId op_stack_message_id(ByteView data) {
  if (codec::snappy_is_valid(data, limits::kMaxRpcSize)) {
    if (const auto content = codec::snappy_decompress(data, limits::kMaxRpcSize)) {
      return cut(crypto::sha256({kValidSnappy, *content}));
    }
  }
  return cut(crypto::sha256({kInvalidSnappy, data}));
}

}  // namespace libpreconf::libp2p
