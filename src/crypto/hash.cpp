// OpenSSL 3 marks SHA256_Init and its kin as deprecated in favour of EVP. They stay here: EVP allocates and
// clears a context on the heap for each message, one for each copy of each gossip message.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/hash.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "crypto/openssl_fetched.h"

namespace libpreconf::crypto {
namespace {

constexpr std::size_t kHashSize = 32;
// RFC 5869 2.3: the counter is one byte.
constexpr std::size_t kMaxHkdfOutput = 255 * kHashSize;

struct MacContextDelete {
  void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};

// One context a thread: a program that embeds the library may hash on more than the loop's thread.
EVP_MAC_CTX* hmac_context() noexcept {
  thread_local const std::unique_ptr<EVP_MAC_CTX, MacContextDelete> context = [] {
    std::unique_ptr<EVP_MAC_CTX, MacContextDelete> made(EVP_MAC_CTX_new(fetched_hmac()));
    PRECONF_ASSERT(made != nullptr);
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                     OSSL_PARAM_construct_end()};
    PRECONF_ASSERT(EVP_MAC_CTX_set_params(made.get(), parameters) == 1);
    return made;
  }();
  return context.get();
}

}  // namespace

Hash256 sha256(ByteView data) noexcept {
  return sha256({data});
}

Hash256 sha256(std::initializer_list<ByteView> pieces) noexcept {
  SHA256_CTX context;
  bool good = SHA256_Init(&context) == 1;
  for (const ByteView piece : pieces) good = good && SHA256_Update(&context, piece.data(), piece.size()) == 1;
  Hash256 out;
  PRECONF_ASSERT(good && SHA256_Final(out.data(), &context) == 1);
  return out;
}

Hash256 hmac_sha256(ByteView key, std::initializer_list<ByteView> pieces) noexcept {
  // OpenSSL takes a null key for "the key of last time", so an empty one needs an address as well.
  static constexpr std::uint8_t kNoKey = 0;
  EVP_MAC_CTX* const context = hmac_context();
  bool good = EVP_MAC_init(context, key.empty() ? &kNoKey : key.data(), key.size(), nullptr) == 1;
  for (const ByteView piece : pieces) good = good && EVP_MAC_update(context, piece.data(), piece.size()) == 1;
  Hash256 out;
  std::size_t size = 0;
  PRECONF_ASSERT(good && EVP_MAC_final(context, out.data(), &size, out.size()) == 1 && size == out.size());
  return out;
}

void hkdf_sha256(ByteView salt, ByteView input_key, ByteView info, MutableByteView out) noexcept {
  PRECONF_ASSERT(out.size() <= kMaxHkdfOutput);
  Hash256 extracted = hmac_sha256(salt, {input_key});
  Hash256 block{};
  ByteView previous;
  for (std::uint8_t counter = 1; !out.empty(); ++counter) {
    block = hmac_sha256(extracted, {previous, info, ByteView(&counter, 1)});
    previous = block;
    const std::size_t taken = std::min(out.size(), block.size());
    std::memcpy(out.data(), block.data(), taken);
    out = out.subspan(taken);
  }
  wipe(extracted);
  wipe(block);
}

void wipe(MutableByteView secret) noexcept {
  OPENSSL_cleanse(secret.data(), secret.size());
}

}  // namespace libpreconf::crypto
