#pragma once
// The identity key file (program.md "Identity file"): one line, base64 of the libp2p PrivateKey protobuf,
// mode 0600. A file that others can read is refused with the command that mends it.

#include <string>

#include "libp2p/identity.h"
#include "libpreconf/base/random.h"
#include "libpreconf/base/result.h"

namespace libpreconf::node {

/// Reads a key file. `permission`: others can read it; `not_found`; `malformed`; `io`. Messages name the
/// file.
[[nodiscard]] Result<libp2p::Identity> read_identity_file(const std::string& path);

/// Writes a new key file; `conflict` if anything has that name already.
[[nodiscard]] Result<> write_identity_file(const std::string& path, const libp2p::Identity& identity);

/// Reads the file, or makes one with a secp256k1 key (the same key will sign the ENR) if there is none.
[[nodiscard]] Result<libp2p::Identity> read_or_make_identity_file(const std::string& path, Random& random);

/// "secp256k1" or "ed25519".
[[nodiscard]] Result<libp2p::KeyType> parse_key_type(std::string_view text);
[[nodiscard]] std::string_view to_string(libp2p::KeyType type);

}  // namespace libpreconf::node
