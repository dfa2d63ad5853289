#pragma once
// Cheap stand-ins for the signature, agreement and cipher primitives, linked into the sweep in their place.
//
// They are as strict as the real ones where a simulation can tell: a wrong key, another message or a changed
// byte does not verify, a signature recovers to its signer, a frame that was touched does not open. They
// protect nothing: whoever reads this can forge. Public keys lead to secrets by a table of the process.

#include <array>
#include <cstdint>
#include <cstring>
#include <initializer_list>

#include "libpreconf/base/bytes.h"

namespace libpreconf::crypto::cheap {

/// Four lanes of multiply and rotate over everything that is fed.
class Mixer {
 public:
  explicit Mixer(std::uint64_t domain) noexcept : state_(domain * 0x9e3779b97f4a7c15ULL + 1) {}

  Mixer& feed(std::uint64_t word) noexcept {
    state_ = (state_ ^ word) * 0xff51afd7ed558ccdULL;
    state_ ^= state_ >> 29;
    return *this;
  }
  Mixer& feed(ByteView bytes) noexcept {
    feed(bytes.size());
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) feed(word_at(bytes.data() + at, 8));
    if (at < bytes.size()) feed(word_at(bytes.data() + at, bytes.size() - at));
    return *this;
  }
  template <std::size_t N>
  [[nodiscard]] FixedBytes<N> take() noexcept {
    FixedBytes<N> out{};
    for (std::size_t at = 0; at < N; at += 8) {
      feed(at);
      std::memcpy(out.data() + at, &state_, std::min<std::size_t>(8, N - at));
    }
    return out;
  }

 private:
  static std::uint64_t word_at(const std::uint8_t* bytes, std::size_t size) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, size);
    return word;
  }

  std::uint64_t state_;
};

}  // namespace libpreconf::crypto::cheap
