#pragma once
// Gossip messages as they go on the wire, signed before the clock starts.

#include <string_view>
#include <vector>

#include "libp2p/identity.h"
#include "libp2p/stream.h"
#include "libpreconf/base/random.h"

namespace libpreconf::bench {

/// What is wrong with a message.
enum class Flaw {
  none,
  signature,  ///< of the author: one bit flipped
  form,       ///< the payload is no commitment, which a check before the signature can see
};

/// The payload: the counter in 8 bytes, big-endian, then random ones.
[[nodiscard]] Bytes numbered_payload(std::uint64_t counter, std::size_t size, Random& random);

/// One RPC with one message, in its frame.
[[nodiscard]] libp2p::SharedBytes publish_frame(const libp2p::Identity& author, std::string_view topic,
                                                ByteView data, std::uint64_t seqno, Flaw flaw);

/// `count` messages, `per_chunk` of them in one piece, so that writing costs little.
[[nodiscard]] std::vector<libp2p::SharedBytes> make_messages(const libp2p::Identity& author,
                                                             std::uint64_t first_counter, std::size_t count,
                                                             std::size_t per_chunk, Flaw flaw,
                                                             Random& random);

}  // namespace libpreconf::bench
