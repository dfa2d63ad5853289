// SHA-256 and what stands on it. Keccak-256 is the real one: block hashes are made of it.

#include <algorithm>

#include "crypto/hash.h"
#include "sim/cheap_crypto/cheap.h"

namespace libpreconf::crypto {

Hash256 sha256(ByteView data) noexcept {
  return sha256({data});
}

// The pieces are one message, however it is cut.
Hash256 sha256(std::initializer_list<ByteView> pieces) noexcept {
  if (pieces.size() == 1) return cheap::Mixer(10).feed(*pieces.begin()).take<32>();
  Bytes whole;
  for (const ByteView piece : pieces) whole.insert(whole.end(), piece.begin(), piece.end());
  return cheap::Mixer(10).feed(whole).take<32>();
}

Hash256 hmac_sha256(ByteView key, std::initializer_list<ByteView> pieces) noexcept {
  const Hash256 inner = sha256(pieces);
  return cheap::Mixer(11).feed(key).feed(inner).take<32>();
}

void hkdf_sha256(ByteView salt, ByteView input_key, ByteView info, MutableByteView out) noexcept {
  cheap::Mixer mixer(12);
  mixer.feed(salt).feed(input_key).feed(info);
  for (std::size_t at = 0; at < out.size(); at += 32) {
    const auto block = mixer.take<32>();
    std::ranges::copy(ByteView(block).first(std::min<std::size_t>(32, out.size() - at)),
                      out.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

void wipe(MutableByteView secret) noexcept {
  std::ranges::fill(secret, std::uint8_t{0});
}

}  // namespace libpreconf::crypto
