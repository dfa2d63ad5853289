#pragma once
// Who has executed what, and when: turns promises and executions of several nodes into one DevnetBlock a
// height.
//
// A block is told when every node that runs has executed it, and at the latest `patience` after it was
// promised; in order of height. What comes after that is not lost: agreement of the chains is looked at again
// in the end. Owned by the devnet; knows no loop.

#include <deque>
#include <functional>
#include <map>
#include <vector>

#include "libpreconf/base/clock.h"
#include "node/devnet_events.h"

namespace libpreconf::node {

class DevnetLedger {
 public:
  /// Heights that wait for a node; one more makes the oldest be told as it is.
  static constexpr std::size_t kMaxOpenBlocks = 256;
  /// Latencies kept for the summary; beyond it the later ones are not counted in the median.
  static constexpr std::size_t kMaxSamples = 65'536;

  using OnBlock = std::function<void(const DevnetBlock&)>;

  DevnetLedger(std::size_t nodes, Duration patience, OnBlock on_block);

  void promised(std::uint64_t height, std::size_t preconfer, bool end_of_preconf, Instant now);
  void executed(std::size_t node, std::uint64_t height, const Hash256& hash, std::size_t transactions,
                Instant now);
  /// A node that does not run is not waited for.
  void set_running(std::size_t node, bool running, Instant now);
  /// Tells what has waited too long.
  void tick(Instant now);
  /// Tells whatever is still open.
  void finish();

  [[nodiscard]] bool has_open_blocks() const noexcept { return !open_.empty(); }
  [[nodiscard]] std::uint64_t blocks() const noexcept { return blocks_; }
  [[nodiscard]] std::uint64_t transactions() const noexcept { return transactions_; }
  [[nodiscard]] std::uint64_t disagreements() const noexcept { return disagreements_; }
  /// Of all nodes but the preconfer itself; absent without any.
  [[nodiscard]] std::optional<double> median_latency_ms() const;
  [[nodiscard]] std::optional<double> worst_latency_ms() const;

 private:
  struct Open {
    DevnetBlock block;
    Instant promised_at;
    std::vector<std::optional<Hash256>> hashes;  ///< per node
  };

  [[nodiscard]] bool is_complete(const Open& open) const;
  void tell_complete(Instant now);
  void tell(Open& open);

  std::vector<bool> running_;
  Duration patience_;
  OnBlock on_block_;
  std::map<std::uint64_t, Open> open_;
  std::vector<double> samples_;
  std::uint64_t blocks_ = 0;
  std::uint64_t transactions_ = 0;
  std::uint64_t disagreements_ = 0;
};

}  // namespace libpreconf::node
