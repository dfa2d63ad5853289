// One public key recovery, which names a commitment's signer.

#include <fmt/core.h>

#include "common/server_watch.h"
#include "crypto/hash.h"
#include "crypto/secp256k1.h"
#include "floor/floors.h"

namespace libpreconf::bench {

void recover_floor(const Arguments& arguments) {
  const std::size_t count = arguments.number("count");
  SystemRandom random;
  const auto key = crypto::Secp256k1Key::generate(random);
  constexpr std::size_t kDistinct = 64;
  std::vector<Hash256> digests;
  std::vector<crypto::RecoverableSignature> signatures;
  for (std::size_t i = 0; i < kDistinct; ++i) {
    digests.push_back(crypto::keccak256(as_bytes(fmt::format("{}", i))));
    signatures.push_back(key.sign_recoverable(digests.back()));
  }
  const std::int64_t start = now_ns();
  for (std::size_t i = 0; i < count; ++i) {
    if (!crypto::recover_address(digests[i % kDistinct], signatures[i % kDistinct]))
      die("no signer recovered");
  }
  fmt::print("{{\"recover_ns\":{:.0f}}}\n",
             static_cast<double>(now_ns() - start) / static_cast<double>(count));
}

}  // namespace libpreconf::bench
