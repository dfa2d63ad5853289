#pragma once
// `preconfd key new|show FILE`.

#include <string>

namespace libpreconf::cli {

/// Makes a key file and prints its peer id. Returns the exit code.
int run_key_new(const std::string& path, const std::string& type);
/// Prints type, peer id and public key, never the secret. Returns the exit code.
int run_key_show(const std::string& path);

}  // namespace libpreconf::cli
