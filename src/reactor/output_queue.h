#pragma once
// Output that waits for the kernel: a queue of chunks, filled in place and written gathered.
//
//   | sent | waiting ......... |   | waiting ....... | free |
//   chunk 0                        chunk n: `prepare` hands out the free end
//
// An empty queue holds no chunk; chunks of the usual size go back to the loop's pool.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "libpreconf/base/bytes.h"
#include "reactor/limits.h"

namespace libpreconf {

/// Free chunks of kChunkBytes, at most kPooledChunks of them.
class ChunkPool {
 public:
  using Chunk = std::unique_ptr<std::uint8_t[]>;
  [[nodiscard]] Chunk take();
  void give_back(Chunk chunk);

 private:
  std::vector<Chunk> free_;
};

class OutputQueue {
 public:
  explicit OutputQueue(ChunkPool& pool) : pool_(&pool) {}
  OutputQueue(const OutputQueue&) = delete;
  OutputQueue& operator=(const OutputQueue&) = delete;
  ~OutputQueue() { clear(); }

  /// Room for at least `size` bytes behind what is committed.
  [[nodiscard]] MutableByteView prepare(std::size_t size);
  void commit(std::size_t size);
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// The first pieces, in order; how many were written to `pieces`.
  [[nodiscard]] std::size_t gather(std::span<ByteView> pieces) const;
  /// Drops the first `size` bytes.
  void consume(std::size_t size);
  void clear();

 private:
  struct Segment {
    ChunkPool::Chunk bytes;
    std::size_t capacity;
    std::size_t begin;
    std::size_t end;
  };
  void release(Segment& segment);

  ChunkPool* pool_;
  std::vector<Segment> segments_;
  std::size_t first_ = 0;  ///< segments before it are released
  std::size_t size_ = 0;
};

}  // namespace libpreconf
