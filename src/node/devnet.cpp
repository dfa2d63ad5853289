#include "node/devnet.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace libpreconf::node {

namespace {

using preconfer::Promise;

/// How long the nodes may take to find each other.
constexpr Duration kMeetingLimit = std::chrono::seconds(15);
/// A gossip mesh forms at a heartbeat, 500 ms by default; a little more than one.
constexpr Duration kMeshTime = std::chrono::milliseconds(700);
/// A promise that no running node holds after this is lost, as when its node was stopped with it. Until then
/// another one for its height would only compete with it.
constexpr Duration kPromiseLost = std::chrono::seconds(10);
/// How long the last blocks may take to reach everyone, and the nodes to say good-bye.
constexpr Duration kSettleLimit = std::chrono::seconds(10);
constexpr Duration kEndLimit = std::chrono::seconds(2);
constexpr Duration kPoll = std::chrono::milliseconds(20);
/// A block that a node has not executed after this is told as it is.
constexpr Duration kLeastPatience = std::chrono::seconds(3);
/// Peers that a node dials: enough that the network holds together when one of them is away.
constexpr std::size_t kDialledPeers = 4;
/// Transfers signed in one turn, about 75 us each.
constexpr int kTransfersPerTurn = 8;
/// The load comes in this many portions between two blocks.
constexpr int kLoadPartsPerStep = 10;
/// What the load generator may lag behind before it forgets the rest.
constexpr double kMostLoadDue = 2000;
constexpr std::uint64_t kLoadSeed = 1;

Duration step_of(const DevnetArguments& arguments) {
  const double seconds = arguments.slot_time / static_cast<double>(kBlocksPerSlot);
  return Duration(static_cast<Duration::rep>(seconds * 1'000'000));
}

std::uint16_t port_at(std::uint16_t base, std::size_t index) {
  return base == 0 ? std::uint16_t{0} : static_cast<std::uint16_t>(base + index);
}

}  // namespace

RotatingSchedule Devnet::make_schedule(std::size_t nodes) {
  std::vector<Address> signers;
  signers.reserve(nodes);
  for (std::size_t i = 0; i < nodes; ++i) signers.push_back(DevnetNode::preconfer_key(i).address());
  return RotatingSchedule(std::move(signers));
}

Devnet::Devnet(LibeventReactor& reactor, Random& random, const DevnetArguments& arguments,
               DevnetOutput& output)
    : reactor_(reactor),
      random_(random),
      arguments_(arguments),
      output_(output),
      step_(step_of(arguments)),
      schedule_(make_schedule(arguments.nodes)),
      pool_(kChainId, [this](const Address& address) { return account_at_head(address); }),
      load_(kChainId, kLoadAccounts, kLoadSeed),
      ledger_(arguments.nodes, std::max(kLeastPatience, 2 * step_),
              [this](const DevnetBlock& block) { on_ledger_block(block); }) {}

Devnet::~Devnet() = default;

// --- Start -------------------------------------------------------------------------------------------------

Result<> Devnet::start(OnDone on_done) {
  on_done_ = std::move(on_done);
  PRECONF_CHECK_OK(start_nodes());
  tell_start();
  phase_ = Phase::meeting;
  phase_deadline_ = reactor_.now() + kMeetingLimit;
  poll_ = reactor_.every(kPoll, [this] { look_whether_met(); });
  return {};
}

/// One after the other, because each dials those before it at the ports that they got.
Result<> Devnet::start_nodes() {
  for (std::size_t index = 0; index < arguments_.nodes; ++index) {
    DevnetNodeSetup setup;
    setup.index = index;
    setup.chain_id = kChainId;
    setup.p2p_port = port_at(arguments_.p2p_port_base, index);
    setup.rpc_port = port_at(arguments_.rpc_port_base, index);
    setup.static_peers = peers_for(index);
    setup.funded = preconfer::funded_load_accounts(kLoadAccounts);
    nodes_.push_back(std::make_unique<DevnetNode>(
        reactor_, random_, schedule_, pool_, std::move(setup),
        [this](std::size_t node, const l2::BlockHeader& header) { on_executed(node, header); },
        [this](std::size_t node, const Promise& promise) { on_promised(node, promise); }));
    if (const auto started = nodes_.back()->start(); !started) {
      return fail_with_context(started.error(), fmt::format("node {}", index));
    }
  }
  return {};
}

