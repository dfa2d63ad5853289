// secp256k1: whatever recovers has another form with the same signer; whatever is signed recovers and
// verifies.
#include "crypto/secp256k1.h"
#include "fuzz/input.h"

using namespace libpreconf;
using fuzz::require;

namespace {

void check_recovery(const Hash256& digest, ByteView signature) {
  const auto signer = crypto::recover_address(digest, signature);
  const auto other = crypto::other_form(signature);
  if (signer) require(other.has_value());
  if (!other) return;
  require(crypto::recover_address(digest, *other) == signer);
  require(crypto::has_low_s(*other) != crypto::has_low_s(signature));
  const auto back = crypto::other_form(*other);
  require(back && equal(*back, signature));
}

void check_signing(const Hash256& digest, ByteView secret) {
  const auto key = crypto::Secp256k1Key::from_bytes(secret);
  if (!key) return;
  const auto signature = key->sign_recoverable(digest);
  require(crypto::has_low_s(signature));
  require(crypto::recover_address(digest, signature) == key->address());
  const auto public_key = key->public_key_compressed();
  require(crypto::is_valid_public_key(public_key));
  require(crypto::address_of(public_key) == key->address());
  require(crypto::verify_der(public_key, digest, key->sign_der(digest)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const Hash256 digest = input.fixed<32>();
  const auto signature = input.fixed<65>();
  check_recovery(digest, signature);
  check_signing(digest, ByteView(signature).first(32));
  const auto public_key = input.fixed<33>();
  const ByteView der = input.rest();
  const bool verified = crypto::verify_der(public_key, digest, der);
  if (verified) require(crypto::is_valid_public_key(public_key));
  if (crypto::address_of(der)) require(der.size() == 33 || der.size() == 65);
  return 0;
}
