// ChaCha20-Poly1305: what is sealed opens, in place and elsewhere; one changed bit does not; what opens is
// what sealing makes.
#include "crypto/chacha20poly1305.h"
#include "fuzz/input.h"

using namespace libpreconf;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  crypto::ChaCha20Poly1305 cipher(input.fixed<32>());
  const std::uint64_t nonce = input.number();
  const std::size_t flipped = input.byte();
  const ByteView associated = input.take(input.byte());
  const ByteView text = input.rest();

  if (text.size() >= crypto::ChaCha20Poly1305::kTagSize) {
    Bytes opened(text.size() - crypto::ChaCha20Poly1305::kTagSize);
    if (cipher.open(nonce, associated, text, opened)) {
      Bytes again(text.size());
      cipher.seal(nonce, associated, opened, again);
      require(equal(again, text));
    }
  }
  Bytes sealed(text.size() + crypto::ChaCha20Poly1305::kTagSize);
  cipher.seal(nonce, associated, text, sealed);
  Bytes in_place = to_bytes(text);
  in_place.resize(sealed.size());
  cipher.seal(nonce, associated, MutableByteView(in_place).first(text.size()), in_place);
  require(in_place == sealed);

  sealed[flipped % sealed.size()] ^= static_cast<std::uint8_t>(1U << (flipped % 8));
  Bytes opened(text.size());
  require(!cipher.open(nonce, associated, sealed, opened));
  require(!cipher.open(nonce ^ 1, associated, in_place, opened));
  require(cipher.open(nonce, associated, in_place, MutableByteView(in_place).first(text.size())));
  require(equal(ByteView(in_place).first(text.size()), text));
  return 0;
}
