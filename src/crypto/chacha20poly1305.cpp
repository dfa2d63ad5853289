#include "crypto/chacha20poly1305.h"

#include "base/check.h"
#include "crypto/openssl_fetched.h"

namespace libpreconf::crypto {
namespace {

constexpr std::size_t kNonceSize = 12;
// EVP counts in int; a noise message has at most 65,535 bytes, so this is a doubt about our own code.
constexpr std::size_t kMaxMessage = 1 << 30;

int as_int(std::size_t size) noexcept {
  return static_cast<int>(size);
}

}  // namespace

// The context keeps the key schedule; OpenSSL wipes it when it is freed.
struct ChaCha20Poly1305::Impl {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();

  explicit Impl(const FixedBytes<32>& key) {
    PRECONF_ASSERT(context != nullptr);
    PRECONF_ASSERT(
        EVP_CipherInit_ex2(context, fetched_chacha20_poly1305(), key.data(), nullptr, 1, nullptr) == 1);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { EVP_CIPHER_CTX_free(context); }

  bool start(std::uint64_t nonce, ByteView associated, int encrypt) noexcept {
    std::uint8_t bytes[kNonceSize] = {};
    for (std::size_t i = 0; i < 8; ++i) bytes[4 + i] = static_cast<std::uint8_t>(nonce >> (8 * i));
    int written = 0;
    return EVP_CipherInit_ex2(context, nullptr, nullptr, bytes, encrypt, nullptr) == 1 &&
           (associated.empty() ||
            EVP_CipherUpdate(context, nullptr, &written, associated.data(), as_int(associated.size())) == 1);
  }
};

ChaCha20Poly1305::ChaCha20Poly1305(const FixedBytes<32>& key) : impl_(std::make_unique<Impl>(key)) {}
ChaCha20Poly1305::ChaCha20Poly1305(ChaCha20Poly1305&&) noexcept = default;
ChaCha20Poly1305& ChaCha20Poly1305::operator=(ChaCha20Poly1305&&) noexcept = default;
ChaCha20Poly1305::~ChaCha20Poly1305() = default;

void ChaCha20Poly1305::seal(std::uint64_t nonce, ByteView associated, ByteView plaintext,
                            MutableByteView out) noexcept {
  PRECONF_ASSERT(out.size() == plaintext.size() + kTagSize && out.size() <= kMaxMessage);
  const int size = as_int(plaintext.size());
  int written = 0;
  std::uint8_t* const tag = out.data() + plaintext.size();
  PRECONF_ASSERT(impl_->start(nonce, associated, 1));
  PRECONF_ASSERT(size == 0 ||
                 EVP_EncryptUpdate(impl_->context, out.data(), &written, plaintext.data(), size) == 1);
  PRECONF_ASSERT(EVP_EncryptFinal_ex(impl_->context, tag, &written) == 1);
  PRECONF_ASSERT(EVP_CIPHER_CTX_ctrl(impl_->context, EVP_CTRL_AEAD_GET_TAG, kTagSize, tag) == 1);
}

bool ChaCha20Poly1305::open(std::uint64_t nonce, ByteView associated, ByteView ciphertext,
                            MutableByteView out) noexcept {
  if (ciphertext.size() < kTagSize || ciphertext.size() > kMaxMessage) return false;
  const ByteView body = ciphertext.first(ciphertext.size() - kTagSize);
  PRECONF_ASSERT(out.size() == body.size());
  // EVP takes the tag by a pointer to what is not const, and only reads it.
  std::uint8_t tag[kTagSize];
  for (std::size_t i = 0; i < kTagSize; ++i) tag[i] = ciphertext[body.size() + i];
  PRECONF_ASSERT(impl_->start(nonce, associated, 0));
  PRECONF_ASSERT(EVP_CIPHER_CTX_ctrl(impl_->context, EVP_CTRL_AEAD_SET_TAG, kTagSize, tag) == 1);
  int written = 0;
  if (!body.empty() &&
      EVP_DecryptUpdate(impl_->context, out.data(), &written, body.data(), as_int(body.size())) != 1) {
    return false;
  }
  std::uint8_t nothing[kTagSize];
  return EVP_DecryptFinal_ex(impl_->context, nothing, &written) == 1;
}

}  // namespace libpreconf::crypto
