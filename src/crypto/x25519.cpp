#include "crypto/x25519.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "base/check.h"
#include "crypto/hash.h"

namespace libpreconf::crypto {
namespace {

constexpr std::size_t kKeySize = 32;

struct KeyDelete {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
struct ContextDelete {
  void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyDelete>;
using Context = std::unique_ptr<EVP_PKEY_CTX, ContextDelete>;

Key private_key(const FixedBytes<32>& secret) noexcept {
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, secret.data(), secret.size()));
  PRECONF_ASSERT(key != nullptr);
  return key;
}

}  // namespace

X25519KeyPair X25519KeyPair::generate(Random& random) {
  FixedBytes<32> secret;
  random.fill(secret);
  X25519KeyPair pair = from_secret(secret);
  wipe(secret);
  return pair;
}

X25519KeyPair X25519KeyPair::from_secret(const FixedBytes<32>& secret) noexcept {
  X25519KeyPair pair{secret, {}};
  const Key key = private_key(secret);
  std::size_t size = pair.public_key.size();
  PRECONF_ASSERT(EVP_PKEY_get_raw_public_key(key.get(), pair.public_key.data(), &size) == 1 &&
                 size == kKeySize);
  return pair;
}

std::optional<FixedBytes<32>> x25519(const FixedBytes<32>& secret, ByteView public_key32) noexcept {
  if (public_key32.size() != kKeySize) return std::nullopt;
  const Key mine = private_key(secret);
  const Key theirs(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, public_key32.data(), kKeySize));
  const Context context(EVP_PKEY_CTX_new_from_pkey(nullptr, mine.get(), nullptr));
  PRECONF_ASSERT(theirs != nullptr && context != nullptr);
  PRECONF_ASSERT(EVP_PKEY_derive_init(context.get()) == 1);
  FixedBytes<32> shared{};
  std::size_t size = shared.size();
  if (EVP_PKEY_derive_set_peer(context.get(), theirs.get()) != 1 ||
      EVP_PKEY_derive(context.get(), shared.data(), &size) != 1 || size != shared.size()) {
    return std::nullopt;
  }
  const bool all_zero =
      std::all_of(shared.begin(), shared.end(), [](std::uint8_t byte) { return byte == 0; });
  if (all_zero) return std::nullopt;
  return shared;
}

}  // namespace libpreconf::crypto
