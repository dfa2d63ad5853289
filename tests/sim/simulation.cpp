#include "sim/simulation.h"

#include <algorithm>

namespace libpreconf::sim {

using namespace std::chrono_literals;
using preconfer::Promise;

namespace {

/// How long nodes may find each other before the first block is due: dials, meshes, subscriptions.
constexpr Duration kMeeting = 3s;
/// A promise that no running node has executed after this is lost. Until then another one for its height
/// would only compete with it.
constexpr Duration kPromiseLost = 5s;
/// How long a network may take to promise all blocks, beyond one tick for each and all faults.
constexpr Duration kProductionLimit = 90s;
/// How long all nodes may take to hold the same chain: two redials of 12 s, two repairs of gaps, and a
/// promise that a single node has left, handed on from one to the next.
constexpr Duration kSettleLimit = 90s;
constexpr std::size_t kLoadAccounts = 4;
constexpr std::string_view kStage = "172.16.0.1";

std::uint64_t stream(std::uint64_t seed, std::uint64_t which) {
  return (seed + 1) * 0x9e3779b97f4a7c15ULL ^ which * 0xd1b54a32d192ed03ULL;
}

WallTime begin() {
  return WallTime(std::chrono::seconds(kStart));
}

}  // namespace

Simulation::Simulation(Plan plan, std::FILE* trace_file)
    : plan_(std::move(plan)),
      network_(stream(plan_.seed, 1), plan_.link, begin()),
      stage_(network_.host(kStage)),
      trace_(trace_file),
      referee_(stage_, chronicle_, plan_.nodes),
      preconfers_(std::min(plan_.preconfers, plan_.nodes)),
      schedule_(make_schedule(preconfers_)),
      pool_(kChainId,
            [this](const Address& account) {
              return builder_ != nullptr && builder_->running() ? builder_->engine().account(account)
                                                                : l2::Account{};
            }),
      load_(kChainId, kLoadAccounts, plan_.seed),
      topology_(stream(plan_.seed, 2)),
      funded_(preconfer::funded_load_accounts(kLoadAccounts)) {
  make_nodes();
}

// Nodes end while the network still stands.
Simulation::~Simulation() {
  network_.on_event(nullptr);
  handles_.clear();
  intruders_.clear();
  nodes_.clear();
}

// --- The run -----------------------------------------------------------------------------------------------

Outcome Simulation::run() {
  network_.on_event([this](const FixedBytes<4>& host) {
    const std::size_t index = index_of(host);
    trace_.turn(network_.now(), index);
    if (host[0] == 10 && index < nodes_.size() && nodes_[index]->running()) referee_.look_at(*nodes_[index]);
  });
  arrange_faults();
  for (const auto& node : nodes_) {
    if (!joins_later(node->index())) start_node(node->index());
  }
  handles_.push_back(stage_.after(kMeeting, [this] {
    handles_.push_back(stage_.every(std::chrono::seconds(kSecondsPerBlock), [this] { on_tick(); }));
  }));
  handles_.push_back(stage_.every(1s, [this] { look_at_all(); }));
  const Duration production =
      kMeeting + std::chrono::seconds(plan_.blocks * kSecondsPerBlock) + kProductionLimit;
  if (!network_.run_until([this] { return referee_.violation() || all_promised(); }, production)) {
    referee_.object(kNoNode,
                    fmt::format("only {} of {} blocks could be promised", outcome_.blocks, plan_.blocks));
  }
  if (!network_.run_until([this] { return referee_.violation() || over_; }, kSettleLimit))
    object_to_unsettled();
  outcome_.violation = referee_.violation();
  outcome_.digest = trace_.digest();
  outcome_.lines = trace_.lines();
  outcome_.events = network_.events_handled();
  outcome_.took = network_.now().time_since_epoch();
  return outcome_;
}

bool Simulation::all_promised() const {
  return outcome_.blocks >= plan_.blocks && network_.now() >= faults_over_;
}

void Simulation::look_at_all() {
  bool at_one = all_promised() && !promising_;
  for (const auto& node : nodes_) {
    if (!node->running()) continue;
    referee_.look_closely_at(*node);
    at_one = at_one && referee_.unsettled(*node).empty();
  }
  over_ = at_one;
}

void Simulation::object_to_unsettled() {
  for (const auto& node : nodes_) {
    if (!node->running()) continue;
    const std::string why = referee_.unsettled(*node);
    if (!why.empty())
      return referee_.object(node->index(), "does not end with the chain of the others: " + why);
  }
  referee_.object(kNoNode, "does not come to rest");
}

// --- Nodes -------------------------------------------------------------------------------------------------

void Simulation::make_nodes() {
  for (std::size_t index = 0; index < plan_.nodes; ++index) {
    NodeSetup setup;
    setup.index = index;
    setup.seed = stream(plan_.seed, 1000 + index);
    setup.static_peers = peers_of(index);
    setup.funded = funded_;
    nodes_.push_back(std::make_unique<SimNode>(network_.host(ip_of(index)), schedule_, pool_, chronicle_,
                                               std::move(setup), hooks()));
  }
}

/// The node before it, so that the network is one, and some others.
std::vector<std::string> Simulation::peers_of(std::size_t index) {
  std::vector<std::size_t> chosen;
  if (plan_.nodes > 1) chosen.push_back((index + plan_.nodes - 1) % plan_.nodes);
  for (std::size_t i = 0; i < plan_.dials; ++i) {
    const auto other = static_cast<std::size_t>(topology_.below(plan_.nodes));
    if (other != index && std::ranges::find(chosen, other) == chosen.end()) chosen.push_back(other);
  }
  std::vector<std::string> addresses;
  for (const std::size_t other : chosen) addresses.push_back(multiaddr_of(other));
  return addresses;
}

SimNode::Hooks Simulation::hooks() {
  SimNode::Hooks hooks;
  hooks.on_outcome = [this](SimNode& node, const driver::BlockProducer::Outcome& outcome) {
    referee_.executed(node, outcome);
    if (outcome.header == nullptr) return;
    trace_.note(network_.now(), node.index(), "executed {} {}", outcome.header->number,
                short_hash(outcome.header->hash));
  };
  hooks.on_event = [this](SimNode& node, const preconf::ClientEvent& event) {
    referee_.told(node, event);
    trace_event(node, event);
  };
  hooks.on_promised = [this](SimNode& node, const Promise& promise) {
    chronicle_.promised(promise);
    last_promised_ = network_.now();
    trace_.note(network_.now(), node.index(), "promised {} {}{}", promise.preconf().block_number.to_decimal(),
                short_hash(chronicle_.link()), promise.preconf().eop ? ", the last of its window" : "");
    if (equivocations_.empty() || !promise.tx_list) return;
    const Fault& fault = *equivocations_.back();
    equivocations_.pop_back();
    handles_.push_back(stage_.after(Duration(0), [this, &fault] { equivocate(fault); }));
  };
  hooks.on_refused = [this](SimNode& node, const preconf::PublishError& error) {
    trace_.note(network_.now(), node.index(), "refuses its own promise: {}", error.message);
    referee_.refused(node, error);
  };
  hooks.on_contradicted = [this](SimNode& node, std::uint64_t number) {
    trace_.note(network_.now(), node.index(), "L1 contradicts block {}", number);
    // Its driver begins anew from what L1 says; not from inside its own callback.
    const std::uint64_t life = node.life();
    handles_.push_back(stage_.after(Duration(0), [this, &node, life] {
      if (!node.running() || node.life() != life) return;
      end_node(node.index(), /*keep_engine=*/false);
      start_node(node.index());
    }));
  };
  return hooks;
}

void Simulation::trace_event(const SimNode& node, const preconf::ClientEvent& event) {
  const Instant now = network_.now();
  if (const auto* taken = std::get_if<preconf::NewCommitment>(&event)) {
    trace_.note(now, node.index(), "took commitment {} of {}", short_hash(taken->stored.hash),
                taken->stored.commitment.preconf().block_number.to_decimal());
  } else if (const auto* list = std::get_if<preconf::NewTxList>(&event)) {
    trace_.note(now, node.index(), "took list {}", short_hash(list->hash));
  } else if (std::holds_alternative<preconf::Synced>(event)) {
    trace_.note(now, node.index(), "synced");
  } else if (const auto* error = std::get_if<preconf::ClientError>(&event)) {
    trace_.note(now, node.index(), "error: {}", error->text);
  } else if (std::holds_alternative<preconf::Equivocation>(event)) {
    trace_.note(now, node.index(), "saw an equivocation");
  } else if (std::holds_alternative<preconf::Handover>(event)) {
    trace_.note(now, node.index(), "saw a hand-over");
  }
}

void Simulation::start_node(std::size_t index) {
  SimNode& node = *nodes_[index];
  trace_.note(network_.now(), index, "starts");
  if (const auto started = node.start(); !started) {
    return referee_.object(index, "cannot start: " + started.error().message);
  }
  referee_.started(node);
}

void Simulation::end_node(std::size_t index, bool keep_engine) {
  trace_.note(network_.now(), index, "ends{}", keep_engine ? ", its engine stays" : "");
  if (promising_ == nodes_[index].get()) promising_ = nullptr;
  nodes_[index]->end(keep_engine);
}

// --- Promises ----------------------------------------------------------------------------------------------

void Simulation::on_tick() {
  const Tick tick{tick_number_++};
  confirm();
  if (outcome_.blocks >= plan_.blocks || promising_ != nullptr) return;
  fall_back_if_lost();
  SimNode& node = *nodes_[tick.slot() % preconfers_];
  if (!is_ready(node)) {
    ++outcome_.missed;
    return trace_.note(network_.now(), node.index(), "misses its turn");
  }
  promise(node, tick);
}

/// A preconfer that is behind, or on a branch of its own, promises nothing. What a promise on a confirmed
/// block has to name is known from L1.
bool Simulation::is_ready(SimNode& node) {
  if (!node.running() || node.preconfer().busy() || !node.core().client().is_live()) return false;
  if (node.head().number != chronicle_.tip()) return false;
  return node.link() == chronicle_.link() || node.confirmed() == node.head().number;
}

/// The newest promises died with their node: the network goes on from the best that somebody built.
void Simulation::fall_back_if_lost() {
  if (network_.now() - last_promised_ < kPromiseLost) return;
  resume_if_found();
  SimNode* best = nullptr;
  for (const auto& node : nodes_) {
    if (!node->running() || node->head().number > chronicle_.tip()) continue;
    const PromisedBlock* block = chronicle_.canonical(node->head().number);
    const bool on_chain = node->head().number == 0 ||
                          (block != nullptr && block->header && block->header->hash == node->head().hash);
    if (on_chain && (best == nullptr || best->head().number < node->head().number)) best = node.get();
    if (on_chain && node->head().number == chronicle_.tip() && node->link() == chronicle_.link()) return;
  }
  if (best == nullptr) return;
  trace_.note(network_.now(), best->index(), "its head {} is the best that is left", best->head().number);
  chronicle_.fall_back_to(best->head().number, best->link());
}

void Simulation::resume_if_found() {
  for (const auto& node : nodes_) {
    if (!node->running() || node->head().number <= chronicle_.tip()) continue;
    if (!chronicle_.resume_to(node->head().hash)) continue;
    trace_.note(network_.now(), node->index(), "what was lost is found up to {}", chronicle_.tip());
  }
}

void Simulation::promise(SimNode& node, Tick tick) {
  add_load(node);
  preconfer::Slot slot;
  slot.timestamp = tick.timestamp();
  slot.window_end = tick.window_end();
  slot.end_of_preconf = tick.is_last_of_slot() && tick.slot() % 2 == 0;
  slot.anchor_block_number = tick.slot();
  slot.proposal_id = tick.slot() + 1;
  promising_ = &node;
  preconfer::Parent parent = node.parent();
  parent.preconfirmation_hash = chronicle_.link();
  const auto begun =
      node.preconfer().promise_block(parent, slot, [this, &node, tick](const Result<Promise>& result) {
        promising_ = nullptr;
        if (!result) {
          return trace_.note(network_.now(), node.index(), "could not promise: {}", result.error().message);
        }
        ++outcome_.blocks;
        if (!tick.is_last_of_slot()) return;
        ++outcome_.handovers;
        // The window ends with the block itself, or with a marker after it, in turn.
        if (tick.slot() % 2 == 1) promise_marker(node, tick);
      });
  if (!begun) promising_ = nullptr;
}

void Simulation::promise_marker(SimNode& node, Tick tick) {
  preconfer::Slot slot;
  slot.timestamp = tick.timestamp();
  slot.window_end = tick.window_end();
  slot.anchor_block_number = tick.slot();
  slot.proposal_id = tick.slot() + 1;
  promising_ = &node;
  const preconfer::Parent parent{chronicle_.tip(), chronicle_.link(), 0};
  const auto begun =
      node.preconfer().promise_marker(parent, slot, [this, &node](const Result<Promise>& result) {
        promising_ = nullptr;
        if (!result) {
          trace_.note(network_.now(), node.index(), "could not promise a marker: {}", result.error().message);
        }
      });
  if (!begun) promising_ = nullptr;
}

void Simulation::add_load(SimNode& node) {
  builder_ = &node;
  pool_.head_changed();
  for (std::size_t i = 0; i < plan_.transfers_per_block; ++i) {
    (void)pool_.add(load_.next([this](const Address& account) { return pool_.next_nonce(account); }));
  }
}

/// The lowest height at which a node stands on another block than the chain's, which only L1 can decide.
std::uint64_t Simulation::disputed_height() const {
  std::uint64_t lowest = 0;
  for (const auto& node : nodes_) {
    if (!node->running()) continue;
    for (std::uint64_t number = chronicle_.confirmed() + 1; number <= node->head().number; ++number) {
      const PromisedBlock* block = chronicle_.canonical(number);
      if (block == nullptr || !block->header) break;
      if (node->engine().find_header(number)->hash == block->header->hash) continue;
      if (lowest == 0 || number < lowest) lowest = number;
      break;
    }
  }
  return lowest;
}

/// The highest block of the chain that an engine has although its promise or its list died with the nodes
/// that were told of it. What running nodes were told of is the network's own to spread.
std::uint64_t Simulation::forgotten_height() const {
  for (std::uint64_t number = chronicle_.tip(); number > chronicle_.confirmed(); --number) {
    const PromisedBlock* block = chronicle_.canonical(number);
    if (!block->header || !an_engine_holds(number, block->header->hash)) continue;
    if (nobody_was_told(block->hash) || nobody_was_told(block->list_hash())) return number;
  }
  return chronicle_.confirmed();
}

bool Simulation::nobody_was_told(const Hash256& hash) const {
  return std::ranges::none_of(
      nodes_, [&](const auto& node) { return node->running() && referee_.was_told(node->index(), hash); });
}

/// Where a preconfer promised two blocks, it may be that only the rival of the chain's was built.
void Simulation::side_with_what_was_built() {
  for (std::uint64_t number = chronicle_.confirmed() + 1; number <= chronicle_.tip(); ++number) {
    const PromisedBlock* block = chronicle_.canonical(number);
    if (block->header && an_engine_holds(number, block->header->hash)) continue;
    for (const auto& node : nodes_) {
      const l2::BlockHeader* built = node->running() ? node->find_block(number) : nullptr;
      if (built == nullptr || !chronicle_.side_with(built->hash)) continue;
      return trace_.note(network_.now(), node->index(), "only the rival of {} was built", number);
    }
  }
}

bool Simulation::an_engine_holds(std::uint64_t number, const Hash256& block_hash) const {
  return std::ranges::any_of(nodes_, [&](const auto& node) {
    const l2::BlockHeader* held = node->find_block(number);
    return held != nullptr && held->hash == block_hash;
  });
}

/// A preconfer proposes what it promised when later promises follow. Where they have paused, it does so for
/// blocks that only L1 can bring to the others.
void Simulation::confirm() {
  const std::uint64_t before = chronicle_.confirmed();
  if (chronicle_.tip() > plan_.l1_lag) chronicle_.confirm_up_to(chronicle_.tip() - plan_.l1_lag);
  if (network_.now() - last_promised_ >= kPromiseLost) {
    side_with_what_was_built();
    chronicle_.confirm_up_to(disputed_height());
    chronicle_.confirm_up_to(forgotten_height());
  }
  if (chronicle_.confirmed() == before) return;
  trace_.note(network_.now(), kNoNode, "L1 confirms up to {}", chronicle_.confirmed());
  for (const auto& node : nodes_) node->follow_l1();
}

}  // namespace libpreconf::sim
