#pragma once
// What a stream has to send: copies of small writes and shared payloads, taken out in pieces.

#include <cstddef>
#include <vector>

#include "libp2p/stream.h"

namespace libpreconf::libp2p {

/// Not bounded here: who pushes looks at `size` first. Holds no memory once it is empty and was large.
class SendQueue {
 public:
  /// Copies; small writes in a row share one block.
  void push(ByteView bytes);
  void push(SharedBytes bytes);
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// Moves the first `out.size()` bytes, of which there are as many, to `out`.
  void pop_into(MutableByteView out);
  void clear();

 private:
  struct Chunk {
    SharedBytes shared;
    Bytes owned;
    [[nodiscard]] ByteView view() const { return shared ? ByteView(*shared) : ByteView(owned); }
  };
  void drop_front();

  std::vector<Chunk> chunks_;
  std::size_t first_ = 0;   ///< chunks before it are spent
  std::size_t offset_ = 0;  ///< spent bytes of the first chunk
  std::size_t size_ = 0;
};

}  // namespace libpreconf::libp2p