std::vector<std::string> Devnet::peers_for(std::size_t index) {
  std::vector<std::string> peers;
  for (std::size_t i = 0; i < std::min(index, kDialledPeers); ++i) {
    const auto addresses = nodes_[index - 1 - i]->full().p2p_addresses();
    peers.insert(peers.end(), addresses.begin(), addresses.end());
  }
  return peers;
}

void Devnet::tell_start() {
  DevnetStarted event{kChainId, arguments_.slot_time, arguments_.tx_rate, arguments_.blocks, {}};
  for (const auto& node : nodes_) {
    event.nodes.push_back(
        {node->index(), node->preconfer().address(), node->full().p2p_addresses(), node->full().rpc_url()});
  }
  output_.started(event);
}

void Devnet::look_whether_met() {
  const bool met = std::all_of(nodes_.begin(), nodes_.end(), [this](const auto& node) {
    const NodeStatus status = node->full().core().status();
    const std::size_t wanted = std::min(nodes_.size() - 1, kDialledPeers);
    return status.ready && status.peer_count >= wanted;
  });
  if (met) {
    poll_ = reactor_.after(nodes_.size() > 1 ? kMeshTime : Duration(0), [this] { begin_producing(); });
  } else if (reactor_.now() >= phase_deadline_) {
    poll_.reset();
    phase_ = Phase::done;
    std::exchange(on_done_,
                  nullptr)(fail(ErrorCode::timed_out, "the nodes of the devnet did not find each other"));
  }
}

void Devnet::begin_producing() {
  poll_.reset();
  phase_ = Phase::producing;
  load_until_ = reactor_.now();
  load_timer_ = reactor_.every(std::max(step_ / kLoadPartsPerStep, Duration(1000)), [this] { add_load(); });
  ticks_ = reactor_.every(step_, [this] { on_tick(); });
}

// --- Promises ----------------------------------------------------------------------------------------------

void Devnet::on_tick() {
  ledger_.tick(reactor_.now());
  if (due_) miss("was behind, or had not finished the block before");
  due_ = std::exchange(next_tick_, DevnetTick{next_tick_.number + 1});
  elected_ = schedule_.index_at(due_->slot());
  try_promise();
}

void Devnet::miss(const std::string& why) {
  ++missed_;
  output_.note(fmt::format("no block at {}: node {} {}", due_->timestamp(), elected_, why));
  due_.reset();
}

/// From a block's draft to its publication, and its marker's. A window that ends meanwhile must not let the
/// next preconfer promise the same height: both would be chains.
bool Devnet::promise_is_under_way() const {
  return std::any_of(nodes_.begin(), nodes_.end(),
                     [](const auto& node) { return node->running() && node->preconfer().busy(); });
}

bool Devnet::is_ready(DevnetNode& node) const {
  if (promise_is_under_way()) return false;
  const std::uint64_t head = node.full().engine().head_header().number;
  if (head == last_height_ && node.link() == last_link_) return true;
  // A node that is behind the others (it was restarted, say) promises nothing.
  return head == highest_executed_ && last_promise_is_lost();
}

/// As long as somebody holds a promise with its list the others will have it, however slow they are.
bool Devnet::last_promise_is_lost() const {
  if (reactor_.now() - last_promised_at_ < kPromiseLost) return false;
  return std::none_of(nodes_.begin(), nodes_.end(), [this](const auto& node) {
    if (!node->running()) return false;
    const preconf::CommitmentStore& store = node->full().core().store();
    const auto promise = store.by_hash(last_link_);
    if (!promise) return false;
    const p2p::Preconfirmation& preconf = promise->commitment.preconf();
    return preconf.is_eop_only() || store.tx_list(preconf.raw_tx_list_hash).has_value();
  });
}

void Devnet::try_promise() {
  if (!due_ || phase_ != Phase::producing) return;
  DevnetNode& node = *nodes_[elected_];
  if (!node.running()) return miss("does not run");
  if (is_ready(node)) promise(node, *std::exchange(due_, std::nullopt));
}

