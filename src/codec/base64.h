#pragma once
// Base64 (RFC 4648): padded standard alphabet for key files and engine JSON, unpadded URL alphabet for ENRs.

#include <string>
#include <string_view>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"

namespace libpreconf::codec {

[[nodiscard]] std::string base64_encode(ByteView bytes);
/// Strict: padded, no white space, unused bits zero. At most `max_bytes` bytes.
[[nodiscard]] Result<Bytes> base64_decode(std::string_view text, std::size_t max_bytes);
[[nodiscard]] std::string base64url_encode(ByteView bytes);
[[nodiscard]] Result<Bytes> base64url_decode(std::string_view text, std::size_t max_bytes);

}  // namespace libpreconf::codec
