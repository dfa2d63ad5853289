#pragma once
// A whole preconfirmation network in one process: N full nodes on one loop that speak real libp2p over
// loopback, a simulated L1 clock, a rotating schedule of preconfers and a load generator (program.md
// "Devnet").
//
//   created --start--> meeting --all connected--> producing --blocks reached, or stop--> settling --> done
//
// A block is due every two simulated seconds. The preconfer of the slot promises it as soon as it has
// executed what was promised before it; if nobody has within one more such step, it builds on what there is.
// A window ends with eop on its last block in even slots, and with a marker in odd ones. Owned by the command
// or by a test.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "node/devnet_events.h"
#include "node/devnet_ledger.h"
#include "node/devnet_node.h"
#include "node/devnet_schedule.h"
#include "node/options.h"
#include "preconfer/load_generator.h"

namespace libpreconf::node {

class Devnet {
 public:
  static constexpr std::uint64_t kChainId = 167'001;  // program.md "run without an L1"
  static constexpr std::size_t kLoadAccounts = 64;

  /// Whether all nodes hold the same chain; or why the network never began.
  using OnDone = std::move_only_function<void(Result<bool> same_chain)>;

  /// The references must outlive the devnet.
  Devnet(LibeventReactor& reactor, Random& random, const DevnetArguments& arguments, DevnetOutput& output);
  ~Devnet();
  Devnet(const Devnet&) = delete;
  Devnet& operator=(const Devnet&) = delete;

  /// Binds every listener; errors name the address. `on_done` runs once, in the end, and may stop the loop
  /// but must not destroy the devnet.
  [[nodiscard]] Result<> start(OnDone on_done);
  /// No more blocks; what is promised is waited for, told, and the network ended.
  void stop();

  /// Takes a node away and brings it back without its chain, so that it has to catch up.
  void stop_node(std::size_t index, std::move_only_function<void()> on_done);
  [[nodiscard]] Result<> restart_node(std::size_t index);

  [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }
  [[nodiscard]] DevnetNode& node(std::size_t index) noexcept { return *nodes_[index]; }
  [[nodiscard]] std::uint64_t promised_blocks() const noexcept { return promised_blocks_; }
  [[nodiscard]] preconfer::TransactionPool& pool() noexcept { return pool_; }

 private:
  enum class Phase : std::uint8_t { created, meeting, producing, settling, ending, done };

  [[nodiscard]] Result<> start_nodes();
  [[nodiscard]] std::vector<std::string> peers_for(std::size_t index);
  void tell_start();
  void look_whether_met();
  void begin_producing();

  void on_tick();
  void try_promise();
  [[nodiscard]] bool promise_is_under_way() const;
  [[nodiscard]] bool is_ready(DevnetNode& node) const;
  [[nodiscard]] bool last_promise_is_lost() const;
  void promise(DevnetNode& node, DevnetTick tick);
  void on_block_promised(std::size_t index, DevnetTick tick, Result<preconfer::Promise> result);
  void promise_marker(DevnetNode& node, DevnetTick tick);
  void hand_over(std::uint64_t height, DevnetTick tick, bool marker);
  void miss(const std::string& why);

  void on_promised(std::size_t index, const preconfer::Promise& promise);
  void on_executed(std::size_t index, const l2::BlockHeader& header);
  void on_ledger_block(const DevnetBlock& block);

  void add_load();
  void sign_some();
  [[nodiscard]] l2::Account account_at_head(const Address& address);

  void settle();
  void look_whether_settled();
  void tell_summary();
  void end_nodes();

  [[nodiscard]] static RotatingSchedule make_schedule(std::size_t nodes);

  LibeventReactor& reactor_;
  Random& random_;
  DevnetArguments arguments_;
  DevnetOutput& output_;
  OnDone on_done_;
  Phase phase_ = Phase::created;
  Duration step_;  ///< wall time between two blocks

  RotatingSchedule schedule_;
  preconfer::TransactionPool pool_;
  preconfer::LoadGenerator load_;
  double load_due_ = 0;
  Instant load_until_;  ///< up to where the load was counted
  DevnetLedger ledger_;
  std::vector<std::unique_ptr<DevnetNode>> nodes_;

  DevnetTick next_tick_;
  std::optional<DevnetTick> due_;
  std::size_t elected_ = 0;
  std::uint64_t last_height_ = 0;  ///< of the newest promise
  Hash256 last_link_{};            ///< its hash
  Instant last_promised_at_;
  std::uint64_t highest_executed_ = 0;  ///< by any node
  std::uint64_t promised_blocks_ = 0;
  std::uint64_t handovers_ = 0;
  std::uint64_t missed_ = 0;
  std::uint64_t told_height_ = 0;
  std::map<std::uint64_t, DevnetHandover> handovers_to_tell_;
  bool same_chain_ = false;
  std::size_t nodes_to_end_ = 0;
  Instant phase_deadline_;

  TimerHandle poll_;
  TimerHandle wake_;
  TimerHandle ticks_;
  TimerHandle load_timer_;
  TimerHandle load_slice_;
};

}  // namespace libpreconf::node
