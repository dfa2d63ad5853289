#pragma once
// Two ends of a TCP connection in memory, moved by hand: bytes cross only in `pump`, in pieces of any size.

#include <algorithm>
#include <memory>

#include "libpreconf/reactor/reactor.h"

namespace libpreconf::test {

/// What both ends share. Made by `MemoryPipe::make`, kept alive by whoever moves the bytes.
class MemoryPipe {
 public:
  class End final : public TcpConnection {
   public:
    End(std::shared_ptr<MemoryPipe> pipe, std::size_t side) : pipe_(std::move(pipe)), side_(side) {
      pipe_->ends_[side_] = this;
    }
    ~End() override { pipe_->ends_[side_] = nullptr; }
    void start(Callbacks callbacks) override { callbacks_ = std::move(callbacks); }
    MutableByteView prepare(std::size_t size) override {
      room_.resize(size);
      return room_;
    }
    void commit(std::size_t size) override {
      Bytes& out = pipe_->wire_[side_];
      out.insert(out.end(), room_.begin(), room_.begin() + static_cast<std::ptrdiff_t>(size));
      over_high_water_ = over_high_water_ || out.size() > kOutputHighWater;
    }
    [[nodiscard]] std::size_t pending() const override { return pipe_->wire_[side_].size(); }
    void set_reading(bool) override {}
    [[nodiscard]] SocketAddress local_address() const override { return address(side_); }
    [[nodiscard]] SocketAddress remote_address() const override { return address(1 - side_); }

   private:
    friend class MemoryPipe;
    static SocketAddress address(std::size_t side) {
      return SocketAddress::v4({10, 0, 0, static_cast<std::uint8_t>(side + 1)}, 9000);
    }
    std::shared_ptr<MemoryPipe> pipe_;
    std::size_t side_;
    Callbacks callbacks_;
    Bytes room_;
    bool over_high_water_ = false;
  };

  struct Ends {
    std::shared_ptr<MemoryPipe> pipe;
    std::unique_ptr<TcpConnection> dialer;
    std::unique_ptr<TcpConnection> listener;
  };
  static Ends make() {
    auto pipe = std::make_shared<MemoryPipe>();
    return {pipe, std::make_unique<End>(pipe, 0), std::make_unique<End>(pipe, 1)};
  }

  /// Moves what is on the way, in pieces of at most `piece` bytes, until nothing is. Returns how many.
  std::size_t pump(std::size_t piece = 1 << 16) {
    std::size_t moved = 0;
    for (std::size_t idle = 0, side = 0; idle < 2; side = 1 - side) {
      const std::size_t now = move(side, piece);
      idle = now == 0 ? idle + 1 : 0;
      moved += now;
    }
    return moved;
  }
  /// Moves what one side has sent.
  std::size_t move(std::size_t from, std::size_t piece) {
    Bytes bytes = std::move(wire_[from]);
    wire_[from].clear();
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      End* const to = ends_[1 - from];
      if (to == nullptr || !to->callbacks_.on_data) break;
      to->callbacks_.on_data(ByteView(bytes).subspan(at, std::min(piece, bytes.size() - at)));
    }
    End* const sender = ends_[from];
    if (sender != nullptr && sender->over_high_water_ && sender->pending() < TcpConnection::kOutputLowWater) {
      sender->over_high_water_ = false;
      if (sender->callbacks_.on_drained) sender->callbacks_.on_drained();
    }
    return bytes.size();
  }
  /// Bytes from outside, as if `from` had sent them.
  void inject(std::size_t from, ByteView bytes) {
    wire_[from].insert(wire_[from].end(), bytes.begin(), bytes.end());
  }
  [[nodiscard]] const Bytes& wire(std::size_t from) const { return wire_[from]; }
  [[nodiscard]] Bytes& wire(std::size_t from) { return wire_[from]; }
  /// The end of one side is seen by the other as an orderly close.
  void cut(std::size_t side) {
    End* const end = ends_[side];
    if (end != nullptr && end->callbacks_.on_closed) end->callbacks_.on_closed({ErrorCode::closed, "cut"});
  }

 private:
  std::array<Bytes, 2> wire_;
  std::array<End*, 2> ends_{};
};

}  // namespace libpreconf::test
