#include "libpreconf/libp2p/peer_id.h"

#include <algorithm>

#include "base/check.h"
#include "codec/base58.h"
#include "crypto/hash.h"

namespace libpreconf::libp2p {
namespace {

constexpr std::uint8_t kIdentityCode = 0x00;
constexpr std::uint8_t kSha256Code = 0x12;
constexpr std::size_t kMaxInlined = PeerId::kMaxSize - 2;
constexpr std::uint8_t kCidVersion = 0x01;
constexpr std::uint8_t kLibp2pKeyCodec = 0x72;
/// 46 bytes of CID take 74 characters and the prefix.
constexpr std::size_t kMaxText = 75;

int base32_digit(char c) {
  if (c >= 'a' && c <= 'z') return c - 'a';
  if (c >= '2' && c <= '7') return c - '2' + 26;
  return -1;
}

/// RFC 4648 base32, lower case, without padding; unused bits must be zero.
Result<Bytes> base32_decode(std::string_view text) {
  Bytes out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = base32_digit(c);
    if (digit < 0) return fail(ErrorCode::malformed, "a CID holds a character that is not base32");
    bits = (bits << 5 | static_cast<std::uint32_t>(digit)) & 0xfff;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<std::uint8_t>(bits >> count));
  }
  if (count >= 5 || (bits & ((1U << count) - 1)) != 0) {
    return fail(ErrorCode::malformed, "a CID ends in the middle of a byte");
  }
  return out;
}

}  // namespace

Result<PeerId> PeerId::from_bytes(ByteView multihash) {
  if (multihash.size() < 2 || multihash.size() > kMaxSize) {
    return fail(ErrorCode::malformed, "a peer id has 2 to 44 bytes");
  }
  const std::size_t digest = multihash.size() - 2;
  const bool known = (multihash[0] == kIdentityCode && digest <= kMaxInlined) ||
                     (multihash[0] == kSha256Code && digest == 32);
  if (!known || multihash[1] != digest) {
    return fail(ErrorCode::malformed, "a peer id is a SHA-256 or identity multihash");
  }
  PeerId id;
  std::copy(multihash.begin(), multihash.end(), id.bytes_.begin());
  id.size_ = static_cast<std::uint8_t>(multihash.size());
  return id;
}

PeerId PeerId::of_public_key(ByteView public_key_protobuf) {
  PeerId id;
  const auto put = [&id](std::uint8_t code, ByteView digest) {
    id.bytes_[0] = code;
    id.bytes_[1] = static_cast<std::uint8_t>(digest.size());
    std::copy(digest.begin(), digest.end(), id.bytes_.begin() + 2);
    id.size_ = static_cast<std::uint8_t>(digest.size() + 2);
  };
  if (public_key_protobuf.size() <= kMaxInlined) {
    put(kIdentityCode, public_key_protobuf);
  } else {
    put(kSha256Code, crypto::sha256(public_key_protobuf));
  }
  return id;
}

Result<PeerId> PeerId::parse(std::string_view text) {
  if (text.empty() || text.size() > kMaxText) {
    return fail(ErrorCode::malformed, "a peer id has 1 to 75 characters, like 12D3KooW... or 16Uiu2H...");
  }
  // No base58 form of a peer id starts with 'b': identity multihashes start with '1', SHA-256 ones with "Qm".
  if (text.front() == 'b') {
    PRECONF_TRY(const Bytes cid, base32_decode(text.substr(1)));
    if (cid.size() < 2 || cid[0] != kCidVersion || cid[1] != kLibp2pKeyCodec) {
      return fail(ErrorCode::malformed, "a CID that names a peer is version 1 with codec libp2p-key");
    }
    return from_bytes(ByteView(cid).subspan(2));
  }
  auto multihash = codec::base58_decode(text);
  if (!multihash) return fail_with_context(multihash.error(), "peer id");
  return from_bytes(*multihash);
}

ByteView PeerId::inlined_public_key() const noexcept {
  if (size_ == 0 || bytes_[0] != kIdentityCode) return {};
  return bytes().subspan(2);
}

std::string PeerId::to_string() const {
  return codec::base58_encode(bytes());
}

std::strong_ordering operator<=>(const PeerId& a, const PeerId& b) noexcept {
  const ByteView left = a.bytes();
  const ByteView right = b.bytes();
  return std::lexicographical_compare_three_way(left.begin(), left.end(), right.begin(), right.end());
}

}  // namespace libpreconf::libp2p
