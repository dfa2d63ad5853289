// Bytes of a stranger never finish a handshake, and are judged the same in any split. An honest handshake
// finishes in any split, and fails if one byte of it was changed.
#include <optional>

#include "fuzz/input.h"
#include "libp2p/noise_handshake.h"

using namespace libpreconf;
using fuzz::require;
using namespace libpreconf::libp2p;

namespace {

struct Sides {
  SeededRandom random{1};
  Identity dialer_identity = Identity::generate(KeyType::ed25519, random);
  Identity listener_identity = Identity::generate(KeyType::secp256k1, random);
  NoiseIdentity dialer{dialer_identity, random};
  NoiseIdentity listener{listener_identity, random};
  crypto::X25519KeyPair dialer_key = crypto::X25519KeyPair::generate(random);
  crypto::X25519KeyPair listener_key = crypto::X25519KeyPair::generate(random);
};

const Sides& sides() {
  static const Sides kSides;
  return kSides;
}

/// True if all of `in` was taken without an error.
bool feed(NoiseHandshake& to, ByteView in, std::size_t piece, Bytes& out) {
  while (!in.empty()) {
    const ByteView part = in.first(std::min(piece, in.size()));
    const auto used = to.receive(part, out);
    if (!used) return false;
    require(*used == part.size() || to.finished());
    if (to.finished()) return true;
    in = in.subspan(*used);
  }
  return true;
}

void stranger(Direction direction, ByteView bytes, std::size_t piece) {
  Bytes sent_whole;
  Bytes sent_split;
  const auto run = [&](std::size_t size, Bytes& sent) {
    const bool dials = direction == Direction::outbound;
    NoiseHandshake handshake(direction, dials ? sides().dialer : sides().listener,
                             dials ? sides().dialer_key : sides().listener_key, {});
    handshake.start(sent);
    const bool good = feed(handshake, bytes, size, sent);
    require(!handshake.finished());
    return good;
  };
  const bool whole = run(std::max<std::size_t>(bytes.size(), 1), sent_whole);
  require(whole == run(piece, sent_split));
  require(sent_whole == sent_split);
}

void honest(fuzz::Input& input) {
  const std::size_t piece = 1 + input.byte();
  const std::size_t which = input.byte() % 3;
  const std::size_t at = input.byte();
  const std::uint8_t mask = input.byte();
  NoiseHandshake dialer(Direction::outbound, sides().dialer, sides().dialer_key, {});
  NoiseHandshake listener(Direction::inbound, sides().listener, sides().listener_key, {});
  Bytes message;
  dialer.start(message);
  bool changed = false;
  for (std::size_t i = 0; i < 3; ++i) {
    if (i == which && mask != 0) {
      message[at % message.size()] ^= mask;
      changed = true;
    }
    Bytes answer;
    if (!feed(i == 1 ? dialer : listener, message, piece, answer)) break;
    message = std::move(answer);
    if (message.empty()) break;
  }
  require((dialer.finished() && listener.finished()) != changed);
  if (listener.finished()) require(listener.remote_peer() == sides().dialer_identity.peer_id());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t mode = input.byte();
  if (mode == 0) {
    honest(input);
  } else {
    const std::size_t piece = 1 + input.byte();
    stranger(mode % 2 == 1 ? Direction::inbound : Direction::outbound, input.rest(), piece);
  }
  return 0;
}
