#pragma once
// Runs a plan: whole nodes on a simulated network, blocks promised as they fall due, faults as they are
// written down, and the referee looking on.
//
//   meeting (3 s) --> producing --all blocks promised, all faults over--> settling --all at one head--> done
//
// One use: make it, `run` it once.

#include <memory>
#include <optional>

#include "preconfer/load_generator.h"
#include "preconfer/transaction_pool.h"
#include "sim/intruder.h"
#include "sim/plan.h"
#include "sim/referee.h"
#include "sim/slots.h"
#include "sim/trace.h"

namespace libpreconf::sim {

struct Outcome {
  std::optional<Violation> violation;
  std::uint64_t digest = 0;  ///< of the trace
  std::uint64_t events = 0;
  std::uint64_t lines = 0;
  std::uint64_t blocks = 0;
  std::uint64_t handovers = 0;
  std::uint64_t missed = 0;
  Duration took{0};  ///< virtual time

  [[nodiscard]] bool failed() const noexcept { return violation.has_value(); }
};

class Simulation {
 public:
  /// `trace_file` may be null.
  Simulation(Plan plan, std::FILE* trace_file);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  [[nodiscard]] Outcome run();

 private:
  void make_nodes();
  [[nodiscard]] std::vector<std::string> peers_of(std::size_t index);
  [[nodiscard]] SimNode::Hooks hooks();
  void start_node(std::size_t index);
  void end_node(std::size_t index, bool keep_engine);

  void trace_event(const SimNode& node, const preconf::ClientEvent& event);

  // simulation_faults.cpp
  void arrange_faults();
  [[nodiscard]] bool joins_later(std::size_t index) const;
  [[nodiscard]] std::size_t victim(const Fault& fault) const;
  void begin_fault(const Fault& fault);
  void end_fault(const Fault& fault);
  void let_in_an_intruder(const Fault& fault);
  void equivocate(const Fault& fault);
  void replay(const Fault& fault);
  [[nodiscard]] SimNode* some_running_node(const Fault& fault);

  void on_tick();
  [[nodiscard]] bool is_ready(SimNode& node);
  void fall_back_if_lost();
  void resume_if_found();
  void promise(SimNode& node, Tick tick);
  void promise_marker(SimNode& node, Tick tick);
  void add_load(SimNode& node);
  void confirm();
  void side_with_what_was_built();
  [[nodiscard]] std::uint64_t disputed_height() const;
  [[nodiscard]] std::uint64_t forgotten_height() const;
  [[nodiscard]] bool nobody_was_told(const Hash256& hash) const;
  [[nodiscard]] bool an_engine_holds(std::uint64_t number, const Hash256& block_hash) const;

  [[nodiscard]] bool all_promised() const;
  void look_at_all();
  void object_to_unsettled();

  Plan plan_;
  SimulatedNetwork network_;
  Reactor& stage_;  ///< a host of nobody: the simulation's own timers
  Trace trace_;
  Chronicle chronicle_;
  Referee referee_;
  std::size_t preconfers_;
  preconf::StaticSignerSchedule schedule_;
  preconfer::TransactionPool pool_;
  preconfer::LoadGenerator load_;
  SeededRandom topology_;
  std::vector<std::unique_ptr<SimNode>> nodes_;
  std::map<const Fault*, std::unique_ptr<Intruder>> intruders_;
  std::vector<const Fault*> equivocations_;  ///< the next promises are to have rivals
  std::vector<l2::GenesisAccount> funded_;
  SimNode* builder_ = nullptr;    ///< at whose head the pool looks
  SimNode* promising_ = nullptr;  ///< whose promise is on its way

  std::uint64_t tick_number_ = 0;
  Instant last_promised_{};
  Instant faults_over_{};
  bool over_ = false;
  Outcome outcome_;
  std::vector<Handle> handles_;
};

}  // namespace libpreconf::sim
