#include "common/message_pool.h"

#include "common/names.h"
#include "libp2p/pubsub_message.h"

namespace libpreconf::bench {
namespace {

FixedBytes<8> big_endian(std::uint64_t value) {
  FixedBytes<8> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[7 - i] = static_cast<std::uint8_t>(value >> (8 * i));
  return out;
}

}  // namespace

Bytes numbered_payload(std::uint64_t counter, std::size_t size, Random& random) {
  Bytes data(size);
  random.fill(data);
  const FixedBytes<8> number = big_endian(counter);
  std::copy(number.begin(), number.end(), data.begin());
  return data;
}

libp2p::SharedBytes publish_frame(const libp2p::Identity& author, std::string_view topic, ByteView data,
                                  std::uint64_t seqno, Flaw flaw) {
  const FixedBytes<8> number = big_endian(seqno);
  libp2p::PubsubMessageView message;
  message.from = author.peer_id().bytes();
  message.data = data;
  message.seqno = number;
  message.topic = topic;
  Bytes signed_bytes;
  libp2p::write_signed_bytes(message, signed_bytes);
  Bytes signature = author.sign(signed_bytes);
  if (flaw == Flaw::signature) signature[10] ^= 1;
  message.signature = signature;
  return libp2p::make_publish_frame(message).frame;
}

std::vector<libp2p::SharedBytes> make_messages(const libp2p::Identity& author, std::uint64_t first_counter,
                                               std::size_t count, std::size_t per_chunk, Flaw flaw,
                                               Random& random) {
  std::vector<libp2p::SharedBytes> out;
  Bytes chunk;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t counter = first_counter + i;
    Bytes data = numbered_payload(counter, kCommitmentSize, random);
    // A commitment begins with the offset of its second field, which is fixed.
    if (flaw == Flaw::form) data[0] = 0xff;
    const libp2p::SharedBytes frame = publish_frame(author, kCommitmentsTopic, data, counter, flaw);
    chunk.insert(chunk.end(), frame->begin(), frame->end());
    if ((i + 1) % per_chunk == 0 || i + 1 == count) {
      out.push_back(std::make_shared<const Bytes>(std::move(chunk)));
      chunk = {};
    }
  }
  return out;
}

}  // namespace libpreconf::bench
