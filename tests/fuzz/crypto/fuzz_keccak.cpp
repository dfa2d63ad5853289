// Keccak-256: pieces of any sizes hash to what the whole does, and to what the naive sponge says.
#include "crypto/hash.h"
#include "fuzz/input.h"
#include "unit/crypto/naive_keccak.h"

using namespace libpreconf;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input sizes(data, std::min<std::size_t>(size, 16));
  const ByteView message(data, size);
  crypto::Keccak256 hasher;
  for (ByteView rest = message; !rest.empty();) {
    // Sizes of 0 to 255, and the rest at once when the list of sizes has run out.
    const std::size_t piece = sizes.empty() ? rest.size() : std::min<std::size_t>(sizes.byte(), rest.size());
    hasher.update(rest.first(piece));
    rest = rest.subspan(piece);
  }
  const Hash256 whole = crypto::keccak256(message);
  require(hasher.finish() == whole);
  const std::size_t half = size / 2;
  require(crypto::keccak256({message.first(half), message.subspan(half)}) == whole);
  if (size <= 1024) require(test::naive_sponge(message, 0x01) == whole);
  return 0;
}
