#include "l2/in_memory_engine.h"

#include <fmt/format.h>

#include <utility>

#include "base/log.h"
#include "l2/block_execution.h"
#include "l2/limits.h"
#include "l2/payload_attributes.h"
#include "libpreconf/base/hex.h"

namespace libpreconf::l2 {

namespace {

constexpr std::uint64_t kGenesisGasLimit = 15'000'000;

AccountTrie genesis_state(const InMemoryEngineConfig& config) {
  AccountTrie state;
  U256 sum;
  for (const GenesisAccount& account : config.accounts) {
    const auto total = sum.checked_add(account.balance);
    if (!total || account.balance.is_zero() || state.size() >= kMaxAccounts) {
      log_warn(LogArea::engine, "genesis account {} left away: no balance, or too much in all",
               to_hex(account.address));
      continue;
    }
    sum = *total;
    state.set(account_key(account.address), Account{0, account.balance});
  }
  return state;
}

Result<> check_against(const BlockAttributes& attributes, const BlockHeader& parent) {
  if (attributes.timestamp <= parent.timestamp) {
    return fail(ErrorCode::invalid, fmt::format("block {}: timestamp {} is not later than its parent's {}",
                                                attributes.number, attributes.timestamp, parent.timestamp));
  }
  if (attributes.gas_limit == 0 || attributes.gas_limit > kMaxGasLimit) {
    return fail(ErrorCode::invalid, fmt::format("block {}: gas limit {} is zero or over 63 bits",
                                                attributes.number, attributes.gas_limit));
  }
  if (attributes.extra_data.size() > kMaxExtraDataBytes) {
    return fail(ErrorCode::invalid,
                fmt::format("block {}: {} bytes of extra data, {} are allowed", attributes.number,
                            attributes.extra_data.size(), kMaxExtraDataBytes));
  }
  if (attributes.tx_list_rlp && attributes.tx_list_rlp->size() > kMaxTransactionBytes) {
    return fail(ErrorCode::invalid,
                fmt::format("block {}: transaction list of {} bytes, {} are allowed", attributes.number,
                            attributes.tx_list_rlp->size(), kMaxTransactionBytes));
  }
  return {};
}

}  // namespace

/// A build that was asked for. Shared by the engine and the handle; whoever lets go first, the callback is
/// gone.
struct InMemoryEngine::Job {
  BlockAttributes attributes;
  OnBuilt on_built;
  bool cancelled = false;
};

class InMemoryEngine::JobRegistration final : public Registration {
 public:
  explicit JobRegistration(std::shared_ptr<Job> job) : job_(std::move(job)) {}
  ~JobRegistration() override {
    job_->cancelled = true;
    // Moved out first: the callback may own this handle.
    const auto dropped = std::exchange(job_->on_built, nullptr);
  }

