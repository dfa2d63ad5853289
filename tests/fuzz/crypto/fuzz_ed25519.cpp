// Ed25519: signatures verify, and not after a bit of message, signature or key has changed.
#include "crypto/ed25519.h"
#include "fuzz/input.h"

using namespace libpreconf;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto key = crypto::Ed25519Key::from_seed(input.fixed<32>());
  const std::size_t at = input.byte();
  const auto bit = static_cast<std::uint8_t>(1U << (at % 8));
  const Bytes message = to_bytes(input.rest());
  const auto public_key = key.public_key();
  const auto signature = key.sign(message);
  require(crypto::ed25519_verify(public_key, message, signature));

  auto wrong_signature = signature;
  wrong_signature[at % wrong_signature.size()] ^= bit;
  require(!crypto::ed25519_verify(public_key, message, wrong_signature));
  if (!message.empty()) {
    Bytes wrong_message = message;
    wrong_message[at % wrong_message.size()] ^= bit;
    require(!crypto::ed25519_verify(public_key, wrong_message, signature));
  }
  const auto read = crypto::Ed25519Key::from_bytes(message);
  if (read)
    require(read->public_key() == crypto::Ed25519Key::from_seed(take_fixed<32>(message)).public_key());
  require(crypto::Ed25519Key::from_bytes(key.secret64()).has_value());
  return 0;
}
