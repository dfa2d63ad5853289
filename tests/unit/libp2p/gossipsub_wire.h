#pragma once
// A connection between two protocols without noise and yamux: streams over the simulated reactor, strict
// about the contract of libp2p/stream.h. A dead stream that is touched fails the test.

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libp2p/stream_opener.h"
#include "reactor/simulated.h"

namespace libpreconf::libp2p::test {

class Wire;

class WireStream final : public Stream {
 public:
  WireStream(Wire& wire, int side, std::string protocol, Direction direction)
      : wire_(wire), side_(side), protocol_(std::move(protocol)), direction_(direction) {}

  [[nodiscard]] const ConnectionInfo& connection() const override;
  [[nodiscard]] std::string_view protocol() const override { return protocol_; }
  [[nodiscard]] Direction direction() const override { return direction_; }
  void write(ByteView bytes) override { write(std::make_shared<const Bytes>(to_bytes(bytes))); }
  void write(SharedBytes bytes) override;
  [[nodiscard]] std::size_t queued() const override { return queued_; }
  void close_write() override;
  void reset() override;
  void set_reading(bool reading) override;
  void set_receiver(StreamReceiver* receiver) override { receiver_ = receiver; }

  /// The other side grants no window.
  void stall(bool stalled);
  void end_by_connection();

  WireStream* other = nullptr;
  bool dead = false;
  bool was_reset = false;
  int reading_stopped = 0;

 private:
  friend class Wire;
  void schedule();
  void flush();
  void look_dead();

  Wire& wire_;
  int side_;
  std::string protocol_;
  Direction direction_;
  StreamReceiver* receiver_ = nullptr;
  std::deque<SharedBytes> out_;
  std::size_t queued_ = 0;
  bool waited_ = false;
  bool stalled_ = false;
  bool reading_ = true;
  bool scheduled_ = false;
  bool write_closed_ = false;
  bool fin_sent_ = false;
  bool fin_seen_ = false;
  TimerHandle timer_;
};

class Wire {
 public:
  /// Side 0 has dialed.
  Wire(Reactor& reactor, ConnectionId id, Protocol& a, const PeerId& a_id, Protocol& b, const PeerId& b_id)
      : reactor_(reactor), protocols_{&a, &b} {
    infos_[0] = ConnectionInfo{id, b_id, Direction::outbound, "/ip4/127.0.0.1/tcp/1", {}};
    infos_[1] = ConnectionInfo{id, a_id, Direction::inbound, "/ip4/127.0.0.1/tcp/2", {}};
  }
  /// Apart from the constructor, because a protocol opens streams at once.
  void up() {
    protocols_[0]->on_connected(infos_[0]);
    protocols_[1]->on_connected(infos_[1]);
  }

  [[nodiscard]] Handle open(int side, std::vector<std::string> protocols,
                            std::move_only_function<void(Result<Stream*>)> on_stream) {
    struct Opening final : Registration {
      TimerHandle timer;
    };
    auto opening = std::make_unique<Opening>();
    opening->timer = reactor_.after(
        Duration{500}, [this, side, protocols = std::move(protocols), done = std::move(on_stream)]() mutable {
          agree(side, protocols, std::move(done));
        });
    return Handle(std::move(opening));
  }
  void disconnect() {
    if (!std::exchange(connected, false)) return;
    for (auto& stream : streams) stream->end_by_connection();
    protocols_[0]->on_disconnected(infos_[0]);
    protocols_[1]->on_disconnected(infos_[1]);
  }
  /// The newest stream that `side` opened.
  [[nodiscard]] WireStream* opened_by(int side) {
    for (auto it = streams.rbegin(); it != streams.rend(); ++it) {
      if ((*it)->side_ == side && (*it)->direction_ == Direction::outbound) return it->get();
    }
    return nullptr;
  }
  [[nodiscard]] std::size_t live_streams() const {
    std::size_t count = 0;
    for (const auto& stream : streams) count += stream->dead ? 0 : 1;
    return count;
  }

