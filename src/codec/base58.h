#pragma once
// base58btc, the text form of peer ids.

#include <string>
#include <string_view>

#include "libpreconf/base/bytes.h"
#include "libpreconf/base/result.h"

namespace libpreconf::codec {

/// Quadratic in the length, so both directions refuse more than 128 bytes or 180 characters (too_large).
/// Encoding too much gives an empty text, which decodes to nothing and so cannot be taken for an id.
[[nodiscard]] std::string base58_encode(ByteView bytes);
[[nodiscard]] Result<Bytes> base58_decode(std::string_view text);

}  // namespace libpreconf::codec
