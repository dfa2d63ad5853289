#pragma once
// OpenSSL's algorithms, fetched once: a fetch for each call costs more than hashing a small message (measured
// for 64 bytes of SHA-256: 590 ns for the one-shot SHA256(), 150 ns for a context that is initialised again).
// Everything here aborts if OpenSSL lacks an algorithm that every 3.x has: without it there is no node.

#include <openssl/evp.h>

namespace libpreconf::crypto {

[[nodiscard]] EVP_MAC* fetched_hmac() noexcept;
[[nodiscard]] const EVP_CIPHER* fetched_chacha20_poly1305() noexcept;

}  // namespace libpreconf::crypto
