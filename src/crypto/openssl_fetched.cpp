#include "crypto/openssl_fetched.h"

#include "base/check.h"

namespace libpreconf::crypto {
namespace {

template <class T>
T* present(T* algorithm) noexcept {
  PRECONF_ASSERT(algorithm != nullptr);
  return algorithm;
}

}  // namespace

// Never freed: OpenSSL's own exit handler may have run before a static destructor of ours would.

EVP_MAC* fetched_hmac() noexcept {
  static EVP_MAC* const algorithm = present(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  return algorithm;
}

const EVP_CIPHER* fetched_chacha20_poly1305() noexcept {
  static const EVP_CIPHER* const algorithm = present(EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr));
  return algorithm;
}

}  // namespace libpreconf::crypto
