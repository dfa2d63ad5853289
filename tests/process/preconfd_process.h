#pragma once
// `preconfd run` as a child process: its own folder and identity, free ports unless told otherwise, RPC and
// metrics on. The folder outlives the process, so that a node can be killed and started again as itself.

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "process/child_process.h"
#include "process/http_client.h"
#include "process/json_value.h"

namespace libpreconf::test {

/// The program under test: PRECONF_PROGRAM of the environment, else the one in the build folder.
[[nodiscard]] std::string preconfd_program();

/// A folder of its own, removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class PreconfdProcess {
 public:
  struct Options {
    std::string program = preconfd_program();
    std::string key_type = "secp256k1";
    std::string expected_signer;
    std::vector<std::string> static_peers;
    std::vector<std::string> more_arguments;
  };

  /// Makes the identity and starts; throws TestFailure if the program does not print its addresses.
  explicit PreconfdProcess(Options options);

  /// SIGKILL, as a crash has it.
  void kill_now();
  /// SIGTERM; the exit code.
  [[nodiscard]] int stop();
  /// Starts again after the end, with the same identity and the same P2P port.
  void start_again();

  [[nodiscard]] ChildProcess& child() { return *child_; }
  [[nodiscard]] pid_t pid() const { return child_->pid(); }
  /// With /p2p/ suffix.
  [[nodiscard]] const std::string& multiaddr() const { return multiaddr_; }
  [[nodiscard]] std::string peer_id() const;
  [[nodiscard]] std::uint16_t rpc_port() const { return rpc_port_; }
  [[nodiscard]] std::uint16_t metrics_port() const { return metrics_port_; }

  /// A call with `params` as JSON text; the `result`. Throws with the error object otherwise.
  [[nodiscard]] JsonValue call(std::string_view method, std::string_view params = "[]") const;
  [[nodiscard]] std::uint64_t tip() const;
  [[nodiscard]] std::int64_t peer_count() const;
  void wait_for_tip(std::uint64_t tip) const;
  void wait_for_peers(std::int64_t count) const;

  /// The sum of a metric's samples whose labels hold all of `labels`; 0 if there is none.
  [[nodiscard]] double metric(std::string_view name,
                              const std::map<std::string, std::string>& labels = {}) const;
  void wait_for_metric(std::string_view name, const std::map<std::string, std::string>& labels,
                       double least) const;

 private:
  void start(std::uint16_t p2p_port);

  Options options_;
  TemporaryFolder folder_;
  std::unique_ptr<ChildProcess> child_;
  std::string multiaddr_;
  std::uint16_t rpc_port_ = 0;
  std::uint16_t metrics_port_ = 0;
};

/// The port in "http://127.0.0.1:PORT..." or "/ip4/127.0.0.1/tcp/PORT/...".
[[nodiscard]] std::uint16_t port_of(std::string_view address);
/// The peer id that a multiaddr ends in.
[[nodiscard]] std::string peer_id_of(std::string_view multiaddr);

}  // namespace libpreconf::test
