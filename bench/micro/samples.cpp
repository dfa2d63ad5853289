#include "micro/samples.h"

#include "codec/varint.h"
#include "l2/transaction.h"
#include "libp2p/pubsub_message.h"
#include "p2p/signing.h"
#include "p2p/topics.h"

namespace libpreconf::bench {

Bytes random_bytes(std::size_t size) {
  SeededRandom random(size);
  Bytes out(size);
  random.fill(out);
  return out;
}

crypto::Secp256k1Key key_of(std::uint8_t byte) {
  return crypto::Secp256k1Key::from_bytes(Bytes(32, byte)).value();
}

p2p::SignedCommitment commitment(std::uint64_t number) {
  p2p::PreconfCommitment out;
  out.preconf.block_number = number;
  out.preconf.timestamp = 1764000000;
  out.preconf.gas_limit = 30'000'000;
  out.preconf.raw_tx_list_hash.fill(7);
  return p2p::sign_commitment(key_of(7), p2p::placeholder_domain(), out);
}

Bytes commitment_bytes(std::uint64_t number) {
  return to_bytes(ByteView(p2p::encode(commitment(number))));
}

Bytes gossip_rpc(const libp2p::Identity& author, std::uint64_t sequence, ByteView data) {
  static const std::string topic = p2p::NetworkNames(kChainId).topic(p2p::Topic::commitments);
  FixedBytes<8> seqno{};
  for (std::size_t i = 0; i < 8; ++i) seqno[7 - i] = static_cast<std::uint8_t>(sequence >> (8 * i));
  libp2p::PubsubMessageView message;
  message.from = author.peer_id().bytes();
  message.data = data;
  message.seqno = ByteView(seqno);
  message.topic = topic;
  Bytes preimage;
  libp2p::write_signed_bytes(message, preimage);
  const Bytes signature = author.sign(preimage);
  message.signature = ByteView(signature);
  const libp2p::SharedBytes frame = libp2p::make_publish_frame(message).frame;
  return to_bytes(ByteView(*frame).subspan(codec::read_varint(*frame).size));
}

const std::vector<Bytes>& transfers() {
  static const std::vector<Bytes> made = [] {
    std::vector<Bytes> out;
    const auto key = key_of(1);
    for (std::size_t nonce = 0; nonce < kTransfersPerBlock; ++nonce) {
      Address to{0xaa};
      to[1] = static_cast<std::uint8_t>(nonce);
      to[2] = static_cast<std::uint8_t>(nonce >> 8);
      out.push_back(l2::sign_transfer({kChainId, nonce, 0, 1'000'000'000, 21'000, to, U256(nonce + 1)}, key));
    }
    return out;
  }();
  return made;
}

}  // namespace libpreconf::bench
