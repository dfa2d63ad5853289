#include "libp2p/send_queue.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace libpreconf::libp2p {
namespace {

/// A block of small writes is closed at this size, so that what was sent does not stay in memory for long.
constexpr std::size_t kBlock = 16 * 1024;
/// Slots that an empty queue keeps.
constexpr std::size_t kKeptSlots = 4;
/// Spent slots at the front are moved away when there are this many.
constexpr std::size_t kSpentSlots = 32;

}  // namespace

void SendQueue::push(ByteView bytes) {
  if (bytes.empty()) return;
  size_ += bytes.size();
  if (chunks_.size() > first_) {
    Chunk& last = chunks_.back();
    if (!last.shared && last.owned.size() + bytes.size() <= kBlock) {
      last.owned.insert(last.owned.end(), bytes.begin(), bytes.end());
      return;
    }
  }
  chunks_.push_back(Chunk{nullptr, to_bytes(bytes)});
}

void SendQueue::push(SharedBytes bytes) {
  if (!bytes || bytes->empty()) return;
  size_ += bytes->size();
  chunks_.push_back(Chunk{std::move(bytes), {}});
}

void SendQueue::pop_into(MutableByteView out) {
  PRECONF_ASSERT(out.size() <= size_);
  size_ -= out.size();
  while (!out.empty()) {
    const ByteView rest = chunks_[first_].view().subspan(offset_);
    const std::size_t taken = std::min(rest.size(), out.size());
    std::memcpy(out.data(), rest.data(), taken);
    out = out.subspan(taken);
    offset_ += taken;
    if (taken == rest.size()) drop_front();
  }
}

void SendQueue::drop_front() {
  chunks_[first_++] = Chunk{};
  offset_ = 0;
  if (first_ == chunks_.size()) {
    chunks_.clear();
    first_ = 0;
    if (chunks_.capacity() > kKeptSlots) chunks_.shrink_to_fit();
  } else if (first_ >= kSpentSlots && first_ * 2 >= chunks_.size()) {
    chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void SendQueue::clear() {
  *this = SendQueue();
}

}  // namespace libpreconf::libp2p