void Devnet::promise(DevnetNode& node, DevnetTick tick) {
  preconfer::Slot slot;
  slot.timestamp = tick.timestamp();
  slot.window_end = tick.window_end();
  slot.end_of_preconf = tick.is_last_of_slot() && tick.slot() % 2 == 0;
  slot.anchor_block_number = tick.slot();
  slot.proposal_id = tick.slot() + 1;
  const auto begun = node.preconfer().promise_block(
      node.parent(), slot, [this, index = node.index(), tick](Result<Promise> result) {
        on_block_promised(index, tick, std::move(result));
      });
  if (!begun) output_.note(begun.error().message);
}

void Devnet::on_block_promised(std::size_t index, DevnetTick tick, Result<Promise> result) {
  if (!result) {
    ++missed_;
    output_.note(fmt::format("node {} could not publish a block: {}", index, result.error().message));
  } else {
    ++promised_blocks_;
    if (tick.is_last_of_slot() && tick.slot() % 2 == 0) hand_over(last_height_, tick, /*marker=*/false);
  }
  if (result && tick.is_last_of_slot() && tick.slot() % 2 == 1) return promise_marker(*nodes_[index], tick);
  if (arguments_.blocks && promised_blocks_ >= *arguments_.blocks) return settle();
  try_promise();
}

/// The marker stands on the block just promised, which its own node may not have executed yet.
void Devnet::promise_marker(DevnetNode& node, DevnetTick tick) {
  preconfer::Slot slot;
  slot.timestamp = tick.timestamp() + 1;
  slot.window_end = tick.window_end();
  slot.anchor_block_number = tick.slot();
  slot.proposal_id = tick.slot() + 1;
  const preconfer::Parent parent{last_height_, last_link_, 0};
  const auto begun = node.preconfer().promise_marker(parent, slot, [this, tick](Result<Promise> result) {
    if (result) hand_over(last_height_, tick, /*marker=*/true);
    if (!result) output_.note("the end of a window could not be published: " + result.error().message);
    if (arguments_.blocks && promised_blocks_ >= *arguments_.blocks) return settle();
    try_promise();
  });
  if (!begun) output_.note(begun.error().message);
}

void Devnet::hand_over(std::uint64_t height, DevnetTick tick, bool marker) {
  ++handovers_;
  const DevnetHandover event{height, schedule_.index_at(tick.slot()), schedule_.index_at(tick.slot() + 1),
                             marker};
  if (told_height_ >= height) return output_.handover(event);
  handovers_to_tell_[height] = event;
}

void Devnet::on_promised(std::size_t index, const Promise& promise) {
  const p2p::Preconfirmation& preconf = promise.preconf();
  last_link_ = p2p::preconfirmation_hash(preconf);
  last_promised_at_ = reactor_.now();
  if (preconf.is_eop_only()) return;
  last_height_ = preconf.block_number.to_u64().value_or(0);
  ledger_.promised(last_height_, index, preconf.eop, reactor_.now());
}

void Devnet::on_executed(std::size_t index, const l2::BlockHeader& header) {
  if (phase_ == Phase::ending || phase_ == Phase::done) return;
  highest_executed_ = std::max(highest_executed_, header.number);
  // A node that was away is waited for again once it has caught up.
  if (header.number >= last_height_) ledger_.set_running(index, true, reactor_.now());
  ledger_.executed(index, header.number, header.hash, header.transaction_count, reactor_.now());
  if (index == elected_ || header.number == last_height_) pool_.head_changed();
  // The engine's head is read where the promise is made, which must not be inside the producer's callback.
  if (due_ && index == elected_) wake_ = reactor_.after(Duration(0), [this] { try_promise(); });
}

void Devnet::on_ledger_block(const DevnetBlock& block) {
  told_height_ = block.height;
  output_.block(block);
  const auto handover = handovers_to_tell_.find(block.height);
  if (handover == handovers_to_tell_.end()) return;
  output_.handover(handover->second);
  handovers_to_tell_.erase(handover);
}

