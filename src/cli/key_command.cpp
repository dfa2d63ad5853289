#include "cli/key_command.h"

#include <cstdio>

#include "libpreconf/base/hex.h"
#include "libpreconf/base/random.h"
#include "node/identity_file.h"
#include "node/options.h"

namespace libpreconf::cli {
namespace {

int complain(const Error& error, node::ExitCode code) {
  (void)std::fprintf(stderr, "preconfd: %s\n", error.message.c_str());
  return static_cast<int>(code);
}

void print(const libp2p::Identity& identity) {
  std::printf("type        %s\npeer id     %s\npublic key  %s\n",
              std::string(node::to_string(identity.type())).c_str(), identity.peer_id().to_string().c_str(),
              to_hex(identity.public_key_protobuf().subspan(4)).c_str());
}

}  // namespace

int run_key_new(const std::string& path, const std::string& type) {
  const auto key_type = node::parse_key_type(type);
  if (!key_type) return complain(key_type.error(), node::ExitCode::bad_command_line);
  SystemRandom random;
  const auto identity = libp2p::Identity::generate(*key_type, random);
  if (const auto written = node::write_identity_file(path, identity); !written) {
    return complain(written.error(), node::ExitCode::bad_configuration);
  }
  print(identity);
  return static_cast<int>(node::ExitCode::ok);
}

int run_key_show(const std::string& path) {
  const auto identity = node::read_identity_file(path);
  if (!identity) return complain(identity.error(), node::ExitCode::bad_configuration);
  print(*identity);
  return static_cast<int>(node::ExitCode::ok);
}

}  // namespace libpreconf::cli