  std::vector<std::unique_ptr<WireStream>> streams;
  std::vector<std::string> refuse;  ///< protocol ids that nobody has
  bool connected = true;

 private:
  friend class WireStream;
  void agree(int side, const std::vector<std::string>& wanted,
             std::move_only_function<void(Result<Stream*>)> done) {
    if (!connected) return done(fail(ErrorCode::closed, "the connection ended"));
    const int far = 1 - side;
    const auto served = protocols_[far]->protocol_ids();
    for (const std::string& id : wanted) {
      if (std::find(refuse.begin(), refuse.end(), id) != refuse.end()) continue;
      if (std::find(served.begin(), served.end(), id) == served.end()) continue;
      streams.push_back(std::make_unique<WireStream>(*this, side, id, Direction::outbound));
      WireStream* near_end = streams.back().get();
      streams.push_back(std::make_unique<WireStream>(*this, far, id, Direction::inbound));
      WireStream* far_end = streams.back().get();
      near_end->other = far_end;
      far_end->other = near_end;
      StreamReceiver* receiver = protocols_[far]->on_inbound_stream(*far_end);
      done(near_end);
      if (receiver == nullptr) {
        far_end->reset();
      } else if (!far_end->dead) {
        far_end->set_receiver(receiver);
      }
      return;
    }
    done(fail(ErrorCode::unsupported, "the peer speaks none of the protocols"));
  }

  Reactor& reactor_;
  Protocol* protocols_[2];
  ConnectionInfo infos_[2];
};

inline const ConnectionInfo& WireStream::connection() const {
  return wire_.infos_[side_];
}

inline void WireStream::write(SharedBytes bytes) {
  ASSERT_FALSE(dead) << "written after its end";
  ASSERT_FALSE(write_closed_) << "written after close_write";
  if (bytes->empty()) return;
  queued_ += bytes->size();
  out_.push_back(std::move(bytes));
  schedule();
}
inline void WireStream::close_write() {
  ASSERT_FALSE(dead) << "closed after its end";
  write_closed_ = true;
  schedule();
  look_dead();
}
inline void WireStream::reset() {
  ASSERT_FALSE(dead) << "reset after its end";
  dead = was_reset = true;
  out_.clear();
  schedule();
}
inline void WireStream::set_reading(bool reading) {
  ASSERT_FALSE(dead);
  if (!reading) ++reading_stopped;
  reading_ = reading;
  if (reading) other->schedule();
}
inline void WireStream::stall(bool stalled) {
  stalled_ = stalled;
  schedule();
}
inline void WireStream::end_by_connection() {
  if (std::exchange(dead, true)) return;
  if (receiver_ != nullptr) receiver_->on_reset(*this);
}
inline void WireStream::schedule() {
  if (std::exchange(scheduled_, true)) return;
  timer_ = wire_.reactor_.after(Duration{1000}, [this] {
    scheduled_ = false;
    flush();
  });
}
inline void WireStream::flush() {
  if (was_reset) {
    if (other->dead) return;
    other->dead = true;
    if (other->receiver_ != nullptr) other->receiver_->on_reset(*other);
    return;
  }
  while (!out_.empty() && !stalled_ && other->reading_ && !other->dead) {
    const SharedBytes next = out_.front();
    out_.pop_front();
    queued_ -= next->size();
    const Bytes exact = *next;  // gone after the call, as a transport's buffer is
    if (other->receiver_ != nullptr) other->receiver_->on_data(*other, exact);
  }
  if (other->dead) out_.clear();
  if (!out_.empty()) {
    waited_ = true;
    return;
  }
  if (std::exchange(waited_, false) && !dead && !write_closed_) receiver_->on_writable(*this);
  if (write_closed_ && out_.empty() && !std::exchange(fin_sent_, true) && !other->dead) {
    other->fin_seen_ = true;
    if (other->receiver_ != nullptr) other->receiver_->on_remote_closed(*other);
    other->look_dead();
  }
}
inline void WireStream::look_dead() {
  if (write_closed_ && fin_seen_) dead = true;
}

}  // namespace libpreconf::libp2p::test