 private:
  std::shared_ptr<Job> job_;
};

InMemoryEngine::InMemoryEngine(Reactor& reactor, const InMemoryEngineConfig& config)
    : reactor_(reactor), chain_id_(config.chain_id) {
  BlockAttributes attributes;
  attributes.gas_limit = kGenesisGasLimit;
  attributes.base_fee = kFirstBaseFee;
  BlockExecution execution(chain_id_, attributes, genesis_state(config));
  while (!execution.step()) {
  }
  blocks_.push_back(Block{execution.header(), execution.state()});
}

InMemoryEngine::~InMemoryEngine() = default;

const BlockHeader& InMemoryEngine::head_header() const noexcept {
  return blocks_.back().header;
}

const BlockHeader* InMemoryEngine::find_header(std::uint64_t number) const noexcept {
  const std::uint64_t first = blocks_.front().header.number;
  if (number < first || number - first >= blocks_.size()) return nullptr;
  return &blocks_[number - first].header;
}

Account InMemoryEngine::account(const Address& address) const {
  const Account* held = blocks_.back().state->find(account_key(address));
  return held != nullptr ? *held : Account{};
}

std::size_t InMemoryEngine::account_count() const noexcept {
  return blocks_.back().state->size();
}

Handle InMemoryEngine::header_by_number(std::uint64_t number, OnHeader on_header) {
  return reactor_.after(Duration(0), [this, number, callback = std::move(on_header)]() mutable {
    if (const BlockHeader* header = find_header(number)) return callback(*header);
    callback(fail(ErrorCode::not_found, fmt::format("missing block {}", number)));
  });
}

Handle InMemoryEngine::head(OnHeader on_header) {
  return reactor_.after(Duration(0),
                        [this, callback = std::move(on_header)]() mutable { callback(head_header()); });
}

Handle InMemoryEngine::build_block(BlockAttributes attributes, OnBuilt on_built) {
  if (waiting_.size() >= kMaxQueuedBuilds) {
    ++counters_.builds_refused;
    return reactor_.after(Duration(0), [callback = std::move(on_built)]() mutable {
      callback(fail(ErrorCode::unavailable, "execution engine: too many blocks wait to be built"));
    });
  }
  auto job = std::make_shared<Job>(Job{std::move(attributes), std::move(on_built), false});
  waiting_.push_back(job);
  arm();
  return Handle(std::make_unique<JobRegistration>(std::move(job)));
}

Result<const InMemoryEngine::Block*> InMemoryEngine::parent_for(const BlockAttributes& attributes) const {
  const BlockHeader* header = attributes.number > 0 ? find_header(attributes.number - 1) : nullptr;
  if (header == nullptr || header->hash != attributes.parent_hash) {
    return fail(ErrorCode::not_found, fmt::format("block {}: its parent {} is not here", attributes.number,
                                                  to_hex(attributes.parent_hash)));
  }
  const Block& parent = blocks_[header->number - blocks_.front().header.number];
  if (!parent.state) {
    return fail(ErrorCode::not_found,
                fmt::format("block {}: the state of its parent, {} blocks ago, is not kept",
                            attributes.number, head_header().number - header->number));
  }
  PRECONF_CHECK_OK(check_against(attributes, parent.header));
  return &parent;
}

void InMemoryEngine::arm() {
  if (!next_slice_ && (running_ || !waiting_.empty())) {
    next_slice_ = reactor_.after(Duration(0), [this] { run_slice(); });
  }
}

void InMemoryEngine::run_slice() {
  next_slice_.reset();
  if (running_ && running_->cancelled) {
    running_.reset();
    execution_.reset();
  }
  if (!running_) return start_next_build();
  if (!execution_->step()) return arm();
  finish_build();
}

void InMemoryEngine::start_next_build() {
  while (!waiting_.empty() && waiting_.front()->cancelled) waiting_.pop_front();
  if (waiting_.empty()) return;
  auto job = std::move(waiting_.front());
  waiting_.pop_front();
  auto parent = parent_for(job->attributes);
  if (!parent) {
    ++counters_.builds_refused;
    return answer(job, std::unexpected(parent.error()));
  }
  build_started_ = reactor_.now();
  execution_ = std::make_unique<BlockExecution>(chain_id_, std::move(job->attributes), *(*parent)->state);
  running_ = std::move(job);
  arm();
}

void InMemoryEngine::finish_build() {
  append(*execution_);
  counters_.build_duration.observe(reactor_.now() - build_started_);
  const BlockHeader header = execution_->header();
  execution_.reset();
  answer(std::exchange(running_, nullptr), header);
}

void InMemoryEngine::answer(const std::shared_ptr<Job>& job, Result<BlockHeader> result) {
  // The next build is arranged before the callback, which may destroy anything, this engine included.
  arm();
  auto callback = std::exchange(job->on_built, nullptr);
  if (callback) callback(std::move(result));
}

void InMemoryEngine::append(const BlockExecution& done) {
  const std::uint64_t number = done.header().number;
  while (blocks_.back().header.number >= number) {
    blocks_.pop_back();
    ++counters_.blocks_replaced;
  }
  blocks_.push_back(Block{done.header(), done.state()});
  if (blocks_.size() > kKeptStates) blocks_[blocks_.size() - kKeptStates - 1].state.reset();
  if (blocks_.size() > kKeptHeaders) blocks_.pop_front();
  ++counters_.blocks_built;
  counters_.transactions_included += done.header().transaction_count;
  counters_.transactions_left_out += done.left_out();
  if (done.list_was_undecodable()) ++counters_.undecodable_lists;
}

}  // namespace libpreconf::l2