// --- Load --------------------------------------------------------------------------------------------------

void Devnet::add_load() {
  const double steps =
      static_cast<double>((reactor_.now() - load_until_).count()) / static_cast<double>(step_.count());
  load_until_ = reactor_.now();
  load_due_ =
      std::min(load_due_ + arguments_.tx_rate * steps * static_cast<double>(kSecondsPerBlock), kMostLoadDue);
  if (!load_slice_) sign_some();
}

void Devnet::sign_some() {
  load_slice_.reset();
  for (int i = 0; i < kTransfersPerTurn && load_due_ >= 1; ++i) {
    load_due_ -= 1;
    // A full pool refuses, and so it should: the load then exceeds what the blocks take.
    static_cast<void>(
        pool_.add(load_.next([this](const Address& account) { return pool_.next_nonce(account); })));
  }
  if (load_due_ >= 1) load_slice_ = reactor_.after(Duration(0), [this] { sign_some(); });
}

l2::Account Devnet::account_at_head(const Address& address) {
  if (nodes_[elected_]->running()) return nodes_[elected_]->full().engine().account(address);
  for (const auto& node : nodes_) {
    if (node->running()) return node->full().engine().account(address);
  }
  return {};
}

// --- Nodes that come and go --------------------------------------------------------------------------------

void Devnet::stop_node(std::size_t index, std::move_only_function<void()> on_done) {
  ledger_.set_running(index, false, reactor_.now());
  output_.note(fmt::format("node {} is stopped", index));
  nodes_[index]->stop(kEndLimit, std::move(on_done));
}

Result<> Devnet::restart_node(std::size_t index) {
  PRECONF_CHECK_OK(nodes_[index]->start());
  output_.note(fmt::format("node {} is back, without its chain", index));
  return {};
}

// --- End ---------------------------------------------------------------------------------------------------

void Devnet::stop() {
  if (phase_ == Phase::meeting || phase_ == Phase::producing) settle();
}

void Devnet::settle() {
  phase_ = Phase::settling;
  due_.reset();
  ticks_.reset();
  load_timer_.reset();
  load_slice_.reset();
  phase_deadline_ = reactor_.now() + kSettleLimit;
  poll_ = reactor_.every(kPoll, [this] { look_whether_settled(); });
}

void Devnet::look_whether_settled() {
  ledger_.tick(reactor_.now());
  const bool settled = std::all_of(nodes_.begin(), nodes_.end(), [this](const auto& node) {
    if (!node->running()) return true;
    return !node->preconfer().busy() && node->full().engine().head_header().number >= last_height_;
  });
  if ((!settled || ledger_.has_open_blocks()) && reactor_.now() < phase_deadline_) return;
  poll_.reset();
  ledger_.finish();
  tell_summary();
  end_nodes();
}

void Devnet::tell_summary() {
  DevnetSummary event;
  event.blocks = ledger_.blocks();
  event.transactions = ledger_.transactions();
  event.handovers = handovers_;
  event.missed = missed_;
  event.median_latency_ms = ledger_.median_latency_ms();
  event.worst_latency_ms = ledger_.worst_latency_ms();
  std::optional<DevnetSummary::Head> first;
  same_chain_ = true;
  for (const auto& node : nodes_) {
    auto& head = event.heads.emplace_back();
    if (!node->running()) continue;
    const l2::BlockHeader& header = node->full().engine().head_header();
    head = DevnetSummary::Head{header.number, header.hash};
    if (!first) first = head;
    // A hash covers all blocks before it.
    same_chain_ = same_chain_ && head->height == first->height && head->hash == first->hash;
  }
  same_chain_ = same_chain_ && first && first->height >= last_height_;
  event.same_chain = same_chain_;
  output_.summary(event);
}

void Devnet::end_nodes() {
  phase_ = Phase::ending;
  nodes_to_end_ = nodes_.size();
  for (const auto& node : nodes_) {
    node->stop(kEndLimit, [this] {
      if (--nodes_to_end_ > 0) return;
      phase_ = Phase::done;
      std::exchange(on_done_, nullptr)(same_chain_);
    });
  }
}

}  // namespace libpreconf::node
