#include "reactor/output_queue.h"

#include <algorithm>

#include "base/check.h"

namespace libpreconf {

using reactor_limits::kChunkBytes;
using reactor_limits::kPooledChunks;

ChunkPool::Chunk ChunkPool::take() {
  if (free_.empty()) return std::make_unique_for_overwrite<std::uint8_t[]>(kChunkBytes);
  Chunk chunk = std::move(free_.back());
  free_.pop_back();
  return chunk;
}

void ChunkPool::give_back(Chunk chunk) {
  if (free_.size() < kPooledChunks) free_.push_back(std::move(chunk));
}

MutableByteView OutputQueue::prepare(std::size_t size) {
  if (!segments_.empty()) {
    Segment& last = segments_.back();
    if (last.bytes && last.capacity - last.end >= size)
      return {last.bytes.get() + last.end, last.capacity - last.end};
    if (last.bytes && last.begin == last.end) {
      // Prepared and never filled: too small now, so it makes room.
      release(last);
      segments_.pop_back();
    }
  }
  if (size <= kChunkBytes) {
    segments_.push_back(Segment{pool_->take(), kChunkBytes, 0, 0});
  } else {
    segments_.push_back(Segment{std::make_unique_for_overwrite<std::uint8_t[]>(size), size, 0, 0});
  }
  return {segments_.back().bytes.get(), segments_.back().capacity};
}

void OutputQueue::commit(std::size_t size) {
  if (size == 0) {
    // Prepared for nothing: an empty queue holds no chunk.
    if (size_ == 0) clear();
    return;
  }
  PRECONF_ASSERT(!segments_.empty());
  Segment& last = segments_.back();
  PRECONF_ASSERT(size <= last.capacity - last.end);
  last.end += size;
  size_ += size;
}

std::size_t OutputQueue::gather(std::span<ByteView> pieces) const {
  std::size_t count = 0;
  for (std::size_t i = first_; i < segments_.size() && count < pieces.size(); ++i) {
    const Segment& segment = segments_[i];
    if (segment.end > segment.begin) {
      pieces[count++] = ByteView(segment.bytes.get() + segment.begin, segment.end - segment.begin);
    }
  }
  return count;
}

void OutputQueue::consume(std::size_t size) {
  PRECONF_ASSERT(size <= size_);
  size_ -= size;
  while (size > 0) {
    Segment& segment = segments_[first_];
    const std::size_t taken = std::min(size, segment.end - segment.begin);
    segment.begin += taken;
    size -= taken;
    if (segment.begin == segment.end && (first_ + 1 < segments_.size() || size_ == 0)) {
      release(segment);
      ++first_;
    }
  }
  if (size_ == 0) return clear();
  // Keeps the vector from growing without end under a queue that never runs empty.
  if (first_ > 64 && first_ * 2 > segments_.size()) {
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void OutputQueue::clear() {
  for (std::size_t i = first_; i < segments_.size(); ++i) release(segments_[i]);
  segments_.clear();
  if (segments_.capacity() > 16) segments_.shrink_to_fit();
  first_ = 0;
  size_ = 0;
}

void OutputQueue::release(Segment& segment) {
  if (!segment.bytes) return;
  if (segment.capacity == kChunkBytes) return pool_->give_back(std::move(segment.bytes));
  segment.bytes.reset();
}

}  // namespace libpreconf
