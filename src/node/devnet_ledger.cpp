#include "node/devnet_ledger.h"

#include <algorithm>

namespace libpreconf::node {

namespace {

double milliseconds(Duration duration) {
  return static_cast<double>(duration.count()) / 1000.0;
}

}  // namespace

DevnetLedger::DevnetLedger(std::size_t nodes, Duration patience, OnBlock on_block)
    : running_(nodes, true), patience_(patience), on_block_(std::move(on_block)) {}

void DevnetLedger::promised(std::uint64_t height, std::size_t preconfer, bool end_of_preconf, Instant now) {
  Open& open = open_[height];
  open.block.height = height;
  open.block.preconfer = preconfer;
  open.block.end_of_preconf = end_of_preconf;
  open.block.latency_ms.assign(running_.size(), std::nullopt);
  open.hashes.assign(running_.size(), std::nullopt);
  open.promised_at = now;
  if (open_.size() > kMaxOpenBlocks) {
    tell(open_.begin()->second);
    open_.erase(open_.begin());
  }
}

void DevnetLedger::executed(std::size_t node, std::uint64_t height, const Hash256& hash,
                            std::size_t transactions, Instant now) {
  const auto found = open_.find(height);
  if (found == open_.end()) return;
  Open& open = found->second;
  open.hashes[node] = hash;
  open.block.latency_ms[node] = milliseconds(now - open.promised_at);
  open.block.transactions = std::max(open.block.transactions, transactions);
  tell_complete(now);
}

void DevnetLedger::set_running(std::size_t node, bool running, Instant now) {
  running_[node] = running;
  tell_complete(now);
}

void DevnetLedger::tick(Instant now) {
  tell_complete(now);
}

void DevnetLedger::finish() {
  for (auto& [height, open] : open_) tell(open);
  open_.clear();
}

bool DevnetLedger::is_complete(const Open& open) const {
  for (std::size_t node = 0; node < running_.size(); ++node) {
    if (running_[node] && !open.hashes[node]) return false;
  }
  return true;
}

void DevnetLedger::tell_complete(Instant now) {
  while (!open_.empty()) {
    Open& oldest = open_.begin()->second;
    if (!is_complete(oldest) && now - oldest.promised_at < patience_) return;
    tell(oldest);
    open_.erase(open_.begin());
  }
}

void DevnetLedger::tell(Open& open) {
  DevnetBlock& block = open.block;
  const auto first = open.hashes[block.preconfer]
                         ? open.hashes.begin() + static_cast<std::ptrdiff_t>(block.preconfer)
                         : std::find_if(open.hashes.begin(), open.hashes.end(),
                                        [](const std::optional<Hash256>& hash) { return hash.has_value(); });
  if (first != open.hashes.end()) block.hash = **first;
  block.agree =
      first != open.hashes.end() && is_complete(open) &&
      std::all_of(open.hashes.begin(), open.hashes.end(),
                  [&block](const std::optional<Hash256>& hash) { return !hash || *hash == block.hash; });
  ++blocks_;
  transactions_ += block.transactions;
  if (!block.agree) ++disagreements_;
  for (std::size_t node = 0; node < block.latency_ms.size(); ++node) {
    const auto& latency = block.latency_ms[node];
    if (latency && node != block.preconfer && samples_.size() < kMaxSamples) samples_.push_back(*latency);
  }
  on_block_(block);
}

std::optional<double> DevnetLedger::median_latency_ms() const {
  if (samples_.empty()) return std::nullopt;
  std::vector<double> sorted = samples_;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return *middle;
}

std::optional<double> DevnetLedger::worst_latency_ms() const {
  if (samples_.empty()) return std::nullopt;
  return *std::max_element(samples_.begin(), samples_.end());
}

}  // namespace libpreconf::node
