#include "driver/block_producer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "l2/payload_attributes.h"

namespace libpreconf::driver {

namespace {

/// How long an engine that is not available is left alone: doubled from the first to the last (node book 8.5
/// row 10).
constexpr Duration kFirstRetry = std::chrono::seconds(1);
constexpr Duration kLastRetry = std::chrono::seconds(12);
/// Blocks whose commitment is remembered; the engine replaces none that lies deeper.
constexpr std::size_t kRememberedBlocks = 64;

Result<std::uint64_t> narrow(const U256& value, std::string_view what) {
  if (const auto narrowed = value.to_u64()) return *narrowed;
  return fail(ErrorCode::out_of_range, fmt::format("{} does not fit 64 bits: {}", what, value.to_hex()));
}

}  // namespace

BlockProducer::BlockProducer(Reactor& reactor, DriverChannels channels, l2::ExecutionEngine& engine,
                             BlockProducerConfig config, OnOutcome on_outcome)
    : reactor_(reactor),
      channels_(std::move(channels)),
      engine_(engine),
      config_(config),
      on_outcome_(std::move(on_outcome)) {}

BlockProducer::~BlockProducer() = default;

void BlockProducer::start() {
  read_head();
}

void BlockProducer::set_event_sync_tip(const U256& block_number) {
  event_sync_tip_ = block_number;
  channels_.set_event_sync_tip(block_number);
}

void BlockProducer::hold(bool held) {
  if (std::exchange(held_, held) == held) return;
  if (engine_unavailable_) {
    // A pause of many seconds must not keep derivation waiting; after it the engine has answered.
    if (held) return pending_.reset();
    return look_up_parent();
  }
  // Before `start` has read the head there is nothing to take.
  if (!held && input_) take_inputs();
}

void BlockProducer::engine_changed(std::uint64_t from) {
  produced_.erase(produced_.lower_bound(from), produced_.end());
  say_head();
}

void BlockProducer::say_head() {
  head_read_ = engine_.head([this](const Result<l2::BlockHeader>& head) {
    if (head) return channels_.set_preconf_tip(U256(head->number));
    head_read_ = reactor_.after(kFirstRetry, [this] { say_head(); });
  });
}

void BlockProducer::read_head() {
  pending_ = engine_.head([this](Result<l2::BlockHeader> head) {
    if (!head) {
      log_warn(LogArea::driver, "execution engine gives no head: {}", head.error().message);
      pending_ = reactor_.after(next_pause(), [this] { read_head(); });
      return;
    }
    retry_delay_ = Duration(0);
    channels_.set_preconf_tip(U256(head->number));
    input_ = channels_.on_input([this] { take_inputs(); });
    take_inputs();
  });
}

void BlockProducer::take_inputs() {
  while (!current_ && !held_) {
    auto input = channels_.next();
    if (!input) return;
    if (needs_no_block(*input)) continue;
    auto work = prepare(*input);
    if (work) {
      current_ = *std::move(work);
      return look_up_parent();
    }
    ++counters_.injection_failures;
    log_warn(LogArea::driver, "commitment cannot become a block: {}", work.error().message);
    channels_.reject(*input, work.error());
    report({*input, nullptr, &work.error()});
  }
}

bool BlockProducer::needs_no_block(const preconf::PreconfirmationInput& input) {
  const p2p::Preconfirmation& preconf = input.commitment.preconf();
  if (input.should_skip()) {
    ++counters_.markers_skipped;
  } else if (preconf.block_number <= event_sync_tip_) {
    ++counters_.stale_dropped;
  } else if (const auto number = preconf.block_number.to_u64();
             number && produced_.contains(*number) && produced_.at(*number) == preconf) {
    ++counters_.duplicates;
  } else {
    return false;
  }
  report({input});
  return true;
}

Result<BlockProducer::Work> BlockProducer::prepare(preconf::PreconfirmationInput& input) const {
  const p2p::Preconfirmation& preconf = input.commitment.preconf();
  Work work;
  l2::BlockAttributes& attributes = work.attributes;
  PRECONF_TRY(attributes.number, narrow(preconf.block_number, "block number"));
  PRECONF_TRY(attributes.timestamp, narrow(preconf.timestamp, "timestamp"));
  PRECONF_TRY(attributes.gas_limit, narrow(preconf.gas_limit, "gas limit"));
  PRECONF_TRY(work.proposal_id, narrow(preconf.proposal_id, "proposal id"));
  PRECONF_TRY(attributes.extra_data, l2::extra_data(config_.base_fee_sharing_percentage, work.proposal_id));
  if (!input.transactions) {
    return fail(ErrorCode::invalid, "missing transactions for execution payload");
  }
  attributes.coinbase = preconf.coinbase;
  // The list lives in the decoded transactions; sharing those shares it.
  attributes.tx_list_rlp = std::shared_ptr<const Bytes>(input.transactions, &input.transactions->rlp);
  work.started = reactor_.now();
  work.input = std::move(input);
  return work;
}

/// L1 may have passed by while the engine was asked (node book I-1: the check is made again at the door).
bool BlockProducer::became_stale() {
  if (current_->attributes.number > event_sync_tip_.to_u64().value_or(~std::uint64_t{0})) return false;
  retry_delay_ = Duration(0);
  const Work done = *std::exchange(current_, std::nullopt);
  ++counters_.stale_dropped;
  report({done.input});
  take_inputs();
  return true;
}

void BlockProducer::look_up_parent() {
  engine_unavailable_ = false;
  if (became_stale()) return;
  pending_ =
      engine_.header_by_number(current_->attributes.number - 1, [this](Result<l2::BlockHeader> parent) {
        if (!parent) return parent_lookup_failed(parent.error());
        current_->parent = *parent;
        if (parent->number == 0) return build(*parent);
        look_up_grandparent();
      });
}

void BlockProducer::look_up_grandparent() {
  pending_ =
      engine_.header_by_number(current_->parent.number - 1, [this](Result<l2::BlockHeader> grandparent) {
        if (!grandparent) return parent_lookup_failed(grandparent.error());
        build(*grandparent);
      });
}

void BlockProducer::parent_lookup_failed(const Error& error) {
  if (error.code == ErrorCode::unavailable) return retry_later();
  ++counters_.parent_hash_lookup_failures;
  failed(error);
}

void BlockProducer::build(const l2::BlockHeader& grandparent) {
  if (became_stale()) return;
  counters_.parent_hash_lookup_duration.observe(reactor_.now() - current_->started);
  retry_delay_ = Duration(0);
  const l2::BlockHeader& parent = current_->parent;
  l2::BlockAttributes& attributes = current_->attributes;
  attributes.parent_hash = parent.hash;
  attributes.mix_hash = l2::mix_hash(parent.difficulty, attributes.number);
  attributes.base_fee = l2::base_fee_of_child(parent, grandparent, config_.chain_id);
  pending_ = engine_.build_block(attributes, [this](Result<l2::BlockHeader> header) {
    if (header) return built(*header);
    // The parent may have been replaced in the meantime, so that a retry begins with it.
    if (header.error().code == ErrorCode::unavailable) return retry_later();
    failed(header.error());
  });
}

void BlockProducer::built(const l2::BlockHeader& header) {
  retry_delay_ = Duration(0);
  const Work done = *std::exchange(current_, std::nullopt);
  const Duration took = reactor_.now() - done.started;
  ++counters_.injection_success;
  counters_.injection_duration.observe(took);
  const std::size_t listed = done.input.transactions->size();
  if (header.transaction_count < listed) {
    counters_.transactions_left_out += listed - header.transaction_count;
    log_info(LogArea::driver, "block {}: {} of {} transactions are left out", header.number,
             listed - header.transaction_count, listed);
  }
  remember(done.input, header.number);
  report({done.input, &header, nullptr, took});
  channels_.set_preconf_tip(U256(header.number));
  take_inputs();
}

void BlockProducer::failed(const Error& error) {
  retry_delay_ = Duration(0);
  const Work done = *std::exchange(current_, std::nullopt);
  ++counters_.injection_failures;
  log_warn(LogArea::driver, "block {} cannot be built: {}", done.attributes.number, error.message);
  channels_.reject(done.input, error);
  report({done.input, nullptr, &error, reactor_.now() - done.started});
  take_inputs();
}

void BlockProducer::retry_later() {
  engine_unavailable_ = true;
  const Duration pause = next_pause();
  if (!held_) pending_ = reactor_.after(pause, [this] { look_up_parent(); });
}

Duration BlockProducer::next_pause() {
  ++counters_.retry_attempts;
  retry_delay_ = std::clamp(2 * retry_delay_, kFirstRetry, kLastRetry);
  return retry_delay_;
}

void BlockProducer::remember(const preconf::PreconfirmationInput& input, std::uint64_t number) {
  produced_.erase(produced_.lower_bound(number), produced_.end());
  produced_.emplace(number, input.commitment.preconf());
  if (produced_.size() > kRememberedBlocks) produced_.erase(produced_.begin());
}

void BlockProducer::report(const Outcome& outcome) {
  if (on_outcome_) on_outcome_(outcome);
}

}  // namespace libpreconf::driver
