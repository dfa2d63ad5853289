#include <algorithm>
#include <cstring>

#include "crypto/chacha20poly1305.h"
#include "sim/cheap_crypto/cheap.h"

namespace libpreconf::crypto {

struct ChaCha20Poly1305::Impl {
  FixedBytes<32> key{};
  [[nodiscard]] FixedBytes<kTagSize> tag(std::uint64_t nonce, ByteView associated,
                                         ByteView text) const noexcept {
    return cheap::Mixer(1).feed(key).feed(nonce).feed(associated).feed(text).take<kTagSize>();
  }
};

ChaCha20Poly1305::ChaCha20Poly1305(const FixedBytes<32>& key) : impl_(std::make_unique<Impl>(Impl{key})) {}
ChaCha20Poly1305::ChaCha20Poly1305(ChaCha20Poly1305&&) noexcept = default;
ChaCha20Poly1305& ChaCha20Poly1305::operator=(ChaCha20Poly1305&&) noexcept = default;
ChaCha20Poly1305::~ChaCha20Poly1305() = default;

void ChaCha20Poly1305::seal(std::uint64_t nonce, ByteView associated, ByteView plaintext,
                            MutableByteView out) noexcept {
  const auto tag = impl_->tag(nonce, associated, plaintext);
  if (!plaintext.empty()) std::memmove(out.data(), plaintext.data(), plaintext.size());
  std::ranges::copy(tag, out.begin() + static_cast<std::ptrdiff_t>(plaintext.size()));
}

bool ChaCha20Poly1305::open(std::uint64_t nonce, ByteView associated, ByteView ciphertext,
                            MutableByteView out) noexcept {
  if (ciphertext.size() < kTagSize) return false;
  const ByteView text = ciphertext.first(ciphertext.size() - kTagSize);
  const auto tag = impl_->tag(nonce, associated, text);
  if (!std::ranges::equal(tag, ciphertext.last(kTagSize))) return false;
  if (!text.empty()) std::memmove(out.data(), text.data(), text.size());
  return true;
}

}  // namespace libpreconf::crypto
